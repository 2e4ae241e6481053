import { Table, TableCell, TableHeader, TableRow } from '@tiptap/extension-table'

/** Cells carry exactly the four attributes of schema version 1; text alignment belongs to the paragraphs inside. */
function cellAttributes() {
  return {
    colspan: { default: 1, parseHTML: (cell: HTMLElement) => wholeNumber(cell.getAttribute('colspan')) ?? 1 },
    rowspan: { default: 1, parseHTML: (cell: HTMLElement) => wholeNumber(cell.getAttribute('rowspan')) ?? 1 },
    colwidth: {
      default: null,
      parseHTML: (cell: HTMLElement) => {
        const widths = (cell.getAttribute('colwidth') ?? cell.getAttribute('data-colwidth'))?.split(',').map(Number)
        return widths?.every((width) => width > 0) ? widths : null
      },
      renderHTML: ({ colwidth }: Record<string, unknown>) =>
        Array.isArray(colwidth) ? { colwidth: colwidth.join(',') } : {},
    },
    backgroundColor: {
      default: null,
      parseHTML: (cell: HTMLElement) => cell.style.backgroundColor || null,
      renderHTML: ({ backgroundColor }: Record<string, unknown>) =>
        typeof backgroundColor === 'string' ? { style: `--stet-fill: ${backgroundColor}`, 'data-fill': '' } : {},
    },
  }
}

function wholeNumber(text: string | null): number | null {
  const value = Number(text)
  return Number.isInteger(value) && value > 0 ? value : null
}

const Cell = TableCell.extend({ addAttributes: cellAttributes })
const HeaderCell = TableHeader.extend({ addAttributes: cellAttributes })

export const tableExtensions = [
  Table.configure({ resizable: true, cellMinWidth: 48, allowTableNodeSelection: true }),
  TableRow,
  HeaderCell,
  Cell,
]
