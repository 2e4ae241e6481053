import { notice } from '../shell/notice'

export function linkTo(id: string): string {
  return new URL(`/d/${id}`, location.href).href
}

/** Puts the document's link on the clipboard and says so. */
export async function copyLink(id: string, copied: string): Promise<void> {
  await copyText(linkTo(id))
  notice(copied)
}

export async function copyText(text: string): Promise<void> {
  try {
    await navigator.clipboard.writeText(text)
  } catch {
    // Plain http: the clipboard API is missing there, selecting and copying still works.
    const field = document.createElement('textarea')
    field.value = text
    document.body.append(field)
    field.select()
    document.execCommand('copy')
    field.remove()
  }
}
