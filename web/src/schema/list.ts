import { BulletList, ListItem, ListKeymap, OrderedList, TaskItem, TaskList } from '@tiptap/extension-list'

/** Numbered lists carry `start` and nothing else in schema version 1. */
const NumberedList = OrderedList.extend({
  addAttributes() {
    return {
      start: {
        default: 1,
        parseHTML: (element) => Number.parseInt(element.getAttribute('start') ?? '1', 10) || 1,
      },
    }
  },
})

export const listExtensions = [
  BulletList.configure({ keepMarks: true }),
  NumberedList.configure({ keepMarks: true }),
  ListItem,
  ListKeymap,
  TaskList,
  TaskItem.configure({ nested: true }),
]
