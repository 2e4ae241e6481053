import { Kbd, Toolbar, Tooltip } from '@mantine/core'
import { ChevronDown, type LucideIcon } from 'lucide-react'
import type { ComponentPropsWithRef, MouseEvent, ReactNode } from 'react'
import { keysOf, type CommandId } from '../../shell/commandTable'
import { ariaKeys, keyLabel } from '../../shell/keys'
import { useWords } from '../../words'
import classes from './ToolButton.module.css'

interface ToolButtonProps extends Omit<ComponentPropsWithRef<'button'>, 'children' | 'color'> {
  label: string
  icon?: LucideIcon
  /** Instead of an icon. */
  children?: ReactNode
  keys?: string | undefined
  /** Missing for buttons that are not switches. */
  active?: boolean
  off?: boolean
  /** Opens something: shows the small arrow. */
  menu?: boolean
}

/** The text keeps its focus and selection while the mouse presses a tool. */
const keepFocus = (event: MouseEvent) => event.preventDefault()

export function ToolButton({ label, icon: Icon, children, keys, active, off = false, menu = false, onClick, ...rest }: ToolButtonProps) {
  return (
    <Tooltip
      label={
        <span className={classes.tip}>
          {label}
          {keys && <Kbd className={classes.kbd}>{keyLabel(keys)}</Kbd>}
        </span>
      }
    >
      <Toolbar.Toggle
        {...rest}
        className={classes.tool}
        active={active as boolean}
        aria-label={label}
        aria-disabled={off || undefined}
        aria-keyshortcuts={keys ? ariaKeys(keys) : undefined}
        data-menu={menu || undefined}
        onMouseDown={keepFocus}
        onClick={(event: MouseEvent<HTMLButtonElement>) => {
          if (!off) onClick?.(event)
        }}
      >
        {Icon && <Icon size={17} strokeWidth={1.9} aria-hidden />}
        {children}
        {menu && <ChevronDown size={12} aria-hidden className={classes.arrow} />}
      </Toolbar.Toggle>
    </Tooltip>
  )
}

interface CommandButtonProps {
  id: CommandId
  icon: LucideIcon
  active?: boolean
  off?: boolean
  run: (id: CommandId) => void
}

/** A tool of the command table: its words and keys come from there. */
export function CommandButton({ id, icon, active, off, run }: CommandButtonProps) {
  const words = useWords()
  return (
    <ToolButton
      label={words.commands[id]}
      icon={icon}
      keys={keysOf(id)[0]}
      {...(active === undefined ? {} : { active })}
      {...(off === undefined ? {} : { off })}
      onClick={() => run(id)}
    />
  )
}
