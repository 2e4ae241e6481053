/** Keeps the app itself on the device, so that it opens without a network. Only in built apps: `vite` serves changing files. */
export function registerServiceWorker(): void {
  if (!import.meta.env.PROD || !('serviceWorker' in navigator)) return
  window.addEventListener('load', () => {
    // Where it cannot be had (private windows, plain http), the app works online only.
    navigator.serviceWorker.register('/sw.js').catch(() => undefined)
  })
  // A part of an app that was replaced on the server meanwhile: the new one is a reload away.
  window.addEventListener('vite:preloadError', () => location.reload())
}
