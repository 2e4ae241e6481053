// The badge tells the truth: while commits are held back, when only something was deleted, and without a server.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Server, badge, caretBehind, close, eventually, open, profile, saved, textbox } from './harness.mjs'

const HELD_BACK_MS = 3_000
const servers = []
after(async () => {
  await close()
  await Promise.all(servers.map((server) => server.end()))
})

const adaAt = async (settings) => {
  const server = await Server.start()
  servers.push(server)
  const ada = await server.register('ada')
  const id = await server.document(ada, 'Badge', 'These words are here already.\n')
  // The document itself was committed without a delay.
  await server.kill()
  await server.restart(settings)
  const window = await profile(server, ada)
  await open(window.page, server, id)
  await saved(window.page)
  return { server, ada, id, ...window }
}

/** What the badge said, looked at every 50 ms from an edit until it says Saved; and for how long. */
const badgesUntilSaved = async (page, edit) => {
  const started = Date.now()
  await edit()
  const edited = Date.now()
  // The editor has a frame's time to tell the session.
  await eventually('the badge to leave Saved', async () => await badge(page) !== 'Saved', 1_000)
  const told = new Map()
  for (;;) {
    const says = await badge(page)
    if (says === 'Saved') return { told, tookMs: Date.now() - edited, startedMs: Date.now() - started }
    told.set(says, (told.get(says) ?? 0) + 1)
    await sleep(50)
  }
}

test('the badge says Saving… as long as the commit is held back', async () => {
  const { page, context } = await adaAt({ STET_FAULT: `commit_delay_ms:${HELD_BACK_MS}` })
  const typed = await badgesUntilSaved(page, async () => {
    await caretBehind(page, 'already')
    await page.keyboard.type('!')
  })
  const struck = await badgesUntilSaved(page, async () => {
    await caretBehind(page, 'words', { select: true })
    await page.keyboard.press('Delete')
  })
  for (const [what, { told, startedMs }] of Object.entries({ typed, struck })) {
    console.log(what, Object.fromEntries(told), `${startedMs} ms`)
    assert.deepEqual([...told.keys()], ['Saving…'], what)
    assert.ok(startedMs >= HELD_BACK_MS, `${what}: Saved after ${startedMs} ms`)
    assert.ok(told.get('Saving…') > 20, `${what}: looked at ${told.get('Saving…')} times`)
  }
  await context.close()
})

test('without a server it says how many changes are kept on this device', async () => {
  const { server, ada, id, page, context } = await adaAt({})
  await server.kill()
  await textbox(page).focus()
  await caretBehind(page, 'already')
  await page.keyboard.type(' x')
  const says = await eventually('the badge to tell of kept changes', async () => {
    const says = await badge(page)
    return /Offline · \d+ changes? kept on this device/.test(says) && says
  })
  console.log(says)
  await server.restart()
  await saved(page)
  assert.ok(JSON.stringify(await server.stored(ada, id)).includes('already x'))
  await context.close()
})
