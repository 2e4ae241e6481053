import { expect, test } from 'vitest'
import { completeHref, isSafeHref } from './link'

test.each([
  ['https://example.org', true],
  ['http://example.org/a?b#c', true],
  ['mailto:ana@example.org', true],
  ['tel:+4312345', true],
  ['#part', true],
  ['/d/1', true],
  ['//elsewhere.example', false],
  ['javascript:alert(1)', false],
  ['JaVaScRiPt:alert(1)', false],
  ['data:text/html,x', false],
  ['vbscript:x', false],
  ['blob:https://example.org/1', false],
  ['no address', false],
])('%s may be a link: %s', (href, safe) => {
  expect(isSafeHref(href)).toBe(safe)
})

test.each([
  ['example.org', 'https://example.org'],
  [' example.org/a ', 'https://example.org/a'],
  ['ana@example.org', 'mailto:ana@example.org'],
  ['http://example.org', 'http://example.org'],
  ['/d/1', '/d/1'],
  ['javascript:alert(1)', 'javascript:alert(1)'],
])('%s is completed to %s', (typed, href) => {
  expect(completeHref(typed)).toBe(href)
})
