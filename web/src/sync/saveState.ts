/** How the page is connected. `reconnecting` turns into `offline` when it lasts. */
export type Link = 'connecting' | 'connected' | 'reconnecting' | 'offline'

/** The truth about the person's work, as the top bar tells it. */
export type SaveState =
  | { kind: 'reading' }
  | { kind: 'opening' }
  /** Everything this person did is committed on the server. */
  | { kind: 'saved' }
  | { kind: 'saving' }
  | { kind: 'reconnecting'; changes: number; kept: boolean }
  /** `kept`: this device holds the changes, a reload included. */
  | { kind: 'offline'; changes: number; kept: boolean }
  | { kind: 'refused'; reason: string; changes: number; kept: boolean }

export interface SaveFacts {
  link: Link
  /** Own changes that have not come back from the server. */
  changes: number
  /** Whether the device's storage holds them. */
  kept: boolean
  /** Why the server will not take them, if so. */
  refused: string | null
  mayWrite: boolean
}

export function saveState({ link, changes, kept, refused, mayWrite }: SaveFacts): SaveState {
  if (refused !== null) return { kind: 'refused', reason: refused, changes, kept }
  if (link === 'offline') return { kind: 'offline', changes, kept }
  if (link === 'reconnecting') return { kind: 'reconnecting', changes, kept }
  if (link === 'connecting' && changes === 0) return { kind: 'opening' }
  if (changes > 0) return { kind: 'saving' }
  return mayWrite ? { kind: 'saved' } : { kind: 'reading' }
}

export function sameSaveState(a: SaveState, b: SaveState): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}
