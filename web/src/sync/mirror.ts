import * as Y from 'yjs'

/**
 * A copy of `source` that follows it and from which nothing flows back. Readers and tabs with an older schema look at
 * a mirror: y-tiptap deletes what it cannot show, and here such a deletion reaches neither the server nor the device.
 */
export function mirror(source: Y.Doc): Y.Doc {
  const copy = new Y.Doc({ gc: source.gc })
  Y.applyUpdate(copy, Y.encodeStateAsUpdate(source), source)
  // The carets of others are those with another client id; set after the state, which may hold structs of ours.
  copy.clientID = source.clientID
  const follow = (update: Uint8Array) => Y.applyUpdate(copy, update, source)
  source.on('update', follow)
  copy.on('destroy', () => source.off('update', follow))
  return copy
}
