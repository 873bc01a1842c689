// The page on networks that are in its way: networks.mjs BINARY FOLDER starts BINARY behind nginx, which collects answers
// and blocks WebSockets, and drives Chromium. FOLDER gets screenshots.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { after, afterEach, before, test } from 'node:test'
import { Nginx } from './nginx.mjs'
import { People, launch, pageText, press, skip, waitForState, waitForText, write } from './people.mjs'
import { Server } from './server.mjs'

const [, , binary = process.env.CAHIER, pictures = '.'] = process.argv
if (!binary || !existsSync(binary)) skip(`no server to test: ${binary ?? 'name the binary as first argument'}`)

const browser = await launch()
const server = new Server(binary)
let nginx, people

before(async () => {
  await server.start()
  nginx = new Nginx(server.address)
})
afterEach(async () => {
  const troubles = await people.leave()
  await nginx.stop()
  // The refused handshakes are the subject.
  assert.deepEqual(troubles.filter((text) => !/status of 403/.test(text)), [])
})
after(async () => {
  await browser.close()
  await nginx?.remove()
  await server.remove()
})

async function behind(options) {
  await nginx.start(options)
  people = new People(browser, nginx.address, pictures)
}

// 'http' once the page says that it takes the detour, and works.
const onDetour = (page) => page.locator('#status', { hasText: 'secours' }).waitFor()
const streams = async () => Number(/^cahier_streams (\d+)$/m.exec(await (await fetch(`${server.address}/metrics`)).text())[1])

// Until so many take the detour at the server.
async function waitForStreams(count) {
  while ((await streams()) !== count) await new Promise((resolve) => setTimeout(resolve, 50))
}

test('where WebSockets are blocked two people write one note all the same', async () => {
  await behind({ webSockets: 'refuse' })
  const ada = await people.enterNote('blocked', { name: 'Ada', colour: 'violet' })
  await ada.getByText(/Ce réseau bloque la connexion directe/).waitFor()
  await onDetour(ada)
  await write(ada, '# Machine analytique', 'Ada écrit ici.')
  await waitForState(ada, 'saved')
  await people.picture(ada, 'detour')
  const alan = await people.enterNote('blocked', { name: 'Alan', colour: 'orange' })
  await waitForText(alan, 'Ada écrit ici.')
  await onDetour(alan)
  await alan.locator('.ProseMirror p').click()
  await press(alan, 'End')
  await Promise.all([write(alan, ' Alan aussi.'), press(ada, 'Home')])
  await waitForText(ada, 'Ada écrit ici. Alan aussi.')
  assert.deepEqual(await pageText(alan), await pageText(ada))
  await ada.locator('.caret-name', { hasText: 'Alan' }).waitFor()
  await alan.locator('.caret-name', { hasText: 'Ada' }).waitFor()
  await Promise.all([waitForState(ada, 'saved'), waitForState(alan, 'saved')])
  await waitForStreams(2)

  await ada.getByRole('button', { name: 'Exporter et réglages' }).click()
  const [download] = await Promise.all([
    ada.waitForEvent('download'),
    ada.getByRole('button', { name: /Markdown/ }).click(),
  ])
  assert.equal(await readFile(await download.path(), 'utf8'), '# Machine analytique\n\nAda écrit ici. Alan aussi.\n')

  await alan.close()
  await ada.getByRole('button', { name: '1 personne présente' }).waitFor()
  await waitForStreams(1)
})

test('it returns to a WebSocket when one works, and loses nothing on the way', async () => {
  await behind({ webSockets: 'refuse' })
  const ada = await people.enterNote('return', { name: 'Ada' })
  await onDetour(ada)
  await write(ada, 'Par le détour.')
  await waitForState(ada, 'saved')
  const told = ada.getByText('La connexion directe fonctionne de nouveau.').waitFor() // it is shown for a while only
  await nginx.stop()
  await nginx.start({ webSockets: 'pass' })
  await press(ada, 'Control+End')
  await write(ada, ' Puis tout droit.')
  await told
  await waitForState(ada, 'saved')
  assert.equal(await ada.locator('#status', { hasText: 'secours' }).count(), 0)
  const alan = await people.enterNote('return', { name: 'Alan' })
  await waitForText(alan, 'Par le détour. Puis tout droit.')
})

test('the next note does not wait for failures again', async () => {
  await behind({ webSockets: 'refuse' })
  const page = await people.enterNote('first')
  await onDetour(page)
  let handshakes = 0
  const began = Date.now()
  page.on('websocket', () => handshakes++)
  await people.open(page, 'second')
  await onDetour(page)
  await write(page, 'tout de suite')
  await waitForState(page, 'saved')
  const probes = 1 + Math.log2(1 + (Date.now() - began) / 5000) // they come after 5 s, 10 s more, 20 s more …
  assert(handshakes <= probes, `${handshakes} WebSockets`)
})

test('where answers are held back to their end the note works too', async () => {
  await behind({ webSockets: 'refuse', holding: true })
  const ada = await people.enterNote('held', { name: 'Ada' })
  await ada.locator('#status', { hasText: 'secours' }).waitFor()
  await write(ada, 'Ada écrit.')
  await waitForState(ada, 'saved')
  const alan = await people.enterNote('held', { name: 'Alan' })
  await waitForText(alan, 'Ada écrit.')
  await alan.locator('#status', { hasText: 'secours' }).waitFor()
  await alan.locator('.ProseMirror p').click()
  await press(alan, 'End')
  await write(alan, ' Alan aussi.')
  await waitForText(ada, 'Ada écrit. Alan aussi.')
  await waitForState(alan, 'saved')
  await ada.locator('.caret-name', { hasText: 'Alan' }).waitFor()
})

test('the text is there before any connection works', async () => {
  await behind({ webSockets: 'pass' })
  const writer = await people.enterNote('early', { name: 'Ada' })
  await write(writer, 'Déjà écrit.')
  await waitForState(writer, 'saved')
  const page = await people.enter()
  await page.routeWebSocket(/\/ws\//, () => {}) // opens, and never says a word
  await page.route('**/sync*', (route) => route.abort())
  await people.open(page, 'early')
  await waitForText(page, 'Déjà écrit.')
  assert.notEqual(await page.locator('#status').getAttribute('data-state'), 'saved')
})

test('where WebSockets pass nothing is said of all this', async () => {
  await behind({ webSockets: 'pass' })
  const page = await people.enterNote('direct')
  await write(page, 'tout droit')
  await waitForState(page, 'saved')
  assert.equal(await page.locator('#status', { hasText: 'secours' }).count(), 0)
  assert.equal(await page.getByRole('alert').count(), 0)
})
