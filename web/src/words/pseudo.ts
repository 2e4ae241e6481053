import { en, type Words } from './en'

const ACCENTED: Record<string, string> = { a: 'å', e: 'é', i: 'ï', o: 'ø', u: 'ü', A: 'Å', E: 'É', I: 'Ï', O: 'Ø', U: 'Ü' }

/** A language for tests: every text in brackets, longer and accented, so that text from elsewhere stands out. */
export const pseudo = disguise(en) as Words

export function isPseudo(text: string): boolean {
  return text.startsWith('⟦') && text.endsWith('⟧')
}

function disguise(value: unknown): unknown {
  if (typeof value === 'string') return wrap(value)
  if (typeof value === 'function') return (...given: unknown[]) => wrap(String((value as (...all: unknown[]) => unknown)(...given)))
  if (Array.isArray(value)) return value.map(disguise)
  return Object.fromEntries(Object.entries(value as object).map(([key, inner]) => [key, disguise(inner)]))
}

function wrap(text: string): string {
  return `⟦${text.replace(/[aeiouAEIOU]/g, (letter) => (ACCENTED[letter] ?? letter).repeat(2))}⟧`
}
