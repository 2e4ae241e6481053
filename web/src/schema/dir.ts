import { Extension } from '@tiptap/core'

export type Direction = 'ltr' | 'rtl'

declare module '@tiptap/core' {
  interface Commands<ReturnType> {
    direction: { setDirection: (dir: Direction | null) => ReturnType }
  }
}

const TYPES = ['paragraph', 'heading']

/** Block attribute `dir`. Absent means the browser decides by the first strong letter (`dir="auto"`). */
export const Dir = Extension.create({
  name: 'dir',

  addGlobalAttributes() {
    return [
      {
        types: TYPES,
        attributes: {
          dir: {
            default: null,
            parseHTML: (element) => {
              const dir = element.getAttribute('dir')
              return dir === 'ltr' || dir === 'rtl' ? dir : null
            },
            renderHTML: ({ dir }) => ({ dir: (dir as string | null) ?? 'auto' }),
          },
        },
      },
    ]
  },

  addCommands() {
    return {
      setDirection:
        (dir) =>
        ({ commands }) =>
          TYPES.map((type) => commands.updateAttributes(type, { dir })).some(Boolean),
    }
  },
})
