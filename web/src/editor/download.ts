import type { Editor } from '@tiptap/core'

/** Saves a file from memory; works without the server. */
export function saveFile(name: string, content: Blob): void {
  const address = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(address), 10_000)
}

export function fileName(title: string, ending: string): string {
  const safe = title.replace(/[\\/:*?"<>|\p{Cc}]+/gu, ' ').trim().slice(0, 100)
  return `${safe || 'document'}.${ending}`
}

/** What is in this tab, sent or not, as a page that opens anywhere. */
export function saveCopy(editor: Editor, title: string): void {
  const head = `<meta charset="utf-8"><title>${escapeHtml(title)}</title>`
  const page = `<!doctype html><html><head>${head}</head><body><h1>${escapeHtml(title)}</h1>${editor.getHTML()}</body></html>`
  saveFile(fileName(title, 'html'), new Blob([page], { type: 'text/html' }))
}

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (letter) => `&#${letter.charCodeAt(0)};`)
}
