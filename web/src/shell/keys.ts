/** Keys as TipTap writes them ("Mod-Shift-7") and how this machine's people read them. */

export const isMac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad/.test(navigator.platform)

const MAC: Record<string, string> = { Mod: '⌘', Alt: '⌥', Shift: '⇧', Ctrl: '⌃', Enter: '↩', Tab: '⇥', Escape: 'esc' }
const OTHER: Record<string, string> = { Mod: 'Ctrl', Escape: 'Esc' }

export function keyNames(keys: string): string[] {
  const names = isMac ? MAC : OTHER
  return keys.split('-').map((key) => names[key] ?? (key.length === 1 ? key.toUpperCase() : key))
}

export function keyLabel(keys: string): string {
  return keyNames(keys).join(isMac ? '' : '+')
}

/** What `aria-keyshortcuts` wants. */
export function ariaKeys(keys: string): string {
  return keys.replace('Mod', isMac ? 'Meta' : 'Control').replaceAll('-', '+')
}

/** Whether a key event is this combination. Digits, and letters with Alt, go by the place of the key. */
export function pressed(event: KeyboardEvent, keys: string): boolean {
  const parts = keys.split('-')
  const key = parts.at(-1) ?? ''
  const letter = /^[a-z]$/.test(key)
  const same =
    (letter && event.altKey ? event.code === `Key${key.toUpperCase()}` : event.key.toLowerCase() === key.toLowerCase()) ||
    (/^\d$/.test(key) && event.code === `Digit${key}`)
  return (
    same &&
    (isMac ? event.metaKey : event.ctrlKey) === parts.includes('Mod') &&
    event.altKey === parts.includes('Alt') &&
    // Where "/" stands on a digit it needs Shift to be typed at all.
    (event.shiftKey === parts.includes('Shift') || !/^[a-z0-9]+$/i.test(key))
  )
}
