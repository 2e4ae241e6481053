import { useEffect, useState, useSyncExternalStore } from 'react'
import { collaborate } from '../api/documents'
import { listenLive } from '../api/live'
import type { User } from '../api/types'
import { colourOf, nameOf } from '../shell/people'
import { FRAGMENT, SCHEMA_VERSION, documentSchema } from '../schema'
import { DocumentSession, type SessionState } from '../sync/session'

const NOT_YET: SessionState = { stage: { kind: 'opening' }, save: { kind: 'opening' }, role: null, lost: false }
const nothing = () => () => {}
/** Events after which the person may do more or less than before. */
const ACCESS = /^grant\.|^document\.(trashed|restored)$/

/** The session of one document, from the moment the page shows it until it goes. */
export function useDocumentSession(id: string, user: User): { session: DocumentSession | null; state: SessionState } {
  const [session, setSession] = useState<DocumentSession | null>(null)
  const { id: userId } = user
  const name = nameOf(user)
  const color = colourOf(user.id, user.color)
  useEffect(() => {
    const opened = new DocumentSession({
      person: { id: userId, name, color },
      documentId: id,
      fragment: FRAGMENT,
      schema: documentSchema(),
      schemaVersion: SCHEMA_VERSION,
      collaborate: () => collaborate(id),
      online: () => navigator.onLine,
    })
    setSession(opened)
    void opened.start()
    const stop = listenLive((event) => {
      if (event.document_id === id && ACCESS.test(event.kind)) opened.checkAccess()
    })
    return () => {
      stop()
      setSession(null)
      opened.destroy()
    }
  }, [id, userId, name, color])
  const state = useSyncExternalStore(session?.subscribe ?? nothing, session?.getState ?? (() => NOT_YET))
  return { session, state }
}
