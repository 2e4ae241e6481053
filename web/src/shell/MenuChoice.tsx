import { Menu } from '@mantine/core'
import { Check } from 'lucide-react'
import type { ReactNode } from 'react'

interface Props {
  /** What tells this choice from the others of its menu. */
  value: string
  chosen: boolean
  choose: () => void
  /** Whether the menu closes with the choice. */
  closes?: boolean
  rightSection?: ReactNode
  children: ReactNode
}

/** One of several choices in a menu, with a tick at the one that holds. */
export function MenuChoice({ value, chosen, choose, closes = true, rightSection, children }: Props) {
  return (
    <Menu.RadioItem
      value={value}
      checked={chosen}
      onChange={choose}
      closeMenuOnClick={closes}
      checkIcon={<Check size={16} aria-hidden />}
      rightSection={rightSection}
    >
      {children}
    </Menu.RadioItem>
  )
}
