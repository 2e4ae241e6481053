import { account } from './account'
import type { LiveEvent } from './types'

const AGAIN_MS_MIN = 500
const AGAIN_MS_MAX = 15_000

type Listener = (event: LiveEvent) => void

const listeners = new Set<Listener>()
let socket: WebSocket | null = null
let position: number | null = null
let attempts = 0
let timer: ReturnType<typeof setTimeout> | undefined

/**
 * The live channel: what changes around documents. It goes on from its position after a break, so that nothing is
 * missed; it is open while anybody listens.
 */
export function listenLive(listener: Listener): () => void {
  listeners.add(listener)
  if (listeners.size === 1) void open()
  return () => {
    listeners.delete(listener)
    if (listeners.size === 0) close()
  }
}

async function open(): Promise<void> {
  if (socket || listeners.size === 0) return
  let token: string
  try {
    token = await account.accessToken()
  } catch {
    return again()
  }
  if (socket || listeners.size === 0) return
  const address = new URL('/api/events', location.href)
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:'
  if (position !== null) address.searchParams.set('since', String(position))
  address.searchParams.set('token', token)
  const opened = new WebSocket(address)
  socket = opened
  opened.onmessage = (message) => receive(message.data as string)
  opened.onclose = () => {
    if (socket !== opened) return
    socket = null
    again()
  }
}

function receive(text: string): void {
  const event = JSON.parse(text) as LiveEvent
  attempts = 0
  // The first greeting is where we start; a later one only tells how far there is to catch up.
  if (event.kind !== 'hello' || position === null) position = event.seq
  if (event.kind === 'hello') return
  for (const listener of listeners) listener(event)
}

function again(): void {
  clearTimeout(timer)
  if (listeners.size === 0 || account.get().kind !== 'signed_in') return
  timer = setTimeout(() => void open(), Math.min(AGAIN_MS_MIN * 2 ** attempts, AGAIN_MS_MAX))
  attempts += 1
}

function close(): void {
  clearTimeout(timer)
  const closing = socket
  socket = null
  position = null
  closing?.close()
}
