import type { Held } from './frames'
import { Ranges, type RangesJson } from './ranges'

/** Edits that are counted one by one; beyond that the oldest are counted together. */
const EDITS_MAX = 500

interface Edit {
  changes: number
  readonly inserted: Ranges
  readonly deleted: Ranges
}

/** What survives a reload of the page. */
export type PendingJson = { changes: number; inserted: RangesJson; deleted: RangesJson }[]

/**
 * This person's edits that the server has not yet committed, as far as we know.
 *
 * An edit leaves when every range it inserted and every range it deleted has come back from the server, which sends
 * nothing before its commit. A state vector proves insertions only: it says nothing about deletions.
 */
export class Pending {
  #edits: Edit[] = []

  static from(json: PendingJson): Pending {
    const pending = new Pending()
    pending.#edits = json.map(({ changes, inserted, deleted }) => ({
      changes,
      inserted: Ranges.from(inserted),
      deleted: Ranges.from(deleted),
    }))
    return pending
  }

  toJSON(): PendingJson {
    return this.#edits.map((edit) => ({
      changes: edit.changes,
      inserted: edit.inserted.toJSON(),
      deleted: edit.deleted.toJSON(),
    }))
  }

  /** How many changes the person made that are not saved yet. */
  get changes(): number {
    return this.#edits.reduce((sum, edit) => sum + edit.changes, 0)
  }

  isEmpty(): boolean {
    return this.#edits.length === 0
  }

  record(inserted: Ranges, deleted: Ranges): void {
    if (inserted.isEmpty() && deleted.isEmpty()) return
    this.#edits.push({ changes: 1, inserted, deleted })
    if (this.#edits.length > EDITS_MAX) this.#joinOldest()
  }

  /** Takes over edits counted elsewhere: those of an earlier visit to this page. */
  adopt(other: Pending): void {
    this.#edits = [...other.#edits, ...this.#edits]
    while (this.#edits.length > EDITS_MAX) this.#joinOldest()
  }

  /** A committed update came: true when it settled something. */
  acknowledge(inserted: Ranges, deleted: Ranges): boolean {
    return this.#settle((edit) => {
      const some = edit.inserted.removeAll(inserted)
      return edit.deleted.removeAll(deleted) || some
    })
  }

  /** The server told its committed state vector: true when it settled something. */
  acknowledgeBelow(vector: ReadonlyMap<number, number>): boolean {
    return this.#settle((edit) => edit.inserted.removeBelow(vector))
  }

  /** Takes out what a document holds. */
  removeHeld({ vector, deleted }: Held): void {
    this.#settle((edit) => {
      const some = edit.inserted.removeBelow(vector)
      return edit.deleted.removeAll(deleted) || some
    })
  }

  /** Takes out what a document does not hold, and returns it. */
  takeAbsent(held: Held): Pending {
    const absent = Pending.from(this.toJSON())
    absent.removeHeld(held)
    for (const { inserted, deleted } of absent.#edits) this.acknowledge(inserted, deleted)
    return absent
  }

  #settle(take: (edit: Edit) => boolean): boolean {
    let changed = false
    for (const edit of this.#edits) changed = take(edit) || changed
    if (changed) this.#edits = this.#edits.filter((edit) => !edit.inserted.isEmpty() || !edit.deleted.isEmpty())
    return changed
  }

  #joinOldest(): void {
    const [first, second, ...rest] = this.#edits
    if (!first || !second) return
    first.inserted.addAll(second.inserted)
    first.deleted.addAll(second.deleted)
    this.#edits = [{ ...first, changes: first.changes + second.changes }, ...rest]
  }
}
