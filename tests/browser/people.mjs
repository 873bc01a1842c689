// Chromium and the people in it: each person is a browser profile of its own (a context), so that two of them meet
// through the server only. What goes wrong in any page (errors, broken rules of the security policy) is collected.
import { existsSync } from 'node:fs'
import path from 'node:path'

const SKIP = 77
const executablePath = process.env.CHROMIUM ?? '/usr/bin/chromium'
const args = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
]

// Ends the program as skipped.
export function skip(reason) {
  console.log(`SKIP: ${reason}`)
  process.exit(SKIP)
}

export async function launch() {
  if (!existsSync(executablePath)) skip(`no ${executablePath}; it is in Debian's package chromium`)
  const { chromium } = await import('playwright-core').catch(() => skip('no playwright-core; run npm ci in tests/'))
  return chromium.launch({ executablePath, args })
}

export class People {
  constructor(browser, address, pictures) {
    this.browser = browser
    this.address = address
    this.pictures = pictures
    this.troubles = []
    this.contexts = []
  }

  // A new person with a page of her own. `name: null` has not told her name yet.
  async enter({ name = 'Ada', colour = 'violet', width = 1280, height = 800, ...options } = {}) {
    const context = await this.browser.newContext({ viewport: { width, height }, locale: 'fr-FR', ...options })
    this.contexts.push(context)
    await context.addInitScript(`window.noteBlocks = ${noteBlocks}`)
    await context.addInitScript(
      ([chosen, tint]) => {
        if (chosen !== null) {
          localStorage.setItem('cahier.name', chosen)
          localStorage.setItem('cahier.colour', tint)
        }
        document.addEventListener('securitypolicyviolation', (event) => {
          console.error(`policy: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`)
        })
      },
      [name, colour],
    )
    const page = await context.newPage()
    page.setDefaultTimeout(120_000)
    page.on('pageerror', (error) => this.troubles.push(`${name}: ${error.stack || `${error.name} ${error.message}`}`))
    page.on('dialog', (dialog) => this.troubles.push(`${name}: a dialog says ${dialog.message()}`))
    page.on('console', (message) => {
      // That the network fails is what some tests are about, and a note without content is no trouble: the page asks.
      const asked = message.location().url.endsWith('/content?v=2') && /status of 404/.test(message.text())
      if (message.type() === 'error' && !asked && !/net::ERR_|WebSocket connection/.test(message.text())) {
        this.troubles.push(`${name}: ${message.text()}`)
      }
    })
    return page
  }

  // A person in a note, with the text ready for typing.
  async enterNote(id, who) {
    const page = await this.enter(who)
    await this.open(page, id)
    return page
  }

  async open(page, id) {
    await page.goto(`${this.address}/n/${encodeURIComponent(id)}`)
    await page.waitForSelector('.ProseMirror')
  }

  async picture(page, name) {
    await page.evaluate(() => document.fonts.ready)
    await page.screenshot({ path: path.join(this.pictures, `${name}.png`) })
  }

  // Everybody leaves; what went wrong meanwhile is returned and forgotten.
  async leave() {
    await Promise.all(this.contexts.map((context) => context.close()))
    this.contexts = []
    return this.troubles.splice(0)
  }
}

// Runs in the page, as noteBlocks(): the words of the note, block by block, without the carets of others.
function noteBlocks() {
  const copy = document.querySelector('.ProseMirror')?.cloneNode(true)
  copy?.querySelectorAll('.caret, label span').forEach((element) => element.remove())
  const all = [...(copy?.querySelectorAll('p, h1, h2, h3, pre') ?? [])]
  return all.map((block) => block.textContent.trim()).filter(Boolean)
}

export function pageText(page) {
  return page.evaluate(() => window.noteBlocks())
}

// Until one block of the note holds these words.
export async function waitForText(page, words) {
  const shown = (wanted) => window.noteBlocks().some((block) => block.includes(wanted))
  await page.waitForFunction(shown, words).catch(async (error) => {
    throw new Error(`${error.message}\nwaited for: ${words}\nfound: ${JSON.stringify(await pageText(page))}`)
  })
}

// Until the whole note has this many characters.
export function waitForLength(page, length) {
  return page.waitForFunction((wanted) => window.noteBlocks().join('').length === wanted, length)
}

// connecting, saving, saved, offline, unsent …: static/script/save_state.js
export function waitForState(page, state) {
  return page.waitForFunction((wanted) => document.querySelector('#status').dataset.state === wanted, state)
}

export async function press(page, ...keys) {
  for (const key of keys) await page.keyboard.press(key)
}

// Types lines, each ended by Enter except the last.
export async function write(page, ...lines) {
  for (const [number, line] of lines.entries()) {
    if (number > 0) await page.keyboard.press('Enter')
    await page.keyboard.type(line)
  }
}
