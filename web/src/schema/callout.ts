import { Node, mergeAttributes, wrappingInputRule } from '@tiptap/core'

export const CALLOUT_KINDS = ['info', 'success', 'warning', 'danger'] as const
export type CalloutKind = (typeof CALLOUT_KINDS)[number]

declare module '@tiptap/core' {
  interface Commands<ReturnType> {
    callout: {
      /** Wraps the selected blocks, changes the kind of the callout around them, or takes them out of one of the same kind. */
      toggleCallout: (kind: CalloutKind) => ReturnType
    }
  }
}

/** A framed aside. `kind` says how urgent it is; unknown kinds from elsewhere read as "info". */
export const Callout = Node.create({
  name: 'callout',
  group: 'block',
  content: 'block+',
  defining: true,

  addAttributes() {
    return {
      kind: {
        default: 'info',
        parseHTML: (element) => {
          const kind = element.getAttribute('data-kind') as CalloutKind
          return CALLOUT_KINDS.includes(kind) ? kind : 'info'
        },
        renderHTML: ({ kind }) => ({ 'data-kind': kind as string }),
      },
    }
  },

  parseHTML() {
    return [{ tag: 'div[data-type="callout"]' }, { tag: 'aside' }]
  },

  renderHTML({ HTMLAttributes }) {
    return ['div', mergeAttributes(HTMLAttributes, { 'data-type': 'callout' }), 0]
  },

  addCommands() {
    return {
      toggleCallout:
        (kind) =>
        ({ editor, commands }) => {
          if (!editor.isActive(this.name)) return commands.wrapIn(this.name, { kind })
          if (editor.isActive(this.name, { kind })) return commands.lift(this.name)
          return commands.updateAttributes(this.name, { kind })
        },
    }
  },

  addInputRules() {
    return [
      wrappingInputRule({
        find: /^:::(info|success|warning|danger)?\s$/,
        type: this.type,
        getAttributes: (match) => ({ kind: match[1] ?? 'info' }),
      }),
    ]
  },
})
