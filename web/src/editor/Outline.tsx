import type { Editor } from '@tiptap/core'
import { useEffect, useState, type RefObject } from 'react'
import { useWords } from '../words'
import type { Heading } from './useOutline'
import classes from './Outline.module.css'

/** A heading counts as being read when it is this close to the top. */
const READING_PX = 120

interface Props {
  editor: Editor
  headings: Heading[]
  scroller: RefObject<HTMLElement | null>
  onGo?: () => void
}

export function Outline({ editor, headings, scroller, onGo }: Props) {
  const words = useWords()
  const current = useCurrent(editor, headings, scroller)
  const top = Math.min(...headings.map(({ level }) => level))
  const go = ({ position }: Heading) => {
    onGo?.()
    const element = editor.view.nodeDOM(position)
    if (element instanceof HTMLElement) element.scrollIntoView({ block: 'start' })
    editor
      .chain()
      .setTextSelection(position + 1)
      .focus(null, { scrollIntoView: false })
      .run()
  }
  return (
    <nav aria-label={words.document.outline} className={classes.outline}>
      {!onGo && <h2 className={classes.title}>{words.document.outline}</h2>}
      {headings.length === 0 && <p className={classes.empty}>{words.document.outlineEmpty}</p>}
      <ul className={classes.list}>
        {headings.map((heading, index) => (
          <li key={`${heading.position}`}>
            <button
              type="button"
              className={classes.item}
              style={{ paddingLeft: 10 + (heading.level - top) * 14 }}
              aria-current={index === current ? 'location' : undefined}
              data-level={heading.level - top}
              onClick={() => go(heading)}
            >
              {heading.text}
            </button>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function useCurrent(editor: Editor, headings: Heading[], scroller: RefObject<HTMLElement | null>): number {
  const [current, setCurrent] = useState(0)
  useEffect(() => {
    const element = scroller.current
    if (!element) return
    let frame = 0
    const look = () => {
      frame = 0
      const edge = element.getBoundingClientRect().top + READING_PX
      const passed = headings.filter(({ position }) => {
        const heading = editor.view.nodeDOM(position)
        return heading instanceof HTMLElement && heading.getBoundingClientRect().top <= edge
      })
      setCurrent(Math.max(passed.length - 1, 0))
    }
    const onScroll = () => {
      frame ||= requestAnimationFrame(look)
    }
    look()
    element.addEventListener('scroll', onScroll, { passive: true })
    return () => {
      cancelAnimationFrame(frame)
      element.removeEventListener('scroll', onScroll)
    }
  }, [editor, headings, scroller])
  return current
}
