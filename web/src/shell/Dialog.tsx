import { Modal, type ModalProps } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { useWords } from '../words'

/** A dialog that is there while it is rendered; when it goes, the focus returns to what opened it. */
export function Dialog({ returnFocus = true, ...props }: Omit<ModalProps, 'opened'>) {
  const words = useWords()
  useFocusBack(returnFocus)
  return <Modal opened returnFocus={false} closeButtonProps={{ 'aria-label': words.common.close }} {...props} />
}

function useFocusBack(enabled: boolean): void {
  const opener = useRef(openerOf(document.activeElement))
  useEffect(() => {
    const element = opener.current
    return () => {
      // After the focus trap has let go; the page may have moved on by then.
      requestAnimationFrame(() => {
        if (enabled && element?.isConnected && document.activeElement === document.body) element.focus()
      })
    }
  }, [enabled])
}

/** A line of a menu goes with its menu: then the menu's button. */
function openerOf(element: Element | null): HTMLElement | null {
  const menu = element?.closest('[role="menu"]')
  const target = menu ? document.querySelector(`[aria-controls="${CSS.escape(menu.id)}"]`) : element
  return target instanceof HTMLElement ? target : null
}
