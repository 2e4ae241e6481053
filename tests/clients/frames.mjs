// Reading the frames of the y-websocket dialect, as far as the tests need it.
import * as decoding from 'lib0/decoding'

/** The update bytes of a SyncStep2 or Update frame, else null. */
export const updateOf = (/** @type {Uint8Array} */ frame) => {
  const decoder = decoding.createDecoder(frame)
  if (decoding.readVarUint(decoder) !== 0) return null
  const step = decoding.readVarUint(decoder)
  return step === 1 || step === 2 ? decoding.readVarUint8Array(decoder) : null
}

/** True for a frame that carries one live update (sub-type 2). */
export const isLiveUpdate = (/** @type {Uint8Array} */ frame) => frame[0] === 0 && frame[1] === 2
