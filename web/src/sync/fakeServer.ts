import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import * as syncProtocol from 'y-protocols/sync'
import * as Y from 'yjs'

/** Stands in for the server in tests: one document, its sockets, and a hand on when it commits. */
export class FakeServer {
  readonly doc = new Y.Doc()
  readonly sockets = new Set<FakeSocket>()
  /** While false, updates are taken but not committed, and so not echoed. */
  commits = true
  /** While false, no connection comes about. */
  reachable = true
  /** Closes every new socket at once with this code. */
  closesWith: number | null = null
  closeReason = ''
  /** Takes connections and answers nothing. */
  silent = false
  readonly received: Uint8Array[] = []
  #held: Uint8Array[] = []

  /** What `globalThis.WebSocket` is while a test runs. */
  socketClass(): typeof WebSocket {
    return FakeSocket.bind(null, this) as unknown as typeof WebSocket
  }

  accept(socket: FakeSocket): void {
    if (!this.reachable) return socket.drop(1006)
    this.sockets.add(socket)
    socket.open()
    if (this.closesWith !== null) return this.close(this.closesWith, this.closeReason)
    if (this.silent) return
    socket.deliver(frame((encoder) => syncProtocol.writeSyncStep1(encoder, this.doc)))
  }

  receive(socket: FakeSocket, data: Uint8Array): void {
    if (this.silent) return
    const decoder = decoding.createDecoder(data)
    if (decoding.readVarUint(decoder) !== 0) return
    const kind = decoding.readVarUint(decoder)
    const body = decoding.readVarUint8Array(decoder)
    if (kind === 0) return socket.deliver(frame((encoder) => syncProtocol.writeSyncStep2(encoder, this.doc, body)))
    this.received.push(body)
    this.#held.push(body)
    if (this.commits) this.commit()
  }

  /** Commits what is waiting; everybody, the author too, then gets it. */
  commit(): void {
    for (const update of this.#held.splice(0)) {
      Y.applyUpdate(this.doc, update)
      this.send(update)
    }
  }

  send(update: Uint8Array): void {
    for (const socket of this.sockets) socket.deliver(frame((encoder) => syncProtocol.writeUpdate(encoder, update)))
  }

  /** The words of the y-websocket dialect for "this was not taken"; the socket stays. */
  deny(reason: string): void {
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, 2)
    encoding.writeVarUint(encoder, 0)
    encoding.writeVarString(encoder, reason)
    for (const socket of this.sockets) socket.deliver(encoding.toUint8Array(encoder))
  }

  close(code: number, reason = ''): void {
    for (const socket of [...this.sockets]) socket.drop(code, reason)
  }
}

function frame(write: (encoder: encoding.Encoder) => void): Uint8Array {
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, 0)
  write(encoder)
  return encoding.toUint8Array(encoder)
}

class FakeSocket {
  readonly OPEN = 1
  readyState = 0
  binaryType = ''
  onopen: (() => void) | null = null
  onclose: ((event: { code: number; reason: string }) => void) | null = null
  onmessage: ((event: { data: ArrayBuffer }) => void) | null = null
  onerror: (() => void) | null = null

  constructor(
    private readonly server: FakeServer,
    readonly url: string,
  ) {
    queueMicrotask(() => server.accept(this))
  }

  open(): void {
    this.readyState = 1
    this.onopen?.()
  }

  deliver(data: Uint8Array): void {
    queueMicrotask(() => this.onmessage?.({ data: data.slice().buffer }))
  }

  drop(code: number, reason = ''): void {
    this.server.sockets.delete(this)
    this.readyState = 3
    this.onclose?.({ code, reason })
  }

  send(data: Uint8Array): void {
    if (this.readyState === 1) this.server.receive(this, data)
  }

  close(): void {
    this.server.sockets.delete(this)
    this.readyState = 3
  }
}
