import { IndexeddbPersistence } from 'y-indexeddb'
import type * as Y from 'yjs'
import { databaseName } from './copies'

/** The page opens without the device's copy when that takes longer: another tab may hold the database. */
const OPEN_COPY_MS_MAX = 5_000
/** What the database says when it keeps nothing any more: disk full, removed by the browser, deleted by another tab. */
const LOST = ['abort', 'close', 'versionchange'] as const

/** Loads the device's copy into `doc` and keeps it up to date; null where the browser has no storage for us. */
export async function openCopy(person: string, document: string, doc: Y.Doc, lost: () => void): Promise<DeviceCopy | null> {
  if (!(await deviceStores())) return null
  const copy = new DeviceCopy(databaseName(person, document), lost)
  let timer: ReturnType<typeof setTimeout> | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), OPEN_COPY_MS_MAX)
  })
  const loaded = copy.load(doc).catch(() => false)
  const opened = await Promise.race([loaded, late])
  clearTimeout(timer)
  if (opened) return copy
  copy.close()
  return null
}

/** An open copy. While it is open it holds a lock of its name, so that no tab removes it to make room. */
export class DeviceCopy {
  #persistence: IndexeddbPersistence | null = null
  #closed = false
  readonly #waiting = new AbortController()
  #release = () => {}

  constructor(
    private readonly name: string,
    private readonly lost: () => void,
  ) {}

  async load(doc: Y.Doc): Promise<boolean> {
    await this.#lock()
    if (this.#closed) return false
    const persistence = new IndexeddbPersistence(this.name, doc)
    this.#persistence = persistence
    const database = await persistence._db
    for (const event of LOST) database.addEventListener(event, this.#lost)
    await persistence.whenSynced
    return true
  }

  /**
   * Resolves when all that was typed until now is in the database, and rejects when it will not be. Transactions of one
   * store run one after the other, so an empty one ends after the writes in front of it.
   */
  async written(): Promise<void> {
    // The copy writes when the document's transaction has ended, which may be the one that asks.
    await Promise.resolve()
    const database = this.#persistence?.db
    if (!database || this.#closed) throw new Error('the copy is closed')
    const transaction = database.transaction('updates', 'readonly')
    await new Promise<void>((done, failed) => {
      transaction.oncomplete = () => done()
      transaction.onabort = () => failed(transaction.error)
    })
  }

  close(): void {
    if (this.#closed) return
    this.#closed = true
    this.#waiting.abort()
    const closed = this.#persistence?.destroy() ?? Promise.resolve()
    void closed.catch(() => {}).then(this.#release)
  }

  #lost = (): void => {
    if (this.#closed) return
    // Further writes would leave holes, or fail in the middle of an edit.
    this.close()
    this.lost()
  }

  /** Resolves when nobody is removing the copy. Browsers offer locks only where the connection is safe (https). */
  #lock(): Promise<void> {
    const { locks } = navigator
    if (!locks) return Promise.resolve()
    return new Promise((granted, refused) => {
      const hold = () => new Promise<void>((release) => {
        this.#release = release
        granted()
      })
      locks.request(this.name, { mode: 'shared', signal: this.#waiting.signal }, hold).catch(refused)
    })
  }
}

let probe: Promise<boolean> | undefined

/** Whether IndexedDB works here: it does not in some private windows, and y-indexeddb would wait for ever. */
function deviceStores(): Promise<boolean> {
  probe ??= new Promise((resolve) => {
    try {
      const request = indexedDB.open('stet:probe')
      request.onsuccess = () => {
        request.result.close()
        resolve(true)
      }
      request.onerror = () => resolve(false)
      request.onblocked = () => resolve(false)
    } catch {
      resolve(false)
    }
  })
  return probe
}
