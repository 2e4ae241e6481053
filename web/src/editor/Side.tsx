import { Drawer } from '@mantine/core'
import { useLocalStorage, useMediaQuery } from '@mantine/hooks'
import { useState, type ReactNode } from 'react'
import { useWords } from '../words'
import classes from './DocumentPage.module.css'

export interface SideState {
  /** Whether there is room beside the page; else it comes as a drawer. */
  wide: boolean
  open: boolean
  toggle: () => void
}

/** A side of the page: its place is remembered where there is room, and closed at first where there is none. */
export function useSide(name: string, room: string, openAtFirst: boolean): SideState {
  const wide = useMediaQuery(room, undefined, { getInitialValueInEffect: false }) ?? true
  const [kept, setKept] = useLocalStorage({ key: `stet:${name}`, defaultValue: openAtFirst, getInitialValueInEffect: false })
  const [drawer, setDrawer] = useState(false)
  return {
    wide,
    open: wide ? kept : drawer,
    toggle: () => (wide ? setKept((now) => !now) : setDrawer((now) => !now)),
  }
}

/** Beside the page where there is room, else a drawer over it. */
export function Side({ side, label, from, children }: { side: SideState; label: string; from: 'left' | 'right'; children: ReactNode }) {
  const words = useWords()
  if (side.wide) {
    if (!side.open) return null
    return (
      <aside aria-label={label} className={classes.side} data-from={from}>
        {children}
      </aside>
    )
  }
  return (
    <Drawer.Root opened={side.open} onClose={side.toggle} position={from} size={320} padding={0}>
      <Drawer.Overlay />
      <Drawer.Content className={classes.drawer}>
        <div className={classes.drawerHead}>
          <Drawer.Title>{label}</Drawer.Title>
          <Drawer.CloseButton aria-label={words.common.close} />
        </div>
        <Drawer.Body>{children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  )
}
