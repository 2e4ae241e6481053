import type { components } from './openapi'

/** The server's shapes under the names that the app uses. `openapi.ts` is made from `openapi.json` by `npm run api`. */
type Schemas = components['schemas']

export type Role = 'viewer' | 'commenter' | 'editor' | 'owner'
export type View = 'recent' | 'mine' | 'shared' | 'trash'

export type ErrorCode = Schemas['ErrorCode']
export type Instance = Schemas['Instance']
export type User = Schemas['User']
export type Session = Schemas['SignedInAnswer']
export type DocumentInfo = Omit<Schemas['Document'], 'role'> & { role: Role }
export type Ticket = Omit<Schemas['Ticket'], 'role'> & { role: Role }
export type Permission = Omit<Schemas['Permission'], 'role'> & { role: Role }

/** One line of the live channel; the greeting has a position and nothing else. */
export type LiveEvent = Pick<Schemas['Event'], 'seq' | 'kind'> & Partial<Schemas['Event']>
