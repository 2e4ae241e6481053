// The WebSocket a stock provider is given in the tests: the one of `ws`, with a tap on what arrives and a gate that can
// hold it back. Nothing is changed, dropped or reordered.
import WebSocket from 'ws'

/**
 * @typedef {object} Tap
 * @property {(frame: Uint8Array) => void} received called for each frame that goes on to the provider, before it does
 * @property {(frame: Uint8Array) => boolean} mayPass false keeps this frame, and all behind it, at the gate
 * @property {(code: number, reason: string) => void} closed
 */

/** Makes a WebSocket class for the provider's option `WebSocketPolyfill`. */
export const watchedSocket = (/** @type {Tap} */ tap) => class WatchedSocket {
  static CONNECTING = 0
  static OPEN = 1
  static CLOSING = 2
  static CLOSED = 3
  OPEN = 1
  onopen = null
  onmessage = null
  onclose = null
  onerror = null
  /** Frames that have arrived and wait at the gate. */
  held = []

  constructor (url, protocols) {
    this.url = url
    this.inner = new WebSocket(url, protocols, { perMessageDeflate: false })
    this.inner.binaryType = 'arraybuffer'
    this.inner.onopen = (event) => this.onopen?.(event)
    this.inner.onerror = (event) => this.onerror?.(event)
    this.inner.onclose = (event) => {
      tap.closed(event.code, event.reason)
      this.onclose?.(event)
    }
    this.inner.onmessage = (event) => {
      this.held.push(event)
      this.release()
    }
  }

  get readyState () { return this.inner.readyState }

  set binaryType (type) { this.inner.binaryType = type }

  /** Lets through what the gate allows by now; nothing once the provider has let go of this socket. */
  release () {
    while (this.held.length > 0 && this.onmessage !== null) {
      const frame = new Uint8Array(this.held[0].data)
      if (!tap.mayPass(frame)) return
      tap.received(frame)
      this.onmessage(this.held.shift())
    }
  }

  send (frame) { this.inner.send(frame) }

  close (...args) { this.inner.close(...args) }
}
