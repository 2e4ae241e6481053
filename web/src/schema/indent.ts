import { Extension, type CommandProps } from '@tiptap/core'

export const INDENT_LEVEL_MAX = 8

declare module '@tiptap/core' {
  interface Commands<ReturnType> {
    indent: {
      /** Moves list items one level in, or the selected paragraphs and headings. */
      indent: () => ReturnType
      outdent: () => ReturnType
    }
  }
}

const TYPES = ['paragraph', 'heading']

/**
 * Block attribute `indent`: 0 to 8 levels.
 * Inside lists the same commands sink and lift the item.
 */
export const Indent = Extension.create({
  name: 'indent',

  addGlobalAttributes() {
    return [
      {
        types: TYPES,
        attributes: {
          indent: {
            default: 0,
            parseHTML: (element) => clampLevel(Number(element.getAttribute('data-indent'))),
            renderHTML: ({ indent }) => (indent ? { 'data-indent': String(indent) } : {}),
          },
        },
      },
    ]
  },

  addCommands() {
    return {
      indent: () => (props) => sink(props) || shift(props, 1),
      outdent: () => (props) => shift(props, -1) || lift(props),
    }
  },
})

function clampLevel(level: number): number {
  const whole = Math.trunc(level)
  return whole >= 0 ? Math.min(whole, INDENT_LEVEL_MAX) : 0
}

function itemType({ state }: CommandProps): string | null {
  const { $from } = state.selection
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    const name = $from.node(depth).type.name
    if (name === 'listItem' || name === 'taskItem') return name
  }
  return null
}

function sink(props: CommandProps): boolean {
  const item = itemType(props)
  return item !== null && props.commands.sinkListItem(item)
}

function lift(props: CommandProps): boolean {
  const item = itemType(props)
  return item !== null && props.commands.liftListItem(item)
}

function shift(props: CommandProps, step: 1 | -1): boolean {
  const { tr, dispatch } = props
  if (step === 1 && itemType(props) !== null) return false
  const { from, to } = tr.selection
  let changed = false
  tr.doc.nodesBetween(from, to, (node, position) => {
    if (!TYPES.includes(node.type.name)) return
    const before = clampLevel(Number(node.attrs.indent))
    const after = clampLevel(before + step)
    if (before === after) return
    changed = true
    if (dispatch) tr.setNodeAttribute(position, 'indent', after)
  })
  return changed
}
