// Ada and Ben in the same paragraph and the same table, with bold and undo, offline and back; Carol joins late.
import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { Server, badge, caretBehind, close, eventually, open, plain, profile, saved, shown, textOf, textbox } from './harness.mjs'

const MINUTE_MS = 60_000
const TEXT = 'Here is the paragraph that both of them write in.\n\n| left | right |\n|---|---|\n| one | two |\n| three | four |\n'

let server
let ada
let ben
let carol
before(async () => {
  server = await Server.start()
  ada = await server.register('ada')
  ben = await server.register('ben')
  carol = await server.register('carol')
})
after(async () => {
  await close()
  await server?.end()
})

/** A small seeded generator, so that a printed seed repeats a run. */
const dice = (seed) => () => {
  seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0
  return seed / 2 ** 32
}

/** Writes for a minute: in the paragraph and in the table, makes bold, undoes. Tells what was done how often. */
const writeFor = async (page, name, until, roll) => {
  const done = { words: 0, bold: 0, undo: 0, cells: 0, struck: 0 }
  await textbox(page).focus()
  while (Date.now() < until) {
    const what = roll()
    await page.evaluate(([inTable, where]) => {
      const { editor } = document.querySelector('.stet-prose')
      const places = []
      editor.state.doc.descendants((node, position, parent) => {
        const inCell = parent?.type.name === 'tableCell' || parent?.type.name === 'tableHeader'
        if (node.isTextblock && inCell === inTable) places.push([position + 1, position + 1 + node.content.size])
      })
      const [from, to] = places[Math.floor(where * places.length)] ?? [1, 1]
      editor.commands.setTextSelection(from + Math.floor((to - from) * ((where * 997) % 1)))
    }, [what < 0.3, roll()])
    if (what < 0.7) {
      await page.keyboard.type(`${name}${done.words++} `)
      if (what < 0.3) done.cells++
    } else if (what < 0.82) {
      await page.keyboard.press('Shift+Control+ArrowLeft')
      await page.keyboard.press('Control+b')
      done.bold++
    } else if (what < 0.92) {
      await page.keyboard.press('Control+z')
      done.undo++
    } else {
      await page.keyboard.press('Control+Backspace')
      done.struck++
    }
    await sleep(20 + roll() * 60)
  }
  return done
}

test('a minute in the same paragraph and the same table ends the same for all', async () => {
  const seed = Number(process.env.STET_TEST_SEED ?? Date.now() % 2 ** 31)
  console.log(`STET_TEST_SEED=${seed}`)
  const id = await server.document(ada, 'Together', TEXT, [ben, carol])
  const [hers, his] = [await profile(server, ada), await profile(server, ben)]
  await Promise.all([open(hers.page, server, id), open(his.page, server, id)])
  const until = Date.now() + MINUTE_MS
  const offline = async () => {
    let times = 0
    while (Date.now() < until - 12_000) {
      await sleep(9_000)
      await his.context.setOffline(true)
      await sleep(5_000)
      assert.notEqual(await badge(his.page), 'Saved', 'Ben writes offline and is told that all is saved')
      await his.context.setOffline(false)
      times++
    }
    return times
  }
  const [one, other, times] = await Promise.all([
    writeFor(hers.page, 'a', until, dice(seed)), writeFor(his.page, 'b', until, dice(seed + 1)), offline()
  ])
  console.log('Ada', one, 'Ben', other, `Ben was offline ${times} times`)
  for (const done of [one, other]) for (const [what, count] of Object.entries(done)) assert.ok(count > 3, `${what}: ${count}`)

  await Promise.all([saved(hers.page), saved(his.page)])
  const late = await profile(server, carol)
  await open(late.page, server, id)
  const stored = plain(await server.stored(ada, id))
  for (const { page } of [hers, his, late]) {
    await eventually('all to show the same', async () => JSON.stringify(plain(await shown(page))) === JSON.stringify(stored), 10_000)
      .catch(async () => assert.deepEqual(plain(await shown(page)), stored))
  }
  assert.ok(JSON.stringify(stored).includes('"bold"'), 'something is bold')
  await Promise.all([hers, his, late].map(({ context }) => context.close()))
})

test('undo takes back only one\'s own edits', async () => {
  const id = await server.document(ada, 'Undo', 'Start.\n', [ben])
  const [hers, his] = [await profile(server, ada), await profile(server, ben)]
  await Promise.all([open(hers.page, server, id), open(his.page, server, id)])
  await caretBehind(hers.page, 'Start.')
  await hers.page.keyboard.type(' Ada wrote this.')
  await eventually('Ben to see it', async () => (await textOf(his.page)).includes('Ada wrote this.'))
  await caretBehind(his.page, 'Ada wrote')
  // No blank at either end: beside an equal one nobody could tell whose is whose.
  await his.page.keyboard.type('[Ben]')
  await eventually('Ada to see it', async () => (await textOf(hers.page)).includes('[Ben]'))
  await textbox(hers.page).focus()
  for (let press = 0; press < 5; press++) await hers.page.keyboard.press('Control+z')
  const left = 'Start.[Ben]'
  for (const { page } of [hers, his]) await eventually(`only ${left}`, async () => (await textOf(page)).trim() === left)
    .catch(async (error) => { throw new Error(`${error.message}; there is ${JSON.stringify(await textOf(page))}`) })
  await hers.page.keyboard.press('Control+Shift+z')
  await eventually('the redo', async () => (await textOf(his.page)).includes('Ada wrote'))
  assert.ok((await textOf(his.page)).includes('[Ben]'))
  await Promise.all([hers, his].map(({ context }) => context.close()))
})

test('they see each other\'s names and carets', async () => {
  const id = await server.document(ada, 'Carets', 'Some words.\n', [ben])
  const [hers, his] = [await profile(server, ada), await profile(server, ben)]
  await Promise.all([open(hers.page, server, id), open(his.page, server, id)])
  await caretBehind(his.page, 'Some')
  await his.page.keyboard.type(' more')
  await hers.page.getByRole('button', { name: /2 people here: ben/ }).waitFor()
  await eventually('Ben\'s caret with his name', () => hers.page.evaluate(() => {
    const label = document.querySelector('.stet-prose [class*="carets__label"], .stet-prose [class*="caret"]')
    return label !== null && document.querySelector('.stet-prose').innerHTML.includes('ben')
  }))
  await his.context.close()
  await eventually('Ben to be gone', async () => await hers.page.getByRole('button', { name: /people here/ }).count() === 0)
  await hers.context.close()
})
