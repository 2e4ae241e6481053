import { VisuallyHidden } from '@mantine/core'
import { useEffect, useRef, useState, type KeyboardEvent, type Ref } from 'react'
import { complaint } from '../shell/notice'
import { errorWords, useWords } from '../words'
import classes from './Title.module.css'

const TITLE_CHARS_MAX = 300

interface Props {
  title: string
  mayRename: boolean
  /** What a document without a title could be called. */
  suggest: () => string
  rename: (title: string) => Promise<void>
  /** Enter goes on into the text. */
  onDone: () => void
  ref: Ref<HTMLInputElement>
}

/** The title, changed in place: Enter or leaving keeps it, Escape brings the old one back. */
export function Title({ title, mayRename, suggest, rename, onDone, ref }: Props) {
  const words = useWords()
  const [typed, setTyped] = useState<string | null>(null)
  const given_up = useRef(false)
  const shown = typed ?? title
  useEffect(() => {
    document.title = title || words.common.untitled
  }, [title, words])

  const keep = async () => {
    const next = typed?.trim()
    setTyped(null)
    if (given_up.current || !next || next === title) return
    try {
      await rename(next)
    } catch (error) {
      complaint(errorWords(words, error))
    }
  }
  const onKey = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key !== 'Enter' && event.key !== 'Escape') return
    event.preventDefault()
    given_up.current = event.key === 'Escape'
    onDone()
  }

  if (!mayRename) return <h1 className={classes.fixed}>{shown || words.common.untitled}</h1>
  return (
    <span className={classes.title}>
      <VisuallyHidden component="h1">{shown || words.common.untitled}</VisuallyHidden>
      {/* Gives the field the width of its text. */}
      <span aria-hidden className={classes.size}>
        {shown || words.common.untitled}
      </span>
      <input
        ref={ref}
        className={classes.field}
        aria-label={words.document.title}
        placeholder={words.common.untitled}
        maxLength={TITLE_CHARS_MAX}
        value={shown}
        onFocus={(event) => {
          given_up.current = false
          if (title !== '') return
          const field = event.currentTarget
          setTyped(suggest())
          requestAnimationFrame(() => field.select())
        }}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onKeyDown={onKey}
        onBlur={() => void keep()}
      />
    </span>
  )
}
