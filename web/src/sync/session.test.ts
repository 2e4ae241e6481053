// @vitest-environment jsdom
import 'fake-indexeddb/auto'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import * as Y from 'yjs'
import type { Role } from '../api/types'
import { FRAGMENT, SCHEMA_VERSION, documentSchema } from '../schema'
import { databaseName, keepPending, listCopies } from './copies'
import { FakeServer } from './fakeServer'
import { rangesOfTransaction } from './frames'
import { Pending } from './pending'
import { DocumentSession, type SessionOptions } from './session'

const PERSON = { id: 'ana', name: 'Ana', color: '#0b6e99' }
let server: FakeServer
let role: Role
let schemaVersion: number
let failure: 'offline' | 'forbidden' | 'not_found' | 'signed_out' | 'failed' | null
let asked: number
let document: string
const sessions: DocumentSession[] = []
let serial = 0

beforeEach(() => {
  server = new FakeServer()
  vi.stubGlobal('WebSocket', server.socketClass())
  ;[role, schemaVersion, failure, asked] = ['editor', SCHEMA_VERSION, null, 0]
  document = `document-${(serial += 1)}`
})

afterEach(() => {
  sessions.splice(0).forEach((session) => session.destroy())
  vi.unstubAllGlobals()
  localStorage.clear()
})

function visit(person = PERSON): DocumentSession {
  const options: SessionOptions = {
    person,
    documentId: document,
    fragment: FRAGMENT,
    schema: documentSchema(),
    schemaVersion: SCHEMA_VERSION,
    collaborate: async () => {
      asked += 1
      return failure ?? { url: 'ws://server', ticket: `t${asked}`, expires_at: '', role, seq: 0, schema_version: schemaVersion }
    },
    online: () => true,
  }
  const session = new DocumentSession(options)
  sessions.push(session)
  void session.start()
  return session
}

function leave(session: DocumentSession): void {
  sessions.splice(sessions.indexOf(session), 1)
  session.destroy()
}

const saved = (session: DocumentSession) => session.getState().save.kind
const until = (check: () => void) => vi.waitFor(check, { timeout: 8_000, interval: 5 })
const becomes = (session: DocumentSession, kind: string) => until(() => expect(saved(session)).toBe(kind))
const texts = (doc: Y.Doc) => doc.getXmlFragment(FRAGMENT).toString()

function type(doc: Y.Doc, words: string): Y.XmlText {
  const paragraph = new Y.XmlElement('paragraph')
  const text = new Y.XmlText(words)
  paragraph.insert(0, [text])
  doc.getXmlFragment(FRAGMENT).push([paragraph])
  return text
}

describe('"Saved" is the truth', () => {
  test('an edit is not saved before the server has committed it', async () => {
    const session = visit()
    await becomes(session, 'saved')
    server.commits = false
    type(session.doc, 'hello')
    expect(saved(session)).toBe('saving')
    await until(() => expect(server.received.length).toBeGreaterThan(0))
    expect(saved(session)).toBe('saving')
    server.commit()
    await becomes(session, 'saved')
  })

  test('a deletion is not saved before it came back either', async () => {
    const session = visit()
    await becomes(session, 'saved')
    const text = type(session.doc, 'hello')
    await becomes(session, 'saved')
    server.commits = false
    text.delete(0, 2)
    expect(saved(session)).toBe('saving')
    server.commit()
    await becomes(session, 'saved')
  })

  test('somebody else’s edits do not save ours', async () => {
    const session = visit()
    await becomes(session, 'saved')
    server.commits = false
    type(session.doc, 'mine')
    const other = new Y.Doc()
    type(other, 'theirs')
    server.send(Y.encodeStateAsUpdate(other))
    await until(() => expect(texts(session.doc)).toContain('theirs'))
    expect(saved(session)).toBe('saving')
  })

  test('an edit whose answer was lost with the connection is saved by the next state vector', async () => {
    const session = visit()
    await becomes(session, 'saved')
    server.commits = false
    type(session.doc, 'hello')
    await until(() => expect(server.received.length).toBeGreaterThan(0))
    for (const update of server.received) Y.applyUpdate(server.doc, update)
    server.commits = true
    server.close(1006)
    await becomes(session, 'saved')
  })
})

describe('without the server', () => {
  test('changes are counted, kept, and sent when it is back', async () => {
    const session = visit()
    await becomes(session, 'saved')
    server.reachable = false
    server.close(1006)
    type(session.doc, 'one')
    type(session.doc, 'two')
    expect(session.getState().save).toEqual({ kind: 'reconnecting', changes: 2, kept: true })
    window.dispatchEvent(new Event('offline'))
    // Kept is told only of what the device has written; the database is not that quick.
    expect(session.getState().save).toEqual({ kind: 'offline', changes: 0, kept: true })
    await until(() => expect(session.getState().save).toEqual({ kind: 'offline', changes: 2, kept: true }))
    server.reachable = true
    window.dispatchEvent(new Event('online'))
    await becomes(session, 'saved')
    expect(texts(server.doc)).toContain('two')
  })

  test('a document opened before opens again with its unsent changes, which are sent later', async () => {
    const first = visit()
    await becomes(first, 'saved')
    type(first.doc, 'online')
    await becomes(first, 'saved')
    server.reachable = false
    server.close(1006)
    type(first.doc, 'offline')
    leave(first)
    failure = 'offline'

    const second = visit()
    await until(() => expect(second.getState().stage.kind).toBe('open'))
    expect(texts(second.doc)).toContain('offline')
    await until(() => expect(second.getState().save).toEqual({ kind: 'offline', changes: 1, kept: true }))
    expect(listCopies(PERSON.id)[document]?.changes).toBe(1)

    server.reachable = true
    failure = null
    window.dispatchEvent(new Event('online'))
    await becomes(second, 'saved')
    expect(texts(server.doc)).toContain('offline')
  })

  test('a document never opened here says so, and opens when the server is back', async () => {
    failure = 'offline'
    const session = visit()
    await until(() => expect(session.getState().stage).toEqual({ kind: 'missing', why: 'offline' }))
    failure = null
    window.dispatchEvent(new Event('online'))
    await until(() => expect(session.getState().stage.kind).toBe('open'))
  })

  test('another account on the same device finds nothing of the first', async () => {
    const first = visit()
    await becomes(first, 'saved')
    type(first.doc, 'private')
    await becomes(first, 'saved')
    leave(first)
    failure = 'offline'
    const second = visit({ ...PERSON, id: 'ben' })
    await until(() => expect(second.getState().stage).toEqual({ kind: 'missing', why: 'offline' }))
    expect(texts(second.doc)).toBe('')
  })
})

describe('what this device does not keep', () => {
  test('a full disk is said, whatever the failed write is wrapped in', async () => {
    const session = visit()
    await becomes(session, 'saved')
    const failed = new Event('unhandledrejection')
    Object.assign(failed, { reason: new Error(String(new DOMException('no space', 'QuotaExceededError'))) })
    window.dispatchEvent(failed)
    server.reachable = false
    server.close(1006)
    type(session.doc, 'only here')
    expect(session.getState().save).toEqual({ kind: 'reconnecting', changes: 1, kept: false })
  })

  test('a copy that another tab removed keeps nothing any more', async () => {
    const session = visit()
    await becomes(session, 'saved')
    indexedDB.deleteDatabase(databaseName(PERSON.id, document))
    server.commits = false
    await until(() => {
      type(session.doc, 'x')
      server.close(1006)
      expect(session.getState().save).toMatchObject({ kind: 'reconnecting', kept: false })
    })
  })

  /** A visit that ended with a note of an edit whose write was aborted. */
  async function noteOutlivesEdit(): Promise<Uint8Array> {
    const first = visit()
    await becomes(first, 'saved')
    type(first.doc, 'stored')
    await becomes(first, 'saved')
    leave(first)
    const other = new Y.Doc()
    Y.applyUpdate(other, Y.encodeStateAsUpdate(server.doc))
    const vector = Y.encodeStateVector(other)
    const pending = new Pending()
    other.on('afterTransaction', (transaction) => {
      const { inserted, deleted } = rangesOfTransaction(transaction)
      pending.record(inserted, deleted)
    })
    type(other, 'never stored')
    other.getXmlFragment(FRAGMENT).delete(0, 1)
    expect(pending.changes).toBe(2)
    keepPending(PERSON.id, document, other.clientID, pending)
    return Y.encodeStateAsUpdate(other, vector)
  }

  test('a note of an edit that was never stored is dropped, and its loss is said', async () => {
    await noteOutlivesEdit()
    const session = visit()
    await becomes(session, 'saved')
    expect(session.getState().lost).toBe(true)
    expect(listCopies(PERSON.id)[document]?.changes).toBe(0)
  })

  test('nothing is lost where the server has it', async () => {
    Y.applyUpdate(server.doc, await noteOutlivesEdit())
    const session = visit()
    await becomes(session, 'saved')
    expect(texts(session.doc)).toContain('never stored')
    expect(session.getState().lost).toBe(false)
  })
})

describe('a text that does not come', () => {
  const missing = (session: DocumentSession, why: string) =>
    until(() => expect(session.getState().stage).toEqual({ kind: 'missing', why }))

  test.each<[string, number, string]>([
    ['document_unreadable', 1011, 'document_unreadable'],
    ['room_full', 1013, 'room_full'],
    ['no_socket', 1006, ''],
    ['failed', 1013, 'try_again'],
  ])('is not waited for without a word: %s', async (why, code, reason) => {
    server.closesWith = code
    server.closeReason = reason
    const session = visit()
    await missing(session, why)
    server.closesWith = null
    session.tryAgain()
    await until(() => expect(session.getState().stage.kind).toBe('open'))
    await becomes(session, 'saved')
  })

  test('a server that says nothing is slow, not broken', async () => {
    server.silent = true
    await missing(visit(), 'slow')
  })
})

describe('closed by the server', () => {
  test('an expired ticket brings a new one', async () => {
    const session = visit()
    await becomes(session, 'saved')
    server.close(4501, 'ticket_expired')
    await until(() => expect([...server.sockets].map(({ url }) => url)).toEqual([expect.stringContaining('ticket=t2')]))
    await becomes(session, 'saved')
  })

  test('a restart needs nothing of the person', async () => {
    const session = visit()
    await becomes(session, 'saved')
    server.close(1012, 'restarting')
    expect(saved(session)).toBe('reconnecting')
    await becomes(session, 'saved')
    expect(asked).toBe(1)
  })

  test('a server that closes again and again is not asked in a tight circle', async () => {
    server.closesWith = 4501
    visit()
    await until(() => expect(asked).toBe(2))
    await new Promise((resolve) => setTimeout(resolve, 400))
    expect(asked).toBe(2)
  })

  test('a right that is gone ends editing; unsent changes stay readable', async () => {
    const session = visit()
    await becomes(session, 'saved')
    type(session.doc, 'shared')
    await becomes(session, 'saved')
    server.commits = false
    type(session.doc, 'unsent')
    let detached = 0
    session.detachEditor = () => (detached += 1)
    failure = 'forbidden'
    server.close(4403, 'forbidden')
    await becomes(session, 'refused')
    const { stage, save } = session.getState()
    expect(save).toMatchObject({ reason: 'forbidden', changes: 1 })
    expect(stage).toMatchObject({ kind: 'open', reading: 'forbidden' })
    expect(detached).toBe(1)
    if (stage.kind === 'open') expect(texts(stage.doc)).toContain('unsent')
    expect(listCopies(PERSON.id)[document]).toBeDefined()
  })

  test('where nothing was unsent, nothing of a document without access stays on the device', async () => {
    const session = visit()
    await becomes(session, 'saved')
    failure = 'not_found'
    server.close(4403, 'forbidden')
    await becomes(session, 'reading')
    expect(session.getState().stage).toMatchObject({ kind: 'open', reading: 'forbidden' })
    expect(listCopies(PERSON.id)[document]).toBeUndefined()
  })

  test('an editor made a reader reads on, and sends nothing', async () => {
    const session = visit()
    await becomes(session, 'saved')
    role = 'viewer'
    server.close(4403, 'forbidden')
    await becomes(session, 'reading')
    const received = server.received.length
    server.close(1006)
    await until(() => expect(server.sockets.size).toBe(1))
    await becomes(session, 'reading')
    expect(server.received.length).toBe(received)
  })

  test('changes that belong to another account are said to be left out', async () => {
    const session = visit()
    await becomes(session, 'saved')
    server.commits = false
    type(session.doc, 'not mine')
    server.deny('foreign_ranges')
    await becomes(session, 'refused')
    expect(session.getState().save).toMatchObject({ reason: 'foreign_ranges', changes: 1 })
  })

  test.each([0, 1])('a right that came back ends the refusal, with %s changes unsent', async (changes) => {
    const session = visit()
    await becomes(session, 'saved')
    server.commits = false
    if (changes > 0) type(session.doc, 'unsent')
    failure = 'forbidden'
    server.close(4403, 'forbidden')
    await becomes(session, changes > 0 ? 'refused' : 'reading')
    failure = null
    session.checkAccess()
    await becomes(session, changes > 0 ? 'saving' : 'saved')
    expect(session.getState().stage).toMatchObject({ kind: 'open', reading: null })
    server.commit()
    await becomes(session, 'saved')
  })

  test('a reader whose deletion counted for nothing is told the true reason', async () => {
    const session = visit()
    await becomes(session, 'saved')
    server.deny('read_only')
    const text = type(session.doc, 'hello')
    await becomes(session, 'saved')
    server.commits = false
    text.delete(0, 2)
    server.deny('read_only')
    await becomes(session, 'refused')
    expect(session.getState().save).toMatchObject({ reason: 'forbidden', changes: 1 })
  })

  test('a refused change stops, can be undone, and then the rest is saved', async () => {
    const session = visit()
    await becomes(session, 'saved')
    server.commits = false
    const text = type(session.doc, 'far too much')
    server.close(4413, 'frame_too_large')
    await becomes(session, 'refused')
    expect(session.getState().save).toMatchObject({ reason: 'frame_too_large', changes: 1, kept: true })
    expect(server.sockets.size).toBe(0)
    text.delete(0, text.length)
    server.commits = true
    session.tryAgain()
    await becomes(session, 'saved')
    expect(texts(server.doc)).not.toContain('far too much')
  })
})

describe('what cannot be edited is only read', () => {
  const open = (session: DocumentSession) => until(() => expect(session.getState().stage.kind).toBe('open'))

  test.each<[string, () => void, string]>([
    ['a reader’s', () => (role = 'viewer'), 'role'],
    ['a newer schema’s', () => (schemaVersion = SCHEMA_VERSION + 1), 'newer'],
    ['one with unknown parts', () => server.doc.getXmlFragment(FRAGMENT).push([new Y.XmlElement('hologram')]), 'newer'],
    ['one with parts that do not fit', () => server.doc.getXmlFragment(FRAGMENT).push([new Y.XmlElement('bulletList')]), 'broken'],
  ])('%s document', async (_, prepare, reading) => {
    prepare()
    const session = visit()
    await open(session)
    const { stage } = session.getState()
    expect(stage).toMatchObject({ reading })
    if (stage.kind === 'open') expect(stage.doc).not.toBe(session.doc)
  })

  test('parts that do not fit may be given up, then it is edited', async () => {
    server.doc.getXmlFragment(FRAGMENT).push([new Y.XmlElement('bulletList')])
    const session = visit()
    await open(session)
    session.editBroken()
    expect(session.getState().stage).toEqual({ kind: 'open', reading: null, doc: session.doc })
  })

  test('an unknown part that comes while editing lets the editor go before it sees it', async () => {
    const session = visit()
    await becomes(session, 'saved')
    const order: string[] = []
    session.detachEditor = () => order.push('detached')
    session.doc.getXmlFragment(FRAGMENT).observeDeep(() => order.push('seen'))
    const newer = new Y.Doc()
    newer.getXmlFragment(FRAGMENT).push([new Y.XmlElement('hologram')])
    server.send(Y.encodeStateAsUpdate(newer))
    await until(() => expect(order).toEqual(['detached', 'seen']))
    expect(session.getState().stage).toMatchObject({ reading: 'newer' })
  })
})
