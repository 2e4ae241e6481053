import { Button, Skeleton } from '@mantine/core'
import type { Editor } from '@tiptap/core'
import { UserPlus } from 'lucide-react'
import { useEffect, useState, type ReactNode } from 'react'
import type { Role } from '../api/types'
import { Truth } from '../share/ShareDialog'
import { usePermissions } from '../share/usePermissions'
import { Face } from '../shell/Face'
import { nameOf } from '../shell/people'
import { useUser } from '../shell/useAccount'
import { useSpoken } from '../words'
import { moment } from '../words/time'
import type { KnownInfo } from './useDocumentInfo'
import type { PersonHere } from './usePeople'
import classes from './DetailsPanel.module.css'

const COUNT_MS = 500

interface Props {
  id: string
  people: PersonHere[]
  known: KnownInfo | null
  role: Role | null
  editor: Editor | null
  share: () => void
}

/** Who is here, who has access, and the plain facts. */
export function DetailsPanel({ id, people, known, role, editor, share }: Props) {
  const { words } = useSpoken()
  const user = useUser()
  return (
    <div className={classes.panel}>
      <Section title={words.document.hereNow}>
        <ul className={classes.people}>
          {people.map((person) => (
            <li key={person.id}>
              <Face id={person.id} name={person.name} color={person.color} size={26} idle={person.idle} />
              <span className={classes.name}>{person.name}</span>
              <span className={classes.side}>
                {person.id === user.id ? words.common.you : person.idle ? words.document.idle : ''}
              </span>
            </li>
          ))}
        </ul>
      </Section>
      <Section title={words.document.access}>
        <Access id={id} role={role} share={share} />
      </Section>
      <Section title={words.document.details}>
        <Details known={known} editor={editor} />
      </Section>
    </div>
  )
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={classes.section}>
      <h2 className={classes.title}>{title}</h2>
      {children}
    </section>
  )
}

function Access({ id, role, share }: Pick<Props, 'id' | 'role' | 'share'>) {
  const { words } = useSpoken()
  const { state } = usePermissions(id)
  if (state.kind === 'loading') return <Skeleton height={14} width="70%" />
  if (state.kind === 'failed') return <p className={classes.quiet}>{words.share.failed}</p>
  return (
    <>
      <p className={classes.quiet}>
        <Truth permissions={state.permissions} />
      </p>
      <ul className={classes.people}>
        {state.permissions.map((permission) => (
          <li key={permission.user.id}>
            <Face id={permission.user.id} name={nameOf(permission.user)} color={permission.user.color ?? null} size={26} />
            <span className={classes.name}>{nameOf(permission.user)}</span>
            <span className={classes.side}>{words.roles[permission.role]}</span>
          </li>
        ))}
      </ul>
      {role === 'owner' && (
        <Button variant="default" size="xs" mt={10} leftSection={<UserPlus size={15} aria-hidden />} onClick={share}>
          {words.share.add}
        </Button>
      )}
    </>
  )
}

function Details({ known, editor }: Pick<Props, 'known' | 'editor'>) {
  const { words, locale } = useSpoken()
  const count = useCount(editor)
  const number = new Intl.NumberFormat(locale)
  const facts: [string, string][] = [
    ...(known?.ownerName ? [[words.document.owner, known.ownerName] as [string, string]] : []),
    ...(known?.info
      ? ([
          [words.document.created, moment(known.info.created_at, locale)],
          [words.document.updated, moment(known.info.updated_at, locale)],
        ] as [string, string][])
      : []),
    [words.document.words, number.format(count.words)],
    [words.document.characters, number.format(count.characters)],
  ]
  return (
    <dl className={classes.facts}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function useCount(editor: Editor | null): { words: number; characters: number } {
  const [count, setCount] = useState({ words: 0, characters: 0 })
  useEffect(() => {
    if (!editor) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const read = () => {
      timer = undefined
      const text = editor.state.doc.textBetween(0, editor.state.doc.content.size, ' ', ' ')
      setCount({ words: text.split(/\s+/).filter(Boolean).length, characters: [...text.trim()].length })
    }
    const changed = () => {
      timer ??= setTimeout(read, COUNT_MS)
    }
    read()
    editor.on('update', changed)
    return () => {
      clearTimeout(timer)
      editor.off('update', changed)
    }
  }, [editor])
  return count
}
