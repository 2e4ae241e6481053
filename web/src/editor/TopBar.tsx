import { ActionIcon, Button, Menu, Tooltip } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import type { Editor } from '@tiptap/core'
import { Download, Ellipsis, Keyboard, Link2, ListTree, PanelRight, Pencil, Printer, Trash2, UserPlus } from 'lucide-react'
import type { ReactNode, RefObject } from 'react'
import { Link, useLocation } from 'wouter'
import { exportDocument, restoreDocument, trashDocument, type ExportFormat } from '../api/documents'
import type { Role } from '../api/types'
import { copyLink } from '../share/copyLink'
import { AccountMenu } from '../shell/AccountMenu'
import { keysOf } from '../shell/commandTable'
import { ariaKeys, keyLabel } from '../shell/keys'
import { Logo } from '../shell/Logo'
import { complaint, notice } from '../shell/notice'
import { openShortcuts } from '../shell/Shortcuts'
import { useUser } from '../shell/useAccount'
import type { SaveState } from '../sync/saveState'
import { errorWords, useWords } from '../words'
import { fileName, saveCopy, saveFile } from './download'
import { Faces } from './Faces'
import { SaveBadge } from './SaveBadge'
import { Title } from './Title'
import type { PersonHere } from './usePeople'
import classes from './TopBar.module.css'

interface Props {
  id: string
  title: string
  rename: (title: string) => Promise<void>
  role: Role | null
  save: SaveState
  people: PersonHere[]
  editor: Editor | null
  titleRef: RefObject<HTMLInputElement | null>
  outlineOpen: boolean
  toggleOutline: () => void
  panelOpen: boolean
  togglePanel: () => void
  share: () => void
}

export function TopBar(props: Props) {
  const words = useWords()
  const user = useUser()
  const { id, title, rename, role, save, people, editor, titleRef } = props
  const mayRename = role === 'owner' || role === 'editor'
  const narrow = useMediaQuery('(max-width: 560px)', undefined, { getInitialValueInEffect: false })
  const outlineLabel = props.outlineOpen ? words.document.hideOutline : words.document.showOutline
  const panelLabel = props.panelOpen ? words.document.hidePanel : words.document.showPanel
  return (
    <header className={classes.bar}>
      <div className={classes.left}>
        <Tooltip label={words.common.back}>
          <Link href="/" aria-label={words.common.back} className={classes.home}>
            <Logo />
          </Link>
        </Tooltip>
        <Title title={title} mayRename={mayRename} suggest={() => firstLine(editor)} rename={rename} ref={titleRef} onDone={() => editor?.commands.focus()} />
        <SaveBadge save={save} />
      </div>
      <div className={classes.right}>
        <Faces people={people} me={user.id} open={props.togglePanel} />
        {!narrow && (
          <>
            <IconToggle id="outline" icon={ListTree} label={outlineLabel} on={props.outlineOpen} toggle={props.toggleOutline} />
            <IconToggle id="people" icon={PanelRight} label={panelLabel} on={props.panelOpen} toggle={props.togglePanel} />
          </>
        )}
        <Button className={classes.share} leftSection={<UserPlus size={16} aria-hidden />} onClick={props.share} aria-keyshortcuts={ariaKeys(keysOf('share')[0] ?? '')}>
          <span>{words.share.button}</span>
        </Button>
        <DocumentMenu id={id} title={title} role={role} editor={editor} titleRef={titleRef}>
          {narrow && (
            <>
              <Menu.Item leftSection={<ListTree size={16} aria-hidden />} onClick={props.toggleOutline}>
                {words.document.outline}
              </Menu.Item>
              <Menu.Item leftSection={<PanelRight size={16} aria-hidden />} onClick={props.togglePanel}>
                {words.document.panel}
              </Menu.Item>
              <Menu.Divider />
            </>
          )}
        </DocumentMenu>
        {!narrow && <AccountMenu />}
      </div>
    </header>
  )
}

const SUGGESTED_CHARS_MAX = 80

/** The first words of the text: most documents begin with what they are about. */
function firstLine(editor: Editor | null): string {
  let line = ''
  editor?.state.doc.descendants((node) => {
    if (line === '' && node.isTextblock) line = node.textContent.trim()
    return line === '' && !node.isTextblock
  })
  return line.slice(0, SUGGESTED_CHARS_MAX)
}

interface IconToggleProps {
  id: 'outline' | 'people'
  icon: typeof ListTree
  label: string
  on: boolean
  toggle: () => void
}

function IconToggle({ id, icon: Icon, label, on, toggle }: IconToggleProps) {
  const [keys = ''] = keysOf(id)
  return (
    <Tooltip label={`${label} (${keyLabel(keys)})`}>
      <ActionIcon
        className={classes.toggle}
        variant="subtle"
        color="gray"
        size={34}
        aria-label={label}
        aria-pressed={on}
        aria-keyshortcuts={ariaKeys(keys)}
        data-on={on || undefined}
        onClick={toggle}
      >
        <Icon size={18} strokeWidth={1.9} aria-hidden />
      </ActionIcon>
    </Tooltip>
  )
}

const FORMATS: [ExportFormat, string][] = [
  ['markdown', 'md'],
  ['html', 'html'],
  ['text', 'txt'],
]

interface DocumentMenuProps extends Pick<Props, 'id' | 'title' | 'role' | 'editor' | 'titleRef'> {
  /** What has no room in the bar. */
  children: ReactNode
}

function DocumentMenu({ id, title, role, editor, titleRef, children }: DocumentMenuProps) {
  const words = useWords()
  const [, navigate] = useLocation()
  const download = async (format: ExportFormat, ending: string) => {
    try {
      saveFile(fileName(title, ending), await exportDocument(id, format))
    } catch (error) {
      // Offline: at least what is in this tab.
      if (format === 'html' && editor) saveCopy(editor, title)
      else complaint(errorWords(words, error))
    }
  }
  const trash = async () => {
    try {
      await trashDocument(id)
      navigate('/')
      notice(words.home.moved(title), {
        label: words.home.undo,
        act: () => void restoreDocument(id).then(() => navigate(`/d/${id}`)),
      })
    } catch (error) {
      complaint(errorWords(words, error))
    }
  }
  return (
    <Menu position="bottom-end" width={230}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" size={34} aria-label={words.document.menu} className={classes.toggle}>
          <Ellipsis size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {children}
        {(role === 'owner' || role === 'editor') && (
          <Menu.Item leftSection={<Pencil size={16} aria-hidden />} rightSection={<Keys id="rename" />} onClick={() => requestAnimationFrame(() => titleRef.current?.select())}>
            {words.home.rename}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<Link2 size={16} aria-hidden />} onClick={() => void copyLink(id, words.home.linkCopied)}>
          {words.home.copyLink}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Label>{words.document.download}</Menu.Label>
        {FORMATS.map(([format, ending]) => (
          <Menu.Item key={format} leftSection={<Download size={16} aria-hidden />} onClick={() => void download(format, ending)}>
            {words.document.downloadAs[format]}
          </Menu.Item>
        ))}
        <Menu.Item leftSection={<Printer size={16} aria-hidden />} onClick={() => setTimeout(() => window.print(), 200)}>
          {words.document.print}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item leftSection={<Keyboard size={16} aria-hidden />} rightSection={<Keys id="shortcuts" />} onClick={openShortcuts}>
          {words.commands.shortcuts}
        </Menu.Item>
        {role === 'owner' && (
          <Menu.Item leftSection={<Trash2 size={16} aria-hidden />} onClick={() => void trash()}>
            {words.home.moveToTrash}
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  )
}

function Keys({ id }: { id: 'rename' | 'shortcuts' }) {
  return <span className={classes.keys}>{keyLabel(keysOf(id)[0] ?? '')}</span>
}
