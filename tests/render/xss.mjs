// What test_safety wrote for hundreds of payloads, opened in Chromium, with the page's policy and without any: no script
// runs, whatever is clicked, hovered or loaded. The hooks are tried on a page that does have scripts first.
// Argument: the program test_safety.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { launch } from '../browser/people.mjs'

const policy = "<meta http-equiv=Content-Security-Policy content=\"default-src 'none'; style-src 'unsafe-inline'; img-src *\">"
const folder = mkdtempSync(`${tmpdir()}/xss-`)
execFileSync(process.argv[2], [fileURLToPath(new URL('payloads.txt', import.meta.url)), folder], { stdio: 'inherit' })
const notes = ['fragments.html', 'markdown.html'].map((name) => readFileSync(`${folder}/${name}`, 'utf8'))
rmSync(folder, { recursive: true })

const browser = await launch()

// Loads the HTML, sends every element the events that payloads wait for, and says how often a payload ran.
async function runs(html) {
  const context = await browser.newContext({ offline: true })
  const page = await context.newPage()
  let fired = 0
  page.on('dialog', (dialog) => {
    fired++
    dialog.dismiss().catch(() => {})
  })
  await page.setContent(html, { waitUntil: 'domcontentloaded', timeout: 60_000 })
  const address = page.url()
  const elements = await page.evaluate(() => {
    const events = ['click', 'mouseover', 'focus', 'error', 'load', 'toggle']
    const all = [...document.querySelectorAll('*')]
    const stay = (event) => event.preventDefault()
    addEventListener('click', (event) => event.target.closest('a')?.protocol !== 'javascript:' && stay(event), true)
    for (const element of all) for (const name of events) element.dispatchEvent(new Event(name, { bubbles: true, cancelable: true }))
    return all.length
  })
  await page.waitForTimeout(1000)
  assert.equal(page.url(), address, 'the page was left')
  const active = await page.evaluate(() =>
    [...document.querySelectorAll('*')].flatMap((element) => [
      ...(['SCRIPT', 'IFRAME', 'OBJECT', 'EMBED', 'FORM', 'BASE', 'LINK', 'STYLE'].includes(element.tagName) ? [element.tagName] : []),
      ...[...element.attributes].map(({ name }) => name).filter((name) => name.startsWith('on')),
      ...(element.protocol === 'javascript:' ? ['javascript:'] : []),
    ]),
  )
  await context.close()
  return { fired, elements, active }
}

const hooked = await runs('<script>alert(1)</script><img src=x onerror=alert(2)><b onclick=alert(3)>x</b><a href="javascript:alert(4)">y</a>')
assert.ok(hooked.fired >= 3, `the hooks see scripts: ${hooked.fired}`)
assert.ok(hooked.active.length >= 4)

for (const [index, html] of notes.entries()) {
  for (const head of ['', policy]) {
    const { fired, elements, active } = await runs(`<!DOCTYPE html><meta charset=utf-8>${head}${html}`)
    assert.equal(fired, 0, 'a script ran')
    assert.deepEqual(active, [], 'something active')
    console.log(`${['HTML', 'Markdown'][index]}${head ? ' with a policy' : ''}: ${elements} elements, nothing ran`)
  }
}
await browser.close()
