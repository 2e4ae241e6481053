/** What travels over HTTP. Names and shapes are the server's; times are RFC 3339 in UTC. */

export type Role = 'viewer' | 'commenter' | 'editor' | 'owner'

export interface Instance {
  name: string
  setup: 'done' | 'first_account' | 'setup_link'
  registration: 'open' | 'closed'
  schema_version: number
  version: string
}

export interface User {
  id: string
  username: string
  display_name?: string | null
  email?: string | null
  color?: string | null
  locale?: string | null
  time_zone?: string | null
  is_admin?: boolean
  created_at?: string
}

export interface Session {
  access_token: string
  expires_at: string
  user: User
}

export interface DocumentInfo {
  id: string
  title: string
  owner_id: string
  owner_name?: string | null
  role: Role
  created_at: string
  updated_at: string
  deleted_at?: string | null
  seq: number
}

export interface Ticket {
  url: string
  ticket: string
  expires_at: string
  role: Role
  seq: number
  schema_version?: number
}

export interface Permission {
  user: Pick<User, 'id' | 'username' | 'display_name' | 'email' | 'color'>
  role: Role
  granted_at?: string | null
}

export type View = 'recent' | 'mine' | 'shared' | 'trash'

/** One line of the live channel. `payload` depends on `kind`. */
export interface LiveEvent {
  seq: number
  at?: string
  kind: string
  document_id?: string | null
  actor_id?: string | null
  payload?: Record<string, unknown> | null
}

export interface ApiErrorBody {
  error: { code: string; message: string; details?: Record<string, unknown> }
}
