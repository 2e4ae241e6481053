// What a client still waits to see come back: its own inserted and deleted ids that no sync frame has shown it yet.
import * as Y from 'yjs'
import { updateOf } from './frames.mjs'

const now = () => performance.timeOrigin + performance.now()

/** Keeps the account of one document's own edits. */
export class Owed {
  /** The end clock (exclusive) of each own insertion that has not come back, with the moment it was made. */
  inserted = []
  /** Deleted ids `client:clock` that have not come back. */
  deleted = new Set()
  /** How many own transactions there were, and how many sync frames brought something of one's own back. */
  made = 0
  echoes = 0

  constructor (/** @type {Y.Doc} */ doc) {
    this.doc = doc
    doc.on('afterTransaction', (transaction) => { if (transaction.local) this.made_by(transaction) })
  }

  made_by (transaction) {
    const clock = transaction.afterState.get(this.doc.clientID) ?? 0
    const inserted = clock > (transaction.beforeState.get(this.doc.clientID) ?? 0)
    if (inserted) this.inserted.push({ clock, at: now() })
    const before = this.deleted.size
    forEachDeleted(transaction.deleteSet, (id) => this.deleted.add(id))
    if (inserted || this.deleted.size > before) this.made++
  }

  /** Takes a frame from the server into account. */
  came (/** @type {Uint8Array} */ frame) {
    const update = updateOf(frame)
    if (update === null) return
    const { structs, ds } = Y.decodeUpdate(update)
    const before = this.count()
    const clock = structs.reduce((end, struct) => {
      const own = struct.id.client === this.doc.clientID && !(struct instanceof Y.Skip)
      return own ? Math.max(end, struct.id.clock + struct.length) : end
    }, 0)
    while (this.inserted.length > 0 && this.inserted[0].clock <= clock) this.inserted.shift()
    if (this.deleted.size > 0) forEachDeleted(ds, (id) => this.deleted.delete(id))
    if (this.count() < before) this.echoes++
  }

  /** How many own insertions and deletions are on the way. */
  count () { return this.inserted.length + this.deleted.size }

  /** How many own insertions made before a moment (ms since 1970) have not come back. */
  inFlightAt (moment) { return this.inserted.filter(({ at }) => at < moment).length }
}

const forEachDeleted = (set, call) => {
  for (const [client, ranges] of set.clients) {
    for (const { clock, len } of ranges) for (let i = 0; i < len; i++) call(`${client}:${clock + i}`)
  }
}
