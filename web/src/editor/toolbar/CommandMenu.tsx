import { Menu } from '@mantine/core'
import { Check, type LucideIcon } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import { keysOf, type CommandId } from '../../shell/commandTable'
import { ariaKeys, keyLabel } from '../../shell/keys'
import { useWords } from '../../words'
import classes from './CommandMenu.module.css'

interface CommandMenuProps {
  target: ReactElement
  children: ReactNode
  width?: number
}

export function CommandMenu({ target, children, width = 250 }: CommandMenuProps) {
  return (
    <Menu width={width} returnFocus={false}>
      <Menu.Target>{target}</Menu.Target>
      <Menu.Dropdown className={classes.dropdown}>{children}</Menu.Dropdown>
    </Menu>
  )
}

interface CommandItemProps {
  id: CommandId
  run: (id: CommandId) => void
  icon?: LucideIcon
  /** Given: one of several choices, and whether it is the one. */
  chosen?: boolean
  off?: boolean
  /** Instead of the command's own words, shown in its own style. */
  children?: ReactNode
}

export function CommandItem({ id, run, icon: Icon, chosen, off = false, children }: CommandItemProps) {
  const words = useWords()
  const [keys] = keysOf(id)
  const choice = chosen === undefined ? {} : ({ role: 'menuitemradio', 'aria-checked': chosen } as const)
  const mark = chosen === undefined ? undefined : <Check size={16} aria-hidden style={{ visibility: chosen ? 'visible' : 'hidden' }} />
  return (
    <Menu.Item
      {...choice}
      disabled={off}
      onClick={() => run(id)}
      leftSection={Icon ? <Icon size={17} strokeWidth={1.9} aria-hidden /> : mark}
      rightSection={keys && <span className={classes.keys}>{keyLabel(keys)}</span>}
      aria-keyshortcuts={keys ? ariaKeys(keys) : undefined}
    >
      {children ?? words.commands[id]}
    </Menu.Item>
  )
}
