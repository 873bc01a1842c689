// A reader for memory.test.mjs: opens `count` connections to a note, says "open" when each has the note, and at the end,
// asked by a line on standard input, how long a text each holds.
import readline from 'node:readline'
import { WebSocket, Y, decoding } from './npm.mjs'
import { syncMessage, STEP1, STEP2, SYNC, UPDATE } from './wire.mjs'

const [url, count] = process.argv.slice(2)
const docs = []
let open = 0

for (let i = 0; i < Number(count); i++) {
  const doc = new Y.Doc()
  const socket = new WebSocket(url, { perMessageDeflate: false })
  docs.push(doc)
  socket.binaryType = 'nodebuffer'
  socket.on('open', () => socket.send(syncMessage(STEP1, Y.encodeStateVector(doc))))
  socket.on('message', (bytes) => {
    const decoder = decoding.createDecoder(new Uint8Array(bytes))
    if (decoding.readVarUint(decoder) !== SYNC) return
    const sub = decoding.readVarUint(decoder)
    if (sub !== STEP2 && sub !== UPDATE) return
    Y.applyUpdate(doc, decoding.readVarUint8Array(decoder))
    if (sub === STEP2 && ++open === Number(count)) console.log('open')
  })
}

readline.createInterface({ input: process.stdin }).on('line', () => {
  console.log(JSON.stringify(docs.map((doc) => doc.getText('t').length)))
})
