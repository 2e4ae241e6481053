import { Node, mergeAttributes } from '@tiptap/core'

/** A person named in the text. `id` is the person; `label` is the name as it was when written. */
export const Mention = Node.create({
  name: 'mention',
  group: 'inline',
  inline: true,
  atom: true,
  selectable: false,

  addAttributes() {
    return {
      id: {
        default: null,
        parseHTML: (element) => element.getAttribute('data-id'),
        renderHTML: ({ id }) => (id ? { 'data-id': id as string } : {}),
      },
      label: {
        default: null,
        parseHTML: (element) => element.getAttribute('data-label') ?? element.textContent?.replace(/^@/, '') ?? null,
        renderHTML: ({ label }) => (label ? { 'data-label': label as string } : {}),
      },
      mentionSuggestionChar: { default: '@', rendered: false },
    }
  },

  parseHTML() {
    return [{ tag: 'span[data-type="mention"]' }]
  },

  renderHTML({ node, HTMLAttributes }) {
    return ['span', mergeAttributes(HTMLAttributes, { 'data-type': 'mention' }), `@${node.attrs.label ?? ''}`]
  },

  renderText({ node }) {
    return `@${node.attrs.label ?? ''}`
  },
})
