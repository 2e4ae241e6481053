import type { User } from '../api/types'

export function nameOf(user: Pick<User, 'username' | 'display_name'>): string {
  return user.display_name || user.username
}

/** Up to two letters for a face. */
export function initials(name: string): string {
  const parts = name.trim().split(/[\s._-]+/).filter(Boolean)
  const letters = parts.length > 1 ? [parts[0], parts.at(-1)] : [parts[0]]
  return letters.map((part) => [...(part ?? '')][0]?.toLocaleUpperCase() ?? '').join('')
}

const FALLBACK_COLOURS = ['#0b6e99', '#b0451c', '#5f4bb6', '#2b6d5a', '#a3275f', '#7a5a00', '#3a6ea5', '#8a3b8f']

/** A person's colour; the same one everywhere when none is set. */
export function colourOf(id: string, color?: string | null): string {
  if (color && /^#[0-9a-f]{6}$/i.test(color)) return color
  let sum = 0
  for (const letter of id) sum = (sum * 31 + letter.charCodeAt(0)) >>> 0
  return FALLBACK_COLOURS[sum % FALLBACK_COLOURS.length] ?? '#2b6d5a'
}

/** Relative luminance, WCAG 2.2. */
function luminance(hex: string): number {
  const [r = 0, g = 0, b = 0] = [1, 3, 5].map((at) => {
    const channel = Number.parseInt(hex.slice(at, at + 2), 16) / 255
    return channel <= 0.04045 ? channel / 12.92 : ((channel + 0.055) / 1.055) ** 2.4
  })
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

/** Black or white, whichever reads better on `background`: the worse of the two never wins, so it is at least 4.5 : 1. */
export function readableOn(background: string): '#000000' | '#ffffff' {
  const light = luminance(background)
  return 1.05 / (light + 0.05) >= (light + 0.05) / 0.05 ? '#ffffff' : '#000000'
}
