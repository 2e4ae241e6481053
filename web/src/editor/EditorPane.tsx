import type { Editor } from '@tiptap/core'
import { ySyncPluginKey } from '@tiptap/y-tiptap'
import { EditorContent, useEditor } from '@tiptap/react'
import { useEffect, useMemo, useRef, useState, type RefObject } from 'react'
import type * as Y from 'yjs'
import { colourOf, nameOf } from '../shell/people'
import { useUser } from '../shell/useAccount'
import type { DocumentSession } from '../sync/session'
import { useWords } from '../words'
import type { EditorUi } from './commands'
import { editorExtensions } from './extensions'
import { ImageDialog } from './ImageDialog'
import { LinkTool } from './LinkTool'
import { SlashMenu } from './SlashMenu'
import { SlashStore, slashExtension } from './slash'
import { Toolbar } from './toolbar/Toolbar'
import classes from './EditorPane.module.css'
import './prose.css'

interface Props {
  session: DocumentSession
  doc: Y.Doc
  editable: boolean
  scroller: RefObject<HTMLDivElement | null>
  /** The toolbar belongs above everything else, where the page puts it. */
  toolbarSlot: (toolbar: React.ReactNode, page: React.ReactNode) => React.ReactNode
  onEditor: (editor: Editor | null) => void
}

/** The text itself with its tools. Made anew when the document it is bound to changes. */
export function EditorPane({ session, doc, editable, scroller, toolbarSlot, onEditor }: Props) {
  const words = useWords()
  const user = useUser()
  const toolbar = useRef<HTMLDivElement>(null)
  const exit = useRef<HTMLSpanElement>(null)
  const [editingLink, setEditingLink] = useState(false)
  const [addingImage, setAddingImage] = useState(false)
  const [slash] = useState(() => new SlashStore())
  const ui = useMemo<EditorUi>(() => ({ openLink: () => setEditingLink(true), openImage: () => setAddingImage(true) }), [])

  const editor = useEditor(
    {
      editable,
      extensions: editorExtensions({
        doc,
        awareness: session.awareness,
        me: { id: user.id, name: nameOf(user), color: colourOf(user.id, user.color) },
        words,
        ui,
        leave: () => exit.current?.focus(),
        toolbar: () => toolbar.current?.querySelector<HTMLElement>('[tabindex="0"]')?.focus(),
        slash: slashExtension(slash, words, ui),
      }),
      shouldRerenderOnTransaction: false,
      editorProps: {
        attributes: {
          id: 'stet-text',
          class: 'stet-prose',
          role: 'textbox',
          'aria-multiline': 'true',
          'aria-label': editable ? words.document.text : words.document.textReadOnly,
          ...(editable ? {} : { 'aria-readonly': 'true', tabindex: '0' }),
        },
        scrollMargin: { top: 80, bottom: 80, left: 0, right: 0 },
        scrollThreshold: { top: 60, bottom: 60, left: 0, right: 0 },
        handleClick: (_, __, event) => openLink(event),
      },
    },
    [doc, editable, words],
  )

  useEffect(() => {
    onEditor(editor)
    session.detachEditor = () => detach(editor)
    if (editable && editor.isEmpty) editor.commands.focus('start')
    return () => {
      onEditor(null)
      session.detachEditor = null
    }
  }, [editor, editable, onEditor, session])

  const page = (
    <>
      <div className={classes.sheet} onMouseDown={(event) => focusBelow(event, editor, scroller.current)}>
        <EditorContent editor={editor} className={classes.text} />
      </div>
      {/* Where Escape leads: Tab goes on from here, so that the text is no trap for the keyboard. */}
      <span ref={exit} tabIndex={-1} />
      {editable && <LinkTool editor={editor} editing={editingLink} setEditing={setEditingLink} />}
      {editable && <SlashMenu store={slash} text={editor.view.dom} />}
      {addingImage && <ImageDialog editor={editor} onClose={() => setAddingImage(false)} />}
    </>
  )
  return toolbarSlot(editable ? <Toolbar editor={editor} ui={ui} ref={toolbar} /> : null, page)
}

interface Binding {
  destroy: () => void
  _prosemirrorChanged: () => void
}

/** Cuts the editor off from the document, both ways and at once; the page replaces it in its next render. */
function detach(editor: Editor): void {
  editor.setEditable(false, false)
  const binding = (ySyncPluginKey.getState(editor.state) as { binding?: Binding } | undefined)?.binding
  if (!binding) return
  binding.destroy()
  // y-tiptap 3.0.9 would write into the document at the editor's next change, destroyed or not.
  binding._prosemirrorChanged = () => undefined
}

/** A click with the command key follows a link, as everywhere; a plain one puts the caret there. */
function openLink(event: MouseEvent): boolean {
  const link = event.target instanceof Element ? event.target.closest('a[href]') : null
  if (!link || !(event.metaKey || event.ctrlKey)) return false
  window.open(link.getAttribute('href') ?? '', '_blank', 'noopener,noreferrer')
  return true
}

/** A click on the paper below the text goes to its end. */
function focusBelow(event: React.MouseEvent, editor: Editor, scroller: HTMLElement | null): void {
  if (event.target !== event.currentTarget || !editor.isEditable || !scroller) return
  event.preventDefault()
  const last = editor.view.dom.lastElementChild
  if (!last || event.clientY <= last.getBoundingClientRect().bottom) return
  const { doc } = editor.state
  // Below a table or a code block there is nowhere to write yet.
  if (doc.lastChild?.type.name === 'paragraph' || doc.lastChild?.type.name === 'heading') editor.commands.focus('end')
  else editor.chain().insertContentAt(doc.content.size, { type: 'paragraph' }).focus('end').run()
}
