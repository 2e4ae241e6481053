import type { AnyExtension } from '@tiptap/core'
import { Collaboration } from '@tiptap/extension-collaboration'
import { Placeholder } from '@tiptap/extensions'
import type { Node } from '@tiptap/pm/model'
import type * as Y from 'yjs'
import type { Awareness } from 'y-protocols/awareness'
import { FRAGMENT, schemaExtensions } from '../schema'
import type { Words } from '../words/en'
import { QuietRemote } from '../sync/quiet'
import { carets } from './carets'
import { CommandKeys } from './commandKeys'
import type { EditorUi } from './commands'

interface Parts {
  doc: Y.Doc
  awareness: Awareness
  me: { id: string; name: string; color: string }
  words: Words
  ui: EditorUi
  leave: () => void
  toolbar: () => void
  slash: AnyExtension
}

/** The editor: the schema, the shared document, the others' carets, and what keys do. */
export function editorExtensions({ doc, awareness, me, words, ui, leave, toolbar, slash }: Parts): AnyExtension[] {
  const taskLabel = { a11y: { checkboxLabel: (item: Node) => words.document.task(item.firstChild?.textContent ?? '') } }
  return [
    ...schemaExtensions.map((each) => (each.name === 'taskItem' ? each.configure(taskLabel) : each)),
    Collaboration.configure({ document: doc, field: FRAGMENT }),
    carets(awareness, me),
    QuietRemote,
    Placeholder.configure({ placeholder: words.document.placeholder, showOnlyWhenEditable: true }),
    CommandKeys.configure({ ui, leave, toolbar }),
    slash,
  ]
}
