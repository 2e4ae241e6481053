// Keeps the app on the device, so that it opens without a network. It never touches the API: what the server says is
// asked of the server, and documents keep copies of their own.
const CACHE = 'stet-__VERSION__'
const FILES = ['__FILES__']
/** A page waits so long for the server before the copy is shown. */
const PATIENCE_MS = 3000

self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)))
  self.skipWaiting()
})

self.addEventListener('activate', (event) => {
  event.waitUntil(
    (async () => {
      const names = (await caches.keys()).filter((name) => name.startsWith('stet-') && name !== CACHE)
      // The files before this build's stay: a tab that is open may still ask for its own parts.
      await Promise.all(names.slice(0, -1).map((name) => caches.delete(name)))
      await self.clients.claim()
    })(),
  )
})

self.addEventListener('fetch', (event) => {
  const { request } = event
  const url = new URL(request.url)
  if (request.method !== 'GET' || url.origin !== location.origin || url.pathname.startsWith('/api/')) return
  if (request.mode === 'navigate') event.respondWith(page(request))
  else event.respondWith(file(request))
})

/** The server's page when it answers in time, so that a new version is seen at once; else the copy. */
async function page(request) {
  const copy = () => caches.match('/')
  const late = new Promise((resolve) => setTimeout(resolve, PATIENCE_MS))
  const fresh = fetch(request).catch(() => undefined)
  const first = await Promise.race([fresh, late])
  return first ?? (await copy()) ?? (await fresh) ?? Response.error()
}

/** Names of files hold a hash of their content: a copy is as good as the original. */
async function file(request) {
  const copy = await caches.match(request)
  if (copy) return copy
  const answer = await fetch(request)
  if (answer.ok && new URL(request.url).pathname.startsWith('/assets/')) {
    const cache = await caches.open(CACHE)
    await cache.put(request, answer.clone())
  }
  return answer
}
