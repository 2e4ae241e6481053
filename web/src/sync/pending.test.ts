import { expect, test } from 'vitest'
import * as Y from 'yjs'
import { rangesOfTransaction, rangesOfUpdate } from './frames'
import { Pending } from './pending'
import { Ranges } from './ranges'

const NONE = new Ranges()
const of = (client: number, start: number, end: number) => {
  const ranges = new Ranges()
  ranges.add(client, start, end)
  return ranges
}

test('an edit is saved when all it inserted and all it deleted came back', () => {
  const pending = new Pending()
  pending.record(of(1, 0, 5), of(2, 3, 4))
  expect(pending.acknowledge(of(1, 0, 3), NONE)).toBe(true)
  expect(pending.changes).toBe(1)
  expect(pending.acknowledge(of(1, 3, 5), NONE)).toBe(true)
  expect(pending.isEmpty()).toBe(false)
  expect(pending.acknowledge(NONE, of(2, 0, 9))).toBe(true)
  expect(pending.isEmpty()).toBe(true)
})

test('somebody else’s update saves nothing', () => {
  const pending = new Pending()
  pending.record(of(1, 0, 5), NONE)
  expect(pending.acknowledge(of(2, 0, 5), of(1, 0, 5))).toBe(false)
  expect(pending.changes).toBe(1)
})

test('a state vector proves insertions, never deletions', () => {
  const pending = new Pending()
  pending.record(of(1, 0, 5), NONE)
  pending.record(NONE, of(1, 0, 2))
  expect(pending.acknowledgeBelow(new Map([[1, 9]]))).toBe(true)
  expect(pending.changes).toBe(1)
  pending.acknowledge(NONE, of(1, 0, 2))
  expect(pending.isEmpty()).toBe(true)
})

test('a transaction that changed nothing is no edit', () => {
  const pending = new Pending()
  pending.record(new Ranges(), new Ranges())
  expect(pending.isEmpty()).toBe(true)
})

test('many edits are still counted, in bounded memory', () => {
  const pending = new Pending()
  for (let clock = 0; clock < 2_000; clock += 1) pending.record(of(1, clock, clock + 1), new Ranges())
  expect(pending.changes).toBe(2_000)
  expect(pending.toJSON().length).toBeLessThanOrEqual(500)
  pending.acknowledge(of(1, 0, 2_000), NONE)
  expect(pending.isEmpty()).toBe(true)
})

test('what is pending survives as JSON', () => {
  const pending = new Pending()
  pending.record(of(1, 0, 5), of(2, 3, 4))
  const again = Pending.from(JSON.parse(JSON.stringify(pending)))
  expect(again.changes).toBe(1)
  again.acknowledge(of(1, 0, 5), of(2, 3, 4))
  expect(again.isEmpty()).toBe(true)
})

test('what a document does not hold is taken out, and only that', () => {
  const pending = new Pending()
  pending.record(of(1, 0, 5), NONE)
  pending.record(of(1, 5, 9), of(2, 0, 4))
  const absent = pending.takeAbsent({ vector: new Map([[1, 6]]), deleted: of(2, 2, 9) })
  expect(absent.toJSON()).toEqual([{ changes: 1, inserted: [[1, [[6, 9]]]], deleted: [[2, [[0, 2]]]] }])
  expect(pending.changes).toBe(2)
  pending.acknowledge(of(1, 0, 6), of(2, 2, 4))
  expect(pending.isEmpty()).toBe(true)
})

test('every kind of edit of a real document is saved by its own update and by nothing less', () => {
  const doc = new Y.Doc()
  const pending = new Pending()
  const updates: Uint8Array[] = []
  doc.on('afterTransaction', (transaction) => {
    if (!transaction.local) return
    const { inserted, deleted } = rangesOfTransaction(transaction)
    pending.record(inserted, deleted)
  })
  doc.on('update', (update) => updates.push(update))
  const text = doc.getText('t')
  const map = doc.getMap('m')
  const edits: (() => void)[] = [
    () => text.insert(0, 'hello 😀 world'),
    () => text.delete(2, 3),
    () => text.format(0, 2, { bold: {} }),
    () => map.set('a', 1),
    () => map.set('a', 2),
    () => map.delete('a'),
    () => doc.transact(() => { text.insert(0, 'x'); text.delete(0, 1) }),
    () => text.delete(0, text.length),
  ]
  for (const edit of edits) {
    edit()
    expect(pending.changes).toBe(1)
    const { inserted, deleted } = rangesOfUpdate(updates.at(-1) ?? new Uint8Array())
    pending.acknowledge(inserted, new Ranges())
    if (!deleted.isEmpty()) expect(pending.changes).toBe(1)
    pending.acknowledge(new Ranges(), deleted)
    expect(pending.changes).toBe(0)
  }
  expect(updates.length).toBe(edits.length)
})
