import react from '@vitejs/plugin-react'
import { defineConfig } from 'vitest/config'
import { serviceWorker } from './serviceWorker.ts'

/** The server that `npm run dev` talks to. */
const SERVER = process.env.STET_SERVER ?? 'http://127.0.0.1:8080'

export default defineConfig({
  plugins: [react(), serviceWorker()],
  server: { proxy: { '/api': { target: SERVER, ws: true } } },
  build: { target: 'es2023', chunkSizeWarningLimit: 900 },
  test: { include: ['src/**/*.test.{ts,tsx}'] },
})
