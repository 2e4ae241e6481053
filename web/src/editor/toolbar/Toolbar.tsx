import { Menu, Toolbar as MantineToolbar } from '@mantine/core'
import type { Editor } from '@tiptap/react'
import {
  AlignCenter,
  AlignJustify,
  AlignLeft,
  AlignRight,
  Bold,
  Code,
  CodeXml,
  Ellipsis,
  Image,
  IndentDecrease,
  IndentIncrease,
  Italic,
  Link2,
  List,
  ListChecks,
  ListOrdered,
  MessageSquareText,
  Minus,
  PilcrowLeft,
  PilcrowRight,
  Plus,
  Redo2,
  RemoveFormatting,
  SeparatorHorizontal,
  Strikethrough,
  Subscript,
  Superscript,
  TextQuote,
  Underline,
  Undo2,
} from 'lucide-react'
import type { KeyboardEvent, ReactNode, Ref } from 'react'
import { CALLOUT_KINDS } from '../../schema/callout'
import type { CommandId } from '../../shell/commandTable'
import { useWords } from '../../words'
import { editorCommand, isEditorCommand, type EditorUi } from '../commands'
import { InkMenu, MarkerMenu } from './ColourMenu'
import { CommandItem, CommandMenu } from './CommandMenu'
import { TableTool } from './TableTool'
import { CommandButton, ToolButton } from './ToolButton'
import { useToolState, type ToolState } from './useToolState'
import classes from './Toolbar.module.css'

interface ToolbarProps {
  editor: Editor
  ui: EditorUi
  ref: Ref<HTMLDivElement>
}

/** Formatting. One stop for Tab; arrows move inside, Escape goes back to the text. */
export function Toolbar({ editor, ui, ref }: ToolbarProps) {
  const words = useWords()
  const state = useToolState(editor)
  const run = (id: CommandId) => {
    if (isEditorCommand(id)) editorCommand(id).run(editor, ui)
  }
  const back = (event: KeyboardEvent) => {
    if (event.key === 'Escape' && !event.defaultPrevented) editor.commands.focus()
  }
  const is = (id: CommandId) => state.active.has(id)
  return (
    <section aria-label={words.tools.toolbar} className={classes.bar}>
      <MantineToolbar unstyled ref={ref} aria-label={words.tools.toolbar} aria-controls="stet-text" className={classes.row} onKeyDown={back}>
        <Group>
          <CommandButton id="undo" icon={Undo2} run={run} off={!state.canUndo} />
          <CommandButton id="redo" icon={Redo2} run={run} off={!state.canRedo} />
        </Group>
        <Group>
          <BlockTypeMenu state={state} run={run} />
        </Group>
        <Group>
          <CommandButton id="bold" icon={Bold} run={run} active={is('bold')} />
          <CommandButton id="italic" icon={Italic} run={run} active={is('italic')} />
          <CommandButton id="underline" icon={Underline} run={run} active={is('underline')} />
          <CommandButton id="strike" icon={Strikethrough} run={run} active={is('strike')} />
          <CommandButton id="code" icon={Code} run={run} active={is('code')} />
          <InkMenu editor={editor} chosen={state.colour} />
          <MarkerMenu editor={editor} chosen={state.highlight} />
        </Group>
        <Group>
          <CommandButton id="bulletList" icon={List} run={run} active={is('bulletList')} />
          <CommandButton id="orderedList" icon={ListOrdered} run={run} active={is('orderedList')} />
          <CommandButton id="taskList" icon={ListChecks} run={run} active={is('taskList')} />
          <CommandButton id="outdent" icon={IndentDecrease} run={run} />
          <CommandButton id="indent" icon={IndentIncrease} run={run} />
          <AlignMenu state={state} run={run} />
        </Group>
        <Group>
          <CommandButton id="link" icon={Link2} run={run} active={is('link')} />
          <CommandButton id="image" icon={Image} run={run} />
          <TableTool editor={editor} state={state} run={run} />
          <InsertMenu editor={editor} run={run} />
        </Group>
        <Group>
          <MoreMenu run={run} />
        </Group>
      </MantineToolbar>
    </section>
  )
}

function Group({ children }: { children: ReactNode }) {
  return (
    <div role="group" className={classes.group}>
      {children}
    </div>
  )
}

interface MenuProps {
  state: ToolState
  run: (id: CommandId) => void
}

const BLOCKS = ['paragraph', 'heading1', 'heading2', 'heading3', 'heading4'] as const

function BlockTypeMenu({ state, run }: MenuProps) {
  const words = useWords()
  return (
    <CommandMenu
      target={
        <ToolButton label={words.tools.blockType} menu className={classes.block}>
          <span className={classes.blockName}>{words.commands[state.block]}</span>
        </ToolButton>
      }
    >
      {BLOCKS.map((id) => (
        <CommandItem key={id} id={id} run={(chosen) => chosen !== state.block && run(chosen)} chosen={state.block === id}>
          <span className={classes[id]}>{words.commands[id]}</span>
        </CommandItem>
      ))}
    </CommandMenu>
  )
}

const ALIGNMENTS = [
  ['alignLeft', AlignLeft],
  ['alignCenter', AlignCenter],
  ['alignRight', AlignRight],
  ['alignJustify', AlignJustify],
] as const

function AlignMenu({ state, run }: MenuProps) {
  const words = useWords()
  const [, icon] = ALIGNMENTS.find(([id]) => state.active.has(id)) ?? ALIGNMENTS[0]
  return (
    <CommandMenu target={<ToolButton label={words.tools.align} icon={icon} menu />} width={220}>
      {ALIGNMENTS.map(([id, each]) => (
        <CommandItem key={id} id={id} icon={each} run={run} />
      ))}
    </CommandMenu>
  )
}

function InsertMenu({ editor, run }: Pick<MenuProps, 'run'> & { editor: Editor }) {
  const words = useWords()
  return (
    <CommandMenu target={<ToolButton label={words.tools.insert} icon={Plus} menu />}>
      <CommandItem id="blockquote" icon={TextQuote} run={run} />
      <CommandItem id="codeBlock" icon={CodeXml} run={run} />
      <CommandItem id="divider" icon={Minus} run={run} />
      <CommandItem id="pageBreak" icon={SeparatorHorizontal} run={run} />
      <Menu.Divider />
      <Menu.Label>{words.commands.callout}</Menu.Label>
      {CALLOUT_KINDS.map((kind) => (
        <Menu.Item
          key={kind}
          leftSection={<MessageSquareText size={17} strokeWidth={1.9} aria-hidden data-kind={kind} className={classes.callout} />}
          onClick={() => editor.chain().focus().toggleCallout(kind).run()}
        >
          {words.callouts[kind]}
        </Menu.Item>
      ))}
    </CommandMenu>
  )
}

function MoreMenu({ run }: Pick<MenuProps, 'run'>) {
  const words = useWords()
  return (
    <CommandMenu target={<ToolButton label={words.tools.more} icon={Ellipsis} />}>
      <CommandItem id="subscript" icon={Subscript} run={run} />
      <CommandItem id="superscript" icon={Superscript} run={run} />
      <CommandItem id="clearFormat" icon={RemoveFormatting} run={run} />
      <Menu.Divider />
      <CommandItem id="ltr" icon={PilcrowRight} run={run} />
      <CommandItem id="rtl" icon={PilcrowLeft} run={run} />
    </CommandMenu>
  )
}
