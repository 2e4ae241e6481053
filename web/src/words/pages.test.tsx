// @vitest-environment jsdom
import { MantineProvider } from '@mantine/core'
import { Editor } from '@tiptap/core'
import { act, type ReactNode } from 'react'
import { createRoot, type Root } from 'react-dom/client'
import { afterEach, beforeAll, expect, test } from 'vitest'
import * as Y from 'yjs'
import { Collaboration } from '@tiptap/extension-collaboration'
import { Register, Setup, SetupWaiting, SignIn } from '../account/SignIn'
import { SaveBadge } from '../editor/SaveBadge'
import { Toolbar } from '../editor/toolbar/Toolbar'
import { RenameDialog } from '../home/RenameDialog'
import { FRAGMENT, schemaExtensions } from '../schema'
import { Shortcuts, openShortcuts } from '../shell/Shortcuts'
import { theme } from '../shell/theme'
import type { SaveState } from '../sync/saveState'
import { WordsContext, type Spoken } from '.'
import { isPseudo, pseudo } from './pseudo'

const SPOKEN: Spoken = { words: pseudo, locale: 'en', language: 'en' }
/** Not words: keys of the keyboard, what is typed for a block, and names that the test itself gives. */
const NO_WORDS = /^(Ctrl|Alt|Shift|Esc|Tab|Enter|F\d+|.|[^\p{L}]*|Name of a document)$/u

let root: Root | undefined
let editor: Editor | undefined

beforeAll(() => {
  Object.assign(globalThis, { IS_REACT_ACT_ENVIRONMENT: true })
  window.matchMedia = (query) =>
    ({ matches: false, media: query, addEventListener: () => {}, removeEventListener: () => {} }) as unknown as MediaQueryList
  globalThis.ResizeObserver = class {
    observe() {}
    unobserve() {}
    disconnect() {}
  }
})

afterEach(() => {
  act(() => root?.unmount())
  editor?.destroy()
  document.body.replaceChildren()
})

async function show(page: ReactNode): Promise<void> {
  const place = document.body.appendChild(document.createElement('div'))
  await act(async () => {
    root = createRoot(place)
    root.render(
      <MantineProvider theme={theme} env="test">
        <WordsContext value={SPOKEN}>{page}</WordsContext>
      </MantineProvider>,
    )
  })
}

/** Everything that a person reads or hears. */
function texts(): string[] {
  const found: string[] = []
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT)
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement
    if (parent && !/^(STYLE|SCRIPT)$/.test(parent.tagName)) found.push(walker.currentNode.textContent ?? '')
  }
  for (const element of document.body.querySelectorAll('*')) {
    for (const name of ['aria-label', 'placeholder', 'title', 'alt']) found.push(element.getAttribute(name) ?? '')
  }
  return found.map((text) => text.trim()).filter((text) => text !== '')
}

function boundEditor(): Editor {
  editor = new Editor({ extensions: [...schemaExtensions, Collaboration.configure({ document: new Y.Doc(), field: FRAGMENT })] })
  return editor
}

const ui = { openLink: () => {}, openImage: () => {} }
const states: SaveState[] = [
  { kind: 'saved' },
  { kind: 'offline', changes: 3, kept: true },
  { kind: 'reconnecting', changes: 0, kept: true },
  { kind: 'refused', reason: 'anything', changes: 1, kept: true },
]

test.each<[string, () => ReactNode, number]>([
  ['signing in', () => <SignIn />, 4],
  ['registering', () => <Register />, 6],
  ['the first account', () => <Setup />, 7],
  ['waiting for the first account', () => <SetupWaiting />, 2],
  ['renaming', () => <RenameDialog title="Name of a document" rename={async () => {}} onClose={() => {}} />, 4],
  ['the shortcuts', () => <Shortcuts />, 50],
  ['the toolbar', () => <Toolbar editor={boundEditor()} ui={ui} ref={null} />, 20],
  ['the save states', () => states.map((state) => <SaveBadge key={state.kind} save={state} />), 4],
])('%s says everything from the catalogue', async (name, page, least) => {
  await show(page())
  if (name === 'the shortcuts') await act(async () => openShortcuts())
  const all = texts()
  expect(all.filter(isPseudo).length).toBeGreaterThanOrEqual(least)
  expect(all.filter((text) => !isPseudo(text) && !NO_WORDS.test(text) && !joined(text))).toEqual([])
})

/** A word with its number, made of catalogue and count. */
function joined(text: string): boolean {
  return text.split(' · ').every((part) => isPseudo(part) || /^\d+$/.test(part))
}
