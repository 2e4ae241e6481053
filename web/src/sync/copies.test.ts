// @vitest-environment jsdom
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import { databaseName, listCopies, noteCopy } from './copies'
import { openCopy } from './device'
import { FakeLocks } from './fakeLocks'

const COPIES_MAX = 200
const nobody = () => {}
let locks: FakeLocks

beforeEach(() => {
  locks = new FakeLocks()
  Object.defineProperty(navigator, 'locks', { value: locks, configurable: true })
})

afterEach(() => {
  Reflect.deleteProperty(navigator, 'locks')
  vi.useRealTimers()
  localStorage.clear()
})

/** A copy of the document `0`, open and the oldest, and then as many others as a device keeps. */
async function fill(person: string) {
  noteCopy(person, '0', { openedAt: 0 })
  const doc = new Y.Doc()
  const copy = await openCopy(person, '0', doc, nobody)
  for (let i = 1; i <= COPIES_MAX; i += 1) noteCopy(person, String(i), { openedAt: i })
  return { doc, copy }
}

async function stored(person: string): Promise<string> {
  const doc = new Y.Doc()
  const copy = await openCopy(person, '0', doc, nobody)
  copy?.close()
  return doc.getText('t').toString()
}

test('a copy that a tab has open is never removed to make room', async () => {
  const { doc, copy } = await fill('ana')
  doc.getText('t').insert(0, 'offline')
  expect(listCopies('ana')['0']).toBeDefined()
  expect(await stored('ana')).toBe('offline')
  copy?.close()
})

test('a copy that nobody has open goes when there are too many, the one opened longest ago first', async () => {
  const { doc, copy } = await fill('ben')
  doc.getText('t').insert(0, 'old')
  expect(await stored('ben')).toBe('old')
  copy?.close()
  await vi.waitFor(() => {
    noteCopy('ben', '1', {})
    expect(listCopies('ben')['0']).toBeUndefined()
  })
  expect(Object.keys(listCopies('ben'))).toHaveLength(COPIES_MAX)
  expect(await stored('ben')).toBe('')
})

test('without locks nothing is removed', async () => {
  Reflect.deleteProperty(navigator, 'locks')
  const { copy } = await fill('cem')
  copy?.close()
  noteCopy('cem', '1', {})
  expect(Object.keys(listCopies('cem'))).toHaveLength(COPIES_MAX + 1)
})

test('a copy that cannot be opened is not waited for without end', async () => {
  expect(await openCopy('dan', 'warm', new Y.Doc(), nobody)).not.toBeNull()
  vi.useFakeTimers()
  void locks.request(databaseName('dan', '0'), {}, () => new Promise(nobody))
  const opening = openCopy('dan', '0', new Y.Doc(), nobody)
  await vi.advanceTimersByTimeAsync(10_000)
  expect(await opening).toBeNull()
})

test('a copy deleted by another tab says that it keeps nothing any more, and edits go on', async () => {
  const lost = vi.fn()
  const doc = new Y.Doc()
  await openCopy('eva', '0', doc, lost)
  indexedDB.deleteDatabase(databaseName('eva', '0'))
  await vi.waitFor(() => expect(lost).toHaveBeenCalledOnce())
  doc.getText('t').insert(0, 'goes on')
})

test('a write that is aborted when it should be committed says that nothing is kept any more', async () => {
  const lost = vi.fn()
  const doc = new Y.Doc()
  await openCopy('fay', '0', doc, lost)
  const add = vi.spyOn(IDBObjectStore.prototype, 'add')
  doc.getText('t').insert(0, 'too much')
  const request = add.mock.results[0]?.value as IDBRequest
  request.addEventListener('success', () => request.transaction?.abort())
  await vi.waitFor(() => expect(lost).toHaveBeenCalledOnce())
  add.mockRestore()
})
