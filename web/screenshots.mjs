// Pictures of a fixed set of views, light and dark, wide and narrow, in web/screenshots; axe looks at each of them.
// STET_URL names a started server (two accounts and a few documents are made there); without it one is started on an
// empty folder from STET_BIN or target/debug/stet. CHROMIUM names the browser.
import { spawn } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { AxeBuilder } from '@axe-core/playwright'
import { chromium } from 'playwright-core'

const FOLDER = new URL('screenshots/', import.meta.url).pathname
const PASSWORD = 'a password for pictures'
const SIZES = { wide: { width: 1280, height: 800 }, narrow: { width: 390, height: 800 } }
const SCHEMES = ['light', 'dark']

const TEXT = `# The river survey

We walked the eastern bank on **14 March** and counted what we could. The water was *unusually low*, and the [gauge at the old mill](https://example.org/gauge) showed \`0.42 m\`, the lowest value since the record began.

## What we found

Three places need attention before the summer.

- Kingfishers at two sites
- No otters this year
    - but fresh tracks by the ford

1. Measure again in April
2. Write to the owner of the mill

- [x] Photograph the slipped bank
- [ ] Ask the council about the culvert

> [!WARNING]
> Do not cross at the ford after rain. The level rises by half a metre within the hour.

## Readings

| Site | Depth | Flow |
| --- | --- | --- |
| Weir | 0.42 m | slow |
| Ford | 0.18 m | brisk |

> The river remembers where it used to run.

### How we measured

\`\`\`python
def mean(values):
    return sum(values) / len(values)
\`\`\`

---

Next walk: the western bank.
`

let base = process.env.STET_URL
let findings = 0
let pictures = 0

async function startServer() {
  const data = mkdtempSync(join(tmpdir(), 'stet-pictures-'))
  const binary = process.env.STET_BIN ?? new URL('../target/debug/stet', import.meta.url).pathname
  const server = spawn(binary, ['serve', '--listen', '127.0.0.1:0', '--data', data], { stdio: ['ignore', 'pipe', 'pipe'] })
  const address = await new Promise((resolve, reject) => {
    let said = ''
    const listen = (chunk) => {
      said += chunk
      const found = /https?:\/\/127\.0\.0\.1:\d+/.exec(said)
      if (found) resolve(found[0])
    }
    server.stdout.on('data', listen)
    server.stderr.on('data', listen)
    server.on('exit', (code) => reject(new Error(`the server stopped with ${code}: ${said}`)))
  })
  const stop = async () => {
    const gone = new Promise((resolve) => server.on('exit', resolve))
    server.kill('SIGTERM')
    await gone
    rmSync(data, { recursive: true, force: true })
  }
  return { address, stop }
}

async function call(path, { method = 'GET', body, token } = {}) {
  const headers = { ...(body ? { 'content-type': 'application/json' } : {}), ...(token ? { authorization: `Bearer ${token}` } : {}) }
  const response = await fetch(`${base}/api${path}`, { method, headers, body: body && JSON.stringify(body) })
  const text = await response.text()
  if (!response.ok && response.status !== 409) throw new Error(`${method} ${path}: ${response.status} ${text}`)
  return text === '' ? null : JSON.parse(text)
}

async function person(username) {
  await call('/users', { method: 'POST', body: { username, email: `${username}@example.org`, password: PASSWORD } })
  const { access_token: token, user } = await call('/auth/login', { method: 'POST', body: { username, password: PASSWORD } })
  return { username, token, user }
}

async function makeDocument(owner, title, text) {
  const content = text ? { content: { format: 'markdown', text } } : {}
  const { document } = await call('/documents', { method: 'POST', token: owner.token, body: { title, ...content } })
  return document.id
}

const share = (owner, id, user, role) => call(`/permissions/${id}`, { method: 'POST', token: owner.token, body: { user, role } })

async function signIn(page, { username }) {
  await page.goto(base)
  await page.getByLabel(/Name or e-mail/).fill(username)
  await page.locator('input[type=password]').fill(PASSWORD)
  await page.getByRole('button', { name: 'Sign in', exact: true }).click()
  await page.getByRole('heading', { name: 'Documents' }).waitFor()
}

async function openDocument(page, id) {
  await page.goto(`${base}/d/${id}`)
  await page.locator('#stet-text').waitFor()
  await page.getByTestId('save-state').filter({ hasText: /Saved|View only/ }).waitFor()
}

/** One picture, and what axe has to say about the page. */
async function picture(page, name, rulesOff = []) {
  // Fonts, and transitions of at most a few tenths of a second.
  await page.evaluate(() => document.fonts.ready)
  await page.waitForTimeout(350)
  await page.screenshot({ path: join(FOLDER, `${name}.png`) })
  pictures += 1
  // Mantine puts an empty element into its menus for the focus to land on; it is announced as nothing.
  const { violations } = await new AxeBuilder({ page }).disableRules(['aria-required-children', ...rulesOff]).analyze()
  for (const { id, nodes } of violations) {
    findings += 1
    console.error(`${name}: ${id}: ${nodes.map(({ target }) => target.join(' ')).slice(0, 3).join(' | ')}`)
  }
}

async function round(browser, scheme, size, people, documents) {
  const tag = `${size}-${scheme}`
  const { ana, ben } = people
  const context = await browser.newContext({ viewport: SIZES[size], colorScheme: scheme, locale: 'en-GB', reducedMotion: 'reduce' })
  const page = await context.newPage()
  await page.goto(base)
  await page.getByRole('button', { name: 'Sign in', exact: true }).waitFor()
  await picture(page, `sign-in-${tag}`)
  await signIn(page, ana)
  await page.getByRole('link', { name: 'The river survey' }).waitFor()
  await picture(page, `home-${tag}`)
  await page.goto(`${base}/trash`)
  await page.getByText('The trash is empty').waitFor()
  await picture(page, `trash-empty-${tag}`)
  await page.goto(`${base}/d/01990000-0000-7000-8000-000000000000`)
  await page.getByText('There is no such document').waitFor()
  await picture(page, `missing-${tag}`)

  const other = await (await browser.newContext({ viewport: SIZES.wide, locale: 'en-GB' })).newPage()
  await signIn(other, ben)
  await openDocument(other, documents.survey)
  await openDocument(page, documents.survey)
  await other.locator('#stet-text li').first().click()
  await other.keyboard.press('End')
  await page.locator('.stet-caret').waitFor()
  await picture(page, `document-${tag}`)
  await page.locator('main').evaluate((main) => main.scrollTo(0, main.scrollHeight))
  await picture(page, `document-end-${tag}`)
  await page.locator('main').evaluate((main) => main.scrollTo(0, 0))

  await page.getByRole('button', { name: 'Document menu' }).click()
  // An open menu floats outside the landmarks.
  await picture(page, `document-menu-${tag}`, ['region'])
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+Alt+p')
  await page.getByText('Who has access').waitFor()
  await page.getByText('Owner').first().waitFor()
  await picture(page, `people-${tag}`)
  await page.keyboard.press(size === 'wide' ? 'Control+Alt+p' : 'Escape')
  await page.getByText('Who has access').waitFor({ state: 'detached' })
  await page.keyboard.press('Control+Alt+s')
  await page.getByText('people can open this document').last().waitFor()
  await picture(page, `share-${tag}`)
  await page.keyboard.press('Escape')
  await page.keyboard.press('Control+/')
  await page.getByRole('dialog').waitFor()
  await picture(page, `shortcuts-${tag}`)
  await page.keyboard.press('Escape')

  await context.setOffline(true)
  await page.locator('#stet-text p').first().click()
  await page.keyboard.type('Offline. ')
  await page.getByTestId('save-state').filter({ hasText: 'kept' }).waitFor()
  await picture(page, `offline-${tag}`)
  await page.keyboard.press('Control+z')
  await context.setOffline(false)
  await page.getByTestId('save-state').filter({ hasText: 'Saved' }).waitFor()

  await openDocument(page, documents.readable)
  await picture(page, `read-only-${tag}`)
  await openDocument(page, documents.empty)
  await page.locator('#stet-text').click()
  await page.keyboard.type('/')
  await page.getByRole('listbox').waitFor()
  await picture(page, `slash-${tag}`)
  await page.keyboard.press('Escape')
  await page.keyboard.press('Backspace')
  await picture(page, `empty-${tag}`)
  await other.context().close()
  await context.close()
}

const started = base ? null : await startServer()
base ??= started.address
mkdirSync(FOLDER, { recursive: true })
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium' })
try {
  const ana = await person('ana')
  const ben = await person('ben')
  const documents = {
    survey: await makeDocument(ana, 'The river survey', TEXT),
    readable: await makeDocument(ben, 'House rules', '# House rules\n\nBe kind. Close the gate.\n'),
    empty: await makeDocument(ana, 'Untitled'),
  }
  await makeDocument(ana, 'Minutes of the spring meeting', 'Present: everybody.\n')
  await share(ana, documents.survey, 'ben', 'editor')
  await share(ben, documents.readable, 'ana', 'viewer')
  for (const size of Object.keys(SIZES)) {
    for (const scheme of SCHEMES) await round(browser, scheme, size, { ana, ben }, documents)
  }
} finally {
  await browser.close()
  await started?.stop()
}
console.log(`${pictures} pictures in web/screenshots, ${findings} findings of axe`)
process.exitCode = findings === 0 ? 0 : 1
