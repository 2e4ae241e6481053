import { Awareness } from 'y-protocols/awareness'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'
import type { Schema } from '@tiptap/pm/model'
import type { Role, Ticket } from '../api/types'
import { afterClose, refusalReason, whyUnsynced, type Unsynced } from './closeCodes'
import { dropCopy, findCopy, keepPending, noteCopy, takePending } from './copies'
import { openCopy, type DeviceCopy } from './device'
import { bringsUnknown, fits } from './fits'
import { heldBy, rangesOfTransaction, rangesOfUpdate, readDenial, readSyncFrame, type SyncFrame } from './frames'
import { mirror } from './mirror'
import { Pending } from './pending'
import { leaveRemoteFormatting } from './quiet'
import { saveState, sameSaveState, type Link, type SaveState } from './saveState'

/** A broken connection is called "reconnecting" for so long, "offline" afterwards; a text that has not come, missing. */
const OFFLINE_AFTER_MS = 4_000
/** "Saved" is shown when nothing has been pending for so long, so that the word does not flicker while typing. */
const SETTLE_MS = 300
/** Unsent edits are noted on the device at most this often. */
const NOTE_MS = 250
const RENEW_AGAIN_MS_MIN = 1_000
const RENEW_AGAIN_MS_MAX = 30_000

/** What ended editing for good, or until the person acts. */
export type Stopped = 'forbidden' | 'not_found' | 'signed_out'
/** Why the text cannot be edited here, though it can be read. */
export type Reading = 'role' | 'newer' | 'broken' | Stopped
/** Why there is no text to show. */
export type Missing = TicketFailure | Unsynced

export type Stage =
  | { kind: 'opening' }
  | { kind: 'missing'; why: Missing }
  /** `doc` is what the editor binds to: the document itself, or a mirror of it when only reading. */
  | { kind: 'open'; doc: Y.Doc; reading: Reading | null }

export interface SessionState {
  stage: Stage
  save: SaveState
  role: Role | null
  /** Edits of an earlier visit are neither on this device nor on the server. */
  lost: boolean
}

/** How asking for a ticket failed. */
export type TicketFailure = 'offline' | 'failed' | Stopped

export interface SessionOptions {
  person: { id: string; name: string; color: string }
  documentId: string
  fragment: string
  schema: Schema
  schemaVersion: number
  /** Asks for a ticket; never throws. */
  collaborate: () => Promise<Ticket | TicketFailure>
  online: () => boolean
}

const MAY_WRITE: readonly Role[] = ['editor', 'owner']

/**
 * One document on one page: the Yjs document, the copy on this device, the provider, and the truth about what is saved.
 * It knows nothing of React or of the editor; both look at `getState` and are told by `subscribe`.
 */
export class DocumentSession {
  readonly doc = new Y.Doc()
  readonly awareness = new Awareness(this.doc)
  /** Set by the editor: lets go of the document at once, before an update it cannot show reaches it. */
  detachEditor: (() => void) | null = null

  #state: SessionState = { stage: { kind: 'opening' }, save: { kind: 'opening' }, role: null, lost: false }
  #changed = false
  #listeners = new Set<() => void>()
  #provider: WebsocketProvider | null = null
  #copy: DeviceCopy | null = null
  /** Own unsent changes that the device's copy holds. */
  #stored = 0
  #copyOpened: Promise<void> = Promise.resolve()
  #pending = new Pending()
  /** Noted as unsent, but not in the device's copy; the server may have got it all the same. */
  #absent = new Pending()
  #link: Link = 'connecting'
  #refused: string | null = null
  #stopped: Stopped | null = null
  /** Tells "you lost the right" from "it is gone", which HTTP does not: it hides what one may not see. */
  #closeCode = 0
  /** Why the last socket was closed before the text had come. */
  #unsynced: Unsynced | null = null
  #schemaVersion = 0
  #mirror: Y.Doc | null = null
  #editsBroken = false
  #complete = false
  #renewals = 0
  #destroyed = false
  #timers = new Map<string, ReturnType<typeof setTimeout>>()

  constructor(private readonly options: SessionOptions) {
    leaveRemoteFormatting(this.doc)
    const { name, color, id } = options.person
    this.awareness.setLocalState({ user: { id, name, color } })
    this.doc.on('afterTransaction', this.#countOwnEdit)
    this.doc.on('beforeObserverCalls', this.#watchForUnknown)
  }

  getState = (): SessionState => this.#state

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  async start(): Promise<void> {
    window.addEventListener('online', this.#wentOnline)
    window.addEventListener('offline', this.#wentOffline)
    window.addEventListener('pagehide', this.#notePending)
    window.addEventListener('unhandledrejection', this.#storageFailed)
    this.#copyOpened = this.#openCopy()
    await this.#renew()
  }

  destroy(): void {
    this.#notePending()
    this.#destroyed = true
    for (const timer of this.#timers.values()) clearTimeout(timer)
    window.removeEventListener('online', this.#wentOnline)
    window.removeEventListener('offline', this.#wentOffline)
    window.removeEventListener('pagehide', this.#notePending)
    window.removeEventListener('unhandledrejection', this.#storageFailed)
    this.#provider?.destroy()
    this.awareness.destroy()
    this.#mirror?.destroy()
    this.#copy?.close()
    this.doc.destroy()
  }

  /** After a refusal, when the person has undone what was refused, or when a right may be back. */
  tryAgain = (): void => {
    this.#refused = null
    this.#stopped = null
    this.#link = 'reconnecting'
    if (this.#state.stage.kind === 'missing') this.#patch({ stage: { kind: 'opening' } })
    this.#publish()
    void this.#renew()
  }

  /** Something about the person's access changed: asks what he may do now. */
  checkAccess = (): void => {
    if (this.#state.stage.kind === 'open') void this.#renew()
  }

  /** The person accepts that parts which do not fit together are removed. */
  editBroken = (): void => {
    this.#editsBroken = true
    this.#show()
    this.#publish()
  }

  // --- opening -------------------------------------------------------------------------------------------------

  async #openCopy(): Promise<void> {
    const { person, documentId } = this.options
    const copy = await openCopy(person.id, documentId, this.doc, this.#copyLost)
    if (this.#destroyed) return void copy?.close()
    this.#copy = copy
    if (copy) {
      this.#pending.adopt(takePending(person.id, documentId))
      if (!this.#pending.isEmpty()) this.#absent = this.#pending.takeAbsent(heldBy(this.doc))
      if (!this.#absent.isEmpty()) this.#notePending()
      this.#stored = this.#pending.changes
    }
    const known = findCopy(person.id, documentId)
    if (known && this.#state.role === null) {
      this.#schemaVersion = known.schemaVersion
      this.#complete ||= known.complete
      this.#patch({ role: known.role })
    }
    this.#show()
    this.#publish()
  }

  /** Asks for a ticket and connects with it, or says why not. */
  async #renew(): Promise<void> {
    clearTimeout(this.#timers.get('renew'))
    const answer = await this.options.collaborate()
    await this.#copyOpened
    if (this.#destroyed) return
    if (typeof answer !== 'string') return this.#admitted(answer)
    if (answer === 'offline' || answer === 'failed') {
      this.#unreachable(answer)
      this.#renewLater()
    } else if (answer === 'not_found' && this.#closeCode === 4403) this.#stop('forbidden')
    else this.#stop(answer)
  }

  #renewLater(): void {
    const wait = Math.min(RENEW_AGAIN_MS_MIN * 2 ** this.#renewals, RENEW_AGAIN_MS_MAX)
    this.#renewals += 1
    this.#later('renew', wait, () => void this.#renew())
  }

  #admitted(ticket: Ticket): void {
    const { person, documentId, schemaVersion } = this.options
    this.#schemaVersion = ticket.schema_version ?? schemaVersion
    this.#stopped = null
    noteCopy(person.id, documentId, { role: ticket.role, schemaVersion: this.#schemaVersion, openedAt: Date.now() })
    this.#patch({ role: ticket.role })
    this.#refused = this.#mayWrite() || this.#pending.isEmpty() ? null : 'forbidden'
    this.#connect(ticket)
    this.#show()
    this.#publish()
  }

  /** Shows the text as soon as there is one and we know how it may be used. */
  #show(): void {
    const { role, stage } = this.#state
    if (this.#destroyed || role === null) return
    if (stage.kind !== 'open' && this.doc.store.clients.size === 0 && !this.#complete) return
    const reading = this.#whyReading(role)
    if (stage.kind === 'open' && stage.reading === reading) return
    if (reading !== null) this.detachEditor?.()
    this.#patch({ stage: { kind: 'open', reading, doc: this.#docFor(reading) } })
  }

  #whyReading(role: Role): Reading | null {
    const { stage } = this.#state
    if (this.#stopped) return this.#stopped
    if (!MAY_WRITE.includes(role)) return 'role'
    if (this.#schemaVersion > this.options.schemaVersion) return 'newer'
    // Once the editor has the document, it and `#watchForUnknown` see to it that everything in it fits.
    if (stage.kind === 'open' && stage.reading === null) return null
    const fit = fits(this.doc.getXmlFragment(this.options.fragment), this.options.schema)
    if (fit === 'unknown') return 'newer'
    return fit === 'broken' && !this.#editsBroken ? 'broken' : null
  }

  #docFor(reading: Reading | null): Y.Doc {
    if (reading === null) return this.doc
    this.#mirror ??= mirror(this.doc)
    return this.#mirror
  }

  /** The right or the document is gone: editing ends, what is on the screen stays, nothing stays on the device. */
  #stop(why: Stopped): void {
    const { person, documentId } = this.options
    this.#provider?.disconnect()
    this.#stopped = why
    this.#refused = why
    if (why !== 'signed_out' && this.#pending.isEmpty()) {
      this.#copy?.close()
      this.#copy = null
      dropCopy(person.id, documentId)
      if (!this.#provider) this.#patch({ stage: { kind: 'missing', why } })
    }
    if (this.#state.stage.kind === 'opening') this.#patch({ stage: { kind: 'missing', why } })
    if (this.#state.stage.kind === 'open') this.#show()
    this.#publish()
  }

  #unreachable(why: 'offline' | 'failed'): void {
    this.#link = 'offline'
    clearTimeout(this.#timers.get('offline'))
    if (this.#state.stage.kind !== 'open') this.#patch({ stage: { kind: 'missing', why } })
    this.#publish()
  }

  // --- the connection ------------------------------------------------------------------------------------------

  #connect({ url, ticket }: Ticket): void {
    if (this.#link !== 'connected') this.#later('offline', OFFLINE_AFTER_MS, this.#tooLate)
    if (this.#provider) {
      this.#provider.params = { ticket }
      this.#provider.connect()
      return
    }
    const provider = new WebsocketProvider(url, this.options.documentId, this.doc, {
      connect: false,
      disableBc: true,
      awareness: this.awareness,
      params: { ticket },
      shouldReconnect: (event) => afterClose(event.code) === 'reconnect',
    })
    this.#provider = provider
    this.#listenToFrames(provider)
    provider.on('sync', (synced) => this.#synced(synced))
    provider.on('connection-close', (event) => this.#lost(event?.reason ?? ''))
    provider.on('closed', ({ code, reason }) => this.#closed(code, reason))
    provider.connect()
  }

  #listenToFrames(provider: WebsocketProvider): void {
    const [readSync, , readAuth] = provider.messageHandlers
    provider.messageHandlers[0] = (encoder, decoder, ...rest) => {
      const frame = readSyncFrame(decoder)
      // A reader has nothing to tell: whatever his document holds came from the server.
      if (frame?.kind === 'step1' && !this.#mayWrite()) return
      readSync?.(encoder, decoder, ...rest)
      if (frame) this.#settle(frame)
    }
    provider.messageHandlers[2] = (encoder, decoder, ...rest) => {
      const reason = readDenial(decoder)
      readAuth?.(encoder, decoder, ...rest)
      // Changes under somebody else's client id were left out; they will never come back as saved.
      if (reason === 'foreign_ranges') this.#refused = reason
      // Only a reader's deletion is answered so: the role has changed and nobody has told us yet.
      if (reason === 'read_only' && !this.#pending.isEmpty()) this.#refused = 'forbidden'
      this.#publish()
    }
  }

  #synced(synced: boolean): void {
    if (!synced) return
    this.#complete = true
    this.#renewals = 0
    this.#link = 'connected'
    this.#unsynced = null
    this.#sayLost()
    clearTimeout(this.#timers.get('offline'))
    noteCopy(this.options.person.id, this.options.documentId, { complete: true })
    this.#show()
    this.#publish()
  }

  #lost(reason: string): void {
    this.#unsynced = whyUnsynced(reason)
    if (this.#destroyed || this.#link === 'offline' || this.#link === 'reconnecting') return
    this.#link = this.options.online() ? 'reconnecting' : 'offline'
    this.#later('offline', OFFLINE_AFTER_MS, this.#tooLate)
    this.#publish()
  }

  /** The connection did not come (back) in time. The provider goes on trying, and what it gets is shown. */
  #tooLate = (): void => {
    if (this.#link === 'connected') return
    const waits = this.#provider?.wsconnected === true
    if (!waits) this.#link = 'offline'
    if (this.#state.stage.kind !== 'open' && this.#stopped === null) {
      const why = this.options.online() ? (this.#unsynced ?? (waits ? 'slow' : 'no_socket')) : 'offline'
      this.#patch({ stage: { kind: 'missing', why } })
    }
    this.#publish()
  }

  #closed(code: number, reason: string): void {
    this.#closeCode = code
    if (afterClose(code) === 'refused') {
      this.#refused = refusalReason(code, reason)
      this.#publish()
      return
    }
    // The first time at once; a server that admits and closes again must not be asked in a tight circle.
    if (this.#renewals > 0) return this.#renewLater()
    this.#renewals = 1
    void this.#renew()
  }

  #wentOnline = (): void => {
    if (this.#refused !== null) return
    if (this.#link === 'offline') this.#link = 'reconnecting'
    this.#publish()
    if (this.#provider) this.#provider.connect()
    else void this.#renew()
  }

  #wentOffline = (): void => {
    this.#link = 'offline'
    this.#publish()
    // The socket of a machine without a network stays silent for half a minute; a new attempt knows at once, and
    // reaches a server on this same machine.
    this.#provider?.disconnect()
    if (this.#refused === null) this.#provider?.connect()
  }

  // --- what is saved -------------------------------------------------------------------------------------------

  #countOwnEdit = (transaction: Y.Transaction): void => {
    if (!transaction.local) return
    const { inserted, deleted } = rangesOfTransaction(transaction)
    if (inserted.isEmpty() && deleted.isEmpty()) return
    if (this.#pending.isEmpty()) void navigator.storage?.persist?.()
    this.#pending.record(inserted, deleted)
    this.#later('note', NOTE_MS, this.#notePending)
    this.#countStored()
    this.#publish()
  }

  /** Only what the device has written is told as kept on it. */
  #countStored(): void {
    const { changes } = this.#pending
    const stored = (): void => {
      this.#stored = Math.min(changes, this.#pending.changes)
      if (!this.#destroyed) this.#publish()
    }
    // A write that failed leaves the count as it was; a copy that is lost says so itself.
    this.#copy?.written().then(stored, () => {})
  }

  #settle(frame: SyncFrame): void {
    if (this.#pending.isEmpty()) return
    const settled =
      frame.kind === 'step1'
        ? this.#pending.acknowledgeBelow(frame.vector)
        : this.#acknowledge(frame.update)
    if (!settled) return
    this.#stored = Math.min(this.#stored, this.#pending.changes)
    this.#later('note', NOTE_MS, this.#notePending)
    if (!this.#pending.isEmpty()) return this.#publish()
    // What was refused has been taken after all, or undone.
    if (this.#stopped === null) this.#refused = null
    this.#later('settle', SETTLE_MS, () => this.#publish())
  }

  #acknowledge(update: Uint8Array): boolean {
    const { inserted, deleted } = rangesOfUpdate(update)
    return this.#pending.acknowledge(inserted, deleted)
  }

  #notePending = (): void => {
    if (this.#destroyed || !this.#copy) return
    keepPending(this.options.person.id, this.options.documentId, this.doc.clientID, this.#pending)
  }

  /** A request that failed for want of space; lib0 makes an `Error` of it whose message begins with the cause's name. */
  #storageFailed = (event: PromiseRejectionEvent): void => {
    if (String(event.reason).includes('QuotaExceededError')) this.#copyLost()
  }

  #copyLost = (): void => {
    this.#copy?.close()
    this.#copy = null
    this.#publish()
  }

  /** What was noted as unsent and is nowhere, now that the server has said what it has. */
  #sayLost(): void {
    if (this.#absent.isEmpty()) return
    this.#absent.removeHeld(heldBy(this.doc))
    if (!this.#absent.isEmpty()) this.#patch({ lost: true })
    this.#absent = new Pending()
  }

  // --- state ---------------------------------------------------------------------------------------------------

  #watchForUnknown = (transaction: Y.Transaction): void => {
    const { stage } = this.#state
    if (transaction.local || stage.kind !== 'open' || stage.reading !== null) return
    if (!bringsUnknown(transaction, this.options.schema)) return
    this.detachEditor?.()
    this.#patch({ stage: { kind: 'open', reading: 'newer', doc: this.#docFor('newer') } })
    this.#publish()
  }

  #mayWrite(): boolean {
    return this.#state.role !== null && MAY_WRITE.includes(this.#state.role)
  }

  #later(name: string, wait_ms: number, act: () => void): void {
    clearTimeout(this.#timers.get(name))
    this.#timers.set(name, setTimeout(act, wait_ms))
  }

  #patch(change: Partial<SessionState>): void {
    this.#state = { ...this.#state, ...change }
    this.#changed = true
  }

  #publish(): void {
    // Without access there is no connection to speak of; where nothing is unsent, there is nothing to save either.
    const over = this.#stopped !== null
    const save = saveState({
      link: over ? 'connected' : this.#link,
      changes: this.#copy && this.#link === 'offline' ? this.#stored : this.#pending.changes,
      kept: this.#copy !== null,
      refused: over && this.#pending.isEmpty() ? null : this.#refused,
      mayWrite: !over && this.#mayWrite(),
    })
    if (!sameSaveState(save, this.#state.save)) this.#patch({ save })
    if (!this.#changed) return
    this.#changed = false
    for (const listener of this.#listeners) listener()
  }
}
