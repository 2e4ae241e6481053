/** What the app does after the server closed a document's socket. */
export type AfterClose =
  /** The provider connects again by itself, a little later each time. */
  | 'reconnect'
  /** Ask for a new ticket; the answer also says whether the document and the right are still there. */
  | 'renew'
  /** Nothing helps but the person: something he wrote was refused. */
  | 'refused'

/** Close codes of the document socket and what follows each; every other code means `reconnect`. */
const AFTER: Readonly<Record<number, AfterClose>> = {
  1009: 'refused', // a proxy's word for 4413
  4400: 'refused',
  4413: 'refused',
  4401: 'renew',
  4403: 'renew',
  4404: 'renew',
  4501: 'renew',
}

export function afterClose(code: number): AfterClose {
  return AFTER[code] ?? 'reconnect'
}

/** Why the text of a document has not come, though its socket was tried. */
export type Unsynced = 'document_unreadable' | 'room_full' | 'failed' | 'slow' | 'no_socket'

/** By the reason of the close; without one the socket was never a socket of the server's. */
export function whyUnsynced(reason: string): Unsynced {
  if (reason === 'document_unreadable' || reason === 'room_full') return reason
  return reason === '' ? 'no_socket' : 'failed'
}

/** The stable reason of a refusal: the server's own word where it gave one. */
export function refusalReason(code: number, reason: string): string {
  if (reason !== '') return reason
  return code === 4400 ? 'refused_update' : 'frame_too_large'
}
