import { Link } from '@tiptap/extension-link'

const SAFE_SCHEMES = ['http:', 'https:', 'mailto:', 'tel:']

/** What a link may lead to. Anything that could run script is refused; so is an address we cannot parse. */
export function isSafeHref(href: string): boolean {
  if (href.startsWith('#') || href.startsWith('/')) return !href.startsWith('//')
  try {
    return SAFE_SCHEMES.includes(new URL(href).protocol)
  } catch {
    return false
  }
}

/** What the person typed → an address: "example.org" means https, "a@b.org" means mailto. */
export function completeHref(typed: string): string {
  const text = typed.trim()
  if (/^[a-z][a-z0-9+.-]*:/i.test(text) || text.startsWith('#') || text.startsWith('/')) return text
  if (/^[^\s/@]+@[^\s/@]+\.[^\s/@]+$/.test(text)) return `mailto:${text}`
  return `https://${text}`
}

export const DocumentLink = Link.configure({
  openOnClick: false,
  autolink: true,
  linkOnPaste: true,
  defaultProtocol: 'https',
  HTMLAttributes: { target: '_blank', rel: 'noopener noreferrer nofollow', class: null },
  isAllowedUri: (href) => isSafeHref(href) || isSafeHref(completeHref(href)),
})
