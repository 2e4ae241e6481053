import { Button, Group, Text } from '@mantine/core'
import type { Editor } from '@tiptap/core'
import { Eye, TriangleAlert } from 'lucide-react'
import { useState, type ReactNode } from 'react'
import { useLocation } from 'wouter'
import { dropCopy } from '../sync/copies'
import type { DocumentSession, SessionState } from '../sync/session'
import { Dialog } from '../shell/Dialog'
import { useUser } from '../shell/useAccount'
import { refusalWords, useWords } from '../words'
import { saveCopy } from './download'
import classes from './Banner.module.css'

interface Props {
  id: string
  title: string
  session: DocumentSession
  state: SessionState
  editor: Editor | null
}

/** What stands between the person and editing, with the ways out. Nothing while all is well. */
export function Banner(props: Props) {
  const { save, stage } = props.state
  if (stage.kind === 'open' && save.kind === 'reading' && stage.reading && STOPPED.has(stage.reading)) {
    return <Refusal {...props} reason={stage.reading} changes={0} kept />
  }
  if (save.kind === 'refused') return <Refusal {...props} reason={save.reason} changes={save.changes} kept={save.kept} />
  if (stage.kind === 'open' && (stage.reading === 'newer' || stage.reading === 'broken')) return <ReadOnly {...props} why={stage.reading} />
  return null
}

function ReadOnly({ session, why }: Props & { why: 'newer' | 'broken' }) {
  const words = useWords()
  return (
    <Strip kind="quiet" title={words.reading[why]}>
      {why === 'newer' ? (
        <Button size="xs" onClick={() => location.reload()}>
          {words.common.reload}
        </Button>
      ) : (
        <Button size="xs" onClick={session.editBroken}>
          {words.reading.editBroken}
        </Button>
      )}
    </Strip>
  )
}

/** Reasons that end with this person's latest change; undoing it helps. */
const UNDO_HELPS = new Set(['refused_update', 'frame_too_large', 'document_too_large'])
const ENDED = new Set(['forbidden', 'not_found'])
const STOPPED = new Set<string>([...ENDED, 'signed_out'])

function Refusal({ id, title, session, editor, reason, changes, kept }: Props & { reason: string; changes: number; kept: boolean }) {
  const words = useWords()
  const user = useUser()
  const [, navigate] = useLocation()
  const [asking, setAsking] = useState(false)
  const [head, text] = refusalWords(words, reason, kept)
  const ended = ENDED.has(reason)
  const signedOut = reason === 'signed_out'
  const undo = () => {
    editor?.commands.undo()
    session.tryAgain()
  }
  const loadAfresh = () => {
    session.destroy()
    dropCopy(user.id, id)
    location.reload()
  }
  return (
    <Strip kind="alert" title={head} text={ended && changes > 0 ? `${text} ${words.refusalActions.unsent(changes)}` : text}>
      {!ended && !signedOut && (UNDO_HELPS.has(reason) || !words.refusals[reason]) && (
        <Button size="xs" onClick={undo} disabled={!editor?.can().undo()}>
          {words.refusalActions.undo}
        </Button>
      )}
      {editor && (changes > 0 || !ended) && (
        <Button size="xs" variant="default" onClick={() => saveCopy(editor, title)}>
          {words.refusalActions.download}
        </Button>
      )}
      {!ended && !signedOut && (
        <Button size="xs" variant="default" onClick={() => setAsking(true)}>
          {words.refusalActions.reload}
        </Button>
      )}
      {signedOut && (
        <Button size="xs" onClick={() => location.reload()}>
          {words.refusalActions.signIn}
        </Button>
      )}
      {ended && (
        <Button size="xs" variant="default" onClick={() => navigate('/')}>
          {words.refusalActions.home}
        </Button>
      )}
      {asking && (
        <Dialog onClose={() => setAsking(false)} title={words.refusalActions.reloadTitle}>
          <Text size="sm">{words.refusalActions.reloadText}</Text>
          <Group justify="flex-end" mt="lg">
            <Button variant="default" onClick={() => setAsking(false)} data-autofocus>
              {words.common.cancel}
            </Button>
            <Button color="red" onClick={loadAfresh}>
              {words.refusalActions.reload}
            </Button>
          </Group>
        </Dialog>
      )}
    </Strip>
  )
}

function Strip({ kind, title, text = '', children }: { kind: 'quiet' | 'alert'; title: string; text?: string; children: ReactNode }) {
  const Icon = kind === 'alert' ? TriangleAlert : Eye
  return (
    <div role={kind === 'alert' ? 'alert' : 'status'} className={classes.strip} data-kind={kind}>
      <Icon size={18} aria-hidden className={classes.icon} />
      <div className={classes.words}>
        <strong>{title}</strong>
        {text && <span>{text}</span>}
      </div>
      <div className={classes.actions}>{children}</div>
    </div>
  )
}
