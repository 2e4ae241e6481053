import { Extension } from '@tiptap/core'
import { COMMANDS } from '../shell/commandTable'
import { editorCommand, isEditorCommand, type EditorUi } from './commands'

interface Options {
  ui: EditorUi
  /** Where the focus goes when the person leaves the text by keyboard; Tab goes on from there. */
  leave: () => void
  toolbar: () => void
}

/** Binds the keys of the one command table, so that the list of shortcuts is what the keyboard does. */
export const CommandKeys = Extension.create<Options>({
  name: 'commandKeys',
  // Before the bindings that extensions bring along, after the menus that open while typing.
  priority: 500,

  addOptions() {
    const nothing = () => undefined
    return { ui: { openLink: nothing, openImage: nothing }, leave: nothing, toolbar: nothing }
  },

  addKeyboardShortcuts() {
    const { ui, leave, toolbar } = this.options
    const keys: Record<string, () => boolean> = {
      Escape: () => {
        leave()
        return true
      },
      'Alt-F10': () => {
        toolbar()
        return true
      },
    }
    for (const { id, keys: combinations } of COMMANDS) {
      if (!isEditorCommand(id)) continue
      const command = editorCommand(id)
      for (const combination of combinations) {
        const tab = combination.endsWith('Tab')
        keys[combination] = () => {
          // In a table Tab goes from cell to cell; lists have their own.
          if (tab && (this.editor.isActive('table') || this.editor.isActive('codeBlock'))) return false
          if (tab) command.run(this.editor, ui)
          else if (command.can?.(this.editor) !== false) command.run(this.editor, ui)
          return true
        }
      }
    }
    return keys
  },
})
