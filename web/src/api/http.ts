import createClient, { type Client } from 'openapi-fetch'
import type { components, paths } from './openapi'

/** The server said no. `code` is stable; the catalogue has words for it. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    readonly code: string,
    /** The field that is not as it should be, where it is about one. */
    readonly field: string | null = null,
  ) {
    super(code)
    this.name = 'ApiError'
  }
}

/** No answer came: no network, no server, or something in between. */
export class Unreachable extends Error {
  constructor(cause: unknown) {
    super('unreachable', { cause })
    this.name = 'Unreachable'
  }
}

type Fetch = (request: Request) => Promise<Response>

/** The server's calls, typed by its own description, over one way of fetching. */
export function apiOver(fetching: Fetch): Client<paths> {
  return createClient<paths>({ baseUrl: location.origin, fetch: fetching })
}

/** One request; throws `Unreachable` when nothing answers, and the browser's own error when it was given up. */
export async function plainFetch(request: Request): Promise<Response> {
  try {
    return await fetch(request)
  } catch (cause) {
    if (request.signal.aborted) throw cause
    throw new Unreachable(cause)
  }
}

interface Answer<T> {
  data?: T | undefined
  error?: unknown
  response: Response
}

/** What a call brought; throws `ApiError` where the server said no. */
export async function answered<T>(call: Promise<Answer<T>>): Promise<T> {
  const { data, error, response } = await call
  if (response.ok) return data as T
  const body = error as components['schemas']['ErrorBody'] | undefined
  if (typeof body?.error?.code !== 'string') {
    // A proxy's page in between, not our server.
    throw response.status >= 500 ? new Unreachable(error) : new ApiError(response.status, 'internal')
  }
  const field = (body.error.details as { field?: unknown } | null | undefined)?.field
  throw new ApiError(response.status, body.error.code, typeof field === 'string' ? field : null)
}
