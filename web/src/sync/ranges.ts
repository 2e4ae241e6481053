/** Half-open clock range `[start, end)` of one client. */
export type Range = readonly [start: number, end: number]

/** What JSON can hold of `Ranges`: per client its ranges, sorted. */
export type RangesJson = [client: number, ranges: Range[]][]

/** Sorted, disjoint, coalesced clock ranges per Yjs client: what an update inserts, or what it deletes. */
export class Ranges {
  readonly #byClient = new Map<number, Range[]>()

  static from(json: RangesJson): Ranges {
    const ranges = new Ranges()
    for (const [client, list] of json) for (const [start, end] of list) ranges.add(client, start, end)
    return ranges
  }

  toJSON(): RangesJson {
    return [...this.#byClient]
  }

  isEmpty(): boolean {
    return this.#byClient.size === 0
  }

  *[Symbol.iterator](): IterableIterator<[client: number, start: number, end: number]> {
    for (const [client, list] of this.#byClient) for (const [start, end] of list) yield [client, start, end]
  }

  add(client: number, start: number, end: number): void {
    if (start >= end) return
    const list = this.#byClient.get(client) ?? []
    const before = list.filter((range) => range[1] < start)
    const after = list.filter((range) => range[0] > end)
    for (const range of list.slice(before.length, list.length - after.length)) {
      start = Math.min(start, range[0])
      end = Math.max(end, range[1])
    }
    this.#byClient.set(client, [...before, [start, end], ...after])
  }

  addAll(other: Ranges): void {
    for (const [client, start, end] of other) this.add(client, start, end)
  }

  /** Takes out one range; true when something was taken. */
  remove(client: number, start: number, end: number): boolean {
    const list = this.#byClient.get(client)
    if (!list || start >= end) return false
    let changed = false
    const left: Range[] = []
    for (const range of list) {
      if (range[1] <= start || range[0] >= end) {
        left.push(range)
        continue
      }
      changed = true
      if (range[0] < start) left.push([range[0], start])
      if (range[1] > end) left.push([end, range[1]])
    }
    if (left.length > 0) this.#byClient.set(client, left)
    else this.#byClient.delete(client)
    return changed
  }

  /** Takes out everything that `other` holds; true when something was taken. */
  removeAll(other: Ranges): boolean {
    if (this.isEmpty()) return false
    let changed = false
    for (const [client, start, end] of other) changed = this.remove(client, start, end) || changed
    return changed
  }

  /** Takes out everything below a state vector; true when something was taken. */
  removeBelow(vector: ReadonlyMap<number, number>): boolean {
    let changed = false
    for (const client of [...this.#byClient.keys()]) changed = this.remove(client, 0, vector.get(client) ?? 0) || changed
    return changed
  }
}
