import { useSyncExternalStore } from 'react'

/** "5 minutes ago" is looked at again this often. */
const TICK_MS = 30_000

let now = new Date()
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  // Nobody looked for a while, and the time stood still.
  if (timer === undefined) tick()
  timer ??= setInterval(tick, TICK_MS)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
  }
}

function tick(): void {
  now = new Date()
  for (const listener of listeners) listener()
}

/** The time, fresh enough for words like "5 minutes ago". */
export function useNow(): Date {
  return useSyncExternalStore(subscribe, () => now)
}
