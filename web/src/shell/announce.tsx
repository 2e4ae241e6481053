import { VisuallyHidden } from '@mantine/core'
import { useSyncExternalStore } from 'react'

let message = ''
const listeners = new Set<() => void>()

/** Tells people who do not see the screen, when they have a pause. Never for every key. */
export function announce(text: string): void {
  // The same text twice must still be read: a screen reader reads changes only.
  message = message === text ? `${text}\u00a0` : text
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function Announcer() {
  const text = useSyncExternalStore(subscribe, () => message)
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {text}
    </VisuallyHidden>
  )
}
