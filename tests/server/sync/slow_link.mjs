// How long a note takes to open over a slow line: the plain way, all of it through a WebSocket, beside the page's way, the
// state over HTTP while the WebSocket is made and then only what is new. Prints a table; ./dev bench network.
import assert from 'node:assert/strict'
import { Cahier, until } from '../providers/cahier.mjs'
import { Y, WebSocket, WebsocketProvider } from '../providers/npm.mjs'
import { Link } from '../../support/js/link.mjs'
import { sharedBytes } from '../../support/js/shared_data.mjs'

const { HeldSocket } = await import(new URL('../../../static/script/held_socket.js', import.meta.url))
const lines = [
  { name: '1 Mbit/s, 200 ms there and back', bitsPerSecond: 1e6, delayMs: 100 },
  { name: '1 Mbit/s, 200 ms each way', bitsPerSecond: 1e6, delayMs: 200 },
]
const server = await new Cahier({ args: ['--log-level', 'warn'] }).start()

// A page of text in paragraphs, as one pupil types it.
function page() {
  const doc = new Y.Doc()
  const root = doc.getXmlFragment('default')
  for (let i = 0; i < 12; i++) {
    const paragraph = new Y.XmlElement('paragraph')
    const text = new Y.XmlText()
    root.push([paragraph])
    paragraph.insert(0, [text])
    for (const letter of `Paragraphe ${i} : la photosynthèse transforme la lumière en énergie. `.repeat(2)) text.insert(text.length, letter)
  }
  return Y.encodeStateAsUpdate(doc)
}

const notes = [
  ['empty', Y.encodeStateAsUpdate(new Y.Doc())],
  ['page', page()],
  ['note30', sharedBytes('traces', 'note30.v1.gz')],
]
for (const [name, update] of notes.slice(1)) {
  const headers = { 'Content-Type': 'application/vnd.yjs.update' }
  const response = await fetch(`${server.http}/api/v1/notes/${name}/content`, { method: 'POST', headers, body: update })
  assert.equal(response.status, 204)
}

// Opens the note over a line of its own: when its text was there, when all was in sync, and what came down.
async function open(line, name, overHttp) {
  const link = await new Link(server.port, line).open()
  const http = `http://127.0.0.1:${link.port}`
  await (await fetch(`${http}/healthz`)).text() // the page itself was loaded before, its connection is open
  const began = performance.now()
  const before = link.down.bytes
  const doc = new Y.Doc()
  let loaded
  const ready = overHttp ? new Promise((resolve) => (loaded = resolve)) : Promise.resolve()
  const polyfill = function (address) {
    return new HeldSocket(new WebSocket(address), ready, { worked() {}, failed() {} })
  }
  const provider = new WebsocketProvider(`ws://127.0.0.1:${link.port}/ws`, name, doc, { WebSocketPolyfill: polyfill, disableBc: true })
  let shown = null
  if (overHttp) {
    const headers = { Accept: 'application/vnd.yjs.update' }
    const response = await fetch(`${http}/api/v1/notes/${name}/content?v=2`, { headers })
    if (response.ok) {
      Y.applyUpdateV2(doc, new Uint8Array(await response.arrayBuffer()), 'http')
      shown = performance.now() - began
    }
    loaded()
  }
  await until('sync', () => provider.synced, 120_000)
  const synced = performance.now() - began
  const bytes = link.down.bytes - before
  const state = Y.encodeStateVector(doc)
  provider.destroy()
  await link.close()
  return { shown: shown ?? synced, synced, bytes, state }
}

// Of a few times: other work on the machine only adds.
async function best(...what) {
  let least = await open(...what)
  for (let i = 1; i < 5; i++) {
    const next = await open(...what)
    least = next.synced < least.synced ? next : least
  }
  return least
}

const seconds = (ms) => (ms / 1000).toFixed(2).padStart(6)
for (const line of lines) {
  console.log(`\n${line.name}\n${'note'.padEnd(10)}${'plain'.padStart(10)} ${'bytes'.padStart(9)}   ${'shown'.padStart(8)} ${'in sync'.padStart(9)} ${'bytes'.padStart(9)}`)
  for (const [name] of notes) {
    const plain = await best(line, name, false)
    const ours = await best(line, name, true)
    assert.deepEqual(ours.state, plain.state)
    console.log(
      `${name.padEnd(10)}${seconds(plain.synced)} s  ${String(plain.bytes).padStart(9)}   ${seconds(ours.shown)} s  ${seconds(ours.synced)} s ${String(ours.bytes).padStart(9)}`,
    )
  }
}
await server.end()
process.exit(0)
