import { Highlight } from '@tiptap/extension-highlight'
import { Color, TextStyle } from '@tiptap/extension-text-style'

/**
 * Colours are stored as the writer chose them and adjusted when shown: the style sheet takes `--stet-ink` and
 * `--stet-mark` and moves their lightness so that the text stays readable on a light and on a dark page.
 */
const InkColor = Color.extend({
  addGlobalAttributes() {
    return [
      {
        types: this.options.types,
        attributes: {
          color: {
            default: null,
            parseHTML: (element) => element.style.color || element.style.getPropertyValue('--stet-ink') || null,
            renderHTML: ({ color }) =>
              typeof color === 'string' ? { style: `--stet-ink: ${color}; color: ${color}`, 'data-ink': '' } : {},
          },
        },
      },
    ]
  },
})

const Marker = Highlight.extend({
  addAttributes() {
    return {
      color: {
        default: null,
        parseHTML: (element) => element.getAttribute('data-color') || element.style.backgroundColor || null,
        renderHTML: ({ color }) =>
          typeof color === 'string'
            ? { 'data-color': color, style: `--stet-mark: ${color}; background-color: ${color}; color: inherit` }
            : {},
      },
    }
  },
}).configure({ multicolor: true })

export const colourExtensions = [TextStyle, InkColor, Marker]
