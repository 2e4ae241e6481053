import type { ChainedCommands, Editor } from '@tiptap/core'
import { CellSelection, selectedRect } from '@tiptap/pm/tables'
import type { CommandId } from '../shell/commandTable'

/** What commands need of the page around the text. */
export interface EditorUi {
  openLink: () => void
  openImage: () => void
}

export interface EditorCommand {
  run: (editor: Editor, ui: EditorUi) => void
  /** Whether it is in force where the caret is. */
  active?: (editor: Editor) => boolean
  /** Whether it would do anything here. */
  can?: (editor: Editor) => boolean
}

type Step = (chain: ChainedCommands) => ChainedCommands

/** A step with the focus in the text, and possible where TipTap says so. */
const step = (steps: Step, active?: (editor: Editor) => boolean): EditorCommand => ({
  run: (editor) => steps(editor.chain().focus()).run(),
  can: (editor) => steps(editor.can().chain()).run(),
  ...(active ? { active } : {}),
})

const mark = (name: string, toggle: Step) => step(toggle, (editor) => editor.isActive(name))

const heading = (level: 1 | 2 | 3 | 4) =>
  step(
    (chain) => chain.toggleHeading({ level }),
    (editor) => editor.isActive('heading', { level }),
  )

const align = (where: 'left' | 'center' | 'right' | 'justify') =>
  step(
    (chain) => chain.setTextAlign(where),
    (editor) => editor.isActive({ textAlign: where }),
  )

/** What each command of the one table (`shell/commandTable.ts`) does to the text. */
export const EDITOR_COMMANDS = {
  undo: step((chain) => chain.undo()),
  redo: step((chain) => chain.redo()),

  bold: mark('bold', (chain) => chain.toggleBold()),
  italic: mark('italic', (chain) => chain.toggleItalic()),
  underline: mark('underline', (chain) => chain.toggleUnderline()),
  strike: mark('strike', (chain) => chain.toggleStrike()),
  code: mark('code', (chain) => chain.toggleCode()),
  subscript: mark('subscript', (chain) => chain.unsetSuperscript().toggleSubscript()),
  superscript: mark('superscript', (chain) => chain.unsetSubscript().toggleSuperscript()),
  highlightDefault: mark('highlight', (chain) => chain.toggleHighlight({ color: '#fef08a' })),
  clearFormat: step((chain) => chain.unsetAllMarks()),
  link: { run: (_, ui) => ui.openLink(), active: (editor) => editor.isActive('link') },

  paragraph: step(
    (chain) => chain.setParagraph(),
    (editor) => editor.isActive('paragraph'),
  ),
  heading1: heading(1),
  heading2: heading(2),
  heading3: heading(3),
  heading4: heading(4),
  blockquote: mark('blockquote', (chain) => chain.toggleBlockquote()),
  codeBlock: mark('codeBlock', (chain) => chain.toggleCodeBlock()),
  callout: mark('callout', (chain) => chain.toggleCallout('info')),

  alignLeft: align('left'),
  alignCenter: align('center'),
  alignRight: align('right'),
  alignJustify: align('justify'),
  ltr: step((chain) => chain.setDirection('ltr')),
  rtl: step((chain) => chain.setDirection('rtl')),

  orderedList: mark('orderedList', (chain) => chain.toggleOrderedList()),
  bulletList: mark('bulletList', (chain) => chain.toggleBulletList()),
  taskList: mark('taskList', (chain) => chain.toggleTaskList()),
  indent: step((chain) => chain.indent()),
  outdent: step((chain) => chain.outdent()),

  divider: step((chain) => chain.setHorizontalRule()),
  pageBreak: step((chain) => chain.setPageBreak()),
  image: { run: (_, ui) => ui.openImage() },
  table: step((chain) => chain.insertTable({ rows: 3, cols: 3, withHeaderRow: true })),

  rowAbove: step((chain) => chain.addRowBefore()),
  rowBelow: step((chain) => chain.addRowAfter()),
  columnBefore: step((chain) => chain.addColumnBefore()),
  columnAfter: step((chain) => chain.addColumnAfter()),
  deleteRow: step((chain) => chain.deleteRow()),
  deleteColumn: step((chain) => chain.deleteColumn()),
  headerRow: step((chain) => chain.toggleHeaderRow(), inHeaderRow),
  mergeCells: step((chain) => chain.mergeCells()),
  splitCell: step((chain) => chain.splitCell()),
  deleteTable: step((chain) => chain.deleteTable()),
} satisfies Partial<Record<CommandId, EditorCommand>>

export type EditorCommandId = keyof typeof EDITOR_COMMANDS

export function editorCommand(id: EditorCommandId): EditorCommand {
  return EDITOR_COMMANDS[id]
}

export function isEditorCommand(id: CommandId): id is EditorCommandId {
  return id in EDITOR_COMMANDS
}

function inHeaderRow(editor: Editor): boolean {
  if (!editor.isActive('table')) return false
  const { map, table } = selectedRect(editor.state)
  const first = map.map.slice(0, map.width)
  return first.every((at) => table.nodeAt(at)?.type.name === 'tableHeader')
}

/** Whether several cells are selected. */
export function cellsSelected(editor: Editor): boolean {
  return editor.state.selection instanceof CellSelection
}
