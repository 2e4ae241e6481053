import { Extension } from '@tiptap/core'
import { Plugin } from '@tiptap/pm/state'
import { ySyncPluginKey } from '@tiptap/y-tiptap'
import type * as Y from 'yjs'

/**
 * Opening a document, or receiving somebody's edit, never writes.
 *
 * Yjs tidies superfluous formatting after a remote change by deleting it, and that deletion goes out as an update of
 * whoever happened to look. Nothing needs the tidying: the text reads the same without.
 * (`_needFormattingCleanup`, yjs 13.6 Transaction.js; decided between `afterTransaction` and the clean-up.)
 */
export function leaveRemoteFormatting(doc: Y.Doc): void {
  doc.on('afterTransaction', (transaction) => {
    if (!transaction.local) transaction._needFormattingCleanup = false
  })
}

/** The same rule in the editor: what plugins append to a remote change (links found, tables mended) is left out. */
export const QuietRemote = Extension.create({
  name: 'quietRemote',

  addProseMirrorPlugins() {
    return [
      new Plugin({
        filterTransaction(transaction) {
          const root = transaction.getMeta('appendedTransaction') as typeof transaction | undefined
          if (!transaction.docChanged || !root) return true
          const sync = root.getMeta(ySyncPluginKey) as { isChangeOrigin?: boolean } | undefined
          return sync?.isChangeOrigin !== true
        },
      }),
    ]
  },
})
