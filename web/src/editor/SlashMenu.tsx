import {
  CodeXml,
  Heading1,
  Heading2,
  Heading3,
  Image,
  List,
  ListChecks,
  ListOrdered,
  MessageSquareText,
  Minus,
  SeparatorHorizontal,
  Table,
  TextQuote,
  type LucideIcon,
} from 'lucide-react'
import { useEffect, useRef, useSyncExternalStore } from 'react'
import { useWords } from '../words'
import { useAnchor } from './useAnchor'
import type { SlashBlock, SlashStore } from './slash'
import classes from './SlashMenu.module.css'

const ICONS: Partial<Record<SlashBlock, LucideIcon>> = {
  heading1: Heading1,
  heading2: Heading2,
  heading3: Heading3,
  bulletList: List,
  orderedList: ListOrdered,
  taskList: ListChecks,
  table: Table,
  image: Image,
  blockquote: TextQuote,
  codeBlock: CodeXml,
  divider: Minus,
  pageBreak: SeparatorHorizontal,
}

/** The "/" menu. The focus stays in the text, which names the chosen line as its active descendant. */
export function SlashMenu({ store, text }: { store: SlashStore; text: HTMLElement }) {
  const words = useWords()
  const state = useSyncExternalStore(store.subscribe, store.get)
  const list = useRef<HTMLDivElement>(null)
  const style = useAnchor(state?.place ?? null, list)
  const at = state?.at ?? -1
  const open = state !== null
  useEffect(() => {
    if (!open) return
    text.setAttribute('aria-controls', 'stet-slash')
    text.setAttribute('aria-activedescendant', `stet-slash-${at}`)
    list.current?.children[at]?.scrollIntoView({ block: 'nearest' })
    return () => {
      text.removeAttribute('aria-controls')
      text.removeAttribute('aria-activedescendant')
    }
  }, [open, at, text])
  if (!state) return null
  return (
    <div ref={list} id="stet-slash" role="listbox" tabIndex={0} aria-label={words.slash.label} className={classes.menu} style={style}>
      {state.items.length === 0 && <div className={classes.none}>{words.slash.none}</div>}
      {state.items.map((item, index) => {
        const Icon = ICONS[item.block] ?? MessageSquareText
        return (
          <div
            key={item.block}
            id={`stet-slash-${index}`}
            role="option"
            aria-selected={index === at}
            className={classes.item}
            onMouseDown={(event) => event.preventDefault()}
            onMouseMove={() => index !== at && store.set({ ...state, at: index })}
            onClick={() => state.choose(item)}
          >
            <Icon size={18} strokeWidth={1.8} aria-hidden />
            {item.label}
          </div>
        )
      })}
    </div>
  )
}
