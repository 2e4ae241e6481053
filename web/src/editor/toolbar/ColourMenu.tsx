import { Popover } from '@mantine/core'
import { Baseline, Highlighter } from 'lucide-react'
import { useState } from 'react'
import type { Editor } from '@tiptap/react'
import { keysOf } from '../../shell/commandTable'
import { useWords } from '../../words'
import { INKS, MARKERS } from './palette'
import { Swatches } from './Swatches'
import { ToolButton } from './ToolButton'

interface Props {
  editor: Editor
  chosen: string | null
}

export function InkMenu({ editor, chosen }: Props) {
  const words = useWords()
  const [opened, setOpened] = useState(false)
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus returnFocus position="bottom-start">
      <Popover.Target>
        <ToolButton label={words.tools.colour} icon={Baseline} menu onClick={() => setOpened((now) => !now)} />
      </Popover.Target>
      <Popover.Dropdown p={8}>
        <Swatches
          label={words.tools.colour}
          noneLabel={words.tools.noColour}
          colours={INKS}
          chosen={chosen}
          kind="ink"
          choose={(colour) => {
            setOpened(false)
            const chain = editor.chain().focus()
            if (colour) chain.setColor(colour).run()
            else chain.unsetColor().run()
          }}
        />
      </Popover.Dropdown>
    </Popover>
  )
}

export function MarkerMenu({ editor, chosen }: Props) {
  const words = useWords()
  const [opened, setOpened] = useState(false)
  return (
    <Popover opened={opened} onChange={setOpened} trapFocus returnFocus position="bottom-start">
      <Popover.Target>
        <ToolButton
          label={words.tools.highlight}
          icon={Highlighter}
          keys={keysOf('highlightDefault')[0]}
          menu
          onClick={() => setOpened((now) => !now)}
        />
      </Popover.Target>
      <Popover.Dropdown p={8}>
        <Swatches
          label={words.tools.highlight}
          noneLabel={words.tools.noHighlight}
          colours={MARKERS}
          chosen={chosen}
          kind="fill"
          choose={(color) => {
            setOpened(false)
            const chain = editor.chain().focus()
            if (color) chain.setHighlight({ color }).run()
            else chain.unsetHighlight().run()
          }}
        />
      </Popover.Dropdown>
    </Popover>
  )
}
