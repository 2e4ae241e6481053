import type { Editor } from '@tiptap/core'
import { useEffect, useState } from 'react'

/** The outline may be this much behind the typing. */
const REFRESH_MS = 150

export interface Heading {
  level: number
  text: string
  position: number
}

/** The headings of the text, in order. */
export function useOutline(editor: Editor | null): Heading[] {
  const [headings, setHeadings] = useState<Heading[]>([])
  useEffect(() => {
    if (!editor) return
    let timer: ReturnType<typeof setTimeout> | undefined
    const refresh = () => {
      timer = undefined
      const next = headingsOf(editor)
      setHeadings((before) => (JSON.stringify(before) === JSON.stringify(next) ? before : next))
    }
    const changed = () => {
      timer ??= setTimeout(refresh, REFRESH_MS)
    }
    refresh()
    editor.on('update', changed)
    return () => {
      clearTimeout(timer)
      editor.off('update', changed)
    }
  }, [editor])
  return headings
}

function headingsOf(editor: Editor): Heading[] {
  const headings: Heading[] = []
  editor.state.doc.descendants((node, position) => {
    if (node.type.name === 'heading' && node.textContent.trim() !== '') {
      headings.push({ level: node.attrs.level as number, text: node.textContent, position })
    }
    return !node.isTextblock
  })
  return headings
}
