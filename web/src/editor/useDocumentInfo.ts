import { useCallback, useEffect, useState } from 'react'
import { readDocument, renameDocument } from '../api/documents'
import { listenLive } from '../api/live'
import type { DocumentInfo } from '../api/types'
import { findCopy, noteCopy } from '../sync/copies'

/** What the server knows about a document besides its text; without the server, what this device knows. */
export interface KnownInfo {
  title: string
  ownerName: string
  info: DocumentInfo | null
}

export function useDocumentInfo(id: string, userId: string) {
  const [known, setKnown] = useState<KnownInfo | null>(() => {
    const copy = findCopy(userId, id)
    return copy && copy.openedAt > 0 ? { title: copy.title, ownerName: copy.ownerName, info: null } : null
  })

  const take = useCallback(
    (info: DocumentInfo) => {
      const ownerName = info.owner_name ?? ''
      setKnown({ title: info.title, ownerName, info })
      noteCopy(userId, id, { title: info.title, ownerName })
    },
    [id, userId],
  )

  const load = useCallback(() => {
    // A failure shows elsewhere: the session says why a document cannot be opened.
    readDocument(id).then(take, () => undefined)
  }, [id, take])

  useEffect(load, [load])
  useEffect(() => {
    window.addEventListener('online', load)
    const stop = listenLive((event) => {
      if (event.document_id === id) load()
    })
    return () => {
      stop()
      window.removeEventListener('online', load)
    }
  }, [id, load])

  const rename = useCallback(
    async (title: string) => {
      const before = known
      setKnown((now) => (now ? { ...now, title } : now))
      try {
        take(await renameDocument(id, title))
      } catch (error) {
        setKnown(before)
        throw error
      }
    },
    [id, known, take],
  )

  return { known, rename }
}
