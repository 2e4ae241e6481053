import { expect, test } from 'vitest'
import { afterClose, refusalReason } from './closeCodes'
import { saveState, type SaveFacts } from './saveState'

const facts: SaveFacts = { link: 'connected', changes: 0, kept: true, refused: null, mayWrite: true }

test.each<[string, Partial<SaveFacts>, object]>([
  ['nothing pending', {}, { kind: 'saved' }],
  ['pending', { changes: 2 }, { kind: 'saving' }],
  ['a reader', { mayWrite: false }, { kind: 'reading' }],
  ['not connected yet', { link: 'connecting' }, { kind: 'opening' }],
  ['typed before the first connection', { link: 'connecting', changes: 1 }, { kind: 'saving' }],
  ['a short break', { link: 'reconnecting', changes: 3 }, { kind: 'reconnecting', changes: 3, kept: true }],
  ['offline', { link: 'offline', changes: 3 }, { kind: 'offline', changes: 3, kept: true }],
  ['offline without storage', { link: 'offline', changes: 3, kept: false }, { kind: 'offline', changes: 3, kept: false }],
  ['offline with nothing pending', { link: 'offline' }, { kind: 'offline', changes: 0, kept: true }],
  ['refused', { refused: 'x', changes: 1 }, { kind: 'refused', reason: 'x', changes: 1, kept: true }],
])('%s', (_, change, expected) => {
  expect(saveState({ ...facts, ...change })).toEqual(expected)
})

test('"saved" is never said while something is pending, refused or disconnected', () => {
  let met = 0
  for (const link of ['connecting', 'connected', 'reconnecting', 'offline'] as const) {
    for (const changes of [0, 1]) {
      for (const refused of [null, 'x']) {
        for (const mayWrite of [true, false]) {
          const { kind } = saveState({ link, changes, kept: true, refused, mayWrite })
          met += 1
          if (kind === 'saved') expect({ link, changes, refused }).toEqual({ link: 'connected', changes: 0, refused: null })
        }
      }
    }
  }
  expect(met).toBe(32)
})

test.each([
  [1006, 'reconnect'],
  [1011, 'reconnect'],
  [1012, 'reconnect'],
  [1013, 'reconnect'],
  [4508, 'reconnect'],
  [4501, 'renew'],
  [4401, 'renew'],
  [4403, 'renew'],
  [4404, 'renew'],
  [4400, 'refused'],
  [4413, 'refused'],
  [1009, 'refused'],
])('after close code %i: %s', (code, next) => {
  expect(afterClose(code)).toBe(next)
})

test('a refusal has a reason even when the server gave none', () => {
  expect(refusalReason(4400, 'gap_too_large')).toBe('gap_too_large')
  expect(refusalReason(4400, '')).toBe('refused_update')
  expect(refusalReason(1009, '')).toBe('frame_too_large')
})
