import { Button, Skeleton, Text } from '@mantine/core'
import { CloudOff, FileText, FolderOpen, SearchX, Trash2, Users } from 'lucide-react'
import type { ReactNode } from 'react'
import type { DocumentInfo, View } from '../api/types'
import { useUser } from '../shell/useAccount'
import { useLate } from '../shell/useLate'
import { listCopies } from '../sync/copies'
import { errorWords, useWords } from '../words'
import { DocumentRow } from './DocumentRow'
import type { DocumentList } from './useDocumentList'
import classes from './DocumentListView.module.css'

interface Props {
  view: View
  query: string
  list: DocumentList
  create: () => void
}

export function DocumentListView({ view, query, list, create }: Props) {
  const words = useWords()
  const { state } = list
  const late = useLate(state.kind === 'loading')
  if (state.kind === 'loading') return late ? <Placeholders /> : <div className={classes.reserve} />
  if (state.kind === 'offline') return <OnThisDevice reload={list.reload} />
  if (state.kind === 'failed') {
    return (
      <Empty icon={<CloudOff />} title={words.home.failed} text={errorWords(words, state.error)}>
        <Button variant="default" onClick={list.reload}>
          {words.common.tryAgain}
        </Button>
      </Empty>
    )
  }
  if (state.documents.length === 0) return <NothingHere view={view} query={query} create={create} />
  return (
    <ul className={classes.list} aria-label={words.home.listLabel}>
      {state.documents.map((document) => (
        <DocumentRow key={document.id} document={document} trash={view === 'trash'} list={list} />
      ))}
    </ul>
  )
}

const ICONS: Record<View, ReactNode> = { recent: <FileText />, mine: <FolderOpen />, shared: <Users />, trash: <Trash2 /> }

function NothingHere({ view, query, create }: Pick<Props, 'view' | 'query' | 'create'>) {
  const words = useWords()
  if (query !== '') return <Empty icon={<SearchX />} title={words.home.notFound(query)} text="" />
  const [title, text] = words.home.empty[view]
  return (
    <Empty icon={ICONS[view]} title={title} text={text}>
      {(view === 'recent' || view === 'mine') && (
        <Button variant="light" onClick={create}>
          {words.home.create}
        </Button>
      )}
    </Empty>
  )
}

function Empty({ icon, title, text, children }: { icon: ReactNode; title: string; text: string; children?: ReactNode }) {
  return (
    <div className={classes.empty}>
      <span className={classes.emptyIcon} aria-hidden>
        {icon}
      </span>
      <Text fw={600}>{title}</Text>
      {text && (
        <Text size="sm" c="dimmed" mb={8}>
          {text}
        </Text>
      )}
      {children}
    </div>
  )
}

/** Without the server: what this device keeps can still be opened. */
function OnThisDevice({ reload }: { reload: () => void }) {
  const words = useWords()
  const user = useUser()
  const copies = Object.entries(listCopies(user.id))
    .filter(([, copy]) => copy.complete || copy.changes > 0)
    .sort(([, a], [, b]) => b.openedAt - a.openedAt)
  const retry = (
    <Button variant="default" size="xs" onClick={reload}>
      {words.common.tryAgain}
    </Button>
  )
  if (copies.length === 0) {
    return (
      <Empty icon={<CloudOff />} title={words.home.offlineEmpty} text="">
        {retry}
      </Empty>
    )
  }
  return (
    <>
      <div className={classes.notice} role="status">
        <CloudOff size={16} aria-hidden />
        <span>{words.home.offline}</span>
        {retry}
      </div>
      <ul className={classes.list} aria-label={words.home.listLabel}>
        {copies.map(([id, copy]) => {
          const opened = new Date(copy.openedAt).toISOString()
          const document: DocumentInfo = {
            id,
            title: copy.title,
            owner_id: '',
            owner_name: copy.ownerName,
            role: copy.role,
            created_at: opened,
            updated_at: opened,
            seq: 0,
          }
          return <DocumentRow key={id} document={document} trash={false} unsent={copy.changes} />
        })}
      </ul>
    </>
  )
}

function Placeholders() {
  return (
    <div aria-hidden className={classes.list}>
      {[220, 300, 180, 260, 240].map((width) => (
        <div key={width} className={classes.placeholder}>
          <Skeleton width={20} height={24} radius="sm" />
          <div>
            <Skeleton width={width} height={14} mb={8} />
            <Skeleton width={150} height={11} />
          </div>
        </div>
      ))}
    </div>
  )
}
