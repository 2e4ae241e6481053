import { Extension, type AnyExtension, type Editor, type Range } from '@tiptap/core'
import { PluginKey } from '@tiptap/pm/state'
import Suggestion from '@tiptap/suggestion'
import { CALLOUT_KINDS, type CalloutKind } from '../schema/callout'
import type { Words } from '../words/en'
import { editorCommand, type EditorCommandId, type EditorUi } from './commands'

const BLOCKS = [
  'heading1',
  'heading2',
  'heading3',
  'bulletList',
  'orderedList',
  'taskList',
  'table',
  'image',
  'blockquote',
  'codeBlock',
  'divider',
  'pageBreak',
] as const satisfies readonly EditorCommandId[]

export type SlashBlock = (typeof BLOCKS)[number] | `callout:${CalloutKind}`

export interface SlashItem {
  block: SlashBlock
  label: string
}

export interface SlashState {
  items: SlashItem[]
  at: number
  place: (() => DOMRect | null) | null
  choose: (item: SlashItem) => void
}

/** What the "/" menu shows; the page draws it, the editor drives it. */
export class SlashStore {
  #state: SlashState | null = null
  #listeners = new Set<() => void>()

  get = (): SlashState | null => this.#state

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  set(state: SlashState | null): void {
    this.#state = state
    for (const listener of this.#listeners) listener()
  }

  /** Keys that belong to the menu while it is open. */
  key(event: KeyboardEvent): boolean {
    const state = this.#state
    if (!state) return false
    if (event.key === 'Escape') {
      this.set(null)
      return true
    }
    const { items, at } = state
    if (items.length === 0) return false
    if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      const step = event.key === 'ArrowDown' ? 1 : items.length - 1
      this.set({ ...state, at: (at + step) % items.length })
      return true
    }
    const item = items[at]
    if ((event.key === 'Enter' || event.key === 'Tab') && item) {
      state.choose(item)
      return true
    }
    return false
  }
}

/** "/" at the start of a word offers the blocks; typing on narrows them down. */
export function slashExtension(store: SlashStore, words: Words, ui: EditorUi): AnyExtension {
  const all: SlashItem[] = [
    ...BLOCKS.map((block) => ({ block, label: words.commands[block] })),
    ...CALLOUT_KINDS.map((kind) => ({ block: `callout:${kind}` as const, label: `${words.commands.callout}: ${words.callouts[kind]}` })),
  ]
  const find = (query: string) => {
    const wanted = query.toLocaleLowerCase()
    return all.filter(({ block, label }) => label.toLocaleLowerCase().includes(wanted) || block.toLowerCase().includes(wanted))
  }
  return Extension.create({
    name: 'slash',
    // Before everything else that has keys: while the menu is open, Enter and arrows are its own.
    priority: 1_000,
    addProseMirrorPlugins() {
      return [
        Suggestion<SlashItem>({
          editor: this.editor,
          pluginKey: new PluginKey('slash'),
          char: '/',
          allow: ({ editor, range }) => editor.isEditable && !editor.isActive('codeBlock') && startsWord(editor, range),
          items: ({ query }) => find(query),
          command: ({ editor, range, props }) => insert(editor, range, props, ui),
          render: () => ({
            onStart: ({ items, clientRect, command }) => store.set({ items, at: 0, place: clientRect ?? null, choose: command }),
            onUpdate: ({ items, clientRect, command }) =>
              store.get() && store.set({ items, at: 0, place: clientRect ?? null, choose: command }),
            onKeyDown: ({ event }) => store.key(event),
            onExit: () => store.set(null),
          }),
        }),
      ]
    },
  })
}

function startsWord(editor: Editor, range: Range): boolean {
  const $from = editor.state.doc.resolve(range.from)
  return $from.parentOffset === 0
}

function insert(editor: Editor, range: Range, { block }: SlashItem, ui: EditorUi): void {
  editor.chain().focus().deleteRange(range).run()
  const [name, kind] = block.split(':') as [EditorCommandId, CalloutKind | undefined]
  if (kind) editor.chain().focus().toggleCallout(kind).run()
  else editorCommand(name).run(editor, ui)
}
