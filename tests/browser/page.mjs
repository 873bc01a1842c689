// The page as people use it: page.mjs BINARY FOLDER starts BINARY as `cahier serve --open` and drives Chromium.
// FOLDER gets screenshots, to be looked at.
import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { after, afterEach, before, beforeEach, test } from 'node:test'
import { People, launch, pageText, press, skip, waitForLength, waitForState, waitForText, write } from './people.mjs'
import { Server } from './server.mjs'
import { Stranger } from './stranger.mjs'

const [, , binary = process.env.CAHIER, pictures = '.'] = process.argv
if (!binary || !existsSync(binary)) skip(`no server to test: ${binary ?? 'name the binary as first argument'}`)

const browser = await launch()
const server = new Server(binary)
const strangers = []
let people

before(async () => {
  await server.start()
  people = new People(browser, server.address, pictures)
})
// A test that failed may have left the server stopped.
beforeEach(() => server.start())
// Nothing may go wrong behind the back of any test: no error, no broken security policy, no dialog.
afterEach(async () => {
  strangers.splice(0).forEach((stranger) => stranger.leave())
  assert.deepEqual(await people.leave(), [])
})
after(async () => {
  await browser.close()
  await server.remove()
})

// Another editor in this note, in sync with the server.
async function strangerIn(id) {
  const stranger = new Stranger(server.address, id)
  strangers.push(stranger)
  await stranger.synced
  return stranger
}

const overflow = (page) => page.evaluate(() => document.scrollingElement.scrollWidth - window.innerWidth)

test('an empty list invites to write, in both languages', async () => {
  const page = await people.enter()
  await page.goto(server.address)
  await page.getByText('La première page est à vous.').waitFor()
  await page.getByLabel('Langue').selectOption('en')
  await page.getByText('The first page is yours.').waitFor()
  assert.equal(await page.evaluate(() => document.documentElement.lang), 'en')
  await page.reload()
  await page.getByRole('button', { name: 'New note' }).waitFor()
})

test('a list that did not load is asked for again', async () => {
  const page = await people.enter()
  await page.route('**/api/v1/notes?*', (route) => route.abort())
  await page.goto(server.address)
  await page.getByText(/La liste ne peut pas être chargée/).waitFor()
  await page.unroute('**/api/v1/notes?*')
  await page.getByRole('button', { name: 'Essayer à nouveau' }).click()
  await page.getByText('La première page est à vous.').waitFor()
  assert.equal(await page.getByRole('alert').isVisible(), false)
})

test('the browser’s language is the first one', async () => {
  const page = await people.enter({ locale: 'en-GB' })
  await page.goto(server.address)
  await page.getByRole('heading', { name: 'All notes' }).waitFor()
  const other = await people.enter({ locale: 'de-DE' })
  await other.goto(server.address)
  await other.getByRole('heading', { name: 'Toutes les notes' }).waitFor()
})

test('a new note is named by its heading, in its tab and in the list', async () => {
  const page = await people.enter({ name: null })
  await page.goto(server.address)
  await page.getByRole('button', { name: 'Nouvelle note' }).click()
  await page.getByLabel('Nom ou prénom').fill('Grace Hopper')
  await page.getByRole('radio', { name: 'Vert' }).check()
  await people.picture(page, 'name')
  await page.getByRole('button', { name: 'Continuer' }).click()
  await write(page, '# Élan vital', 'Un peu de texte.')
  await waitForState(page, 'saved')
  assert.equal(await page.title(), 'Élan vital · Cahier')
  await page.locator('a.brand').click()
  await page.getByRole('link', { name: /Élan vital/ }).waitFor()
  await page.getByPlaceholder('Chercher un titre').fill('ELAN')
  assert.equal(await page.locator('.note').count(), 1)
  await page.getByPlaceholder('Chercher un titre').fill('rien de tel')
  await page.getByText('Aucun titre ne contient « rien de tel ».').waitFor()
})

test('two people write one note and see each other', async () => {
  const ada = await people.enterNote('together', { name: 'Ada Lovelace', colour: 'violet' })
  await write(ada, '# Machine analytique', 'Ada écrit ici.')
  const alan = await people.enterNote('together', { name: 'Alan', colour: 'orange' })
  await waitForText(alan, 'Ada écrit ici.')
  await alan.locator('.ProseMirror p').click()
  await press(alan, 'End')
  await Promise.all([write(alan, ' Alan aussi.'), press(ada, 'Home')])
  await waitForText(ada, 'Ada écrit ici. Alan aussi.')
  assert.deepEqual(await pageText(ada), ['Machine analytique', 'Ada écrit ici. Alan aussi.'])
  assert.deepEqual(await pageText(alan), await pageText(ada))

  await ada.locator('.caret-name', { hasText: 'Alan' }).waitFor()
  await alan.locator('.caret-name', { hasText: 'Ada Lovelace' }).waitFor()
  // Who listens to the page hears the text, not the names of carets in it.
  assert.doesNotMatch(await ada.locator('main').ariaSnapshot(), /Alan(?! aussi)/)
  await ada.getByRole('button', { name: '2 personnes présentes' }).click()
  await ada.getByText('Ada Lovelace (vous)').waitFor()
  await ada.locator('#people-panel').getByText('Alan', { exact: true }).waitFor()
  await people.picture(ada, 'together')

  await alan.close()
  await ada.getByRole('button', { name: '1 personne présente' }).waitFor()
  await ada.locator('.caret-name').waitFor({ state: 'detached' })
})

test('both type at the same place at the same time and end with the same text', async () => {
  const [letters, digits] = ['abcdefghijklmnopqrstuvwxyz', '01234567890123456789']
  const one = await people.enterNote('same-place', { name: 'Un' })
  await write(one, '-')
  await waitForState(one, 'saved')
  const two = await people.enterNote('same-place', { name: 'Deux' })
  await waitForText(two, '-')
  await press(two, 'Control+End')
  await Promise.all([one.keyboard.type(letters, { delay: 5 }), two.keyboard.type(digits, { delay: 5 })])
  await Promise.all([one, two].map((page) => waitForLength(page, 1 + letters.length + digits.length)))
  await Promise.all([waitForState(one, 'saved'), waitForState(two, 'saved')])
  assert.deepEqual(await pageText(one), await pageText(two))
  assert.equal((await pageText(one)).join('').replace(/[^a-z]/g, ''), letters)
  assert.equal((await pageText(two)).join('').replace(/[^0-9]/g, ''), digits)
})

test('what was saved is there after a reload, and for somebody who was never here', async () => {
  const page = await people.enterNote('reload')
  await write(page, 'À garder : 🎓 œuvre')
  await waitForState(page, 'saved')
  await page.reload()
  await waitForText(page, 'À garder : 🎓 œuvre')
  const other = await people.enterNote('reload')
  await waitForText(other, 'À garder : 🎓 œuvre')
})

test('“saved” survives a crash of the server', async () => {
  const page = await people.enterNote('crash')
  await write(page, 'Enregistré veut dire enregistré.')
  await waitForState(page, 'saved')
  await server.stop('SIGKILL')
  await server.start()
  const other = await people.enterNote('crash')
  await waitForText(other, 'Enregistré veut dire enregistré.')
})

test('writing goes on while the server is away, and is sent when it is back', async () => {
  const page = await people.enterNote('offline')
  await write(page, 'Avant.')
  await waitForState(page, 'saved')
  await page.goto(server.address)
  await page.evaluate(() => navigator.serviceWorker.ready)
  await page.getByRole('link', { name: /Avant/ }).click()
  await waitForText(page, 'Avant.')
  await press(page, 'Control+End')
  await server.stop()
  await waitForState(page, 'offline')
  await write(page, ' Pendant.')
  await waitForState(page, 'unsent')
  await page.getByText('Hors ligne, sera envoyé').first().waitFor()
  await people.picture(page, 'offline')
  await page.getByRole('button', { name: 'Exporter et réglages' }).click()
  await page.getByRole('button', { name: /Markdown/ }).click()
  await page.getByText(/attend que tout soit enregistré/).waitFor()

  await page.goto(server.address)
  await page.getByText(/La liste ne peut pas être chargée/).waitFor()
  await page.getByRole('link', { name: /Avant\..*à envoyer/ }).click()
  await waitForText(page, 'Avant. Pendant.')
  await waitForState(page, 'unsent')
  await page.locator('.ProseMirror p').click()
  await press(page, 'End')
  await write(page, ' Après.')

  await server.start()
  await waitForState(page, 'saved')
  const other = await people.enterNote('offline')
  await waitForText(other, 'Avant. Pendant. Après.')
})

// Runs in the page: its store on the device opens 4 s late.
function slowDevice() {
  const { open } = IDBFactory.prototype
  IDBFactory.prototype.open = function (...args) {
    const request = open.apply(this, args)
    Object.defineProperty(request, 'onsuccess', {
      set: (opened) => request.addEventListener('success', (event) => setTimeout(opened, 4000, event)),
    })
    return request
  }
}

test('a device whose store is slow shows the note all the same, without the server too', async () => {
  const page = await people.enterNote('slow-device')
  await write(page, 'Sur cet appareil.')
  await waitForState(page, 'saved')
  await page.goto(server.address)
  await page.evaluate(() => navigator.serviceWorker.ready)
  await people.open(page, 'slow-device')
  await waitForText(page, 'Sur cet appareil.')
  await page.addInitScript(slowDevice)
  await page.reload()
  await page.getByText('Ce navigateur ne garde rien').waitFor()
  await page.getByText('Ce navigateur ne garde rien').waitFor({ state: 'detached' })
  await server.stop()
  await page.reload()
  await waitForText(page, 'Sur cet appareil.')
  await waitForState(page, 'offline')
})

test('two people who wrote apart find both texts', async () => {
  const one = await people.enterNote('apart', { name: 'Un' })
  await write(one, 'début')
  await waitForState(one, 'saved')
  const two = await people.enterNote('apart', { name: 'Deux' })
  await waitForText(two, 'début')
  await server.stop()
  await Promise.all([waitForState(one, 'offline'), waitForState(two, 'offline')])
  await press(one, 'Control+End')
  await write(one, ' un')
  await press(two, 'Control+Home')
  await write(two, 'deux ')
  await server.start()
  await Promise.all([waitForState(one, 'saved'), waitForState(two, 'saved')])
  await waitForText(one, 'deux début un')
  await waitForText(two, 'deux début un')
})

// Opens the menu and takes the file that the entry gives.
async function exported(page, name) {
  await page.getByRole('button', { name: 'Exporter et réglages' }).click()
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name }).click()])
  return { name: download.suggestedFilename(), content: await readFile(await download.path(), 'utf8') }
}

test('all notes leave in one archive, from the list', async () => {
  for (const [id, words] of [['archive-1', '# Premier carnet'], ['archive-2', '# Second carnet']]) {
    const writer = await people.enterNote(id)
    await write(writer, words)
    await waitForState(writer, 'saved')
  }
  const page = await people.enter()
  await page.goto(server.address)
  const take = page.getByRole('button', { name: 'Télécharger toutes les notes' })
  await take.waitFor()
  await people.picture(page, 'archive')
  const [download] = await Promise.all([page.waitForEvent('download'), take.click()])
  assert.match(download.suggestedFilename(), /^notes \d{4}-\d\d-\d\d\.zip$/)
  const zip = await readFile(await download.path())
  for (const name of ['md/Premier carnet.md', 'html/Second carnet.html', 'index.html']) assert.ok(zip.includes(name), name)
  assert.ok(await page.getByRole('heading', { name: 'Toutes les notes' }).isVisible())

  await page.route('**/api/v1/notes.zip?*', (route) => route.abort())
  await take.click()
  await page.getByText(/L’export a échoué/).waitFor()
})

test('an export holds what the page shows', async () => {
  const page = await people.enterNote('export')
  await write(page, '# Plan: A/B', 'Du ', '')
  await press(page, 'Backspace', 'Control+b')
  await page.keyboard.type('gras')
  await press(page, 'Control+b')
  await write(page, ' et 2 < 3 & *étoiles*.', '- un', 'deux', '', '[ ] à faire', '')
  await press(page, 'Enter')
  await write(page, '> cité')
  await waitForState(page, 'saved')
  const shown = await pageText(page)

  const markdown = await exported(page, /Markdown/)
  assert.equal(markdown.name, 'Plan A B.md')
  const plain = markdown.content.replace(/\\(?=[!-/:-@[-`{-~])/g, '')
  for (const block of shown.filter((words) => !words.includes('gras'))) assert.ok(plain.includes(block), block)
  assert.match(markdown.content, /^# Plan: A\/B$/m)
  assert.match(markdown.content, /\*\*gras\*\*/)
  assert.match(markdown.content, /^- un$/m)
  assert.match(markdown.content, /^[-*] \[ \] à faire$/m) // the marker tells two lists in a row apart
  assert.match(markdown.content, /^> cité$/m)

  const made = await fetch(`${server.address}/api/v1/notes/export/content`, { headers: { Accept: 'application/pdf' } })
  if (made.ok) {
    const pdf = await exported(page, /PDF/)
    assert.equal(pdf.name, 'Plan A B.pdf')
    assert.match(pdf.content, /^%PDF-/)
  } else {
    console.log(`# no PDF: ${made.status}`)
  }

  const html = await exported(page, /Page web/)
  assert.equal(html.name, 'Plan A B.html')
  const reader = await people.enter()
  await reader.setContent(html.content)
  await people.picture(reader, 'export')
  const words = await reader.evaluate(() => document.body.textContent.replace(/\s+/g, ' '))
  for (const block of shown) assert.ok(words.includes(block), block)
})

test('every tool of the toolbar does what it says', async () => {
  const page = await people.enterNote('tools')
  const tool = (name) => page.locator(`[data-tool="${name}"]`).first().click()
  const has = (selector) => page.locator(`.ProseMirror ${selector}`).first().waitFor()
  const style = async (name) => {
    await tool('style')
    await tool(name)
  }

  for (const [name, selector] of [
    ['bold', 'strong'],
    ['italic', 'em'],
    ['underline', 'u'],
    ['strike', 's'],
    ['code', 'code'],
  ]) {
    await tool(name)
    await page.keyboard.type(name)
    await has(selector)
    await tool(name)
  }
  await tool('colour')
  await tool('colour-red')
  await page.keyboard.type('rouge')
  await has('[data-colour="red"]')
  await tool('colour')
  await tool('colour-none')
  for (const [name, selector] of [
    ['heading1', 'h1'],
    ['heading2', 'h2'],
    ['heading3', 'h3'],
    ['codeblock', 'pre'],
    ['paragraph', 'p'],
  ]) {
    await style(name)
    await has(selector)
  }
  for (const [name, selector] of [
    ['bullets', 'ul:not([data-type])'],
    ['numbers', 'ol'],
    ['tasks', 'ul[data-type="taskList"]'],
    ['quote', 'blockquote'],
  ]) {
    await press(page, 'Control+End', 'Enter')
    await tool(name)
    await has(selector)
    await tool(name)
  }
  await tool('panel')
  await tool('panel-warning')
  await has('aside[data-panel-type="warning"]')
  await page.getByRole('note', { name: 'Attention' }).waitFor()
  await tool('panel')
  await tool('panel-none')
  await tool('rule')
  await has('hr')
  await tool('link')
  await page.getByLabel('Adresse').fill('javascript:alert(1)')
  await page.getByRole('button', { name: 'Appliquer' }).click()
  await page.getByLabel('Adresse').fill('exemple.fr')
  await page.getByLabel('Texte affiché').fill('un site')
  await page.getByRole('button', { name: 'Appliquer' }).click()
  await has('a[href="https://exemple.fr/"]')
  await waitForState(page, 'saved')

  const before = await pageText(page)
  await press(page, 'Control+End')
  await page.waitForTimeout(600)
  await page.keyboard.insertText('oups') // at once: letters that come slowly are undone one by one
  await tool('undo')
  assert.deepEqual(await pageText(page), before)
  await tool('redo')
  await waitForText(page, 'oups')
})

test('tables grow, shrink and go', async () => {
  const page = await people.enterNote('table')
  const run = async (name) => {
    await page.locator('[data-tool="table"]').click()
    await page.locator(`[data-tool="${name}"]`).click()
  }
  const size = async () => [
    await page.locator('.ProseMirror tr').count(),
    await page.locator('.ProseMirror tr >> nth=0 >> th, td').count(),
  ]
  await run('table-insert')
  assert.deepEqual(await size(), [3, 3])
  await page.keyboard.type('A')
  await press(page, 'Tab')
  await page.keyboard.type('B')
  for (const [name, rows, columns] of [
    ['table-row-below', 4, 3],
    ['table-row-above', 5, 3],
    ['table-column-after', 5, 4],
    ['table-column-before', 5, 5],
    ['table-column-delete', 5, 4],
    ['table-row-delete', 4, 4],
  ]) {
    await run(name)
    assert.deepEqual(await page.locator('.ProseMirror tr').count(), rows, name)
    assert.deepEqual(await page.locator('.ProseMirror tr').last().locator('td').count(), columns, name)
  }
  await run('table-delete')
  assert.equal(await page.locator('.ProseMirror table').count(), 0)
})

test('a phone shows everything without sliding sideways', async () => {
  const phone = { width: 360, height: 740, isMobile: true, hasTouch: true, deviceScaleFactor: 2 }
  const page = await people.enterNote('phone', { name: 'Zoé', colour: 'teal', ...phone })
  await write(
    page,
    '# Un titre assez long pour un petit écran',
    'Anticonstitutionnellement'.repeat(4),
    '```',
    'x = '.repeat(60),
  )
  await press(page, 'Enter', 'Enter', 'Enter')
  await page.locator('[data-tool="table"]').tap()
  await page.locator('[data-tool="table-insert"]').tap()
  await page.keyboard.type('https://exemple.fr/une/adresse/longue')
  await waitForState(page, 'saved')
  assert.equal(await overflow(page), 0)
  await press(page, 'Control+Home')
  await page.evaluate(() => window.scrollTo(0, 0))
  await people.picture(page, 'phone')
  for (const name of ['style', 'colour', 'table', 'panel']) {
    await page.locator(`[data-tool="${name}"]`).tap()
    const box = await page.locator('.popover:not([hidden])').boundingBox()
    assert.ok(box.x >= 0 && box.x + box.width <= phone.width, `the menu ${name} is on the screen`)
  }
  await page.goto(server.address)
  await page.locator('.note').first().waitFor()
  assert.equal(await overflow(page), 0)
  await people.picture(page, 'phone-list')
})

test('everything can be reached and named without a mouse', async () => {
  const page = await people.enterNote('keyboard')
  await write(page, 'texte')
  await press(page, 'Control+a', 'Alt+F10')
  assert.equal(await page.evaluate(() => document.activeElement.dataset.tool), 'style')
  await press(page, 'ArrowRight', 'Enter')
  await page.locator('.ProseMirror strong').waitFor()
  await press(page, 'Alt+F10', 'Home', 'Enter', 'ArrowDown', 'Enter')
  await page.locator('.ProseMirror h1').waitFor()
  await press(page, 'Alt+F10', 'End', 'Escape')
  await page.waitForFunction(() => document.activeElement.classList.contains('ProseMirror'))

  const nameless = await page.evaluate(() =>
    [...document.querySelectorAll('button, input, select, a, [role="toolbar"], [role="textbox"]')]
      .filter((element) => element.checkVisibility())
      .filter(
        (element) =>
          !(
            element.ariaLabel ||
            element.textContent.trim() ||
            element.labels?.length ||
            element.closest('main, #alerts')
          ),
      )
      .map((element) => element.outerHTML),
  )
  assert.deepEqual(nameless, [])
})

test('text that looks like markup stays text', async () => {
  const evil = '<img src=x onerror=alert(1)><script>alert(2)</script>'
  const page = await people.enterNote('markup', { name: evil.slice(0, 30) })
  await page.keyboard.type(evil)
  await waitForState(page, 'saved')
  const other = await people.enterNote('markup', { name: 'Témoin' })
  await waitForText(other, evil)
  await other.locator('.caret-name', { hasText: '<img' }).waitFor()
  await other.locator('#people').click()
  assert.equal(await other.locator('img:not(.ProseMirror-separator), .ProseMirror script').count(), 0)
  assert.equal(await other.title(), `${evil} · Cahier`)
  await other.goto(server.address)
  await other.getByText(evil).waitFor()
  assert.equal(await other.locator('img').count(), 0)

  const { content } = await (async () => {
    await people.open(other, 'markup')
    await waitForState(other, 'saved')
    return exported(other, /Page web/)
  })()
  assert.doesNotMatch(content, /<img|<script/i)
})

test('what another editor sends becomes neither a style nor a script', async () => {
  const stranger = await strangerIn('stranger')
  stranger.announce({ name: { toString: 'no' }, color: 'red;position:fixed;inset:0' })
  stranger.append('paragraph', 'couleur', { marks: { textStyle: { color: 'red;position:fixed;inset:0' } } })
  stranger.append('paragraph', 'fond', { marks: { highlight: { color: 'url(//exemple.fr/x)' } } })
  stranger.append('paragraph', 'lien', { marks: { link: { href: 'javascript:alert(1)' } } })
  const page = await people.enterNote('stranger')
  await waitForText(page, 'lien')
  await page.locator('.caret-name', { hasText: 'Invité' }).waitFor()
  const styles = await page.evaluate(() =>
    [...document.querySelectorAll('.ProseMirror :is(span, mark, p)')].map(
      (element) => getComputedStyle(element).position,
    ),
  )
  assert.ok(!styles.includes('fixed'))
  assert.equal(await page.locator('.ProseMirror a[href^="javascript"]').count(), 0)
})

test('a note with parts that this editor does not know is shown and left whole', async () => {
  const stranger = await strangerIn('foreign')
  stranger.append('paragraph', 'Connu.')
  stranger.append('mystère', 'Inconnu mais précieux.')
  const page = await people.enter()
  await page.goto(`${server.address}/n/foreign`)
  await page.getByText(/éléments que cet éditeur ne connaît pas \(mystère\)/).waitFor()
  await page.getByText('Inconnu mais précieux.').waitFor()
  assert.equal(await page.locator('.ProseMirror').count(), 0)
  assert.equal(stranger.fragment.length, 2)
})

test('parts that arrive while the editor is open are left whole too', async () => {
  const stranger = await strangerIn('foreign-later')
  const page = await people.enterNote('foreign-later')
  await write(page, 'Ouvert.')
  await waitForState(page, 'saved')
  stranger.append('mystère', 'Arrive après.')
  await page.getByText(/\(mystère\)/).waitFor()
  await page.waitForTimeout(300)
  assert.equal(stranger.fragment.length, 2)
  assert.match(stranger.fragment.toString(), /Arrive après\./)
})

// Stands between the page and the server and lets `onPage` see what the page sends.
function between(page, onPage) {
  return page.routeWebSocket(/\/ws\//, (socket) => {
    const real = socket.connectToServer()
    socket.onMessage((message) => onPage(message, socket, real))
  })
}

const refusal = (reason) => Buffer.from([2, 0, reason.length, ...Buffer.from(reason)])
// Sync messages that carry changes: step 2 with any struct, and updates.
const carriesChange = (message) => message[0] === 0 && (message[1] === 2 || (message[1] === 1 && message.length > 5))

test('a refused change is said loudly and kept on the device', async () => {
  let refuse = true
  const page = await people.enter()
  await between(page, (message, socket, real) => {
    if (refuse && carriesChange(message)) socket.send(refusal("the server's disk is full"))
    else real.send(message)
  })
  await people.open(page, 'refused')
  await write(page, 'précieux')
  await waitForState(page, 'refused')
  await page
    .getByRole('alert')
    .getByText(/refusé vos dernières modifications : le disque du serveur est plein/)
    .waitFor()
  await people.picture(page, 'refused')
  refuse = false
  await page.getByRole('button', { name: 'Essayer à nouveau' }).click()
  await waitForState(page, 'saved')
  assert.equal(await page.getByRole('alert').count(), 0)
  const other = await people.enterNote('refused')
  await waitForText(other, 'précieux')
})

test('a session that may only read says so and takes no keys', async () => {
  const page = await people.enter()
  await between(page, (message, socket, real) => {
    if (carriesChange(message)) socket.send(refusal('this note may be read, not edited'))
    else real.send(message)
  })
  await people.open(page, 'readonly')
  await write(page, 'x')
  await waitForState(page, 'readonly')
  await page
    .getByRole('alert')
    .getByText(/Vous pouvez lire cette note, pas la modifier/)
    .waitFor()
  assert.equal(await page.locator('.ProseMirror').getAttribute('contenteditable'), 'false')
})

test('a note that was deleted or closed to us says so, and asks no more', async () => {
  for (const [code, words] of [
    [4401, 'Votre accès à cette note a pris fin.'],
    [4403, 'Vous n’avez pas le droit d’ouvrir cette note.'],
    [4404, 'Cette note a été supprimée.'],
  ]) {
    let attempts = 0
    const page = await people.enter()
    await page.routeWebSocket(/\/ws\//, (socket) => {
      attempts += 1
      setTimeout(() => socket.close({ code, reason: 'closed' }), 50)
    })
    await page.goto(`${server.address}/n/closed`)
    await page.getByText(words).waitFor()
    assert.equal(await page.locator('#loading:visible, .popover:visible').count(), 0)
    const before = attempts // on a very slow machine the page may have given up waiting and asked twice
    await page.waitForTimeout(800)
    assert.equal(attempts, before)
  }
})

test('a note that cannot be opened now says why', async () => {
  const page = await people.enter()
  await page.routeWebSocket(/\/ws\//, (socket) => {
    setTimeout(() => socket.close({ code: 1013, reason: 'this note is damaged and cannot be opened' }), 50)
  })
  await page.goto(`${server.address}/n/damaged`)
  await page
    .getByRole('alert')
    .getByText(/en ce moment : elle est endommagée/)
    .waitFor()
  await waitForState(page, 'offline')
})

test('what a connection said and how it ended is heard, though it came before the page was ready', async () => {
  for (const [code, reason, speaks, words] of [
    [4404, 'deleted', false, 'Cette note a été supprimée.'],
    [1013, 'this note has too many readers', true, /en ce moment : trop de personnes la lisent/],
  ]) {
    const page = await people.enter()
    let over
    const ended = new Promise((resolve) => (over = resolve))
    await page.routeWebSocket(/\/ws\//, (socket) => {
      const end = () => socket.close({ code, reason }).then(over)
      if (!speaks) setTimeout(end, 50)
      else socket.connectToServer().onMessage((message) => (socket.send(message), end()))
    })
    await page.route('**/content?*', (route) => ended.then(() => route.continue()))
    await page.goto(`${server.address}/n/early-end`)
    await page.getByRole('alert').getByText(words).waitFor()
  }
})

test('dark colours and wide screens look like the light ones', async () => {
  const page = await people.enterNote('together', { colorScheme: 'dark' })
  await waitForText(page, 'Machine analytique')
  await people.picture(page, 'dark')
  await page.goto(server.address)
  await page.locator('.note').first().waitFor()
  await people.picture(page, 'dark-list')
  const light = await people.enter()
  await light.goto(server.address)
  await light.locator('.note').first().waitFor()
  await people.picture(light, 'list')
  assert.equal(await overflow(light), 0)
})
