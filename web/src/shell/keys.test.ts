import { expect, test } from 'vitest'
import { COMMANDS } from './commandTable'
import { ariaKeys, keyNames, pressed } from './keys'

const key = (fields: Partial<KeyboardEvent>) =>
  ({ key: '', code: '', ctrlKey: false, metaKey: false, altKey: false, shiftKey: false, ...fields }) as KeyboardEvent

test.each<[string, Partial<KeyboardEvent>, boolean]>([
  ['Mod-/', { key: '/', ctrlKey: true }, true],
  ['Mod-/', { key: '/', ctrlKey: true, shiftKey: true }, true],
  ['Mod-/', { key: '/' }, false],
  ['Mod-Alt-o', { key: 'ø', code: 'KeyO', ctrlKey: true, altKey: true }, true],
  ['Mod-Alt-o', { key: 'o', code: 'KeyO', ctrlKey: true }, false],
  ['Mod-b', { key: 'B', ctrlKey: true, shiftKey: true }, false],
  ['Mod-Shift-7', { key: '&', code: 'Digit7', ctrlKey: true, shiftKey: true }, true],
  ['F2', { key: 'F2' }, true],
  ['F2', { key: 'F2', ctrlKey: true }, false],
])('%s is pressed by %o: %s', (keys, event, expected) => {
  expect(pressed(key(event), keys)).toBe(expected)
})

test('no two commands share a key', () => {
  const all = COMMANDS.flatMap(({ keys }) => keys)
  expect(all.length).toBeGreaterThan(30)
  expect(new Set(all).size).toBe(all.length)
})

test('keys are named for people and for assistive technology', () => {
  expect(keyNames('Mod-Shift-h')).toEqual(['Ctrl', 'Shift', 'H'])
  expect(ariaKeys('Mod-Alt-1')).toBe('Control+Alt+1')
})
