import type { Node, Schema } from '@tiptap/pm/model'
import * as Y from 'yjs'

/** Whether an editor with this schema can take the document as it is, and if not, why. */
export type Fit =
  | 'fits'
  /** It holds a node or a mark of a newer app. */
  | 'unknown'
  /** All names are known, but the parts do not fit together: a list without items, a table row outside a table. */
  | 'broken'

/**
 * Builds the document as y-tiptap would (`createNodeFromYElement`), which deletes from the Yjs document whatever makes
 * the schema throw. Here it only makes a word.
 */
export function fits(fragment: Y.XmlFragment, schema: Schema): Fit {
  const names = new Set<string>()
  collectNames(fragment, names)
  for (const name of names) if (!knows(schema, name)) return 'unknown'
  try {
    const blocks = fragment.toArray().map((child) => build(child as Y.XmlElement, schema))
    if (blocks.length > 0) schema.topNodeType.createChecked(null, blocks)
    return 'fits'
  } catch {
    return 'broken'
  }
}

/** Whether a transaction brings a node or a mark that the schema does not know. Cheap: looks only at what is new. */
export function bringsUnknown(transaction: Y.Transaction, schema: Schema): boolean {
  const store = transaction.doc.store
  for (const [client, after] of transaction.afterState) {
    const before = transaction.beforeState.get(client) ?? 0
    if (after === before) continue
    const structs = store.clients.get(client) ?? []
    for (let i = Y.findIndexSS(structs, before); i < structs.length; i += 1) {
      const name = nameOf(structs[i])
      if (name !== null && !knows(schema, name)) return true
    }
  }
  return false
}

function nameOf(struct: unknown): string | null {
  if (!(struct instanceof Y.Item) || struct.deleted) return null
  if (struct.content instanceof Y.ContentType && struct.content.type instanceof Y.XmlElement) {
    return struct.content.type.nodeName
  }
  return struct.content instanceof Y.ContentFormat ? markName(struct.content.key) : null
}

/** y-prosemirror appends a hash to marks that may overlap themselves: `name--ABCDEFGH`. */
function markName(key: string): string {
  return /^(.+)--[a-zA-Z0-9+/=]{8}$/.exec(key)?.[1] ?? key
}

function knows(schema: Schema, name: string): boolean {
  return name in schema.nodes || name in schema.marks
}

function collectNames(parent: Y.XmlFragment, names: Set<string>): void {
  for (const child of parent.toArray()) {
    if (child instanceof Y.XmlElement) {
      names.add(child.nodeName)
      collectNames(child, names)
    } else if (child instanceof Y.XmlText) {
      for (const piece of child.toDelta() as Piece[]) for (const key in piece.attributes) names.add(markName(key))
    }
  }
}

interface Piece {
  insert: string
  attributes?: Record<string, Record<string, unknown>>
}

function build(element: Y.XmlElement, schema: Schema): Node {
  const children = element.toArray().flatMap((child) => {
    if (child instanceof Y.XmlElement) return [build(child, schema)]
    return ((child as Y.XmlText).toDelta() as Piece[]).map((piece) => text(piece, schema))
  })
  return schema.node(element.nodeName, element.getAttributes(), children)
}

function text(piece: Piece, schema: Schema): Node {
  const marks = Object.entries(piece.attributes ?? {}).map(([key, attrs]) => schema.mark(markName(key), attrs))
  return schema.text(piece.insert, marks)
}
