import { ApiError, Unreachable, answered, apiOver, plainFetch } from './http'
import type { Instance, Session, User } from './types'

const REMEMBERED = 'stet:account'
/** A token is renewed when it has less than this left. */
const SPARE_MS = 20_000

export type AccountState =
  | { kind: 'starting' }
  | { kind: 'signed_out' }
  /** Nobody is known here and the server does not answer. */
  | { kind: 'unreachable' }
  /** `user` is known from an earlier visit while the server has not answered yet. */
  | { kind: 'signed_in'; user: User; /** The session is over, but the page may still hold unsent work. */ ended?: boolean }

/** Calls that need nobody signed in. */
const open = apiOver(plainFetch)
/** Calls in the name of the person. */
export const api = apiOver(personalFetch)

let state: AccountState = { kind: 'starting' }
let instance: Instance | null = null
let token: { value: string; expiresAt: number } | null = null
let refreshing: Promise<void> | null = null
const listeners = new Set<() => void>()

export const account = {
  get: (): AccountState => state,
  instance: (): Instance | null => instance,
  subscribe(listener: () => void): () => void {
    listeners.add(listener)
    return () => listeners.delete(listener)
  },

  /** Who was here last is shown at once; the refresh cookie then says whether the session still stands. */
  async start(): Promise<void> {
    window.addEventListener('storage', followOtherTabs)
    const remembered = recall()
    if (remembered) become({ kind: 'signed_in', user: remembered })
    await Promise.all([readInstance(), refresh().catch(() => undefined)])
  },

  async signIn(username: string, password: string): Promise<void> {
    adopt(await answered(open.POST('/api/auth/login', { body: { username, password } })))
  },

  /** Makes an account and signs it in. With a set-up token it is the first one. */
  async register(fields: { username: string; email: string; password: string }, setupToken?: string): Promise<void> {
    if (setupToken === undefined) await answered(open.POST('/api/users', { body: fields }))
    else await answered(open.POST('/api/setup', { body: { ...fields, token: setupToken } }))
    await account.signIn(fields.username, fields.password)
    await readInstance()
  },

  async signOut(): Promise<void> {
    await open.POST('/api/auth/logout').catch(() => undefined)
    leave()
  },

  async update(change: Partial<Pick<User, 'display_name' | 'color' | 'locale' | 'time_zone'>>): Promise<void> {
    const { user } = await answered(api.PATCH('/api/users/me', { body: change }))
    remember(user)
    become({ kind: 'signed_in', user })
  },

  /** A token that is good for some seconds more; throws like a call. */
  async accessToken(): Promise<string> {
    if (!token || token.expiresAt - Date.now() < SPARE_MS) await refresh()
    return token?.value ?? ''
  },
}

/** Sends with the person's token, and once more with a new one when the server does not take it any more. */
async function personalFetch(request: Request): Promise<Response> {
  const again = request.clone()
  const response = await plainFetch(withToken(request, await account.accessToken()))
  if (response.status !== 401) return response
  if (token) token = { ...token, expiresAt: 0 }
  return plainFetch(withToken(again, await account.accessToken()))
}

function withToken(request: Request, value: string): Request {
  request.headers.set('authorization', `Bearer ${value}`)
  return request
}

/** Tabs take turns: the cookie is replaced each time, and the same one twice ends the session. */
function refresh(): Promise<void> {
  refreshing ??= inTurn(async () => {
    try {
      adopt(await answered(open.POST('/api/auth/refresh')))
    } catch (error) {
      if (error instanceof ApiError && error.status === 401) end()
      else if (error instanceof ApiError && error.code === 'setup_required') leave()
      else if (state.kind === 'starting') become({ kind: error instanceof Unreachable ? 'unreachable' : 'signed_out' })
      throw error
    }
  }).finally(() => {
    refreshing = null
  })
  return refreshing
}

function inTurn(work: () => Promise<void>): Promise<void> {
  return 'locks' in navigator ? navigator.locks.request('stet:refresh', work) : work()
}

async function readInstance(): Promise<void> {
  try {
    instance = await answered(open.GET('/api/instance'))
    tell()
  } catch {
    // Without it the sign-in page simply offers no registration.
  }
}

function adopt(session: Session): void {
  token = { value: session.access_token, expiresAt: Date.parse(session.expires_at) }
  remember(session.user)
  become({ kind: 'signed_in', user: session.user })
}

/** The session is over. A page that was in use stays, so that nothing in it is lost; a fresh one asks to sign in. */
function end(): void {
  if (state.kind === 'signed_in' && token) become({ ...state, ended: true })
  else leave()
}

function leave(): void {
  token = null
  forget()
  become({ kind: 'signed_out' })
}

/** Signing in or out in one tab is for all of them. */
function followOtherTabs(event: StorageEvent): void {
  if (event.key !== REMEMBERED) return
  const remembered = recall()
  const current = state.kind === 'signed_in' ? state.user.id : undefined
  if (remembered?.id === current) return
  token = null
  become(remembered ? { kind: 'signed_in', user: remembered } : { kind: 'signed_out' })
}

function become(next: AccountState): void {
  state = next
  tell()
}

function tell(): void {
  for (const listener of listeners) listener()
}

function recall(): User | null {
  try {
    return JSON.parse(localStorage.getItem(REMEMBERED) ?? 'null') as User | null
  } catch {
    return null
  }
}

function remember(user: User): void {
  try {
    localStorage.setItem(REMEMBERED, JSON.stringify(user))
  } catch {
    // Without storage the app works, only not offline.
  }
}

function forget(): void {
  try {
    localStorage.removeItem(REMEMBERED)
  } catch {
    // Nothing was remembered either.
  }
}
