import { call, callJson } from './account'
import { ApiError } from './http'
import type { DocumentInfo, Permission, Role, Ticket, View } from './types'
import type { TicketFailure } from '../sync/session'

export interface Page {
  documents: DocumentInfo[]
  next_cursor: string | null
}

export function listDocuments(view: View, query: string, cursor?: string | null, signal?: AbortSignal): Promise<Page> {
  const search = new URLSearchParams({ view })
  if (query) search.set('q', query)
  if (cursor) search.set('cursor', cursor)
  return callJson<Page>(`/documents?${search}`, signal ? { signal } : {})
}

interface Answer {
  document: DocumentInfo
}

export async function createDocument(title: string): Promise<DocumentInfo> {
  return (await callJson<Answer>('/documents', { method: 'POST', body: { title } })).document
}

export async function readDocument(id: string): Promise<DocumentInfo> {
  return (await callJson<Answer>(`/documents/${id}`)).document
}

export async function renameDocument(id: string, title: string): Promise<DocumentInfo> {
  return (await callJson<Answer>(`/documents/${id}`, { method: 'PUT', body: { title } })).document
}

export async function trashDocument(id: string): Promise<void> {
  await call(`/documents/${id}`, { method: 'DELETE' })
}

export async function restoreDocument(id: string): Promise<void> {
  await call(`/documents/${id}/restore`, { method: 'POST' })
}

export type ExportFormat = 'markdown' | 'html' | 'text'

/** The committed text in another format. */
export async function exportDocument(id: string, format: ExportFormat): Promise<Blob> {
  return (await call(`/documents/${id}?format=${format}`)).blob()
}

/** A ticket for the document's socket, or why there is none; never throws. */
export async function collaborate(id: string): Promise<Ticket | TicketFailure> {
  try {
    return await callJson<Ticket>(`/collaborate/${id}`, { method: 'POST' })
  } catch (error) {
    if (!(error instanceof ApiError)) return 'offline'
    if (error.status === 401) return 'signed_out'
    if (error.status === 403) return 'forbidden'
    return error.status === 404 || error.status === 410 ? 'not_found' : 'failed'
  }
}

export async function listPermissions(id: string): Promise<Permission[]> {
  return (await callJson<{ permissions: Permission[] }>(`/permissions/${id}`)).permissions
}

/** `user` is a name or an e-mail address. */
export async function grant(id: string, user: string, role: Role): Promise<Permission> {
  const body = { user, role }
  return (await callJson<{ permission: Permission }>(`/permissions/${id}`, { method: 'POST', body })).permission
}

export async function changeRole(id: string, userId: string, role: Role): Promise<Permission> {
  const body = { user_id: userId, role }
  return (await callJson<{ permission: Permission }>(`/permissions/${id}`, { method: 'POST', body })).permission
}

export async function revoke(id: string, userId: string): Promise<void> {
  await call(`/permissions/${id}/${userId}`, { method: 'DELETE' })
}
