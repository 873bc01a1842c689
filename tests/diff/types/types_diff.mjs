// The same random edits on documents of yjs and of ours: after each transaction the updates are compared byte for byte, at
// the end of each run the states and every value. Usage: node types_diff.mjs DRIVER [RUNS]
import * as encoding from 'lib0/encoding'
import * as decoding from 'lib0/decoding'
import * as Y from 'yjs'
import { Counters } from '../../support/js/counters.mjs'
import { Driver } from '../../support/js/driver.mjs'
import { Rng, testSeed } from '../../support/js/rng.mjs'
import { any, attrsField, byte, bytes, message, path, string, uint, values } from './fields.mjs'
import { jsonOfDelta, jsonOfType } from './show.mjs'

// Integrating never cleans formats up (DESIGN.md, "Formatting clean-up belongs to local edits").
Object.defineProperty(Y.Transaction.prototype, '_needFormattingCleanup', { get: () => false, set() {} })

const KIND = { array: 0, map: 1, text: 2, element: 3, fragment: 4, hook: 5, xmlText: 6, unknown: 7 }
const ROOTS = [
  ['text', KIND.text, (doc) => doc.getText('text')],
  ['plain', KIND.text, (doc) => doc.getText('plain')],
  ['array', KIND.array, (doc) => doc.getArray('array')],
  ['map', KIND.map, (doc) => doc.getMap('map')],
  ['xml', KIND.fragment, (doc) => doc.getXmlFragment('xml')],
  ['épreuve', KIND.text, (doc) => doc.getText('épreuve')],
  ['xmlText', KIND.xmlText, (doc) => doc.get('xmlText', Y.XmlText)],
  ['element', KIND.element, (doc) => doc.getXmlElement('element')]
]
const OUT_OF_RANGE = 3
const WORDS = ['a', 'bc', ' ', 'word', 'été', '😀', '👩‍🏫🎉', '漢字', '\n', '"<&', 'x'.repeat(40)]
const KEYS = ['a', 'b', 'title', 'é', '😀', '10', '9', '']
const FORMATS = ['bold', 'color', 'é', '7', '12']
const NODES = ['p', 'Heading', 'TABLE-row', 'é']

const met = new Counters([
  'text insert', 'text insert with attributes', 'text insert without any', 'text embed', 'text type', 'text delete', 'text format',
  'list insert', 'list bytes', 'list type', 'list doc', 'list delete', 'map set', 'map bytes', 'map type', 'map doc', 'map delete',
  'cut pair', 'mark removed by a delete', 'nested edit', 'several edits at once', 'empty update', 'update v1', 'update v2', 'concurrent', 'kept deleted',
  'delta', 'delta with attributes', 'xml', 'xml with formats', 'json', 'string', 'inferred', 'snapshot', 'object formats', 'mixed root', 'edit of a mixed root', 'refused', 'long run of deleted items',
  ...Object.keys(KIND).filter((name) => name !== 'unknown').map((name) => `type ${name}`)
])

// ---- random arguments ---------------------------------------------------------------------------------------

function randomValue(rng, depth = 0) {
  switch (rng.below(depth > 2 ? 7 : 10)) {
    case 0: return null
    case 1: return rng.chance(50)
    case 2: return rng.below(200) - 100
    case 3: return rng.below(1 << 30) * 8 - 2 ** 32
    case 4: return rng.pick([0.1, -0, 1e21, 1e-7, 5e-324, 2147483648, NaN, -Infinity, 0.5])
    case 5: return rng.pick(WORDS)
    case 6: return rng.pick([undefined, 12345678901234567890n % (1n << 62n), new Uint8Array([1, 2, 255])])
    case 7: return Array.from({ length: rng.below(4) }, () => randomValue(rng, depth + 1))
    default: return Object.fromEntries(Array.from({ length: rng.below(4) }, () => [rng.pick(KEYS), randomValue(rng, depth + 1)]))
  }
}

// What JSON carries, since format v1 writes embeds that way.
const plainValue = (rng) => JSON.parse(JSON.stringify(randomValueWithoutBig(rng) ?? null))
function randomValueWithoutBig(rng) {
  return rng.pick([() => rng.below(100), () => rng.pick(WORDS), () => ({ image: rng.pick(WORDS), n: rng.below(9) }), () => [1, null], () => true])()
}

const primitive = (rng) => rng.pick([true, true, 'red', 'blue', 3, 1.5, null, null, false, ''])

function randomAttrs(rng, value = primitive) {
  const attrs = {}
  for (let i = 1 + rng.below(3); i > 0; i--) attrs[rng.pick(FORMATS)] = value(rng)
  return attrs
}

function newType(rng, xml) {
  const name = rng.pick(NODES)
  switch (rng.below(xml ? 5 : 8)) {
    case 0: case 1: return [KIND.element, name, new Y.XmlElement(name), 'element']
    case 2: return [KIND.xmlText, '', new Y.XmlText(), 'xmlText']
    case 3: return [KIND.hook, name, new Y.XmlHook(name), 'hook']
    case 4: return [KIND.fragment, '', new Y.XmlFragment(), 'fragment']
    case 5: return [KIND.array, '', new Y.Array(), 'array']
    case 6: return [KIND.map, '', new Y.Map(), 'map']
    default: return [KIND.text, '', new Y.Text(), 'text']
  }
}

// ---- types alive, with the way to each --------------------------------------------------------------------------

function collect(type, root, kind, steps, out) {
  out.push({ type, root, kind, steps })
  const enter = (child, step) => child instanceof Y.AbstractType && collect(child, root, kind, [...steps, step], out)
  if (type instanceof Y.Text) {
    let at = 0
    for (const { insert } of type.toDelta()) {
      enter(insert, at)
      at += typeof insert === 'string' ? insert.length : 1
    }
  } else if (type instanceof Y.Array || type instanceof Y.XmlFragment) {
    type.toArray().forEach((child, i) => enter(child, i))
  }
  if (type instanceof Y.Map) type.forEach((child, key) => enter(child, key))
  else if (type instanceof Y.XmlElement || type instanceof Y.Text) {
    for (const [key, child] of Object.entries(type.getAttributes())) enter(child, key)
  }
}

function typesOf(doc) {
  const out = []
  for (const [name, kind, get] of ROOTS) collect(get(doc), name, kind, [], out)
  return out
}

// ---- one document here and there -----------------------------------------------------------------------------------

class Pair {
  constructor(driver, slot, client, gc) {
    Object.assign(this, { driver, slot })
    this.doc = new Y.Doc({ gc })
    this.doc.clientID = client
    this.doc.on('update', (update) => { this.v1 = update })
    this.doc.on('updateV2', (update) => { this.v2 = update })
    ROOTS.forEach(([, , get]) => get(this.doc))
    this.made = this.ask(message('N', uint(slot), uint(client), byte(gc ? 0 : 1)))
  }

  async ask(request) {
    await this.made
    const answer = await this.driver.ask(Buffer.from(request))
    if (answer[0] !== 0) throw new Error(`return code ${-answer[0]}`)
    return answer.subarray(1)
  }

  // Types that the next edit may choose from.
  targets() {
    return this.only ? [this.only] : typesOf(this.doc)
  }

  // A transaction of `count` random edits on both sides.
  async transact(rng, format, count, value, make = randomEdit) {
    this.v1 = this.v2 = new Uint8Array()
    const edits = []
    this.doc.transact(() => {
      for (let i = 0; i < count; i++) {
        const edit = make(rng, rng.pick(this.targets()), value)
        if (!edit) continue
        edits.push(edit)
        edit.run()
      }
    })
    const fields = edits.flatMap(({ letter, target, args }) => [byte(letter.charCodeAt(0)), path(target), ...args])
    const ours = await this.ask(message('T', uint(this.slot), uint(format), uint(edits.length), ...fields))
    return { ours, theirs: format === 1 ? this.v1 : this.v2, edits }
  }

  async apply(update, format) {
    if (format === 1) Y.applyUpdate(this.doc, update)
    else Y.applyUpdateV2(this.doc, update)
    await this.ask(message('A', uint(this.slot), uint(format), bytes(update)))
  }
}

function textEdit(rng, target, value) {
  const { type } = target
  const length = type.length
  const at = rng.chance(25) ? rng.pick([0, length]) : rng.below(length + 1)
  const rest = length - at
  switch (rng.below(12)) {
    case 0: {
      const embed = plainValue(rng)
      const attrs = rng.chance(50) ? randomAttrs(rng, value) : null
      if (embed === null || typeof embed !== 'object') return null
      met.add('text embed')
      return { letter: 'e', args: [uint(at), any(embed), attrsField(attrs)], run: () => type.insertEmbed(at, embed, attrs ? { ...attrs } : undefined) }
    }
    case 1: {
      if (rng.chance(60)) return null
      const [kind, name, made, what] = newType(rng, false)
      met.add('text type')
      met.add(`type ${what}`)
      return { letter: 'y', args: [uint(at), byte(kind), string(name)], run: () => type.insertEmbed(at, made) }
    }
    case 2: case 3: case 4: {
      const n = Math.min(rest, rng.chance(50) ? 1 : rng.below(6))
      const marks = countMarks(type)
      met.add('text delete')
      return { letter: 'd', args: [uint(at), uint(n)], run: () => { type.delete(at, n); if (countMarks(type) < marks) met.add('mark removed by a delete') } }
    }
    case 5: case 6: {
      if (target.root === 'plain') return null
      const attrs = randomAttrs(rng, value)
      const n = Math.min(rest, rng.below(8))
      met.add('text format')
      return { letter: 'f', args: [uint(at), uint(n), attrsField(attrs)], run: () => type.format(at, n, { ...attrs }) }
    }
    case 7: {
      if (target.root === 'plain') return null
      const attrs = rng.chance(70) ? randomAttrs(rng, value) : {}
      const word = rng.pick(WORDS)
      met.add(Object.keys(attrs).length ? 'text insert with attributes' : 'text insert without any')
      return { letter: 't', args: [uint(at), string(word), attrsField(attrs)], run: () => type.insert(at, word, { ...attrs }) }
    }
    default: {
      const word = rng.pick(WORDS)
      met.add('text insert')
      return { letter: 't', args: [uint(at), string(word), attrsField(null)], run: () => type.insert(at, word) }
    }
  }
}

function countMarks(type) {
  let count = 0
  for (let item = type._start; item; item = item.right) count += !item.deleted && !item.countable
  return count
}

function listEdit(rng, target) {
  const { type } = target
  const xml = !(type instanceof Y.Array)
  const length = type.length
  const at = rng.chance(25) ? rng.pick([0, length]) : rng.below(length + 1)
  switch (rng.below(xml ? 4 : 8)) {
    case 0: case 1: {
      const [kind, name, made, what] = newType(rng, xml)
      met.add('list type')
      met.add(`type ${what}`)
      return { letter: 'n', args: [uint(at), byte(kind), string(name)], run: () => type.insert(at, [made]) }
    }
    case 2: case 3: {
      const n = Math.min(length - at, rng.below(4))
      met.add('list delete')
      return { letter: 'x', args: [uint(at), uint(n)], run: () => type.delete(at, n) }
    }
    case 4: {
      const b = new Uint8Array(Array.from({ length: rng.below(6) }, () => rng.below(256)))
      met.add('list bytes')
      return { letter: 'b', args: [uint(at), bytes(b)], run: () => type.insert(at, [b]) }
    }
    case 5: {
      if (rng.chance(70)) return null
      const guid = `guid-${rng.below(1000)}`
      met.add('list doc')
      return { letter: 'o', args: [uint(at), string(guid), any({})], run: () => type.insert(at, [new Y.Doc({ guid })]) }
    }
    default: {
      const list = Array.from({ length: 1 + rng.below(5) }, () => randomValue(rng)).filter((v) => v !== undefined && typeof v !== 'bigint')
      met.add('list insert')
      return { letter: 'i', args: [uint(at), values(list)], run: () => type.insert(at, list) }
    }
  }
}

function mapEdit(rng, target) {
  const { type } = target
  const key = rng.pick(KEYS)
  const set = (v) => (type instanceof Y.Map ? type.set(key, v) : type.setAttribute(key, v))
  switch (rng.below(8)) {
    case 0: case 1: {
      met.add('map delete')
      return { letter: 'D', args: [string(key)], run: () => (type instanceof Y.Map ? type.delete(key) : type.removeAttribute(key)) }
    }
    case 2: {
      const b = new Uint8Array([rng.below(256)])
      met.add('map bytes')
      return { letter: 'B', args: [string(key), bytes(b)], run: () => set(b) }
    }
    case 3: {
      const [kind, name, made, what] = newType(rng, false)
      met.add('map type')
      met.add(`type ${what}`)
      return { letter: 'N', args: [string(key), byte(kind), string(name)], run: () => set(made) }
    }
    case 4: {
      if (rng.chance(70)) return null
      met.add('map doc')
      return { letter: 'O', args: [string(key), string('g'), any({ autoLoad: true })], run: () => set(new Y.Doc({ guid: 'g', autoLoad: true })) }
    }
    default: {
      const value = randomValue(rng)
      met.add('map set')
      return { letter: 'S', args: [string(key), any(value)], run: () => set(value) }
    }
  }
}

function randomEdit(rng, target, value) {
  const { type } = target
  let edit
  if (type instanceof Y.Text) edit = rng.chance(90) ? textEdit(rng, target, value) : mapEdit(rng, target)
  else if (type instanceof Y.Map) edit = mapEdit(rng, target)
  else if (type instanceof Y.XmlElement && rng.chance(40)) edit = mapEdit(rng, target)
  else edit = listEdit(rng, target)
  if (edit && target.steps.length) met.add('nested edit')
  return edit && { ...edit, target }
}

// ---- comparing ---------------------------------------------------------------------------------------------------

const hex = (b) => Buffer.from(b).toString('hex')

function same(ours, theirs, what, edits = []) {
  if (Buffer.compare(Buffer.from(ours), Buffer.from(theirs)) === 0) return
  const told = edits.map(({ letter, target, args }) => {
    const e = encoding.createEncoder()
    args.forEach((write) => write(e))
    return `${letter} ${target.root}/${target.steps.join('/')} ${hex(encoding.toUint8Array(e))}`
  })
  throw new Error(`${what} differs\n ours: ${hex(ours)}\n yjs:  ${hex(theirs)}\n${told.join('\n')}`)
}

function sameText(ours, theirs, what) {
  const text = Buffer.from(ours).toString()
  if (text === Buffer.from(theirs).toString()) return
  throw new Error(`${what} differs\n ours: ${text}\n yjs:  ${theirs}`)
}

async function compareValues(pair) {
  const show = (how, target) => pair.ask(message('V', uint(pair.slot), byte(how.charCodeAt(0)), path(target)))
  for (const target of typesOf(pair.doc)) {
    const { type } = target
    const name = `${target.root}/${target.steps.join('/')}`
    sameText(await show('j', target), jsonOfType(type), `JSON of ${name}`)
    met.add('json')
    if (type instanceof Y.Text) {
      const delta = jsonOfDelta(type)
      sameText(await show('d', target), delta, `delta of ${name}`)
      met.add('delta')
      if (delta.includes('"attributes"')) met.add('delta with attributes')
      sameText(await show('s', target), Y.Text.prototype.toString.call(type), `string of ${name}`)
      met.add('string')
    }
    if (type instanceof Y.XmlFragment || type instanceof Y.XmlText) {
      const xml = type.toString()
      sameText(await show('x', target), xml, `XML of ${name}`)
      met.add('xml')
      if (type instanceof Y.XmlText && xml.includes('<bold')) met.add('xml with formats')
    }
    await compareFacts(pair, target)
  }
}

async function compareFacts(pair, target) {
  const { type } = target
  const d = decoding.createDecoder(await pair.ask(message('I', uint(pair.slot), path(target))))
  const [, , length, runs, entries] = Array.from({ length: 5 }, () => decoding.readVarUint(d))
  const expected = type instanceof Y.Map ? 0 : type.length
  const keys = [...type._map.values()].filter((item) => !item.deleted).length
  if (length !== expected || runs !== expected || entries !== keys) throw new Error(`length ${length}, runs ${runs} of ${expected}; entries ${entries} of ${keys}`)
}

// The kind that a root without a declaration shows: DOCUMENT_MODEL.md.
function expectedKind(type) {
  const kinds = { elements: 0, lexical: 0, text: 0, values: 0, xmlTexts: 0 }
  for (let item = type._start; item; item = item.right) {
    if (item.deleted) continue
    const inner = item.content.type
    if (inner instanceof Y.XmlText) kinds[inner.getAttribute('__type') === undefined ? 'xmlTexts' : 'lexical']++
    else if (inner instanceof Y.XmlFragment || inner instanceof Y.XmlHook) kinds.elements++
    else if (inner) kinds.values++
    else if ([4, 5, 6].includes(item.content.getRef())) kinds.text++
    else kinds.values++
  }
  if (kinds.elements) return KIND.fragment
  if (kinds.lexical) return KIND.xmlText
  if (kinds.text) return KIND.text
  if (kinds.values) return KIND.array
  if (kinds.xmlTexts) return KIND.fragment
  return null // by what is deleted, by map entries, or unknown
}

// A stranger's document, which declares nothing.
async function compareStranger(pair, driver) {
  const slot = 15
  const ask = async (request) => (await driver.ask(Buffer.from(request))).subarray(1)
  await ask(message('N', uint(slot), uint(1), byte(0)))
  await ask(message('A', uint(slot), uint(2), bytes(Y.encodeStateAsUpdateV2(pair.doc))))
  const names = []
  for (let d = decoding.createDecoder(await ask(message('R', uint(slot)))); decoding.hasContent(d);) names.push(decoding.readVarString(d))
  if (names.join() !== [...names].sort().join()) throw new Error(`roots out of order: ${names}`)
  for (const [name, , get] of ROOTS) {
    const type = get(pair.doc)
    const kind = expectedKind(type)
    if (kind === null) continue
    const d = decoding.createDecoder(await ask(message('I', uint(slot), path({ root: name, kind: 255, steps: [] }))))
    decoding.readVarUint(d)
    const inferred = decoding.readVarUint(d)
    if (inferred !== kind) throw new Error(`${name}: kind ${inferred} inferred, not ${kind}`)
    if (!names.includes(name)) throw new Error(`root ${name} is missing`)
    met.add('inferred')
  }
}

// ---- campaigns -------------------------------------------------------------------------------------------------

async function exchange(rng, from, to) {
  const format = 1 + rng.below(2)
  const vector = Y.encodeStateVector(to.doc)
  const update = format === 1 ? Y.encodeStateAsUpdate(from.doc, vector) : Y.encodeStateAsUpdateV2(from.doc, vector)
  const before = Y.encodeStateVector(from.doc)
  if (Buffer.compare(before, vector) !== 0) met.add('concurrent')
  await to.apply(update, format)
}

async function compareState(pair) {
  for (const format of [1, 2]) {
    const theirs = format === 1 ? Y.encodeStateAsUpdate(pair.doc) : Y.encodeStateAsUpdateV2(pair.doc)
    same(await pair.ask(message('S', uint(pair.slot), uint(format))), theirs, `state v${format}`)
  }
}

async function compareSnapshots(pair, snapshots) {
  for (const snapshot of snapshots) {
    const then = Y.createDocFromSnapshot(pair.doc, Y.decodeSnapshot(snapshot))
    same(await pair.ask(message('W', uint(pair.slot), uint(2), bytes(snapshot))), Y.encodeStateAsUpdateV2(then), 'document at a snapshot')
    met.add('snapshot')
  }
}

async function run(driver, rng) {
  const gc = rng.chance(75)
  const pairs = Array.from({ length: 1 + rng.below(3) }, (_, i) => new Pair(driver, i, rng.below(2) ? 10 + i : 2 ** 40 + i * 1000 + rng.below(1000), gc))
  const snapshots = []
  // Every third run is about one text, with more marks.
  if (rng.chance(33)) for (const pair of pairs) pair.only = typesOf(pair.doc)[0]
  for (let step = 5 + rng.below(pairs[0].only ? 80 : 30); step > 0; step--) {
    const pair = rng.pick(pairs)
    const format = 1 + rng.below(2)
    const { ours, theirs, edits } = await pair.transact(rng, format, rng.chance(60) ? 1 : 1 + rng.below(6), primitive)
    same(ours, theirs, `update v${format}`, edits)
    met.add(theirs.length ? `update v${format}` : 'empty update')
    if (edits.length > 1) met.add('several edits at once')
    if (rng.chance(20)) await exchange(rng, pair, rng.pick(pairs))
    if (!gc && rng.chance(20) && pair === pairs[0]) {
      const snapshot = Y.encodeSnapshot(Y.snapshot(pair.doc))
      same(await pair.ask(message('P', uint(pair.slot))), snapshot, 'snapshot')
      snapshots.push(snapshot)
    }
  }
  for (const to of pairs) for (const from of pairs) if (to !== from) await exchange(rng, from, to)
  for (const pair of pairs) {
    await compareState(pair)
    await compareValues(pair)
    if (pair.doc.getText('text').toString().includes('\ufffd')) met.add('cut pair')
  }
  if (!gc) met.add('kept deleted')
  await compareSnapshots(pairs[0], snapshots)
  await compareStranger(pairs[0], driver)
}

// Edits of a short text: what is deleted in it becomes much more than what is there.
const SPOT_MAX = 12

function spotEdit(rng, target, value) {
  const { type } = target
  if (type.length <= SPOT_MAX) {
    const edit = textEdit(rng, target, value)
    return edit && { ...edit, target }
  }
  const at = rng.below(type.length - 5)
  const n = 1 + rng.below(type.length - at)
  return { target, letter: 'd', args: [uint(at), uint(n)], run: () => type.delete(at, n) }
}

function longestDead(type) {
  let longest = 0
  for (let item = type._start, run = 0; item; item = item.right) {
    run = item.deleted ? run + 1 : 0
    longest = Math.max(longest, run)
  }
  return longest
}

async function runSpot(driver, rng) {
  const pairs = [0, 1].map((i) => new Pair(driver, i, 10 + i, rng.chance(75)))
  for (const pair of pairs) pair.only = typesOf(pair.doc)[0]
  for (let step = 400; step > 0; step--) {
    const pair = rng.pick(pairs)
    const { ours, theirs, edits } = await pair.transact(rng, 1, 1 + rng.below(3), primitive, spotEdit)
    same(ours, theirs, 'update at one spot', edits)
    if (rng.chance(5)) await exchange(rng, pair, rng.pick(pairs))
  }
  for (const to of pairs) for (const from of pairs) if (to !== from) await exchange(rng, from, to)
  for (const pair of pairs) {
    await compareState(pair)
    await compareValues(pair)
    if (longestDead(pair.only.type) > 64) met.add('long run of deleted items')
  }
}

// Objects as formats: yjs compares some of them by identity, so that it may keep marks which change nothing. The
// formatted text is the same.
async function runObjects(driver, rng) {
  const pair = new Pair(driver, 0, 1, true)
  const value = (r) => r.pick([null, { href: 'x', n: 1 }, { n: 1, href: 'x' }, {}, { color: 'red' }, true])
  const plain = (delta) => {
    const out = []
    for (const { insert, attributes = {} } of delta) {
      const attrs = JSON.stringify(Object.entries(attributes).map(([k, v]) => [k, v instanceof Object ? Object.entries(v).sort() : v]).sort())
      const last = out.at(-1)
      if (last && last.attrs === attrs && typeof insert === 'string' && typeof last.insert === 'string') last.insert += insert
      else out.push({ insert, attrs })
    }
    return JSON.stringify(out)
  }
  const text = pair.doc.getText('text')
  const target = { type: text, root: 'text', kind: KIND.text, steps: [] }
  for (let step = 10 + rng.below(30); step > 0; step--) {
    const edit = textEdit(rng, target, value)
    if (!edit || 'ey'.includes(edit.letter)) continue
    edit.run()
    await pair.ask(message('T', uint(0), uint(1), uint(1), byte(edit.letter.charCodeAt(0)), path(target), ...edit.args))
    const ours = JSON.parse((await pair.ask(message('V', uint(0), byte(100), path(target)))).toString())
    sameText(plain(ours), plain(text.toDelta()), 'delta with objects')
    met.add('object formats')
  }
}

// What each kind makes of the same list, in yjs. Values that have no toString make it throw.
const VIEWS = [
  [KIND.array, Y.Array, 'j', jsonOfType], [KIND.map, Y.Map, 'j', jsonOfType], [KIND.text, Y.Text, 'd', jsonOfDelta], [KIND.text, Y.Text, 's', (t) => t.toString()],
  [KIND.fragment, Y.XmlFragment, 'x', (t) => t.toString()], [KIND.xmlText, Y.XmlText, 'x', (t) => t.toString()], [KIND.element, Y.XmlElement, 'x', (t) => t.toString()]
]

// One root that everybody takes for something else: all kinds of content in one list. Reads as in yjs whatever it is
// declared to be, and edits leave it whole.
async function runMixed(driver, rng) {
  const merged = new Y.Doc()
  for (const [i, kind] of [Y.Array, Y.Map, Y.Text, Y.XmlFragment, Y.XmlText, Y.XmlElement].entries()) {
    const doc = new Y.Doc()
    doc.clientID = i + 1
    const target = { type: doc.get('mixed', kind), root: 'mixed', steps: [] }
    for (let n = rng.below(8); n > 0; n--) randomEdit(rng, target, primitive)?.run()
    Y.applyUpdate(merged, Y.encodeStateAsUpdate(doc))
  }
  const update = Y.encodeStateAsUpdateV2(merged)
  const ask = (request) => driver.ask(Buffer.from(request))
  for (const [kind, type, how, show] of VIEWS) {
    const doc = new Y.Doc()
    Y.applyUpdateV2(doc, update)
    await ask(message('N', uint(0), uint(99), byte(0)))
    await ask(message('A', uint(0), uint(2), bytes(update)))
    const root = { root: 'mixed', kind, steps: [] }
    const answer = await ask(message('V', uint(0), byte(how.charCodeAt(0)), path(root)))
    if (answer[0] !== 0) throw new Error(`mixed: return code ${-answer[0]}`)
    let expected
    try { expected = show(doc.get('mixed', type)) } catch { continue }
    sameText(answer.subarray(1), expected, `a mixed root as ${type.name}`)
    met.add('mixed root')
  }
  await ask(message('N', uint(0), uint(99), byte(0)))
  await ask(message('A', uint(0), uint(2), bytes(update)))
  for (let n = 12; n > 0; n--) {
    const root = { root: 'mixed', kind: KIND.unknown, steps: [] }
    const at = rng.below(12)
    const [letter, args] = rng.pick([
      ['t', [uint(at), string(rng.pick(WORDS)), attrsField(rng.pick([null, {}, { bold: true }]))]], ['d', [uint(at), uint(rng.below(6))]],
      ['f', [uint(at), uint(rng.below(6)), attrsField({ bold: rng.pick([null, 1]) })]], ['i', [uint(at), values([1, 'a'])]], ['x', [uint(at), uint(rng.below(6))]],
      ['S', [string('a'), any(1)]], ['D', [string('a')]]
    ])
    const answer = await ask(message('T', uint(0), uint(1), uint(1), byte(letter.charCodeAt(0)), path(root), ...args))
    if (answer[0] !== 0 && answer[0] !== OUT_OF_RANGE) throw new Error(`edit '${letter}' of a mixed root: return code ${-answer[0]}`)
    met.add('edit of a mixed root')
  }
}

// Beyond the end, at the wrong type, outside of a transaction: refused, and nothing has changed.
async function runRefusals(driver) {
  const pair = new Pair(driver, 0, 1, true)
  const text = { root: 'text', kind: KIND.text, steps: [] }
  const list = { root: 'array', kind: KIND.array, steps: [] }
  const map = { root: 'map', kind: KIND.map, steps: [] }
  const state = await pair.ask(message('S', uint(0), uint(1)))
  const cases = [
    ['t', text, [uint(1), string('x'), attrsField(null)]], ['d', text, [uint(0), uint(1)]], ['f', text, [uint(0), uint(1), attrsField({ b: 1 })]],
    ['i', list, [uint(1), values([1])]], ['x', list, [uint(0), uint(1)]], ['i', map, [uint(0), values([1])]], ['t', list, [uint(0), string('x'), attrsField(null)]],
    ['S', list, [string('k'), any(1)]], ['n', list, [uint(0), byte(7), string('')]], ['i', list, [uint(0), bytes(new Uint8Array([1]))]],
    ['t', { root: 'text', kind: KIND.array, steps: [] }, [uint(0), string('x'), attrsField(null)]]
  ]
  for (const [letter, target, args] of cases) {
    const answer = await driver.ask(Buffer.from(message('T', uint(0), uint(1), uint(1), byte(letter.charCodeAt(0)), path(target), ...args)))
    if (answer[0] === 0) throw new Error(`edit ${letter} of ${target.root} was not refused`)
    same(await pair.ask(message('S', uint(0), uint(1))), state, 'state after a refusal')
    met.add('refused')
  }
}

const [program, runs = '300'] = process.argv.slice(2)
const seed = testSeed(1)
const driver = new Driver(program)
for (let i = 0; i < Number(runs); i++) {
  const rng = new Rng(seed + BigInt(i))
  try {
    await run(driver, rng)
    if (i % 3 === 0) await runObjects(driver, rng)
    if (i % 3 === 1) await runMixed(driver, rng)
    if (i % 30 === 2) await runSpot(driver, rng)
  } catch (error) {
    console.error(`run ${i}: CAHIER_SEED=${seed + BigInt(i)}`)
    throw error
  }
}
await runRefusals(driver)
await driver.close()
met.finish()
