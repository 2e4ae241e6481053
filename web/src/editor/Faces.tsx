import { Tooltip, UnstyledButton } from '@mantine/core'
import { useEffect, useRef } from 'react'
import { announce } from '../shell/announce'
import { Face } from '../shell/Face'
import { useWords } from '../words'
import type { PersonHere } from './usePeople'
import classes from './Faces.module.css'

const FACES_MAX = 4
/** Somebody whose page reloads leaves and joins in a moment; that is not news. */
const NEWS_MS = 3_000

interface Props {
  people: PersonHere[]
  me: string
  open: () => void
}

/** The others who are here; a click shows all of them. */
export function Faces({ people, me, open }: Props) {
  const words = useWords()
  const others = people.filter(({ id }) => id !== me)
  useNews(others)
  if (others.length === 0) return null
  const shown = others.slice(0, others.length > FACES_MAX ? FACES_MAX - 1 : FACES_MAX)
  const names = others.map(({ name }) => name).join(', ')
  return (
    <Tooltip label={names} multiline maw={260}>
      <UnstyledButton className={classes.faces} onClick={open} aria-label={`${words.document.here(people.length)}: ${names}`}>
        {shown.map((person) => (
          <span key={person.id} className={classes.ring}>
            <Face id={person.id} name={person.name} color={person.color} size={28} idle={person.idle} />
          </span>
        ))}
        {others.length > shown.length && <span className={classes.more}>{`+${others.length - shown.length}`}</span>}
      </UnstyledButton>
    </Tooltip>
  )
}

function useNews(others: PersonHere[]): void {
  const words = useWords()
  const known = useRef<Map<string, string> | null>(null)
  useEffect(() => {
    const timer = setTimeout(() => {
      const now = new Map(others.map(({ id, name }) => [id, name]))
      const before = known.current
      known.current = now
      if (!before) return
      const joined = [...now].filter(([id]) => !before.has(id)).map(([, name]) => words.document.joined(name))
      const left = [...before].filter(([id]) => !now.has(id)).map(([, name]) => words.document.left(name))
      if (joined.length + left.length > 0) announce([...joined, ...left].join('. '))
    }, NEWS_MS)
    return () => clearTimeout(timer)
  }, [others, words])
}
