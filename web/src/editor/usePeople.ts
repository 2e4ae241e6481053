import { useMemo, useSyncExternalStore } from 'react'
import type { Awareness } from 'y-protocols/awareness'

export interface PersonHere {
  id: string
  name: string
  color: string
  idle: boolean
}

interface PresenceState {
  user?: { id?: string; name?: string; color?: string; status?: string }
}

/** Who is in the document now, each person once, in the order of their names; the server vouches for names and status. */
export function usePeople(awareness: Awareness | null): PersonHere[] {
  const [subscribe, read] = useMemo(() => {
    let shown: PersonHere[] = []
    let key = ''
    const listen = (listener: () => void) => {
      awareness?.on('change', listener)
      return () => awareness?.off('change', listener)
    }
    const get = () => {
      const next = peopleIn(awareness)
      const nextKey = JSON.stringify(next)
      if (nextKey !== key) [shown, key] = [next, nextKey]
      return shown
    }
    return [listen, get] as const
  }, [awareness])
  return useSyncExternalStore(subscribe, read)
}

function peopleIn(awareness: Awareness | null): PersonHere[] {
  const people = new Map<string, PersonHere>()
  for (const state of awareness?.getStates().values() ?? []) {
    const user = (state as PresenceState).user
    if (!user?.id || !user.name) continue
    const idle = user.status === 'idle'
    // Somebody with two tabs is idle only when both are.
    const before = people.get(user.id)
    people.set(user.id, { id: user.id, name: user.name, color: user.color ?? '', idle: idle && (before?.idle ?? true) })
  }
  return [...people.values()].sort((a, b) => a.name.localeCompare(b.name))
}
