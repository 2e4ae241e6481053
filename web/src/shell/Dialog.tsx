import { Modal, type ModalRootProps } from '@mantine/core'
import { useEffect, useRef, type ReactNode } from 'react'
import { useWords } from '../words'
import classes from './Dialog.module.css'

interface Props extends Omit<ModalRootProps, 'opened' | 'title'> {
  title: string
  children: ReactNode
}

/** A dialog that is there while it is rendered; when it goes, the focus returns to what opened it. */
export function Dialog({ title, children, returnFocus = true, ...props }: Props) {
  const words = useWords()
  useFocusBack(returnFocus)
  return (
    <Modal.Root opened returnFocus={false} {...props}>
      <Modal.Overlay />
      <Modal.Content>
        {/* Not Modal.Header: a second page header, for those who go by landmarks. */}
        <div className={classes.head}>
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label={words.common.close} />
        </div>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  )
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
