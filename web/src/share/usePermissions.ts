import { useCallback, useEffect, useState } from 'react'
import { listPermissions } from '../api/documents'
import { listenLive } from '../api/live'
import type { Permission } from '../api/types'

export type PermissionsState =
  | { kind: 'loading' }
  | { kind: 'failed'; error: unknown }
  | { kind: 'ready'; permissions: Permission[] }

/** Who has access to a document; follows changes made elsewhere. */
export function usePermissions(id: string): { state: PermissionsState; reload: () => void } {
  const [state, setState] = useState<PermissionsState>({ kind: 'loading' })
  const load = useCallback(() => {
    listPermissions(id).then(
      (permissions) => setState({ kind: 'ready', permissions }),
      (error: unknown) => setState((now) => (now.kind === 'ready' ? now : { kind: 'failed', error })),
    )
  }, [id])
  useEffect(load, [load])
  useEffect(
    () =>
      listenLive((event) => {
        if (event.document_id === id && event.kind.startsWith('grant.')) load()
      }),
    [id, load],
  )
  return { state, reload: load }
}
