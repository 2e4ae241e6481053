import { IndexeddbPersistence } from 'y-indexeddb'
import type * as Y from 'yjs'
import { databaseName } from './copies'

/** Loads the device's copy into `doc` and keeps it up to date; null where the browser has no storage for us. */
export async function openCopy(person: string, document: string, doc: Y.Doc): Promise<IndexeddbPersistence | null> {
  if (!(await deviceStores())) return null
  const persistence = new IndexeddbPersistence(databaseName(person, document), doc)
  await persistence.whenSynced
  return persistence
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
