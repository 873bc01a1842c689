// A reader for memory.test.mjs: opens `count` connections to a note, says "open" when each has the note, and at the end,
// asked by a line on standard input, how long a text each holds, and how often one came back that was dropped (a server
// does that to those who are silent for long).
import readline from 'node:readline'
import { sleep } from './cahier.mjs'
import { WebSocket, Y, decoding } from './npm.mjs'
import { syncMessage, STEP1, STEP2, SYNC, UPDATE } from './wire.mjs'

const [url, count] = process.argv.slice(2)
const docs = Array.from({ length: Number(count) }, () => new Y.Doc())
const have = new Set()
let returned = 0

function read(doc, bytes) {
  const decoder = decoding.createDecoder(new Uint8Array(bytes))
  if (decoding.readVarUint(decoder) !== SYNC) return
  const sub = decoding.readVarUint(decoder)
  if (sub !== STEP2 && sub !== UPDATE) return
  Y.applyUpdate(doc, decoding.readVarUint8Array(decoder))
  if (sub === STEP2 && !have.has(doc) && have.add(doc).size === docs.length) console.log('open')
}

function connect(doc) {
  const socket = new WebSocket(url, { perMessageDeflate: false })
  socket.binaryType = 'nodebuffer'
  socket.on('open', () => socket.send(syncMessage(STEP1, Y.encodeStateVector(doc))))
  socket.on('message', (bytes) => read(doc, bytes))
  socket.on('error', () => {}) // it closes then
  socket.on('close', () => sleep(100).then(() => {
    returned++
    connect(doc)
  }))
}

docs.forEach(connect)
readline.createInterface({ input: process.stdin }).on('line', () => {
  console.log(JSON.stringify({ lengths: docs.map((doc) => doc.getText('t').length), returned }))
})
