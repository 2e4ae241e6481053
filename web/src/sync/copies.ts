import type { Role } from '../api/types'
import { Pending, type PendingJson } from './pending'

/** Documents whose copy a device keeps for one account; the ones opened longest ago go first. */
const COPIES_MAX = 200

/** What this device knows about a document without the server. */
export interface Copy {
  title: string
  ownerName: string
  role: Role
  schemaVersion: number
  /** Whether it was ever loaded completely: an empty document then really is empty. */
  complete: boolean
  /** Own changes that the server had not confirmed when the page last looked. */
  changes: number
  /** Milliseconds since 1970. */
  openedAt: number
}

const UNKNOWN: Copy = {
  title: '',
  ownerName: '',
  role: 'viewer',
  schemaVersion: 0,
  complete: false,
  changes: 0,
  openedAt: 0,
}

const listKey = (person: string) => `stet:copies:${person}`
const pendingPrefix = (person: string, document: string) => `stet:pending:${person}:${document}:`

/** Names hold the account: two people on one browser must never send each other's unsent text. */
export const databaseName = (person: string, document: string) => `stet:${person}:${document}`

export function listCopies(person: string): Record<string, Copy> {
  try {
    return JSON.parse(localStorage.getItem(listKey(person)) ?? '{}') as Record<string, Copy>
  } catch {
    return {}
  }
}

export function findCopy(person: string, document: string): Copy | undefined {
  return listCopies(person)[document]
}

export function noteCopy(person: string, document: string, facts: Partial<Copy>): void {
  const copies = listCopies(person)
  copies[document] = { ...(copies[document] ?? UNKNOWN), ...facts }
  store(listKey(person), copies)
  const oldest = Object.entries(copies)
    .filter(([, copy]) => copy.changes === 0)
    .sort(([, a], [, b]) => a.openedAt - b.openedAt)
  for (const [id] of oldest.slice(0, Math.max(0, Object.keys(copies).length - COPIES_MAX))) void evict(person, id)
}

/** Removes a copy that no tab has open. Where the browser has no locks nobody can know that, and all copies stay. */
async function evict(person: string, document: string): Promise<void> {
  const name = databaseName(person, document)
  await navigator.locks?.request(name, { ifAvailable: true }, async (lock) => {
    const copies = listCopies(person)
    if (!lock || copies[document]?.changes !== 0) return
    delete copies[document]
    store(listKey(person), copies)
    await new Promise<void>((resolve) => {
      const request = indexedDB.deleteDatabase(name)
      request.onsuccess = () => resolve()
      request.onerror = () => resolve()
    })
  })
}

/** Removes one document from this device, its unsent changes included. */
export function dropCopy(person: string, document: string): void {
  const copies = listCopies(person)
  delete copies[document]
  store(listKey(person), copies)
  for (const key of pendingKeys(person, document)) localStorage.removeItem(key)
  if (typeof indexedDB !== 'undefined') indexedDB.deleteDatabase(databaseName(person, document))
}

/** Removes everything of an account from this device. */
export function dropAllCopies(person: string): void {
  for (const document of Object.keys(listCopies(person))) dropCopy(person, document)
  localStorage.removeItem(listKey(person))
}

/**
 * Notes of unsent edits of earlier visits, taken over by this one: read once and moved under this visit's client id.
 * A note can outlive its edit: it is written at once, while the write of the edit may still fail.
 */
export function takePending(person: string, document: string): Pending {
  const all = new Pending()
  for (const key of pendingKeys(person, document)) {
    try {
      all.adopt(Pending.from(JSON.parse(localStorage.getItem(key) ?? '[]') as PendingJson))
    } catch {
      // Unreadable notes are dropped: the edits themselves are in the document and go out with the next sync.
    }
    localStorage.removeItem(key)
  }
  return all
}

export function keepPending(person: string, document: string, client: number, pending: Pending): void {
  // Signing out has removed it meanwhile; nothing of it comes back.
  if (!findCopy(person, document)) return
  const key = pendingPrefix(person, document) + String(client)
  if (pending.isEmpty()) localStorage.removeItem(key)
  else store(key, pending)
  noteCopy(person, document, { changes: pending.changes })
}

function pendingKeys(person: string, document: string): string[] {
  const prefix = pendingPrefix(person, document)
  return Object.keys(localStorage).filter((key) => key.startsWith(prefix))
}

function store(key: string, value: unknown): void {
  try {
    localStorage.setItem(key, JSON.stringify(value))
  } catch {
    // Full or forbidden: only the count after a reload is lost, never text.
  }
}
