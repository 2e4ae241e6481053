// A tab that was closed offline, and one that was left alone over restarts and an expired ticket.
import assert from 'node:assert/strict'
import { after, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Server, badge, caretBehind, close, eventually, open, profile, saved, textOf, textbox } from './harness.mjs'

const servers = []
after(async () => {
  await close()
  await Promise.all(servers.map((server) => server.end()))
})

const adaAndADocument = async (settings) => {
  const server = await Server.start(settings)
  servers.push(server)
  const ada = await server.register('ada')
  const id = await server.document(ada, 'Kept', 'Written online.\n')
  const window = await profile(server, ada)
  await open(window.page, server, id)
  await saved(window.page)
  return { server, ada, id, ...window }
}

/** Waits until the badge tells of so many changes that the device keeps, or of any. */
const kept = (page, changes = '\\d+') =>
  eventually(`the badge to tell of ${changes} kept changes`, async () =>
    new RegExp(`\\b${changes} changes kept on this device`).test(await badge(page)),
  )

/** Closes the tab offline, opens the document again offline, and goes online. */
const closedAndOpenedOffline = async (goOffline, goOnline) => {
  const { server, ada, id, context, page } = await adaAndADocument()
  // The app itself is kept by its worker once that is active.
  await page.evaluate(() => navigator.serviceWorker.ready)
  await goOffline({ server, context })
  await caretBehind(page, 'Written online.')
  await page.keyboard.type(' Written offline.')
  await kept(page, ' Written offline.'.length)
  await page.close()

  const again = await context.newPage()
  await again.goto(`${server.url}/d/${id}`)
  await textbox(again).waitFor()
  assert.match(await textOf(again), /Written online\. Written offline\./)
  await kept(again)
  await caretBehind(again, 'Written offline.')
  await again.keyboard.type(' And after opening again.')
  await goOnline({ server, context })
  await saved(again)
  const stored = JSON.stringify(await server.stored(ada, id))
  assert.match(stored, /Written online\. Written offline\. And after opening again\./)
  await context.close()
}

test('a tab closed offline and opened again offline shows its text, and online it arrives', async () => {
  await closedAndOpenedOffline(({ context }) => context.setOffline(true), ({ context }) => context.setOffline(false))
})

test('the same while the server is down', async () => {
  await closedAndOpenedOffline(({ server }) => server.kill(), ({ server }) => server.restart())
})

test('a tab left alone over an expired ticket and two restarts goes on by itself', async () => {
  const { server, ada, id, context, page } = await adaAndADocument({ STET_TICKET_LIFETIME: '2s', STET_ACCESS_TOKEN_LIFETIME: '3s' })
  for (let restart = 1; restart <= 2; restart++) {
    // Not a wait for an event: the ticket and the access token must have run out.
    await sleep(4_000)
    await server.kill()
    await caretBehind(page, 'Written online.')
    await page.keyboard.type(` Typed while it was down, ${restart}.`)
    await server.restart()
    await saved(page, 60_000)
    assert.ok(JSON.stringify(await server.stored(ada, id)).includes(`while it was down, ${restart}.`))
  }
  const ben = await server.register('ben')
  const { token } = await server.signIn('ada')
  await server.call('POST', `/api/permissions/${id}`, { user_id: ben.id, role: 'editor' }, token)
  const his = await profile(server, ben)
  await open(his.page, server, id)
  await caretBehind(his.page, 'Written online.')
  await his.page.keyboard.type(' Ben is here.')
  await eventually('Ada to see what Ben types', async () => (await textOf(page)).includes('Ben is here.'))
  await Promise.all([context, his.context].map((context) => context.close()))
})
