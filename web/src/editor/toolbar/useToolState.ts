import { useEditorState, type Editor } from '@tiptap/react'
import type { CommandId } from '../../shell/commandTable'
import { EDITOR_COMMANDS, cellsSelected, editorCommand, type EditorCommandId } from '../commands'

const SHOWN_ACTIVE: readonly EditorCommandId[] = (Object.keys(EDITOR_COMMANDS) as EditorCommandId[]).filter(
  (id) => editorCommand(id).active !== undefined && id !== 'headerRow',
)

export interface ToolState {
  active: ReadonlySet<CommandId>
  canUndo: boolean
  canRedo: boolean
  inTable: boolean
  inHeaderRow: boolean
  cells: boolean
  colour: string | null
  highlight: string | null
  /** The name of the block that the caret is in. */
  block: 'paragraph' | 'heading1' | 'heading2' | 'heading3' | 'heading4' | 'codeBlock'
}

/** What the toolbar shows, read once per change of the editor. */
export function useToolState(editor: Editor): ToolState {
  return useEditorState({ editor, selector: ({ editor: current }) => read(current), equalityFn: same })
}

function read(editor: Editor): ToolState {
  const inTable = editor.isActive('table')
  const level = editor.getAttributes('heading').level as 1 | 2 | 3 | 4 | undefined
  return {
    active: new Set(SHOWN_ACTIVE.filter((id) => editorCommand(id).active?.(editor))),
    canUndo: editor.can().undo(),
    canRedo: editor.can().redo(),
    inTable,
    inHeaderRow: inTable && (editorCommand('headerRow').active?.(editor) ?? false),
    cells: inTable && cellsSelected(editor),
    colour: (editor.getAttributes('textStyle').color as string | undefined) ?? null,
    highlight: (editor.getAttributes('highlight').color as string | undefined) ?? null,
    block: editor.isActive('codeBlock') ? 'codeBlock' : editor.isActive('heading') && level ? `heading${level}` : 'paragraph',
  }
}

function same(a: ToolState, b: ToolState | null): boolean {
  if (b === null) return false
  if (a.active.size !== b.active.size || [...a.active].some((id) => !b.active.has(id))) return false
  return (Object.keys(a) as (keyof ToolState)[]).every((key) => key === 'active' || a[key] === b[key])
}
