// Writes documents.txt: updates as they reach a document, and what yjs says of it at each step. Run by hand when the
// campaign of tests/diff/engine learns something new: node tests/unit/core/record_documents.mjs ENGINE_DRIVER
//
// A line: a word, then operands; bytes in hexadecimal ('-' for none).
//   doc 0|1                    a new document; 1 keeps deleted content
//   apply FORMAT UPDATE        an update comes
//   changes UPDATE             what the last one changed, as yjs's update event has it
//   state FORMAT BYTES         the whole state, waiting parts included
//   vector BYTES, snapshot BYTES
//   show NAME KIND TEXT        the value of a root: a text's delta, an XML fragment's string, else JSON
import * as fs from 'node:fs'
import * as Y from 'yjs'
import { Driver } from '../../support/js/driver.mjs'
import { Rng } from '../../support/js/rng.mjs'
import { World } from '../../diff/engine/engine_world.mjs'
import { deltaText, valueText } from '../../diff/engine/yjs_values.mjs'

const BUDGET = 110_000 // bytes of documents.txt
const LONGEST = 9_000 // bytes of one document
const KINDS = { array: 0, map: 1, text: 2, xml: 4 }

Object.defineProperty(Y.Transaction.prototype, '_needFormattingCleanup', { get: () => false, set() {} })

const apply = { 1: Y.applyUpdate, 2: Y.applyUpdateV2 }
const encode = { 1: Y.encodeStateAsUpdate, 2: Y.encodeStateAsUpdateV2 }
const hex = (bytes) => (bytes.length ? Buffer.from(bytes).toString('hex') : '-')

function waits({ store }) {
  return store.pendingStructs !== null || store.pendingDs !== null
}

function values(doc) {
  return {
    text: deltaText(doc.getText('text')),
    array: valueText(doc.getArray('array')),
    map: valueText(doc.getMap('map')),
    xml: doc.getXmlFragment('xml').toString()
  }
}

// The lines of one document that got these updates.
function record({ gc, log }) {
  const doc = new Y.Doc({ gc })
  const lines = [`doc ${gc ? 0 : 1}`]
  let event = new Uint8Array()
  doc.clientID = Number.MAX_SAFE_INTEGER
  values(doc) // declares the roots
  doc.on('update', (update) => { event = update })
  for (const [i, { format, update }] of log.entries()) {
    const before = waits(doc)
    event = new Uint8Array()
    apply[format](doc, update)
    lines.push(`apply ${format} ${hex(update)}`)
    if (!before && !waits(doc)) lines.push(`changes ${hex(event)}`)
    if (i % 3 === 2) lines.push(`state ${1 + (i % 2)} ${hex(encode[1 + (i % 2)](doc))}`)
  }
  for (const format of [1, 2]) lines.push(`state ${format} ${hex(encode[format](doc))}`)
  lines.push(`vector ${hex(Y.encodeStateVector(doc))}`, `snapshot ${hex(Y.encodeSnapshot(Y.snapshot(doc)))}`)
  for (const [name, text] of Object.entries(values(doc))) lines.push(`show ${name} ${KINDS[name]} ${hex(Buffer.from(text))}`)
  return `${lines.join('\n')}\n`
}

const [program] = process.argv.slice(2)
const driver = new Driver(program)
let text = ''
for (let seed = 1n; text.length < BUDGET; seed++) {
  const world = new World(driver, seed, { add() {} })
  const rng = new Rng(seed)
  for (let i = 12 + Number(seed % 30n); i > 0; i--) await world.step(rng.next())
  const again = [...world.mirrors].filter(({ freed }) => freed === 0)
  for (const mirror of again) {
    mirror.log = mirror.log.filter(({ update }) => update.length > 2)
    const lines = record(mirror)
    if (mirror.log.length > 3 && lines.length < LONGEST && text.length + lines.length < BUDGET + LONGEST) text += lines
  }
}
await driver.close()
fs.writeFileSync(new URL('documents.txt', import.meta.url), text)
console.log(`${text.length} bytes, ${text.split('doc ').length - 1} documents`)
