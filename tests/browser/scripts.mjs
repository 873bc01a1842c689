// Whether anything in a page runs as a script: what Cahier made of hostile words is opened in Chromium.
import assert from 'node:assert/strict'

const TOGETHER = 50 // pages at once, each in a frame of its own
const events = ['click', 'mouseover', 'focus', 'error', 'load', 'toggle']
const activeTags = ['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'FORM', 'BASE', 'LINK', 'STYLE']

// In the page: sends every element the events that payloads wait for. Answer: how many there are.
function provoke(events) {
  const all = [...document.querySelectorAll('*')]
  const stay = (event) => event.preventDefault()
  addEventListener('click', (event) => event.target.closest('a')?.protocol !== 'javascript:' && stay(event), true)
  for (const element of all) for (const name of events) element.dispatchEvent(new Event(name, { bubbles: true, cancelable: true }))
  return all.length
}

// In the page: what could run.
const active = (tags) =>
  [...document.querySelectorAll('*')].flatMap((element) => [
    ...(tags.includes(element.tagName) ? [element.tagName] : []),
    ...[...element.attributes].map(({ name }) => name).filter((name) => name.startsWith('on')),
    ...(element.protocol === 'javascript:' ? ['javascript:'] : []),
  ])

async function load(page, some) {
  await page.setContent('<!DOCTYPE html><meta charset=utf-8>')
  await page.evaluate(
    (some) =>
      Promise.all(
        some.map((html) => {
          const frame = document.createElement('iframe')
          frame.srcdoc = html
          document.body.append(frame)
          return new Promise((loaded) => frame.addEventListener('load', loaded))
        }),
      ),
    some,
  )
}

// Loads the pages, does to them what a reader may do, and says how often a script ran (`fired`), how many elements there
// are and what of them could run.
export async function runs(browser, pages) {
  const context = await browser.newContext({ offline: true })
  const page = await context.newPage()
  const found = { fired: 0, elements: 0, active: [] }
  page.on('dialog', (dialog) => {
    found.fired++
    dialog.dismiss().catch(() => {})
  })
  for (let at = 0; at < pages.length; at += TOGETHER) {
    await load(page, pages.slice(at, at + TOGETHER))
    const frames = page.mainFrame().childFrames()
    for (const frame of frames) found.elements += await frame.evaluate(provoke, events)
    await page.waitForTimeout(1000)
    for (const frame of frames) {
      assert.equal(frame.url(), 'about:srcdoc', 'a page was left')
      found.active.push(...(await frame.evaluate(active, activeTags)))
    }
  }
  await context.close()
  return found
}

// The hooks are tried on a page that does have scripts.
export async function checkHooks(browser) {
  const bad = '<script>alert(1)</script><img src=x onerror=alert(2)><b onclick=alert(3)>x</b><a href="javascript:alert(4)">y</a>'
  const hooked = await runs(browser, [bad])
  assert.ok(hooked.fired >= 3, `the hooks see scripts: ${hooked.fired}`)
  assert.ok(hooked.active.length >= 4)
}
