import { expect, test } from 'vitest'
import { Ranges, type RangesJson } from './ranges'

const of = (...list: [number, number, number][]) => {
  const ranges = new Ranges()
  for (const [client, start, end] of list) ranges.add(client, start, end)
  return ranges
}

test('ranges that touch or overlap become one', () => {
  expect(of([1, 0, 3], [1, 3, 5], [1, 10, 12], [1, 4, 11]).toJSON()).toEqual([[1, [[0, 12]]]])
})

test('an empty range adds nothing', () => {
  expect(of([1, 4, 4]).isEmpty()).toBe(true)
})

test('taking out the middle leaves both ends', () => {
  const ranges = of([1, 0, 10], [2, 0, 4])
  expect(ranges.remove(1, 3, 5)).toBe(true)
  expect(ranges.toJSON()).toEqual([
    [1, [[0, 3], [5, 10]]],
    [2, [[0, 4]]],
  ])
  expect(ranges.remove(1, 3, 5)).toBe(false)
})

test('a state vector takes out what lies below it, clients it does not name excepted', () => {
  const ranges = of([1, 2, 8], [2, 0, 4])
  expect(ranges.removeBelow(new Map([[1, 5]]))).toBe(true)
  expect(ranges.toJSON()).toEqual([
    [1, [[5, 8]]],
    [2, [[0, 4]]],
  ])
})

test('adding and taking out agree with a set of clocks', () => {
  let met = 0
  let seed = 7
  const random = (below: number) => {
    // mulberry32: the same numbers on every run
    seed = (seed + 0x6d2b79f5) | 0
    let mixed = Math.imul(seed ^ (seed >>> 15), 1 | seed)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below
  }
  for (let run = 0; run < 300; run += 1) {
    const ranges = new Ranges()
    const model = new Set<string>()
    for (let step = 0; step < 20; step += 1) {
      const client = random(2)
      const start = random(30)
      const end = start + random(8)
      const adds = random(3) > 0
      if (adds) ranges.add(client, start, end)
      else ranges.remove(client, start, end)
      for (let clock = start; clock < end; clock += 1) {
        if (adds) model.add(`${client}:${clock}`)
        else model.delete(`${client}:${clock}`)
      }
    }
    expect(clocks(ranges.toJSON())).toEqual([...model].sort())
    for (const [, list] of ranges.toJSON()) {
      for (const [at, range] of list.entries()) {
        const next = list[at + 1]
        if (next) expect(range[1]).toBeLessThan(next[0])
        met += 1
      }
    }
  }
  expect(met).toBeGreaterThan(500)
})

function clocks(json: RangesJson): string[] {
  return json
    .flatMap(([client, list]) =>
      list.flatMap(([start, end]) => Array.from({ length: end - start }, (_, at) => `${client}:${start + at}`)),
    )
    .sort()
}
