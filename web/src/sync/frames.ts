import * as decoding from 'lib0/decoding'
import * as Y from 'yjs'
import { Ranges } from './ranges'

/** What a sync frame of the server says about what is committed. */
export type SyncFrame =
  | { kind: 'step1'; vector: Map<number, number> }
  | { kind: 'step2' | 'update'; update: Uint8Array }

/**
 * Reads the body of a type 0 frame (after its type) without moving `decoder`.
 * Format: y-protocols/sync, sub-types 0 SyncStep1, 1 SyncStep2, 2 Update, each with one byte string.
 */
export function readSyncFrame(decoder: decoding.Decoder): SyncFrame | null {
  const copy = decoding.clone(decoder)
  const kind = decoding.readVarUint(copy)
  if (kind > 2) return null
  const body = decoding.readVarUint8Array(copy)
  if (kind === 0) return { kind: 'step1', vector: Y.decodeStateVector(body) }
  return { kind: kind === 1 ? 'step2' : 'update', update: body }
}

/** The reason in a type 2 frame (after its type), without moving `decoder`: y-protocols/auth, sub-type 0 and a string. */
export function readDenial(decoder: decoding.Decoder): string | null {
  const copy = decoding.clone(decoder)
  return decoding.readVarUint(copy) === 0 ? decoding.readVarString(copy) : null
}

export interface Touched {
  inserted: Ranges
  deleted: Ranges
}

/** The ranges that an update (format v1) inserts and deletes. Holes in it (`Skip`) are not inserted. */
export function rangesOfUpdate(update: Uint8Array): Touched {
  const { structs, ds } = Y.decodeUpdate(update)
  const inserted = new Ranges()
  for (const struct of structs) {
    if (struct instanceof Y.Skip) continue
    inserted.add(struct.id.client, struct.id.clock, struct.id.clock + struct.length)
  }
  return { inserted, deleted: deletedRanges(ds) }
}

/** The ranges that a transaction inserted and deleted. Read it in `afterTransaction`, when both are known and sorted. */
export function rangesOfTransaction(transaction: Y.Transaction): Touched {
  const inserted = new Ranges()
  transaction.afterState.forEach((after, client) => {
    inserted.add(client, transaction.beforeState.get(client) ?? 0, after)
  })
  return { inserted, deleted: deletedRanges(transaction.deleteSet) }
}

/** What a document holds: a state vector for what was inserted, ranges for what is deleted. */
export interface Held {
  vector: ReadonlyMap<number, number>
  deleted: Ranges
}

export function heldBy(doc: Y.Doc): Held {
  return {
    vector: Y.decodeStateVector(Y.encodeStateVector(doc)),
    deleted: deletedRanges(Y.createDeleteSetFromStructStore(doc.store)),
  }
}

function deletedRanges(set: { clients: Map<number, { clock: number; len: number }[]> }): Ranges {
  const deleted = new Ranges()
  for (const [client, items] of set.clients) for (const item of items) deleted.add(client, item.clock, item.clock + item.len)
  return deleted
}
