import { useSyncExternalStore } from 'react'
import { account, type AccountState } from '../api/account'
import type { Instance, User } from '../api/types'

export function useAccount(): AccountState {
  return useSyncExternalStore(account.subscribe, account.get)
}

export function useInstance(): Instance | null {
  return useSyncExternalStore(account.subscribe, account.instance)
}

/** The person on pages that only signed-in people see. */
export function useUser(): User {
  const state = useAccount()
  if (state.kind !== 'signed_in') throw new Error('this page needs somebody signed in')
  return state.user
}
