// Writes what yjs makes of updates, state vectors and snapshots into vectors.txt, and seeds for the fuzz targets into
// tests/fuzz/corpus. Run by hand when a case is added: node tests/unit/wire/record_vectors.mjs
//
// A line of vectors.txt: operation (as in tests/diff/wire/wire_driver.c), format, yjs's result, then the arguments, in
// hexadecimal ('-' for no bytes).
import * as fs from 'node:fs'
import * as Y from 'yjs'
import * as encoding from 'lib0/encoding'
import { Rng } from '../../support/js/rng.mjs'
import { randomBlocks } from '../../diff/wire/random_blocks.mjs'
import { randomDocs } from '../../diff/wire/random_docs.mjs'

const BUDGET = 80_000 // bytes of vectors.txt
const LONGEST = 2_500 // characters of a line
const here = new URL('.', import.meta.url)
const corpus = new URL('../../fuzz/corpus/', import.meta.url)

const lines = []
const seeds = { update_v1: new Map(), update_v2: new Map(), merge: new Map(), diff: new Map() }

const hex = (bytes) => (bytes.length ? Buffer.from(bytes).toString('hex') : '-')

function record(op, format, expected, parts) {
  const line = [op, format, hex(expected), ...parts.map(hex)].join(' ')
  if (line.length <= LONGEST && !lines.includes(line)) lines.push(line)
}

function seed(target, name, bytes) {
  seeds[target].set(name, bytes)
}

// The arguments of fuzz_merge and fuzz_diff as one input.
function joined(format, parts, lastRaw) {
  const encoder = encoding.createEncoder()
  encoding.writeUint8(encoder, format === 2 ? 1 : 0)
  parts.forEach((part, i) => {
    if (lastRaw && i === parts.length - 1) encoding.writeUint8Array(encoder, part)
    else encoding.writeVarUint8Array(encoder, part)
  })
  return encoding.toUint8Array(encoder)
}

const merge = { 1: Y.mergeUpdates, 2: Y.mergeUpdatesV2 }
const diff = { 1: Y.diffUpdate, 2: Y.diffUpdateV2 }
const state = { 1: Y.encodeStateVectorFromUpdate, 2: Y.encodeStateVectorFromUpdateV2 }
const convert = { 1: Y.convertUpdateFormatV1ToV2, 2: Y.convertUpdateFormatV2ToV1 }

function recordUpdate(name, v1, vector) {
  const v2 = Y.convertUpdateFormatV1ToV2(v1)
  for (const [format, update] of [[1, v1], [2, v2]]) {
    record('s', format, state[format](update), [update])
    record('c', format, convert[format](update), [update])
    record('d', format, diff[format](update, vector), [update, vector])
    seed(`update_v${format}`, name, update)
    seed('diff', `${name}_v${format}`, joined(format, [vector, update], true))
  }
}

function recordMerge(name, updates) {
  const both = { 1: updates, 2: updates.map((update) => Y.convertUpdateFormatV1ToV2(update)) }
  for (const format of [1, 2]) {
    record('m', format, merge[format](both[format]), both[format])
    seed('merge', `${name}_v${format}`, joined(format, both[format], false))
  }
}

// One document for each sort of content, made by plain calls.
const SIMPLE = {
  keystroke: (doc) => doc.getText('t').insert(0, 'a'),
  text: (doc) => { doc.getText('t').insert(0, 'Grüße 😀 👩‍🏫'); doc.getText('t').delete(2, 3) },
  format: (doc) => { doc.getText('t').insert(0, 'bold', { bold: true, link: { href: 'é' } }); doc.getText('t').format(1, 2, { bold: null }) },
  embed: (doc) => doc.getText('t').insertEmbed(0, { image: 'x', 2: 1e21, 1: [0.1, -0] }),
  array: (doc) => doc.getArray('a').insert(0, [1, 'é', null, true, 0.5, 0.1, 2 ** 31, -5, { b: [], a: { undefined } }, [1n].slice(1)]),
  binary: (doc) => doc.getArray('a').insert(0, [new Uint8Array([0, 255, 7])]),
  map: (doc) => { doc.getMap('m').set('k', 'v'); doc.getMap('m').set('k', undefined); doc.getMap('m').delete('k'); doc.getMap('m').set('', new Y.Map()) },
  types: (doc) => doc.getArray('a').insert(0, [new Y.Array(), new Y.Map(), new Y.Text('x'), new Y.XmlElement('p'), new Y.XmlFragment(), new Y.XmlHook('h'), new Y.XmlText('y')]),
  subdocs: (doc) => doc.getArray('a').insert(0, [new Y.Doc({ guid: 'plain' }), new Y.Doc({ guid: 'é', gc: false, autoLoad: true, meta: { a: 1 } })]),
  xml: (doc) => { const p = new Y.XmlElement('p'); doc.getXmlFragment('x').insert(0, [p]); p.setAttribute('class', 'c'); p.insert(0, [new Y.XmlText('t')]); doc.getXmlFragment('x').delete(0, 1) },
  two_clients: (doc) => { doc.getText('t').insert(0, 'abc'); doc.clientID = 2 ** 53 - 1; doc.getText('t').insert(1, 'X'); doc.getText('t').delete(0, 1) }
}

for (const [name, edit] of Object.entries(SIMPLE)) {
  const doc = new Y.Doc()
  doc.clientID = 4242
  edit(doc)
  const cut = Y.encodeStateVector(new Map([[4242, 1 + (name === 'text' ? 6 : 0)]]))
  recordUpdate(name, Y.encodeStateAsUpdate(doc), cut)
  record('n', 1, Y.encodeSnapshot(Y.snapshot(doc)), [Y.encodeSnapshot(Y.snapshot(doc))])
  record('n', 2, Y.encodeSnapshotV2(Y.snapshot(doc)), [Y.encodeSnapshotV2(Y.snapshot(doc))])
  record('v', 1, Y.encodeStateVector(doc), [Y.encodeStateVector(doc)])
}

const rng = new Rng(7)
recordMerge('none', [])
for (let i = 0; i < 60; i++) recordMerge(`blocks_${i}`, Array.from({ length: 2 + rng.below(4) }, () => randomBlocks(rng)))
for (let i = 0; i < 15; i++) {
  const update = randomBlocks(rng)
  recordUpdate(`blocks_${i}`, update, Y.encodeStateVector(new Map([1, 2, 3].map((client) => [client, rng.below(30)]))))
}
for (let i = 0; i < 20; i++) {
  const { sent } = randomDocs(rng, 3, 8)
  recordMerge(`sent_${i}`, sent.map((update) => update.v1))
}

// Whole lines until the budget is used, the operations by turns.
const chosen = []
let size = 0
const byOperation = new Map()
for (const line of lines) byOperation.set(line.slice(0, 3), [...(byOperation.get(line.slice(0, 3)) ?? []), line])
for (let some = true; some;) {
  some = false
  for (const group of byOperation.values()) {
    const line = group.shift()
    if (!line || size + line.length + 1 > BUDGET) continue
    some = true
    size += line.length + 1
    chosen.push(line)
  }
}
fs.writeFileSync(new URL('vectors.txt', here), chosen.sort().join('\n') + '\n')
console.log(`${chosen.length} vectors, ${size} bytes`)

for (const [target, inputs] of Object.entries(seeds)) {
  const folder = new URL(`${target}/`, corpus)
  fs.mkdirSync(folder, { recursive: true })
  let written = 0
  for (const [name, bytes] of inputs) {
    if (bytes.length > 700 || (written >= 45 && !(name in SIMPLE))) continue
    fs.writeFileSync(new URL(name, folder), bytes)
    written++
  }
  console.log(`${target}: ${written} seeds`)
}
