// Compares merge, diff, state vector, conversion, delete sets and snapshots with yjs's, byte for byte, on updates of random
// documents. Usage: node wire_diff.mjs DRIVER [RUNS]
import * as Y from 'yjs'
import { Counters } from '../../support/js/counters.mjs'
import { Driver } from '../../support/js/driver.mjs'
import { Rng, testSeed } from '../../support/js/rng.mjs'
import { randomBlocks } from './random_blocks.mjs'
import { randomDocs } from './random_docs.mjs'

const FORMATS = {
  1: { decode: Y.decodeUpdate, merge: Y.mergeUpdates, diff: Y.diffUpdate, state: Y.encodeStateVectorFromUpdate, apply: Y.applyUpdate, convert: Y.convertUpdateFormatV1ToV2, encode: Y.encodeStateAsUpdate },
  2: { decode: Y.decodeUpdateV2, merge: Y.mergeUpdatesV2, diff: Y.diffUpdateV2, state: Y.encodeStateVectorFromUpdateV2, apply: Y.applyUpdateV2, convert: Y.convertUpdateFormatV2ToV1, encode: Y.encodeStateAsUpdateV2 }
}
const KINDS = ['GC', 'Skip', 'ContentDeleted', 'ContentJSON', 'ContentBinary', 'ContentString', 'ContentEmbed', 'ContentFormat', 'ContentType', 'ContentAny', 'ContentDoc']
const met = new Counters([
  ...KINDS, 'Array', 'Map', 'Text', 'XmlElement', 'XmlFragment', 'XmlHook', 'XmlText',
  'merge', 'merge of none', 'merge of one', 'merge of 64 or more', 'duplicate', 'hole', 'cut block', 'cut surrogate pair', 'grown GC', 'GC meets item',
  'order-dependent', 'diff', 'state', 'convert', 'rewrite', 'vector', 'snapshot', 'delete set'
])

const TYPE_NAMES = { YArray: 'Array', YMap: 'Map', YText: 'Text', YXmlElement: 'XmlElement', YXmlFragment: 'XmlFragment', YXmlHook: 'XmlHook', YXmlText: 'XmlText' }

// Class names survive in yjs's bundle, some with an underscore or a number.
const plainName = (object) => object.constructor.name.replace(/^_+|\$?\d+$/g, '')

function countKinds(update, format) {
  const kinds = new Set()
  for (const struct of FORMATS[format].decode(update).structs) {
    const kind = struct instanceof Y.Item ? plainName(struct.content) : plainName(struct)
    kinds.add(kind)
    if (kind === 'ContentType') kinds.add(TYPE_NAMES[plainName(struct.content.type)])
  }
  for (const kind of kinds) met.add(kind)
}

export function request(op, format, parts) {
  const chunks = [Buffer.from([op.charCodeAt(0), format])]
  for (const part of parts) {
    const length = Buffer.alloc(4)
    length.writeUInt32LE(part.length)
    chunks.push(length, part)
  }
  return Buffer.concat(chunks)
}

const hex = (bytes) => Buffer.from(bytes).toString('hex')

class Campaign {
  constructor(driver, rng) {
    this.driver = driver
    this.rng = rng
  }

  async check(op, format, parts, expected, accept = () => false) {
    const answer = await this.driver.ask(request(op, format, parts))
    const got = answer.subarray(1)
    if (answer[0] === 0 && Buffer.compare(got, expected) === 0) return got
    if (answer[0] === 0 && accept(got)) return got
    const from = Math.max(0, got.findIndex((byte, i) => byte !== expected[i]) - 8)
    const around = (bytes) => `${bytes.length} bytes, from ${from}: ${hex(bytes.subarray(from, from + 40))}`
    const sizes = parts.map((part) => part.length)
    throw Object.assign(new Error(`'${op}' in v${format} differs (return code ${-answer[0]}), parts of ${sizes} bytes\n ours: ${around(got)}\n yjs: ${around(expected)}`), { op, format, parts })
  }

  // Clocks of each client somewhere in the document, for state vectors that cut blocks.
  randomVector(docs) {
    const known = new Map()
    for (const doc of docs) {
      for (const [client, clock] of Y.decodeStateVector(Y.encodeStateVector(doc))) {
        if (this.rng.chance(70)) known.set(client, this.rng.below(clock + 2))
      }
    }
    return Y.encodeStateVector(known)
  }

  // Updates that overlap, leave holes and repeat each other.
  pool({ docs, sent }, format) {
    const pool = sent.map((update) => (format === 1 ? update.v1 : update.v2))
    const { encode, merge, diff } = FORMATS[format]
    for (let i = 0; i < 12; i++) {
      const doc = this.rng.pick(docs)
      pool.push(encode(doc, this.rng.chance(50) ? this.randomVector(docs) : undefined))
      pool.push(diff(this.rng.pick(pool), this.randomVector(docs)))
      pool.push(merge(Array.from({ length: 2 + this.rng.below(3) }, () => this.rng.pick(pool))))
    }
    return pool
  }

  notePair(a, b, format) {
    const { decode } = FORMATS[format]
    const kinds = new Map()
    for (const s of decode(a).structs) kinds.set(`${s.id.client} ${s.id.clock}`, plainName(s))
    for (const s of decode(b).structs) {
      const other = kinds.get(`${s.id.client} ${s.id.clock}`)
      if (other && other !== plainName(s) && plainName(s) !== 'Skip' && other !== 'Skip') met.add('GC meets item')
    }
  }

  // Both results must tell the same clocks and deletes, and when documents sent them lead to the same document.
  same(ours, theirs, format, fromDocs) {
    const [a, b] = [ours, theirs].map((update) => {
      const { structs, ds } = FORMATS[format].decode(update)
      const clocks = structs.filter((s) => !(s instanceof Y.Skip)).flatMap((s) => Array.from({ length: s.length }, (_, i) => `${s.id.client} ${s.id.clock + i}`))
      const doc = new Y.Doc()
      if (fromDocs) FORMATS[format].apply(doc, update)
      return JSON.stringify([clocks, [...ds.clients], hex(Y.encodeStateAsUpdate(doc))])
    })
    return a === b
  }

  async merges(pool, format, fromDocs) {
    const { merge, decode } = FORMATS[format]
    const count = this.rng.pick([0, 1, 2, 2, 2, 3, 3, 5, 8, 20, 63, 64, 130])
    const updates = Array.from({ length: count }, () => this.rng.pick(pool))
    if (this.rng.chance(50)) updates.sort(() => this.rng.below(3) - 1)
    const expected = merge(updates)
    const got = await this.check('m', format, updates, expected, (ours) => {
      // Which block is taken may differ only where yjs's sort contradicts itself and is not binary insertion.
      met.add('order-dependent')
      return count >= 64 && this.same(ours, expected, format, fromDocs)
    })
    met.add('merge')
    if (count === 0) met.add('merge of none')
    if (count === 1) met.add('merge of one')
    if (count >= 64) met.add('merge of 64 or more')
    if (new Set(updates).size < updates.length) met.add('duplicate')
    if (count === 2) this.notePair(updates[0], updates[1], format)
    if (count < 2) return
    const before = new Set(updates.flatMap((update) => decode(update).structs.map((s) => `${s.id.client} ${s.id.clock} ${s.length} ${plainName(s)}`)))
    for (const s of decode(got).structs) {
      if (before.has(`${s.id.client} ${s.id.clock} ${s.length} ${plainName(s)}`)) continue
      met.add(plainName(s) === 'Skip' ? 'hole' : plainName(s) === 'GC' ? 'grown GC' : 'cut block')
    }
    countKinds(got, format)
  }

  async diffs(pool, docs, format) {
    const update = this.rng.pick(pool)
    const vector = this.randomVector(docs)
    const got = await this.check('d', format, [update, vector], FORMATS[format].diff(update, vector))
    const known = Y.decodeStateVector(vector)
    for (const s of FORMATS[format].decode(update).structs) {
      const at = (known.get(s.id.client) ?? 0) - s.id.clock
      if (at > 0 && at < s.length && s.content instanceof Y.ContentString && /[\ud800-\udbff]/.test(s.content.str[at - 1])) met.add('cut surrogate pair')
    }
    met.add('diff')
    return got
  }

  async conversions(pool, format) {
    const update = this.rng.pick(pool)
    await this.check('c', format, [update], FORMATS[format].convert(update))
    met.add('convert')
  }

  async others(pool, docs, format) {
    const update = this.rng.pick(pool)
    await this.check('s', format, [update], FORMATS[format].state(update))
    met.add('state')
    // Reading and writing again is the diff to nothing known, which only leaves out Skips before a client's first block.
    const first = new Map()
    for (const s of FORMATS[format].decode(update).structs) if (!first.has(s.id.client)) first.set(s.id.client, s)
    if (![...first.values()].some((s) => s instanceof Y.Skip)) {
      await this.check('r', format, [update], FORMATS[format].diff(update, new Uint8Array([0])))
    }
    met.add('rewrite')
    const vector = this.randomVector(docs)
    await this.check('v', 1, [vector], vector)
    met.add('vector')
    const snapshot = Y.snapshot(this.rng.pick(docs))
    const encoded = format === 1 ? Y.encodeSnapshot(snapshot) : Y.encodeSnapshotV2(snapshot)
    await this.check('n', format, [encoded], encoded)
    met.add('snapshot')
    const { ds } = FORMATS[format].decode(update)
    const sets = [ds, snapshot.ds].map((set) => this.encodeDeleteSet(set, format))
    for (const [i, set] of [ds, snapshot.ds].entries()) {
      await this.check('e', format, [sets[i]], this.encodeDeleteSet(Y.mergeDeleteSets([set]), format))
    }
    met.add('delete set')
  }

  // A snapshot without a state vector ends with one 0.
  encodeDeleteSet(ds, format) {
    const snapshot = Y.createSnapshot(ds, new Map())
    return (format === 1 ? Y.encodeSnapshot(snapshot) : Y.encodeSnapshotV2(snapshot)).slice(0, -1)
  }

  // Made-up updates lead to no sensible document: here only the bytes are compared.
  async runBlocks() {
    const v1 = Array.from({ length: 40 }, () => randomBlocks(this.rng))
    const pools = { 1: v1, 2: v1.map((update) => Y.convertUpdateFormatV1ToV2(update)) }
    const known = Y.encodeStateVector(new Map([1, 2, 3].map((client) => [client, this.rng.below(40)])))
    for (const format of [1, 2]) {
      for (let i = 0; i < 30; i++) {
        await this.merges(pools[format], format, false)
        const update = this.rng.pick(pools[format])
        await this.check('d', format, [update, known], FORMATS[format].diff(update, known))
        await this.conversions(pools[format], format)
        await this.check('s', format, [update], FORMATS[format].state(update))
      }
    }
  }

  async run() {
    await this.runBlocks()
    const world = randomDocs(this.rng, 2 + this.rng.below(7), 10 + this.rng.below(60))
    for (const format of [1, 2]) {
      const pool = this.pool(world, format)
      for (const update of pool.slice(-20)) countKinds(update, format)
      for (let i = 0; i < 10; i++) {
        await this.merges(pool, format, true)
        await this.diffs(pool, world.docs, format)
        await this.conversions(pool, format)
        await this.others(pool, world.docs, format)
      }
    }
  }
}

// Shows the fewest arguments for which a merge still differs.
async function shrink({ format, parts }) {
  const differs = async (updates) => {
    const answer = await driver.ask(request('m', format, updates))
    return answer[0] !== 0 || Buffer.compare(answer.subarray(1), FORMATS[format].merge(updates)) !== 0
  }
  for (let i = 0; i < parts.length;) {
    const fewer = parts.filter((_, j) => j !== i)
    if (await differs(fewer)) parts = fewer
    else i++
  }
  for (const part of parts) console.error(` argument: ${hex(part)}`)
}

const [program, runs = '50'] = process.argv.slice(2)
const seed = testSeed(20240611)
const driver = new Driver(program)
for (let run = 0; run < Number(runs); run++) {
  try {
    await new Campaign(driver, new Rng(seed + BigInt(run))).run()
  } catch (error) {
    if (error.op === 'm') await shrink(error)
    console.error(`run ${run}: repeat with CAHIER_SEED=${seed + BigInt(run)} and 1 run`)
    console.error(error.stack)
    process.exit(1)
  }
}
await driver.close()
met.finish()
