import { Button, Skeleton } from '@mantine/core'
import type { Editor } from '@tiptap/core'
import { useEffect, useRef, useState, type ReactNode, type RefObject } from 'react'
import { account } from '../api/account'
import { ShareDialog } from '../share/ShareDialog'
import { keysOf, type CommandId } from '../shell/commandTable'
import { pressed } from '../shell/keys'
import { MessagePage } from '../shell/MessagePage'
import { complaint } from '../shell/notice'
import { useUser } from '../shell/useAccount'
import { useLate } from '../shell/useLate'
import type { Missing as Why } from '../sync/session'
import { useWords } from '../words'
import { Banner } from './Banner'
import { DetailsPanel } from './DetailsPanel'
import { EditorPane } from './EditorPane'
import { Outline } from './Outline'
import { Side, useSide, type SideState } from './Side'
import { TopBar } from './TopBar'
import { useDocumentInfo } from './useDocumentInfo'
import { useDocumentSession } from './useDocumentSession'
import { useOutline } from './useOutline'
import { usePeople } from './usePeople'
import classes from './DocumentPage.module.css'

export default function DocumentPage({ id }: { id: string }) {
  const words = useWords()
  const user = useUser()
  const { session, state } = useDocumentSession(id, user)
  const { known, rename } = useDocumentInfo(id, user.id)
  const people = usePeople(session?.awareness ?? null)
  const [editor, setEditor] = useState<Editor | null>(null)
  const headings = useOutline(editor)
  const scroller = useRef<HTMLDivElement>(null)
  const title = useRef<HTMLInputElement>(null)
  const [sharing, setSharing] = useState(false)
  const outline = useSide('outline', '(min-width: 1160px)', true)
  const panel = useSide('panel', '(min-width: 1024px)', false)
  useWarning(state.save.kind === 'offline' && state.save.changes > 0 && !state.save.kept)
  useLostNotice(state.lost)
  useKeys({
    rename: () => title.current?.select(),
    outline: outline.toggle,
    people: panel.toggle,
    share: () => setSharing(true),
  })

  const { stage, role, save } = state
  if (stage.kind === 'missing') return <Missing why={stage.why} again={session?.tryAgain} />
  const shownTitle = known?.title ?? ''
  const outlineView = editor && <Outline editor={editor} headings={headings} scroller={scroller} onGo={outline.wide ? undefined : outline.toggle} />
  const panelView = <DetailsPanel id={id} people={people} known={known} role={role} editor={editor} share={() => setSharing(true)} />
  const frame = (toolbar: ReactNode, page: ReactNode) => (
    <>
      {toolbar ?? (stage.kind === 'opening' && <div className={classes.toolbarRoom} />)}
      {session && <Banner id={id} title={shownTitle} session={session} state={state} editor={editor} />}
      <Body scroller={scroller} left={[outline, outlineView]} right={[panel, panelView]} page={page} />
    </>
  )

  return (
    <div className={classes.page}>
      <SkipLink editor={editor} />
      <TopBar
        id={id}
        title={shownTitle}
        rename={rename}
        role={known ? role : null}
        save={save}
        people={people}
        editor={editor}
        titleRef={title}
        outlineOpen={outline.open}
        toggleOutline={outline.toggle}
        panelOpen={panel.open}
        togglePanel={panel.toggle}
        share={() => setSharing(true)}
      />
      {session && stage.kind === 'open' ? (
        <EditorPane
          key={stage.reading === null ? 'edit' : 'read'}
          session={session}
          doc={stage.doc}
          editable={stage.reading === null}
          scroller={scroller}
          toolbarSlot={frame}
          onEditor={setEditor}
        />
      ) : (
        frame(null, <Opening />)
      )}
      {sharing && <ShareDialog id={id} title={shownTitle || words.common.untitled} manage={role === 'owner'} onClose={() => setSharing(false)} />}
    </div>
  )
}

function SkipLink({ editor }: { editor: Editor | null }) {
  const words = useWords()
  return (
    <a href="#stet-text" className={classes.skip} onClick={() => editor?.commands.focus()}>
      {words.common.skip}
    </a>
  )
}

interface BodyProps {
  scroller: RefObject<HTMLDivElement | null>
  left: [SideState, ReactNode]
  right: [SideState, ReactNode]
  page: ReactNode
}

/** The page between its two sides. */
function Body({ scroller, left: [outline, outlineView], right: [panel, panelView], page }: BodyProps) {
  const words = useWords()
  return (
    <div className={classes.body}>
      <Side side={outline} label={words.document.outline} from="left">
        {outlineView}
      </Side>
      <main ref={scroller} className={classes.scroller}>
        {page}
      </main>
      <Side side={panel} label={words.document.panel} from="right">
        {panelView}
      </Side>
    </div>
  )
}

function Opening() {
  const words = useWords()
  const late = useLate(true)
  return (
    <div className={classes.opening} role="status" aria-label={words.document.loadingText}>
      {late && (
        <>
          <Skeleton height={30} width="46%" mb={32} />
          {[94, 100, 88, 97, 62].map((width) => (
            <Skeleton key={width} height={13} width={`${width}%`} mb={16} />
          ))}
        </>
      )}
    </div>
  )
}

/** Reasons that the person can do nothing about here. */
const ENDED = new Set<Why>(['forbidden', 'not_found', 'signed_out'])

function Missing({ why, again }: { why: Why; again?: (() => void) | undefined }) {
  const words = useWords()
  const [title, text] = words.missing[why]
  return (
    <MessagePage title={title} text={text}>
      {!ENDED.has(why) && <Button onClick={again}>{words.common.tryAgain}</Button>}
      {why === 'signed_out' && <Button onClick={() => void account.signOut()}>{words.account.signIn}</Button>}
    </MessagePage>
  )
}

/** Asks before a tab closes that alone holds changes. */
function useWarning(needed: boolean): void {
  useEffect(() => {
    if (!needed) return
    const warn = (event: BeforeUnloadEvent) => event.preventDefault()
    window.addEventListener('beforeunload', warn)
    return () => window.removeEventListener('beforeunload', warn)
  }, [needed])
}

/** Says once that changes of an earlier visit are nowhere. */
function useLostNotice(lost: boolean): void {
  const words = useWords()
  const said = useRef(false)
  useEffect(() => {
    if (!lost || said.current) return
    said.current = true
    complaint(words.save.lost)
  }, [lost, words])
}

/** The keys of the page around the text, from the one table of commands. */
function useKeys(actions: Partial<Record<CommandId, () => void>>): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      const id = (Object.keys(actions) as CommandId[]).find((each) => keysOf(each).some((keys) => pressed(event, keys)))
      if (!id || event.defaultPrevented) return
      event.preventDefault()
      actions[id]?.()
    }
    window.addEventListener('keydown', onKey)
    return () => window.removeEventListener('keydown', onKey)
  }, [actions])
}
