import { Menu } from '@mantine/core'
import type { LucideIcon } from 'lucide-react'
import type { ReactElement, ReactNode } from 'react'
import { keysOf, type CommandId } from '../../shell/commandTable'
import { ariaKeys, keyLabel } from '../../shell/keys'
import { MenuChoice } from '../../shell/MenuChoice'
import { useWords } from '../../words'
import classes from './CommandMenu.module.css'

interface CommandMenuProps {
  target: ReactElement
  children: ReactNode
  width?: number
  /** Given where something else than its lines closes the menu. */
  opened?: boolean
  onChange?: (opened: boolean) => void
}

export function CommandMenu({ target, children, width = 250, ...control }: CommandMenuProps) {
  return (
    <Menu width={width} returnFocus={false} {...control}>
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
  const label = children ?? words.commands[id]
  const hint = keys && <span className={classes.keys}>{keyLabel(keys)}</span>
  if (chosen !== undefined) {
    return (
      <MenuChoice value={id} chosen={chosen} choose={() => run(id)} rightSection={hint}>
        {label}
      </MenuChoice>
    )
  }
  return (
    <Menu.Item
      disabled={off}
      onClick={() => run(id)}
      leftSection={Icon && <Icon size={17} strokeWidth={1.9} aria-hidden />}
      rightSection={hint}
      aria-keyshortcuts={keys ? ariaKeys(keys) : undefined}
    >
      {label}
    </Menu.Item>
  )
}
