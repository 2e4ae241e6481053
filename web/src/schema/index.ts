import { getSchema, type AnyExtension } from '@tiptap/core'
import { Image } from '@tiptap/extension-image'
import { Subscript } from '@tiptap/extension-subscript'
import { Superscript } from '@tiptap/extension-superscript'
import { TextAlign } from '@tiptap/extension-text-align'
import type { Schema } from '@tiptap/pm/model'
import { StarterKit } from '@tiptap/starter-kit'
import { Callout } from './callout'
import { colourExtensions } from './colour'
import { Dir } from './dir'
import { Indent } from './indent'
import { DocumentLink } from './link'
import { listExtensions } from './list'
import { Mention } from './mention'
import { PageBreak } from './pageBreak'
import { tableExtensions } from './table'

/**
 * The version of the list of nodes and marks below. It rises with every node, mark or attribute that an older tab would
 * not know: such a tab would delete what it does not know, so it opens the document read-only instead.
 */
export const SCHEMA_VERSION = 1

/** The root fragment of the Yjs document that holds the text. */
export const FRAGMENT = 'default'

/** Everything a document of schema version 1 can hold; no behaviour that writes on its own (no trailing node). */
export const schemaExtensions: AnyExtension[] = [
  StarterKit.configure({
    undoRedo: false,
    trailingNode: false,
    link: false,
    bulletList: false,
    orderedList: false,
    listItem: false,
    listKeymap: false,
    heading: { levels: [1, 2, 3, 4] },
    codeBlock: { enableTabIndentation: true, tabSize: 4 },
    dropcursor: { width: 2, color: 'var(--stet-accent)' },
  }),
  DocumentLink,
  Subscript,
  Superscript,
  ...colourExtensions,
  ...listExtensions,
  ...tableExtensions,
  Callout,
  PageBreak,
  Mention,
  Image.configure({ inline: false, allowBase64: false }),
  TextAlign.configure({ types: ['paragraph', 'heading'], alignments: ['left', 'center', 'right', 'justify'] }),
  Indent,
  Dir,
]

let built: Schema | undefined

/** The ProseMirror schema of this version, built once. */
export function documentSchema(): Schema {
  built ??= getSchema(schemaExtensions)
  return built
}
