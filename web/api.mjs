// Makes src/api/openapi.ts from openapi.json. openapi-typescript runs on TypeScript 5, so it is fetched for the moment
// and is no dependency of ours.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const description = JSON.parse(readFileSync('openapi.json', 'utf8'))
// Calls are named by path and method alone; ids that repeat would clash.
for (const path of Object.values(description.paths)) {
  for (const call of Object.values(path)) delete call.operationId
}
const input = join(mkdtempSync(join(tmpdir(), 'stet-api-')), 'openapi.json')
writeFileSync(input, JSON.stringify(description))
const tools = ['-p', 'openapi-typescript@7.13.0', '-p', 'typescript@5.9.3']
execFileSync('npx', ['-y', ...tools, 'openapi-typescript', input, '-o', 'src/api/openapi.ts'], { stdio: 'inherit' })
