import { ActionIcon, Button, TextInput, Tooltip } from '@mantine/core'
import type { Editor } from '@tiptap/core'
import { useEditorState } from '@tiptap/react'
import { Copy, ExternalLink, Pencil, Unlink } from 'lucide-react'
import { useCallback, useEffect, useRef, useState, type FormEvent, type RefObject } from 'react'
import { completeHref, isSafeHref } from '../schema/link'
import { copyText } from '../share/copyLink'
import { useWords } from '../words'
import { useAnchor } from './useAnchor'
import classes from './LinkTool.module.css'

interface Props {
  editor: Editor
  editing: boolean
  setEditing: (editing: boolean) => void
}

/** Beside the text: the form for a link while one is made or changed, else a small card for the link under the caret. */
export function LinkTool({ editor, editing, setEditing }: Props) {
  const link = useEditorState({
    editor,
    selector: ({ editor: current }) => {
      const { from, empty } = current.state.selection
      const href = current.isActive('link') ? ((current.getAttributes('link').href as string | undefined) ?? null) : null
      return { from, empty, href, focused: current.isFocused }
    },
  })
  if (editing) return <LinkForm editor={editor} href={link.href ?? ''} close={() => setEditing(false)} />
  if (link.href === null || !link.empty || !link.focused) return null
  return <LinkCard editor={editor} href={link.href} at={link.from} edit={() => setEditing(true)} />
}

function rectOf(editor: Editor, from: number, to: number): DOMRect | null {
  // Somebody may have deleted what stood there.
  if (to > editor.state.doc.content.size) return null
  const start = editor.view.coordsAtPos(from)
  const end = editor.view.coordsAtPos(to)
  const sameLine = Math.abs(start.top - end.top) < 4
  return new DOMRect(start.left, start.top, sameLine ? end.left - start.left : 0, end.bottom - start.top)
}

function LinkCard({ editor, href, at, edit }: { editor: Editor; href: string; at: number; edit: () => void }) {
  const words = useWords()
  const box = useRef<HTMLDivElement>(null)
  const place = useCallback(() => rectOf(editor, at, at), [editor, at])
  const style = useAnchor(place, box)
  const tools = [
    [words.link.copy, Copy, () => void copyText(href)],
    [words.link.edit, Pencil, edit],
    [words.link.remove, Unlink, () => removeLink(editor)],
  ] as const
  return (
    <div ref={box} className={classes.card} style={style} onMouseDown={(event) => event.preventDefault()}>
      <a href={isSafeHref(href) ? href : undefined} target="_blank" rel="noopener noreferrer nofollow" className={classes.address}>
        <ExternalLink size={14} aria-hidden />
        <span>{href.replace(/^https?:\/\//, '')}</span>
      </a>
      {tools.map(([label, Icon, act]) => (
        <Tooltip key={label} label={label}>
          <ActionIcon variant="subtle" color="gray" aria-label={label} onClick={act}>
            <Icon size={15} aria-hidden />
          </ActionIcon>
        </Tooltip>
      ))}
    </div>
  )
}

function useClickOutside(box: RefObject<HTMLElement | null>, act: () => void): void {
  useEffect(() => {
    const outside = (event: PointerEvent) => {
      if (!box.current?.contains(event.target as Node)) act()
    }
    document.addEventListener('pointerdown', outside)
    return () => document.removeEventListener('pointerdown', outside)
  }, [box, act])
}

/** What can be done with a link that is there already. */
function LinkActions({ href, remove }: { href: string; remove: () => void }) {
  const words = useWords()
  const address = isSafeHref(href) ? href : undefined
  return (
    <>
      <ActionIcon component="a" href={address} target="_blank" rel="noopener noreferrer nofollow" variant="subtle" color="gray" aria-label={words.link.open}>
        <ExternalLink size={15} aria-hidden />
      </ActionIcon>
      <ActionIcon variant="subtle" color="gray" aria-label={words.link.remove} onClick={remove}>
        <Unlink size={15} aria-hidden />
      </ActionIcon>
      <span className={classes.space} />
    </>
  )
}

function removeLink(editor: Editor): void {
  editor.chain().focus().extendMarkRange('link').unsetLink().run()
}

function insertLink(editor: Editor, href: string, text: string): void {
  const marks = [{ type: 'link', attrs: { href } }]
  editor.chain().focus().insertContent({ type: 'text', text, marks }).unsetMark('link').run()
}

function LinkForm({ editor, href, close }: { editor: Editor; href: string; close: () => void }) {
  const words = useWords()
  const box = useRef<HTMLFormElement>(null)
  const [{ from, to }] = useState(() => {
    if (href) editor.commands.extendMarkRange('link')
    return editor.state.selection
  })
  const place = useCallback(() => rectOf(editor, from, to), [editor, from, to])
  const style = useAnchor(place, box)
  const [address, setAddress] = useState(href)
  const [text, setText] = useState('')
  const [error, setError] = useState('')
  const needsText = from === to
  useClickOutside(box, close)
  const leave = () => {
    close()
    editor.commands.focus()
  }
  const remove = () => {
    removeLink(editor)
    close()
  }
  const submit = (event: FormEvent) => {
    event.preventDefault()
    if (address.trim() === '') return remove()
    const target = completeHref(address)
    if (!isSafeHref(target)) return setError(words.link.unsafe)
    if (needsText) insertLink(editor, target, text.trim() || address.trim())
    else editor.chain().focus().setTextSelection({ from, to }).setLink({ href: target }).setTextSelection(to).run()
    close()
  }
  return (
    <form
      ref={box}
      role="dialog"
      aria-label={words.link.title}
      className={classes.form}
      style={style}
      onSubmit={submit}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        leave()
      }}
    >
      {needsText && <TextInput size="sm" label={words.link.text} value={text} onChange={(event) => setText(event.currentTarget.value)} />}
      <TextInput
        size="sm"
        label={words.link.address}
        placeholder={words.link.addressPlaceholder}
        autoFocus
        autoCapitalize="none"
        spellCheck={false}
        inputMode="url"
        value={address}
        onChange={(event) => {
          setAddress(event.currentTarget.value)
          setError('')
        }}
        error={error}
      />
      <div className={classes.actions}>
        {href && <LinkActions href={href} remove={remove} />}
        <FormButtons cancel={leave} />
      </div>
    </form>
  )
}

function FormButtons({ cancel }: { cancel: () => void }) {
  const words = useWords()
  return (
    <>
      <Button size="xs" variant="default" onClick={cancel}>
        {words.common.cancel}
      </Button>
      <Button size="xs" type="submit">
        {words.link.apply}
      </Button>
    </>
  )
}
