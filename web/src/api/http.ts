import type { ApiErrorBody } from './types'

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

export interface Request {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE'
  body?: unknown
  token?: string | null
  signal?: AbortSignal
}

/** One call; throws `ApiError` or `Unreachable`. */
export async function send(path: string, { method = 'GET', body, token, signal }: Request): Promise<Response> {
  const headers: Record<string, string> = {}
  if (body !== undefined) headers['content-type'] = 'application/json'
  if (token) headers.authorization = `Bearer ${token}`
  let response: Response
  try {
    response = await fetch(`/api${path}`, {
      method,
      headers,
      credentials: 'same-origin',
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      ...(signal ? { signal } : {}),
    })
  } catch (cause) {
    if (signal?.aborted) throw cause
    throw new Unreachable(cause)
  }
  if (!response.ok) throw await refusal(response)
  return response
}

async function refusal(response: Response): Promise<ApiError | Unreachable> {
  try {
    const { error } = (await response.json()) as ApiErrorBody
    const field = error.details?.field
    return new ApiError(response.status, error.code, typeof field === 'string' ? field : null)
  } catch (cause) {
    // A proxy's page in between, not our server.
    return response.status >= 500 ? new Unreachable(cause) : new ApiError(response.status, 'internal')
  }
}
