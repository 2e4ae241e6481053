import { Table, TableCell, TableHeader, TableRow } from '@tiptap/extension-table'

/** The fill of a cell. Stored as chosen; the style sheet adjusts `--stet-fill` to a light or a dark page. */
const backgroundColor = {
  default: null,
  parseHTML: (cell: HTMLElement) => cell.style.backgroundColor || cell.style.getPropertyValue('--stet-fill') || null,
  renderHTML: ({ backgroundColor: fill }: Record<string, unknown>) =>
    typeof fill === 'string' ? { style: `--stet-fill: ${fill}; background-color: ${fill}`, 'data-fill': '' } : {},
}

const Cell = TableCell.extend({
  addAttributes() {
    return { ...this.parent?.(), backgroundColor }
  },
})

const HeaderCell = TableHeader.extend({
  addAttributes() {
    return { ...this.parent?.(), backgroundColor }
  },
})

export const tableExtensions = [
  Table.configure({ resizable: true, cellMinWidth: 48, allowTableNodeSelection: true }),
  TableRow,
  HeaderCell,
  Cell,
]
