// Hundreds of payloads as titles, words, links and pictures of notes, exported by the server: every page and the index
// are opened in Chromium, with their policy and without, and no script runs. (WeasyPrint gets the same pages, and knows no
// scripts.)
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { launch } from '../../browser/people.mjs'
import { checkHooks, runs } from '../../browser/scripts.mjs'
import { Cahier } from '../providers/cahier.mjs'
import { Y } from '../providers/npm.mjs'
import { archiveOf, putNote } from './archive.mjs'

const bytes = (_, escape) => String.fromCharCode(escape[0] === 'x' ? parseInt(escape.slice(1), 16) : { n: 10, r: 13, t: 9 }[escape])
const lines = readFileSync(new URL('../../render/payloads.txt', import.meta.url), 'latin1').split('\n')
const payloads = lines
  .slice(lines.findIndex((line) => !line.startsWith('# ')))
  .filter(Boolean)
  .map((line) => Buffer.from(line.replace(/\\(x[0-9a-fA-F]{2}|[nrt])/g, bytes), 'latin1').toString())
assert.ok(payloads.length >= 300)

function element(name, attributes, ...children) {
  const it = new Y.XmlElement(name)
  for (const [key, value] of Object.entries(attributes)) it.setAttribute(key, value)
  it.insert(0, children)
  return it
}

function hostile(payload) {
  const doc = new Y.Doc()
  const link = new Y.XmlText()
  link.insert(0, payload, { link: { href: payload } })
  doc.getXmlFragment('default').push([
    element('heading', { level: 1 }, new Y.XmlText(payload)),
    element('paragraph', {}, link),
    element('image', { src: payload, alt: payload, title: payload }),
    element('codeBlock', { language: payload }, new Y.XmlText(payload)),
    element(`x${payload}`, { title: payload }, new Y.XmlText(payload)),
  ])
  return Y.encodeStateAsUpdate(doc)
}

const server = await new Cahier({ args: ['--log-level', 'warn'] }).start()
for (const [i, payload] of payloads.entries()) await putNote(server, `note ${i}`, hostile(payload))
const { files } = await archiveOf(server, '?formats=html')
await server.end()
const pages = [...files.values()]
const policy = /<meta http-equiv="Content-Security-Policy"[^>]*>/
assert.equal(files.size, payloads.length + 1)
assert.ok(pages.every((page) => policy.test(page)), 'each has a policy')

const browser = await launch()
await checkHooks(browser)
for (const [how, some] of [['with their policy', pages], ['without', pages.map((page) => page.replace(policy, ''))]]) {
  const { fired, elements, active } = await runs(browser, some)
  assert.equal(fired, 0, 'a script ran')
  assert.deepEqual(active, pages.map(() => 'STYLE'), 'the page’s own style alone')
  console.log(`${some.length} pages ${how}: ${elements} elements, nothing ran`)
}
await browser.close()
