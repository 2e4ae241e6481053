// Before the first paint, so that a dark page never flashes white. A file of its own: the server allows no inline script.
;(function () {
  var chosen = 'auto'
  try {
    chosen = localStorage.getItem('stet:theme') || 'auto'
  } catch (_) {}
  var dark = chosen === 'dark' || (chosen !== 'light' && matchMedia('(prefers-color-scheme: dark)').matches)
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light')
})()
