import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Plugin } from 'vite'

/** Beside the hashed files: what `public/` holds and a page needs. */
const PUBLIC = ['/', '/theme.js', '/icon.svg', '/manifest.webmanifest']
/** Scripts of languages that few need are fetched when they are. */
const LEFT_OUT = /(cyrillic|greek|vietnamese|latin-ext).*\.woff2$/

/** Writes `sw.js`: the worker of `src/worker/sw.js` with the list of this build's files, under a version of their own. */
export function serviceWorker(): Plugin {
  return {
    name: 'stet-service-worker',
    apply: 'build',
    generateBundle(_, bundle) {
      const built = Object.keys(bundle)
        .filter((file) => file.startsWith('assets/') && !LEFT_OUT.test(file))
        .map((file) => `/${file}`)
        .sort()
      const files = [...PUBLIC, ...built]
      const source = readFileSync(new URL('src/worker/sw.js', import.meta.url), 'utf8')
      const version = createHash('sha256').update(source).update(files.join('\n')).digest('hex').slice(0, 12)
      const code = source.replace('__VERSION__', version).replace("['__FILES__']", JSON.stringify(files))
      this.emitFile({ type: 'asset', fileName: 'sw.js', source: code })
    },
  }
}
