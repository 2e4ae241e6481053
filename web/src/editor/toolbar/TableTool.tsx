import { Menu, Popover, UnstyledButton } from '@mantine/core'
import type { Editor } from '@tiptap/react'
import { Check, Table as TableIcon } from 'lucide-react'
import { useRef, useState, type KeyboardEvent } from 'react'
import type { CommandId } from '../../shell/commandTable'
import { useWords } from '../../words'
import { CommandItem, CommandMenu } from './CommandMenu'
import { MARKERS } from './palette'
import { Swatches } from './Swatches'
import { ToolButton } from './ToolButton'
import type { ToolState } from './useToolState'
import classes from './TableTool.module.css'

const SIZE_MAX = 8

interface Props {
  editor: Editor
  state: ToolState
  run: (id: CommandId) => void
}

/** Outside a table it makes one of any small size; inside it holds what can be done to it. */
export function TableTool({ editor, state, run }: Props) {
  return state.inTable ? <TableActions editor={editor} state={state} run={run} /> : <NewTable editor={editor} />
}

function NewTable({ editor }: { editor: Editor }) {
  const words = useWords()
  const [opened, setOpened] = useState(false)
  const [[rows, columns], setSize] = useState([3, 3])
  const grid = useRef<HTMLDivElement>(null)
  const open = () => {
    setSize([3, 3])
    setOpened((now) => !now)
  }
  const insert = (r: number, c: number) => {
    setOpened(false)
    editor.chain().focus().insertTable({ rows: r, cols: c, withHeaderRow: true }).run()
  }
  const move = (event: KeyboardEvent) => {
    const steps: Record<string, [number, number]> = { ArrowRight: [0, 1], ArrowLeft: [0, -1], ArrowDown: [1, 0], ArrowUp: [-1, 0] }
    const step = steps[event.key]
    if (!step) return
    event.preventDefault()
    const next = [clamp(rows + step[0]), clamp(columns + step[1])] as const
    setSize([...next])
    grid.current?.querySelector<HTMLElement>(`[data-size="${next.join('x')}"]`)?.focus()
  }
  const sizes = Array.from({ length: SIZE_MAX * SIZE_MAX }, (_, at) => [Math.floor(at / SIZE_MAX) + 1, (at % SIZE_MAX) + 1] as const)
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus returnFocus position="bottom-start">
      <Popover.Target>
        <ToolButton label={words.commands.table} icon={TableIcon} menu onClick={open} />
      </Popover.Target>
      <Popover.Dropdown p={10}>
        <div ref={grid} role="group" aria-label={words.tools.table} className={classes.grid} onKeyDown={move}>
          {sizes.map(([r, c]) => (
            <UnstyledButton
              key={`${r}x${c}`}
              data-size={`${r}x${c}`}
              className={classes.cell}
              data-in={(r <= rows && c <= columns) || undefined}
              aria-label={words.tools.tableInsert(r, c)}
              tabIndex={r === rows && c === columns ? 0 : -1}
              data-autofocus={(r === 3 && c === 3) || undefined}
              onMouseEnter={() => setSize([r, c])}
              onClick={() => insert(r, c)}
            />
          ))}
        </div>
        <div className={classes.size} aria-hidden>
          {words.tools.tableSize(rows, columns)}
        </div>
      </Popover.Dropdown>
    </Popover>
  )
}

const clamp = (size: number) => Math.min(Math.max(size, 1), SIZE_MAX)

function TableActions({ editor, state, run }: Props) {
  const words = useWords()
  const [opened, setOpened] = useState(false)
  const fill = (colour: string | null) => {
    setOpened(false)
    editor.chain().focus().setCellAttribute('backgroundColor', colour).run()
  }
  return (
    <CommandMenu target={<ToolButton label={words.tools.table} icon={TableIcon} menu />} opened={opened} onChange={setOpened}>
      <CommandItem id="rowAbove" run={run} />
      <CommandItem id="rowBelow" run={run} />
      <CommandItem id="columnBefore" run={run} />
      <CommandItem id="columnAfter" run={run} />
      <Menu.Divider />
      <Menu.CheckboxItem checked={state.inHeaderRow} onChange={() => run('headerRow')} checkIcon={<Check size={16} aria-hidden />} closeMenuOnClick>
        {words.commands.headerRow}
      </Menu.CheckboxItem>
      <CommandItem id="mergeCells" run={run} off={!state.cells} />
      <CommandItem id="splitCell" run={run} />
      <Menu.Label>{words.tools.cellFill}</Menu.Label>
      <div className={classes.fills}>
        <Swatches label={words.tools.cellFill} noneLabel={words.tools.noFill} colours={MARKERS} chosen={null} kind="fill" choose={fill} />
      </div>
      <Menu.Divider />
      <CommandItem id="deleteRow" run={run} />
      <CommandItem id="deleteColumn" run={run} />
      <CommandItem id="deleteTable" run={run} />
    </CommandMenu>
  )
}
