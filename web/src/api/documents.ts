import type { TicketFailure } from '../sync/session'
import { api } from './account'
import { ApiError, answered } from './http'
import type { DocumentInfo, Permission, Role, Ticket, View } from './types'

export interface Page {
  documents: DocumentInfo[]
  next_cursor?: string | null
}

export async function listDocuments(view: View, words: string, cursor: string | null, signal?: AbortSignal): Promise<Page> {
  const query = { view, ...(words ? { q: words } : {}), ...(cursor ? { cursor } : {}) }
  return (await answered(api.GET('/api/documents', { params: { query }, ...(signal ? { signal } : {}) }))) as Page
}

export async function createDocument(title: string): Promise<DocumentInfo> {
  return (await answered(api.POST('/api/documents', { body: { title } }))).document as DocumentInfo
}

const at = (id: string) => ({ params: { path: { id } } })

export async function readDocument(id: string): Promise<DocumentInfo> {
  const answer = await answered(api.GET('/api/documents/{id}', at(id)))
  return (answer as { document: DocumentInfo }).document
}

export async function renameDocument(id: string, title: string): Promise<DocumentInfo> {
  return (await answered(api.PUT('/api/documents/{id}', { ...at(id), body: { title } }))).document as DocumentInfo
}

export async function trashDocument(id: string): Promise<void> {
  await answered(api.DELETE('/api/documents/{id}', at(id)))
}

export async function restoreDocument(id: string): Promise<void> {
  await answered(api.POST('/api/documents/{id}/restore', at(id)))
}

export type ExportFormat = 'markdown' | 'html' | 'text'

/** The committed text in another format. */
export async function exportDocument(id: string, format: ExportFormat): Promise<Blob> {
  const params = { path: { id }, query: { format } }
  return (await answered(api.GET('/api/documents/{id}', { params, parseAs: 'blob' }))) as Blob
}

/** A ticket for the document's socket, or why there is none; never throws. */
export async function collaborate(id: string): Promise<Ticket | TicketFailure> {
  try {
    return (await answered(api.POST('/api/collaborate/{id}', at(id)))) as Ticket
  } catch (error) {
    if (!(error instanceof ApiError)) return 'offline'
    if (error.status === 401) return 'signed_out'
    if (error.status === 403) return 'forbidden'
    return error.status === 404 || error.status === 410 || error.status === 400 ? 'not_found' : 'failed'
  }
}

export async function listPermissions(id: string): Promise<Permission[]> {
  return (await answered(api.GET('/api/permissions/{id}', at(id)))).permissions as Permission[]
}

/** `user` is a name or an e-mail address. */
export async function grant(id: string, user: string, role: Role): Promise<Permission> {
  return (await answered(api.POST('/api/permissions/{id}', { ...at(id), body: { user, role } }))).permission as Permission
}

export async function changeRole(id: string, user_id: string, role: Role): Promise<Permission> {
  return (await answered(api.POST('/api/permissions/{id}', { ...at(id), body: { user_id, role } }))).permission as Permission
}

export async function revoke(id: string, userId: string): Promise<void> {
  await answered(api.DELETE('/api/permissions/{id}/{user_id}', { params: { path: { id, user_id: userId } } }))
}
