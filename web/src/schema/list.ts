import { BulletList, ListItem, ListKeymap, OrderedList, TaskItem, TaskList } from '@tiptap/extension-list'

export const listExtensions = [
  BulletList.configure({ keepMarks: true }),
  OrderedList.configure({ keepMarks: true }),
  ListItem,
  ListKeymap,
  TaskList,
  TaskItem.configure({ nested: true }),
]
