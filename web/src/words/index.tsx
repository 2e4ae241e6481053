import { createContext, useContext, useEffect, useMemo, useSyncExternalStore, type ReactNode } from 'react'
import { ApiError } from '../api/http'
import { de } from './de'
import { en, type Words } from './en'

export type Language = 'en' | 'de'
export const LANGUAGES: Record<Language, Words> = { en, de }

const CHOSEN = 'stet:language'
const listeners = new Set<() => void>()

function currentLanguage(): Language {
  const asked = [read(), ...navigator.languages].map((tag) => tag?.slice(0, 2).toLowerCase())
  return (asked.find((tag) => tag !== undefined && tag in LANGUAGES) as Language | undefined) ?? 'en'
}

function read(): string | null {
  try {
    return localStorage.getItem(CHOSEN)
  } catch {
    return null
  }
}

export function chooseLanguage(language: Language): void {
  try {
    localStorage.setItem(CHOSEN, language)
  } catch {
    return
  }
  for (const listener of listeners) listener()
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export interface Spoken {
  words: Words
  /** BCP 47 tag for dates and numbers: the browser's region of the chosen language where it has one. */
  locale: string
  language: Language
}

export const WordsContext = createContext<Spoken>({ words: en, locale: 'en', language: 'en' })

export function WordsProvider({ children }: { children: ReactNode }) {
  const language = useSyncExternalStore(subscribe, currentLanguage)
  const spoken = useMemo<Spoken>(() => {
    const locale = navigator.languages.find((tag) => tag.toLowerCase().startsWith(language)) ?? language
    return { words: LANGUAGES[language], locale, language }
  }, [language])
  useEffect(() => {
    document.documentElement.lang = language
  }, [language])
  return <WordsContext value={spoken}>{children}</WordsContext>
}

export function useWords(): Words {
  return useContext(WordsContext).words
}

export function useSpoken(): Spoken {
  return useContext(WordsContext)
}

/** What to tell a person about a failed call. */
export function errorWords(words: Words, error: unknown): string {
  if (!(error instanceof ApiError)) return words.errors.unreachable ?? ''
  const field = error.field === null ? undefined : words.fieldErrors[error.field]
  return field ?? words.errors[error.code] ?? words.errors.internal ?? ''
}

/** Why the person's changes are not taken; `kept`: whether this device holds them. */
export function refusalWords(words: Words, reason: string, kept: boolean): [title: string, text: string] {
  const here = kept ? undefined : words.refusals[`${reason}_here`]
  return here ?? words.refusals[reason] ?? words.refusals.other ?? ['', '']
}
