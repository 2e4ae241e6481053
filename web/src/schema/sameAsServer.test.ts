import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { FRAGMENT, SCHEMA_VERSION, documentSchema } from '.'

interface Description {
  version: number
  root: string
  nodes: Record<string, { group: string | null; content: string; attributes: Record<string, unknown> }>
  marks: { name: string; attributes: Record<string, unknown> }[]
}

// Written by the server's own test of its table of nodes and marks.
const path = new URL('../../../crdt/tests/content/schema.json', import.meta.url)
const server = JSON.parse(readFileSync(path, 'utf8')) as Description

function defaults(attrs: Record<string, { default?: unknown }> | undefined): Record<string, unknown> {
  return Object.fromEntries(Object.entries(attrs ?? {}).map(([name, spec]) => [name, spec.default]))
}

test('version and root are those of the server', () => {
  expect({ version: SCHEMA_VERSION, root: FRAGMENT }).toEqual({ version: server.version, root: server.root })
})

test('nodes, their places, contents and attributes are those of the server', () => {
  const { nodes } = documentSchema()
  const ours = Object.fromEntries(
    Object.values(nodes).map(({ name, spec }) => {
      const group = spec.group?.split(' ')[0] ?? null
      return [name, { group, content: spec.content ?? '', attributes: defaults(spec.attrs) }]
    }),
  )
  expect(Object.keys(ours).length).toBeGreaterThan(20)
  expect(ours).toEqual(server.nodes)
})

test('marks, their order and attributes are those of the server', () => {
  const ours = Object.values(documentSchema().marks).map(({ name, spec }) => ({ name, attributes: defaults(spec.attrs) }))
  expect(ours).toEqual(server.marks)
})
