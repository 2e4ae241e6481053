import type { AnyExtension } from '@tiptap/core'
import { CollaborationCaret } from '@tiptap/extension-collaboration-caret'
import type { Awareness } from 'y-protocols/awareness'
import { colourOf, readableOn } from '../shell/people'

/** A name flag stays for so long after its caret moved, then waits under the pointer. */
const FLAG_MS = 2_500

interface Shown {
  id?: string
  name?: string
  color?: string
}

/** Carets and selections of the others, with their names. */
export function carets(awareness: Awareness, me: Required<Shown>): AnyExtension {
  return CollaborationCaret.extend({
    onCreate() {
      awareness.on('change', wave)
    },
    onDestroy() {
      awareness.off('change', wave)
    },
  }).configure({
    provider: { awareness },
    user: me,
    render: (user: Shown) => caret(user),
    selectionRender: (user: Shown) => ({
      class: 'stet-selection',
      style: `--person: ${colourOf(user.id ?? '', user.color)}`,
    }),
  })

  function wave({ updated, added }: { updated: number[]; added: number[] }): void {
    for (const client of [...updated, ...added]) {
      const id = (awareness.getStates().get(client) as { user?: Shown } | undefined)?.user?.id
      if (id) showFlags(id)
    }
  }

  function caret(user: Shown): HTMLElement {
    const color = colourOf(user.id ?? '', user.color)
    const element = document.createElement('span')
    element.className = 'stet-caret'
    element.dataset.person = user.id ?? ''
    element.style.setProperty('--person', color)
    const flag = document.createElement('span')
    flag.className = 'stet-caret-flag'
    flag.style.color = readableOn(color)
    flag.textContent = user.name ?? ''
    element.append('\u2060', flag, '\u2060')
    if (waving.has(user.id ?? '')) element.dataset.waving = ''
    return element
  }
}

const waving = new Map<string, ReturnType<typeof setTimeout>>()

function showFlags(person: string): void {
  const flags = () => document.querySelectorAll<HTMLElement>(`.stet-caret[data-person="${CSS.escape(person)}"]`)
  clearTimeout(waving.get(person))
  for (const flag of flags()) flag.dataset.waving = ''
  const timer = setTimeout(() => {
    waving.delete(person)
    for (const flag of flags()) delete flag.dataset.waving
  }, FLAG_MS)
  waving.set(person, timer)
}
