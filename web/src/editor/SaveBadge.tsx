import { Popover, UnstyledButton } from '@mantine/core'
import { CloudCheck, CloudOff, CloudUpload, Eye, Loader, TriangleAlert, WifiOff, type LucideIcon } from 'lucide-react'
import { useEffect, useRef } from 'react'
import { announce } from '../shell/announce'
import type { SaveState } from '../sync/saveState'
import type { Words } from '../words/en'
import { refusalWords, useWords } from '../words'
import classes from './SaveBadge.module.css'

const ICONS: Record<SaveState['kind'], LucideIcon> = {
  reading: Eye,
  opening: Loader,
  saved: CloudCheck,
  saving: CloudUpload,
  reconnecting: WifiOff,
  offline: CloudOff,
  refused: TriangleAlert,
}

/** Where the person's changes are, in a word; more on demand. */
export function SaveBadge({ save }: { save: SaveState }) {
  const words = useWords()
  useAnnouncements(save)
  const Icon = ICONS[save.kind]
  return (
    <Popover width={280} position="bottom-start">
      <Popover.Target>
        <UnstyledButton className={classes.badge} data-kind={save.kind} data-testid="save-state">
          <Icon size={16} strokeWidth={1.9} aria-hidden />
          <span className={classes.word}>{saveWord(words, save)}</span>
          <span aria-hidden className={classes.short}>
            {shortWord(words, save)}
          </span>
        </UnstyledButton>
      </Popover.Target>
      <Popover.Dropdown className={classes.more}>{saveSentence(words, save)}</Popover.Dropdown>
    </Popover>
  )
}

/** For narrow screens: nothing while all is well, and the number without its sentence. */
function shortWord(words: Words, save: SaveState): string {
  if (save.kind === 'refused') return words.save.refused
  if (save.kind !== 'offline' && save.kind !== 'reconnecting') return ''
  return save.changes === 0 ? words.save[save.kind] : `${words.save[save.kind]} · ${save.changes}`
}

function saveWord(words: Words, save: SaveState): string {
  switch (save.kind) {
    case 'offline':
      if (save.changes === 0) return words.save.offline
      return save.kept ? words.save.offlineKept(save.changes) : words.save.offlineHere(save.changes)
    case 'reconnecting':
      return save.changes === 0 ? words.save.reconnecting : words.save.reconnectingWith(save.changes)
    default:
      return words.save[save.kind]
  }
}

function saveSentence(words: Words, save: SaveState): string {
  switch (save.kind) {
    case 'offline':
      if (save.changes === 0) return words.save.explain.offline
      return save.kept ? words.save.explain.offlineKept : words.save.explain.offlineHere
    case 'refused':
      return refusalWords(words, save.reason, save.kept)[1]
    default:
      return words.save.explain[save.kind]
  }
}

/** Says aloud when the connection goes and when all is safe again; not every "Saving…" and "Saved". */
function useAnnouncements(save: SaveState): void {
  const words = useWords()
  const kept = save.kind === 'offline' && save.kept
  const wasAway = useRef(false)
  useEffect(() => {
    if (save.kind === 'offline' && !wasAway.current) {
      wasAway.current = true
      announce(kept ? words.save.announceOffline : words.save.explain.offlineHere)
    } else if (save.kind === 'saved' && wasAway.current) {
      wasAway.current = false
      announce(words.save.announceBack)
    }
  }, [save.kind, kept, words])
}
