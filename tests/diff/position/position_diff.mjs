// Relative positions against yjs: made from random places of random documents, encoded, and resolved again and again
// while the documents go on; ids of any struct, and of structs that have not come, are resolved too.
//
//     node position_diff.mjs DRIVER [RUNS]
import * as Y from 'yjs'
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import { randomDocs } from '../wire/random_docs.mjs'
import { Counters } from '../../support/js/counters.mjs'
import { Driver } from '../../support/js/driver.mjs'
import { Rng, testSeed } from '../../support/js/rng.mjs'

const [program, runs = '120'] = process.argv.slice(2)
const driver = new Driver(program)
const counters = new Counters([
  'made at a unit', 'made at a root', 'made at a type', 'before', 'behind', 'beyond the end', 'resolved', 'nested',
  'moved', 'not found', 'in a deleted type', 'deleted unit', 'id of a key', 'id of a mark', 'id not here yet', 'no assoc',
])

// The result of a request, or the name of the code.
async function ask(op, write) {
  const encoder = encoding.createEncoder()
  encoding.writeUint8(encoder, op.charCodeAt(0))
  write(encoder)
  const answer = await driver.ask(encoding.toUint8Array(encoder))
  return answer[0] === 0 ? new Uint8Array(answer.subarray(1)) : answer.subarray(1).toString()
}

const hex = (result) => (typeof result === 'string' ? result : Buffer.from(result).toString('hex'))

function compare(what, expected, got) {
  if (hex(expected) !== hex(got)) throw new Error(`${what}: yjs ${hex(expected)}, ours ${hex(got)}`)
}

// The end of a type, as the bytes of a position: both sides' name of it.
const typeName = (type) => Y.encodeRelativePosition(new Y.RelativePosition(
  type._item ? type._item.id : null, type._item ? null : Y.findRootTypeKey(type), null, 0))

// All types that can be reached, with what is deleted but kept.
function allTypes(doc) {
  const found = []
  const visit = (type) => {
    found.push(type)
    const items = [...type._map.values()]
    for (let item = type._start; item; item = item.right) items.push(item)
    for (const item of items) if (item.content instanceof Y.ContentType) visit(item.content.type)
  }
  // A root that nothing was written into is not told in an update.
  for (const type of doc.share.values()) if (type._start || type._map.size) visit(type)
  return found
}

async function makeOne(rng, doc) {
  const type = rng.pick(allTypes(doc))
  const length = type._length
  const index = rng.below(length + 2)
  const assoc = rng.pick([-1, 0])
  const made = Y.createRelativePositionFromTypeIndex(type, index, assoc)
  const bytes = Y.encodeRelativePosition(made)
  const ours = await ask('m', (encoder) => {
    encoding.writeVarUint8Array(encoder, typeName(type))
    encoding.writeVarUint(encoder, index)
    encoding.writeVarInt(encoder, assoc)
  })
  compare(`position ${index} of ${length}, assoc ${assoc}`, bytes, ours)
  counters.add(made.item ? 'made at a unit' : made.tname !== null ? 'made at a root' : 'made at a type')
  counters.add(assoc < 0 ? 'before' : 'behind')
  if (index > length) counters.add('beyond the end')
  return bytes
}

// A position at any id: of marks, of map entries, deleted, collected, in the middle of structs, not here yet.
function anyId(rng, doc) {
  const client = rng.pick([...doc.store.clients.keys()])
  const clock = rng.below(Y.getState(doc.store, client) + 2)
  if (clock >= Y.getState(doc.store, client)) {
    counters.add('id not here yet')
  } else {
    const item = Y.getItem(doc.store, Y.createID(client, clock))
    if (item.parentSub) counters.add('id of a key')
    if (item.content instanceof Y.ContentFormat) counters.add('id of a mark')
    if (item.deleted) counters.add('deleted unit')
    if (item.parent?._item?.deleted) counters.add('in a deleted type')
  }
  const id = Y.createID(client, clock)
  const asType = rng.chance(20)
  return Y.encodeRelativePosition(new Y.RelativePosition(asType ? id : null, null, asType ? null : id, rng.pick([-1, 0])))
}

// As yjs sees it: index and type, or that it is not there.
function expectedPlace(doc, bytes) {
  const place = Y.createAbsolutePositionFromRelativePosition(Y.decodeRelativePosition(bytes), doc)
  if (place === null) {
    counters.add('not found')
    return 'RC_NOTFOUND'
  }
  counters.add('resolved')
  if (place.type._item) counters.add('nested')
  const encoder = encoding.createEncoder()
  encoding.writeVarUint(encoder, place.index)
  encoding.writeUint8Array(encoder, typeName(place.type))
  return encoding.toUint8Array(encoder)
}

async function resolveOne(doc, bytes, last) {
  const expected = expectedPlace(doc, bytes)
  const got = await ask('r', (encoder) => encoding.writeVarUint8Array(encoder, bytes))
  compare(`place of ${hex(bytes)}`, expected, got)
  if (last !== undefined && hex(expected) !== last) counters.add('moved')
  return hex(expected)
}

// Positions of older versions end before assoc.
async function withoutAssoc(bytes) {
  const short = bytes.subarray(0, bytes.length - 1)
  const got = await ask('y', (encoder) => encoding.writeVarUint8Array(encoder, short))
  compare('no assoc', Y.encodeRelativePosition(Y.decodeRelativePosition(short)), got)
  counters.add('no assoc')
}

async function refuses() {
  for (const bytes of [[], [0], [0, 1], [1], [1, 2, 65], [2, 1], [3, 1, 1], [1, 1, 255], [0, 1, 1, 128]]) {
    const got = await ask('y', (encoder) => encoding.writeVarUint8Array(encoder, new Uint8Array(bytes)))
    if (got !== 'RC_FORMAT') throw new Error(`[${bytes}] is no position, but gave ${hex(got)}`)
  }
}

async function run(rng) {
  const gc = rng.chance(60)
  const { docs, sent } = randomDocs(rng, 1 + rng.below(3), 10 + rng.below(60))
  const mirror = new Y.Doc({ gc })
  await ask('c', (encoder) => encoding.writeVarUint(encoder, gc ? 0 : 1))
  const places = new Map() // position -> where it was last
  for (const { v1 } of [...sent, ...docs.map((doc) => ({ v1: Y.encodeStateAsUpdate(doc) }))]) {
    Y.applyUpdate(mirror, v1)
    compare('apply', new Uint8Array(), await ask('a', (encoder) => encoding.writeVarUint8Array(encoder, v1)))
    if (!mirror.store.clients.size) continue
    for (let i = 0; i < 2; i++) places.set(await makeOne(rng, mirror), undefined)
    places.set(anyId(rng, mirror), undefined)
    for (const [bytes, last] of places) if (rng.chance(20)) places.set(bytes, await resolveOne(mirror, bytes, last))
  }
  for (const bytes of places.keys()) await resolveOne(mirror, bytes)
  for (const bytes of [...places.keys()].slice(0, 3)) await withoutAssoc(bytes)
}

// The reference never cleans formats up after remote updates: crdt/README.md says why.
Object.defineProperty(Y.Transaction.prototype, '_needFormattingCleanup', { get: () => false, set () {} })
const seed = testSeed(20240611)
const rng = new Rng(seed)
await refuses()
for (let i = 0; i < Number(runs); i++) await run(rng.fork())
await driver.close()
counters.finish('positions')
