import { useCallback, useEffect, useRef, useState } from 'react'
import { listDocuments, type Page } from '../api/documents'
import { Unreachable } from '../api/http'
import { listenLive } from '../api/live'
import type { DocumentInfo, View } from '../api/types'

/** Several events in a row (an import, a busy colleague) mean one new look at the list. */
const GATHER_MS = 400

export type ListState =
  | { kind: 'loading' }
  | { kind: 'offline' }
  | { kind: 'failed'; error: unknown }
  | { kind: 'ready'; documents: DocumentInfo[]; nextCursor: string | null }

export interface DocumentList {
  state: ListState
  reload: () => void
  loadMore: () => void
  /** Shows a change before the server's list has it. */
  patch: (change: (documents: DocumentInfo[]) => DocumentInfo[]) => void
}

/** The list of one view; follows what happens elsewhere. */
export function useDocumentList(view: View, query: string): DocumentList {
  const [state, setState] = useState<ListState>({ kind: 'loading' })
  const current = useRef<AbortController | null>(null)

  const load = useCallback(
    async (quiet: boolean) => {
      current.current?.abort()
      const asked = new AbortController()
      current.current = asked
      if (!quiet) setState({ kind: 'loading' })
      try {
        const page = await listDocuments(view, query, null, asked.signal)
        setState({ kind: 'ready', documents: page.documents, nextCursor: page.next_cursor ?? null })
      } catch (error) {
        if (asked.signal.aborted) return
        setState(error instanceof Unreachable ? { kind: 'offline' } : { kind: 'failed', error })
      }
    },
    [view, query],
  )

  useEffect(() => {
    void load(false)
    return () => current.current?.abort()
  }, [load])

  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const refresh = () => {
      clearTimeout(timer)
      timer = setTimeout(() => void load(true), GATHER_MS)
    }
    const stop = listenLive(refresh)
    window.addEventListener('online', refresh)
    return () => {
      stop()
      clearTimeout(timer)
      window.removeEventListener('online', refresh)
    }
  }, [load])

  const loadMore = useCallback(() => {
    if (state.kind !== 'ready' || state.nextCursor === null) return
    void listDocuments(view, query, state.nextCursor).then(
      (page: Page) =>
        setState((now) =>
          now.kind === 'ready'
            ? { kind: 'ready', documents: [...now.documents, ...page.documents], nextCursor: page.next_cursor ?? null }
            : now,
        ),
      (error: unknown) => setState({ kind: 'failed', error }),
    )
  }, [state, view, query])

  const patch = useCallback((change: (documents: DocumentInfo[]) => DocumentInfo[]) => {
    setState((now) => (now.kind === 'ready' ? { ...now, documents: change(now.documents) } : now))
  }, [])

  return { state, reload: () => void load(false), loadMore, patch }
}
