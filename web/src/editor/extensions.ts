import type { AnyExtension } from '@tiptap/core'
import { Collaboration } from '@tiptap/extension-collaboration'
import { Placeholder } from '@tiptap/extensions'
import type * as Y from 'yjs'
import type { Awareness } from 'y-protocols/awareness'
import { FRAGMENT, schemaExtensions } from '../schema'
import { QuietRemote } from '../sync/quiet'
import { carets } from './carets'
import { CommandKeys } from './commandKeys'
import type { EditorUi } from './commands'

interface Parts {
  doc: Y.Doc
  awareness: Awareness
  me: { id: string; name: string; color: string }
  placeholder: string
  ui: EditorUi
  leave: () => void
  toolbar: () => void
  slash: AnyExtension
}

/** The editor: the schema, the shared document, the others' carets, and what keys do. */
export function editorExtensions({ doc, awareness, me, placeholder, ui, leave, toolbar, slash }: Parts): AnyExtension[] {
  return [
    ...schemaExtensions,
    Collaboration.configure({ document: doc, field: FRAGMENT }),
    carets(awareness, me),
    QuietRemote,
    Placeholder.configure({ placeholder, showOnlyWhenEditable: true }),
    CommandKeys.configure({ ui, leave, toolbar }),
    slash,
  ]
}
