import type { Words } from '../words/en'

export type CommandId = keyof Words['commands']
export type CommandGroup = keyof Words['shortcuts']['groups']

export interface Command {
  id: CommandId
  group: CommandGroup
  /** As TipTap writes them; several mean any of them. */
  keys: readonly string[]
}

const command = (group: CommandGroup, id: CommandId, ...keys: string[]): Command => ({ id, group, keys })

/** Every command with a key: what the keyboard does and what the list of shortcuts says come from here. */
export const COMMANDS: readonly Command[] = [
  command('app', 'shortcuts', 'Mod-/'),
  command('app', 'toolbar', 'Alt-F10'),
  command('app', 'leave', 'Escape'),
  command('app', 'rename', 'F2'),
  command('app', 'outline', 'Mod-Alt-o'),
  command('app', 'people', 'Mod-Alt-p'),
  command('app', 'share', 'Mod-Alt-s'),

  command('history', 'undo', 'Mod-z'),
  command('history', 'redo', 'Mod-Shift-z', 'Mod-y'),

  command('text', 'bold', 'Mod-b'),
  command('text', 'italic', 'Mod-i'),
  command('text', 'underline', 'Mod-u'),
  command('text', 'strike', 'Mod-Shift-s'),
  command('text', 'code', 'Mod-e'),
  command('text', 'link', 'Mod-k'),
  command('text', 'highlightDefault', 'Mod-Shift-h'),
  command('text', 'subscript', 'Mod-,'),
  command('text', 'superscript', 'Mod-.'),
  command('text', 'clearFormat', 'Mod-\\'),

  command('blocks', 'paragraph', 'Mod-Alt-0'),
  command('blocks', 'heading1', 'Mod-Alt-1'),
  command('blocks', 'heading2', 'Mod-Alt-2'),
  command('blocks', 'heading3', 'Mod-Alt-3'),
  command('blocks', 'heading4', 'Mod-Alt-4'),
  command('blocks', 'blockquote', 'Mod-Shift-b'),
  command('blocks', 'codeBlock', 'Mod-Alt-c'),
  command('blocks', 'alignLeft', 'Mod-Shift-l'),
  command('blocks', 'alignCenter', 'Mod-Shift-e'),
  command('blocks', 'alignRight', 'Mod-Shift-r'),
  command('blocks', 'alignJustify', 'Mod-Shift-j'),

  command('lists', 'orderedList', 'Mod-Shift-7'),
  command('lists', 'bulletList', 'Mod-Shift-8'),
  command('lists', 'taskList', 'Mod-Shift-9'),
  command('lists', 'indent', 'Tab', 'Mod-]'),
  command('lists', 'outdent', 'Shift-Tab', 'Mod-['),

  command('insert', 'pageBreak', 'Mod-Enter'),
]

export function keysOf(id: CommandId): readonly string[] {
  return COMMANDS.find((each) => each.id === id)?.keys ?? []
}
