import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { parseAst } from 'vite'
import { expect, test } from 'vitest'
import { de } from './de'
import { en } from './en'
import { refusalWords } from '.'

const SOURCES = new URL('..', import.meta.url).pathname

interface Description {
  components: { schemas: { ErrorCode: { enum: string[] } } }
}
const openapi = JSON.parse(readFileSync(new URL('../../openapi.json', import.meta.url), 'utf8')) as Description

test('every error code of the server has words in every language', () => {
  const codes = openapi.components.schemas.ErrorCode.enum
  expect(codes.length).toBeGreaterThan(15)
  for (const words of [en, de]) for (const code of codes) expect(words.errors[code], code).toBeTruthy()
})

test('no language has words for a code that nobody sends', () => {
  const codes = new Set([...openapi.components.schemas.ErrorCode.enum, 'unreachable'])
  for (const words of [en, de]) expect(Object.keys(words.errors).filter((code) => !codes.has(code))).toEqual([])
})

test('every refusal of an edit has words of its own', () => {
  for (const words of [en, de]) {
    for (const reason of ['refused_update', 'frame_too_large', 'document_too_large', 'foreign_ranges', 'forbidden', 'not_found', 'signed_out']) {
      expect(refusalWords(words, reason, true), reason).not.toEqual(words.refusals.other)
    }
    expect(refusalWords(words, 'anything else', true)).toEqual(words.refusals.other)
    // What this device does not hold is not said to stay on it.
    expect(refusalWords(words, 'signed_out', false)).not.toEqual(refusalWords(words, 'signed_out', true))
  }
})

test('languages have the same keys and no empty text', () => {
  expect(shape(de)).toEqual(shape(en))
  expect(shape(en).length).toBeGreaterThan(200)
})

function shape(value: unknown, path = ''): string[] {
  if (typeof value === 'string') {
    expect(value, path).not.toBe('')
    return [path]
  }
  if (typeof value === 'function') return [`${path}()`]
  return Object.entries(value as object).flatMap(([key, inner]) => shape(inner, `${path}.${key}`))
}

/** Attributes that people read or hear. */
const READ = new Set(['label', 'title', 'placeholder', 'aria-label', 'aria-description', 'alt', 'description'])
/** The letter that shows a text colour; no word. */
const ALLOWED = new Set(['A'])

test('no component holds text of its own', () => {
  const files = readdirSync(SOURCES, { recursive: true, encoding: 'utf8' }).filter((file) => /(?<!\.test)\.tsx$/.test(file))
  expect(files.length).toBeGreaterThan(20)
  let elements = 0
  const found: string[] = []
  for (const file of files) {
    walk(parseAst(readFileSync(join(SOURCES, file), 'utf8'), { lang: 'tsx' }), (node) => {
      if (node.type === 'JSXElement') elements += 1
      const text = literal(node)
      if (/\p{L}/u.test(text) && !ALLOWED.has(text)) found.push(`${file}: ${text}`)
    })
  }
  expect(found).toEqual([])
  expect(elements).toBeGreaterThan(200)
})

interface AstNode {
  type: string
  [key: string]: unknown
}

function literal(node: AstNode): string {
  if (node.type === 'JSXText') return String(node.value).trim()
  if (node.type !== 'JSXAttribute' || !READ.has((node.name as AstNode).name as string)) return ''
  const value = node.value as AstNode | null
  return value?.type === 'Literal' ? String(value.value) : ''
}

function walk(value: unknown, visit: (node: AstNode) => void): void {
  if (Array.isArray(value)) return value.forEach((inner) => walk(inner, visit))
  if (typeof value !== 'object' || value === null) return
  if ('type' in value) visit(value as AstNode)
  for (const inner of Object.values(value)) walk(inner, visit)
}
