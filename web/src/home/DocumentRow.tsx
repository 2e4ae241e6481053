import { ActionIcon, Button, Menu, Text } from '@mantine/core'
import { Ellipsis, FileText, Link2, Pencil, RotateCcw, Trash2, UserPlus } from 'lucide-react'
import { useState } from 'react'
import { Link } from 'wouter'
import { renameDocument, restoreDocument, trashDocument } from '../api/documents'
import type { DocumentInfo } from '../api/types'
import { ShareDialog } from '../share/ShareDialog'
import { copyLink } from '../share/copyLink'
import { complaint, notice } from '../shell/notice'
import { useUser } from '../shell/useAccount'
import { errorWords, useSpoken } from '../words'
import { ago, moment } from '../words/time'
import { useNow } from '../words/useNow'
import { RenameDialog } from './RenameDialog'
import type { DocumentList } from './useDocumentList'
import classes from './DocumentRow.module.css'

interface Props {
  document: DocumentInfo
  trash: boolean
  /** Missing while offline: then a row only opens. */
  list?: DocumentList
  unsent?: number
}

export function DocumentRow({ document, trash, list, unsent = 0 }: Props) {
  const { words, locale } = useSpoken()
  const now = useNow()
  const title = document.title || words.common.untitled
  return (
    <li className={classes.row}>
      <span className={classes.icon} aria-hidden>
        <FileText size={20} strokeWidth={1.6} />
      </span>
      <div className={classes.what}>
        {trash ? (
          <span className={classes.title}>{title}</span>
        ) : (
          <Link href={`/d/${document.id}`} className={classes.title} data-link>
            {title}
          </Link>
        )}
        <Text size="xs" c="dimmed" truncate>
          {trash && document.deleted_at ? words.home.deleted(ago(document.deleted_at, now, locale)) : <Edited document={document} />}
          {unsent > 0 && <span className={classes.unsent}> · {words.home.unsent(unsent)}</span>}
        </Text>
      </div>
      <Text size="xs" c="dimmed" className={classes.role} title={moment(document.updated_at, locale)}>
        {document.role !== 'owner' && words.roles[document.role]}
      </Text>
      {list && (trash ? <Restore document={document} list={list} /> : <Actions document={document} title={title} list={list} />)}
    </li>
  )
}

function Edited({ document }: { document: DocumentInfo }) {
  const { words, locale } = useSpoken()
  const now = useNow()
  const user = useUser()
  const owner = document.owner_id === user.id ? null : document.owner_name
  return (
    <>
      {words.home.edited(ago(document.updated_at, now, locale))}
      {owner && ` · ${owner}`}
    </>
  )
}

function Actions({ document, title, list }: { document: DocumentInfo; title: string; list: DocumentList }) {
  const { words } = useSpoken()
  const [dialog, setDialog] = useState<'rename' | 'share' | null>(null)
  const owns = document.role === 'owner'
  const mayRename = owns || document.role === 'editor'
  const close = () => setDialog(null)

  const trash = async () => {
    list.patch((documents) => documents.filter(({ id }) => id !== document.id))
    try {
      await trashDocument(document.id)
      const restore = () => void restoreDocument(document.id).then(list.reload)
      notice(words.home.moved(title), { label: words.home.undo, act: restore })
    } catch (error) {
      complaint(errorWords(words, error))
      list.reload()
    }
  }
  const rename = async (next: string) => {
    await renameDocument(document.id, next)
    list.patch((documents) => documents.map((each) => (each.id === document.id ? { ...each, title: next } : each)))
  }

  return (
    <>
      <Menu position="bottom-end" width={200}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={words.home.actions(title)} className={classes.more}>
            <Ellipsis size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {mayRename && (
            <Menu.Item leftSection={<Pencil size={16} aria-hidden />} onClick={() => setDialog('rename')}>
              {words.home.rename}
            </Menu.Item>
          )}
          <Menu.Item leftSection={<UserPlus size={16} aria-hidden />} onClick={() => setDialog('share')}>
            {words.home.share}
          </Menu.Item>
          <Menu.Item leftSection={<Link2 size={16} aria-hidden />} onClick={() => void copyLink(document.id, words.home.linkCopied)}>
            {words.home.copyLink}
          </Menu.Item>
          {owns && (
            <>
              <Menu.Divider />
              <Menu.Item leftSection={<Trash2 size={16} aria-hidden />} onClick={() => void trash()}>
                {words.home.moveToTrash}
              </Menu.Item>
            </>
          )}
        </Menu.Dropdown>
      </Menu>
      {dialog === 'rename' && <RenameDialog title={title} rename={rename} onClose={close} />}
      {dialog === 'share' && <ShareDialog id={document.id} title={title} manage={owns} onClose={close} />}
    </>
  )
}

function Restore({ document, list }: { document: DocumentInfo; list: DocumentList }) {
  const { words } = useSpoken()
  const restore = async () => {
    list.patch((documents) => documents.filter(({ id }) => id !== document.id))
    try {
      await restoreDocument(document.id)
      notice(words.home.restored(document.title || words.common.untitled))
    } catch (error) {
      complaint(errorWords(words, error))
      list.reload()
    }
  }
  return (
    <Button variant="default" size="xs" leftSection={<RotateCcw size={14} aria-hidden />} onClick={() => void restore()}>
      {words.home.restore}
    </Button>
  )
}
