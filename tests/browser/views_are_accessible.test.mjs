// The main views pass axe, light and dark, wide and narrow; and a stranger gets from nothing to writing.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { AxeBuilder, Server, close, open, profile, saved, textbox } from './harness.mjs'

const TEXT = '# Plan\n\nSome **bold** text and a [link](https://example.org).\n\n- [ ] a task\n- [x] another\n\n| a | b |\n|---|---|\n| 1 | 2 |\n'

let server
let ada
let id
before(async () => {
  server = await Server.start()
  ada = await server.register('ada')
  id = await server.document(ada, 'Plan', TEXT)
})
after(async () => {
  await close()
  await server?.end()
})

/** Looks at one view; what axe finds is gathered, so that one run tells of all views. */
const look = async (page, view, wrong) => {
  const { violations, passes } = await new AxeBuilder({ page }).analyze()
  const found = violations.map(({ id, help, nodes }) => `${id}: ${help} (${nodes.map(({ target }) => target).join(' | ')})`)
  console.log(`${view}: ${passes.length} rules passed, ${violations.length} broken`)
  assert.ok(passes.length > 10, `${view}: axe found hardly anything to look at`)
  wrong.push(...found.map((one) => `${view}: ${one}`))
}

for (const colorScheme of ['light', 'dark']) {
  for (const width of [1280, 390]) {
    test(`axe is content: ${colorScheme}, ${width} px wide`, async () => {
      const options = { colorScheme, viewport: { width, height: 800 }, reducedMotion: 'reduce' }
      const wrong = []
      const signIn = await profile(server, null, options)
      await signIn.page.getByLabel('Name or e-mail').waitFor()
      await look(signIn.page, 'sign in', wrong)
      await signIn.context.close()

      const { page, context } = await profile(server, ada, options)
      await page.getByRole('list', { name: 'Documents' }).waitFor()
      await look(page, 'documents', wrong)
      await open(page, server, id)
      await saved(page)
      await look(page, 'editor', wrong)
      await page.getByRole('button', { name: 'Share', exact: true }).click({ timeout: 5_000 }).catch(({ message }) => wrong.push(message))
      if (wrong.some((one) => one.includes('Timeout'))) assert.deepEqual(wrong, [])
      await page.getByRole('dialog').waitFor()
      await page.getByText(/can open this document/).waitFor()
      await look(page, 'share', wrong)
      await context.close()
      assert.deepEqual(wrong, [])
    })
  }
}

test('from an empty server to a written page, as a stranger does it', async () => {
  const fresh = await Server.start()
  const { page, context } = await profile(fresh, null)
  await page.getByLabel('User name').fill('ada')
  await page.getByLabel('E-mail').fill('ada@example.org')
  await page.getByLabel('Password', { exact: true }).fill('correct horse battery')
  await page.getByRole('button', { name: 'Create account' }).click()
  await page.getByRole('list', { name: 'Documents' }).getByText(/welcome/i).first().waitFor()
  await page.getByRole('button', { name: 'New document' }).first().click()
  await textbox(page).waitFor()
  await textbox(page).focus()
  await page.keyboard.type('My first words.')
  await saved(page)
  await page.reload()
  await textbox(page).getByText('My first words.').waitFor()
  await context.close()
  await fresh.end()
})
