// A started server, people with accounts, and Chromium windows for the stories of this folder.
import { spawn } from 'node:child_process'
import fs from 'node:fs'
import { createRequire } from 'node:module'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

const require = createRequire(new URL('../clients/package.json', import.meta.url))
const { chromium } = require('playwright-core')
export const { AxeBuilder } = require('@axe-core/playwright')

const root = path.join(import.meta.dirname, '..', '..')
const stet = process.env.STET_BINARY ?? path.join(root, 'target/debug/stet')
const PASSWORD = 'correct horse battery'
export const PATIENCE_MS = 30_000

/** Asks again until `holds` says yes; says what it waited for when it never does. */
export const eventually = async (what, holds, patience = PATIENCE_MS) => {
  const until = Date.now() + patience
  for (let pause = 5; ; pause = Math.min(pause * 2, 100)) {
    const answer = await holds()
    if (answer) return answer
    if (Date.now() > until) throw new Error(`waited ${patience / 1000} s in vain for: ${what}`)
    await sleep(pause)
  }
}

/** A port nobody listens on, outside the range of outgoing connections. */
const freePort = async () => {
  for (let port = 31_000 + (process.pid % 900); ; port++) {
    const free = await new Promise((resolve) => {
      const probe = net.createServer().once('error', () => resolve(false))
      probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)))
    })
    if (free) return port
  }
}

/** A server on data of its own, which can be killed and started again on the same data and port. */
export class Server {
  static async start (settings = {}) {
    const server = new Server()
    server.folder = fs.mkdtempSync(path.join(os.tmpdir(), 'stet-browser-'))
    server.port = await freePort()
    server.settings = settings
    server.url = `http://127.0.0.1:${server.port}`
    await server.restart()
    return server
  }

  async restart (settings = this.settings) {
    this.settings = settings
    const log = fs.openSync(path.join(this.folder, 'log'), 'a')
    const env = { ...process.env, STET_LISTEN: `127.0.0.1:${this.port}`, STET_DATA: path.join(this.folder, 'data'), ...settings }
    this.child = spawn(stet, [], { env, stdio: ['ignore', log, log], cwd: this.folder })
    this.ended = new Promise((resolve) => this.child.once('exit', resolve))
    await eventually('the server to answer /healthz', () => fetch(`${this.url}/healthz`).then((answer) => answer.ok, () => false))
  }

  async kill () {
    this.child.kill('SIGKILL')
    await this.ended
  }

  async end () {
    await this.kill()
    fs.rmSync(this.folder, { recursive: true, force: true })
  }

  /** Makes an account and signs in over HTTP. */
  async register (name) {
    await this.call('POST', '/api/users', { username: name, email: `${name}@example.org`, password: PASSWORD })
    return this.signIn(name)
  }

  async signIn (name) {
    const { access_token: token, user } = await this.call('POST', '/api/auth/login', { username: name, password: PASSWORD })
    return { name, id: user.id, token }
  }

  async call (method, route, body, token) {
    const headers = { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) }
    const answer = await fetch(this.url + route, { method, headers, body: body && JSON.stringify(body) })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${method} ${route}: ${answer.status} ${text}`)
    return text === '' ? null : JSON.parse(text)
  }

  /** A new document of somebody's from Markdown, shared with others as editors. */
  async document (owner, title, markdown = '', editors = []) {
    const content = markdown === '' ? undefined : { format: 'markdown', text: markdown }
    const { document } = await this.call('POST', '/api/documents', { title, content }, owner.token)
    for (const editor of editors) {
      await this.call('POST', `/api/permissions/${document.id}`, { user_id: editor.id, role: 'editor' }, owner.token)
    }
    return document.id
  }

  /** The committed present as ProseMirror JSON. Signs in anew, because a story may outlast an access token. */
  async stored (person, id) {
    const { token } = await this.signIn(person.name)
    return this.call('GET', `/api/documents/${id}?format=json`, undefined, token)
  }
}

let browser = null
export const launch = async () => { browser ??= await chromium.launch({ executablePath: '/usr/bin/chromium' }) }
export const close = async () => { await browser?.close(); browser = null }

/** A browser profile of somebody's, signed in through the form as a person does it. */
export const profile = async (server, person, options = {}) => {
  await launch()
  const context = await browser.newContext({ locale: 'en-GB', viewport: { width: 1280, height: 800 }, ...options })
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  await page.goto(server.url)
  if (person) {
    await page.getByLabel('Name or e-mail').fill(person.name)
    await page.getByLabel('Password', { exact: true }).fill(PASSWORD)
    await page.getByRole('button', { name: 'Sign in' }).click()
    await page.getByRole('button', { name: 'New document' }).first().waitFor()
  }
  return { context, page }
}

/** Opens a document and waits until its text can be edited. */
export const open = async (page, server, id) => {
  await page.goto(`${server.url}/d/${id}`)
  await textbox(page).waitFor()
  return page
}

export const textbox = (page) => page.getByRole('textbox', { name: 'Text of the document', exact: true })

/** What the badge says. */
export const badge = async (page) => (await page.getByTestId('save-state').innerText()).trim()

export const saved = (page, patience) => eventually('the badge to say Saved', async () => await badge(page) === 'Saved', patience)

/** What the editor shows, as ProseMirror JSON. */
export const shown = (page) => page.evaluate(() => document.querySelector('.stet-prose').editor.getJSON())

export const textOf = (page) => page.evaluate(() => document.querySelector('.stet-prose').editor.getText())

/** Puts the caret behind some words (or selects them), then types. */
export const caretBehind = async (page, words, { select = false } = {}) => {
  await textbox(page).focus()
  const found = await page.evaluate(([words, select]) => {
    const { editor } = document.querySelector('.stet-prose')
    let at = null
    editor.state.doc.descendants((node, position) => {
      if (at === null && node.isText && node.text.includes(words)) at = position + node.text.indexOf(words)
    })
    if (at === null) return false
    editor.commands.setTextSelection(select ? { from: at, to: at + words.length } : at + words.length)
    return true
  }, [words, select])
  if (!found) throw new Error(`${JSON.stringify(words)} is not in the text: ${await textOf(page)}`)
}

/** The same JSON without what an absent attribute means anyway: null, and empty `attrs`. */
export const plain = (node) => {
  if (Array.isArray(node)) return node.map(plain)
  if (node === null || typeof node !== 'object') return node
  const entries = Object.entries(node).filter(([, value]) => value !== null).map(([key, value]) => [key, plain(value)])
  return Object.fromEntries(entries.filter(([key, value]) => key !== 'attrs' || Object.keys(value).length > 0).sort())
}
