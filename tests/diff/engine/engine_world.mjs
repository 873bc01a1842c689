// Some authors (yjs documents and documents of ours) edit and send each other what they did over a bad network; mirrors only listen: a mirror is a
// yjs document and one of ours that get the same bytes, and must answer with the same bytes at every step.
//
// A world is made by a seed; each step has a seed of its own, so that a run remains the same run when steps are left
// out (shrinking).
import * as Y from 'yjs'
import { edit } from '../wire/random_docs.mjs'
import { Rng } from '../../support/js/rng.mjs'
import { OurDoc } from './our_doc.mjs'
import { sameUnits } from './update_units.mjs'
import { deltaText, valueText } from './yjs_values.mjs'

const ENCODE = { 1: Y.encodeStateAsUpdate, 2: Y.encodeStateAsUpdateV2 }
const APPLY = { 1: Y.applyUpdate, 2: Y.applyUpdateV2 }
const MERGE = { 1: Y.mergeUpdates, 2: Y.mergeUpdatesV2 }
const DECODE = { 1: Y.decodeUpdate, 2: Y.decodeUpdateV2 }

const TYPES = ['Array', 'Map', 'Text', 'XmlElement', 'XmlFragment', 'XmlHook', 'XmlText']
const CONTENTS = ['Deleted', 'JSON', 'Binary', 'String', 'Embed', 'Format', 'Type', 'Any', 'Doc']
// Everything that a campaign must have met.
export const WORLD_COUNTERS = [
  ...CONTENTS.map((name) => `content ${name}`), ...TYPES.map((name) => `type ${name}`), 'GC struct', 'skip',
  'update v1', 'update v2', 'duplicate', 'lost', 'merged', 'cut update', 'resync', 'client beyond 2^32',
  'out-of-order struct', 'pending delete', 'pending set free', 'split surrogate pair', 'collected parent', 'map conflict',
  'deleted parent', 'kept deleted', 'edit of ours', 'value', 'typed', 'person first'
]
// And, when every step is compared, this too.
export const STEP_COUNTERS = ['changes', 'changes by effect']

const hex = (bytes) => Buffer.from(bytes).toString('hex')
const equal = (a, b) => Buffer.compare(Buffer.from(a), Buffer.from(b)) === 0
// Class names survive in yjs's bundle, some with an underscore or a number.
const plainName = (object) => object.constructor.name.replace(/^_*(Y(?=[AMTX]))?|\$?\d+$/g, '')

// Cuts between the halves of a surrogate pair, wherever yjs makes them.
let splits = 0
const { splice } = Y.ContentString.prototype
Y.ContentString.prototype.splice = function (offset) {
  const before = this.str.charCodeAt(offset - 1)
  if (before >= 0xd800 && before < 0xdc00) splits++
  return splice.call(this, offset)
}

// Ours and yjs differ.
export class Difference extends Error {
  constructor(what, expected, got, details = {}) {
    super(what)
    Object.assign(this, { expected, got, details })
  }
}

function describe(update, format) {
  const { structs, ds } = DECODE[format](update)
  const name = (s) => `${s.id.client}:${s.id.clock}+${s.length}${s.constructor.name.replace(/\d|\$/g, '')}${s.content ? plainName(s.content).slice(7) : ''}`
  const deletes = [...ds.clients].map(([client, items]) => `${client}:${items.map((i) => `${i.clock}+${i.len}`)}`)
  return `${structs.map(name).join(' ')} | ${deletes.join(' ')}`
}

// The struct of an integrated id.
function structAt(doc, { client, clock }) {
  if (clock >= Y.getState(doc.store, client)) return null
  const structs = doc.store.clients.get(client)
  let low = 0
  let high = structs.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (structs[middle].id.clock <= clock) low = middle
    else high = middle - 1
  }
  return structs[low]
}

const ROOTS = [(doc) => doc.getText('text'), (doc) => doc.getArray('array'), (doc) => doc.getMap('map'), (doc) => doc.getXmlFragment('xml')]

export class Mirror {
  constructor(driver, number, gc) {
    this.gc = gc
    this.yjs = new Y.Doc({ gc })
    this.yjs.clientID = Number.MAX_SAFE_INTEGER
    this.ours = new OurDoc(driver, number, { gc })
    // A yjs document that knows only what our crdt_apply says has changed.
    this.shadow = new Y.Doc({ gc })
    this.shadow.clientID = Number.MAX_SAFE_INTEGER
    this.inbox = []
    this.freed = 0
    this.log = [] // every update it got
    this.event = null
    this.yjs.on('update', (update) => { this.event = update })
    ROOTS.forEach((declare) => declare(this.yjs))
  }

  get pending() {
    return this.yjs.store.pendingStructs !== null || this.yjs.store.pendingDs !== null
  }
}

// Numbers of the driver's documents: mirrors, one for loading, writers.
const LOADED = 2
const FIRST_WRITER = 3

export class World {
  // `met` counts; `quiescent`: compares at the end only (yjs cleans formats up by itself).
  constructor(driver, seed, met, { quiescent = false } = {}) {
    this.rng = new Rng(seed)
    this.driver = driver
    this.met = met
    this.quiescent = quiescent
    this.collecting = this.rng.chance(60) // all authors collect garbage
    const count = 2 + this.rng.below(7)
    const clients = new Set()
    while (clients.size < count) clients.add(this.#client())
    const ours = this.rng.below(Math.min(count, 4))
    this.writers = [...clients].slice(0, ours).map((client, i) => this.#writer(client, FIRST_WRITER + i))
    this.authors = [...clients].slice(ours).map((client) => this.#author(client))
    this.mirrors = [true, false].map((gc, i) => new Mirror(driver, i, gc))
  }

  // An author that is a document of ours.
  #writer(client, number) {
    return { ours: new OurDoc(this.driver, number, { client, gc: this.collecting || this.rng.chance(50) }), inbox: [] }
  }

  #client() {
    return this.rng.pick([() => this.rng.below(200), () => this.rng.below(2 ** 32), () => this.rng.below(2 ** 53)])()
  }

  #author(client) {
    const doc = new Y.Doc({ gc: this.collecting || this.rng.chance(50) })
    const author = { doc, inbox: [] }
    let v1
    doc.clientID = client
    doc.on('update', (update) => { v1 = update })
    doc.on('updateV2', (v2, origin) => { if (origin !== 'network') this.#send(author, { v1, v2 }) })
    if (client > 2 ** 32) this.met.add('client beyond 2^32')
    return author
  }

  #send(from, message) {
    for (const to of [...this.authors, ...this.writers, ...this.mirrors]) {
      if (to !== from) to.inbox.push({ 1: message.v1, 2: message.v2, from })
    }
  }

  // One thing happens. What it is depends on the seed and on what was before.
  async step(seed) {
    const rng = new Rng(seed)
    const what = rng.below(100)
    if (what < 40) return this.writers.length && rng.chance(30) ? this.#editOurs(rng) : this.#edit(rng)
    if (what < 45) return this.#deliverToWriter(rng)
    if (what < 55) return this.#deliverToAuthor(rng)
    if (what < 92) return this.#deliverToMirror(rng)
    if (what < 95) return this.#resyncAuthors(rng)
    return this.#resyncMirror(rng)
  }

  #edit(rng) {
    const { doc } = rng.pick(this.authors)
    if (rng.chance(20)) return this.#type(rng, doc.getText('text'))
    doc.transact(() => {
      for (let n = 1 + rng.below(4); n > 0; n--) edit(rng, doc)
    })
  }

  // Letters, each an update of its own, some of them taken back.
  #type(rng, text) {
    const letter = () => rng.pick(['a', 'b', ' ', 'é', '😀'])
    let at = rng.below(text.length + 1)
    for (let n = 2 + rng.below(12); n > 0; n--) {
      if (rng.chance(15) && at > 0) text.delete(--at, 1)
      else {
        const typed = letter()
        text.insert(at, typed)
        at += typed.length
      }
    }
    this.met.add('typed')
  }

  async #editOurs(rng) {
    const writer = rng.pick(this.writers)
    const v1 = await writer.ours.edit(rng.below(2 ** 53), 1 + rng.below(4), 1)
    if (!v1.length) return
    this.met.add('edit of ours')
    this.#send(writer, { v1, v2: Y.convertUpdateFormatV1ToV2(v1) })
  }

  // A message from an inbox: late, again, never, or several at once.
  #receive(rng, inbox, format) {
    if (!inbox.length) return null
    const at = rng.chance(60) ? 0 : rng.below(inbox.length)
    if (rng.chance(15) && inbox.length > 1) {
      const some = inbox.splice(at, 2 + rng.below(4))
      this.met.add('merged')
      return MERGE[format](some.map((message) => message[format]))
    }
    const message = inbox[at]
    if (rng.chance(10)) this.met.add('duplicate')
    else inbox.splice(at, 1)
    if (!rng.chance(4)) return message[format]
    this.met.add('lost')
    return null
  }

  #deliverToAuthor(rng) {
    const format = 1 + rng.below(2)
    const { doc, inbox } = rng.pick(this.authors)
    const update = this.#receive(rng, inbox, format)
    if (update) APPLY[format](doc, update, 'network')
  }

  async #deliverToWriter(rng) {
    if (!this.writers.length) return
    const format = 1 + rng.below(2)
    const { ours, inbox } = rng.pick(this.writers)
    const update = this.#receive(rng, inbox, format)
    if (update) await ours.apply(format, update)
  }

  #deliverToMirror(rng) {
    const format = 1 + rng.below(2)
    const mirror = rng.pick(this.mirrors)
    if (rng.chance(8)) return this.#deliverPerson(rng, mirror, format)
    const update = rng.chance(10) ? this.#cutUpdate(rng, format) : this.#receive(rng, mirror.inbox, format)
    return update ? this.apply(mirror, format, update) : null
  }

  // All that one of them has sent, before what the others sent: much of it waits.
  async #deliverPerson(rng, mirror, format) {
    if (!mirror.inbox.length) return
    const { from } = rng.pick(mirror.inbox)
    const sent = mirror.inbox.filter((message) => message.from === from)
    mirror.inbox = mirror.inbox.filter((message) => message.from !== from)
    for (const message of sent) await this.apply(mirror, format, message[format])
    if (mirror.yjs.store.pendingStructs) this.met.add('person first')
  }

  // An author's state from clocks that fall anywhere, into the middle of structs and surrogate pairs too.
  #cutUpdate(rng, format) {
    const { doc } = rng.pick(this.authors)
    const vector = new Map()
    for (const client of doc.store.clients.keys()) {
      if (rng.chance(80)) vector.set(client, rng.below(Y.getState(doc.store, client) + 1))
    }
    this.met.add('cut update')
    return ENCODE[format](doc, Y.encodeStateVector(vector))
  }

  #resyncAuthors(rng) {
    const format = 1 + rng.below(2)
    const [a, b] = [rng.pick(this.authors).doc, rng.pick(this.authors).doc]
    if (a !== b) APPLY[format](a, ENCODE[format](b, Y.encodeStateVector(a)), 'network')
  }

  // Both directions: what the mirror lacks, then what the author lacks, written by ours.
  async #resyncMirror(rng) {
    const mirror = rng.pick(this.mirrors)
    const [there, back] = [1 + rng.below(2), 1 + rng.below(2)]
    this.met.add('resync')
    if (this.writers.length && rng.chance(30)) await this.#exchangeOurs(mirror, rng.pick(this.writers).ours, there, back)
    else await this.exchange(mirror, rng.pick(this.authors).doc, there, back)
  }

  async exchange(mirror, doc, there, back) {
    await this.apply(mirror, there, ENCODE[there](doc, await mirror.ours.vector()))
    const vector = Y.encodeStateVector(doc)
    const answer = await mirror.ours.encode(back, vector)
    if (!this.quiescent) this.#same('diff for an author', ENCODE[back](mirror.yjs, vector), answer, back)
    APPLY[back](doc, answer, 'network')
  }

  async #exchangeOurs(mirror, ours, there, back) {
    await this.apply(mirror, there, await ours.encode(there, await mirror.ours.vector()))
    await ours.apply(back, await mirror.ours.encode(back, await ours.vector()))
  }

  // The same update to both halves of a mirror; all that can be asked of them must agree.
  async apply(mirror, format, update) {
    const before = mirror.pending
    this.#count(mirror, format, update)
    this.last = { format, update }
    mirror.log.push(this.last)
    mirror.event = null
    const answers = [mirror.ours.apply(format, update), mirror.ours.encode(1), mirror.ours.snapshot()]
    answers.forEach((answer) => answer.catch(() => {})) // the first that fails is told below
    const splitsBefore = splits
    APPLY[format](mirror.yjs, update)
    if (splits > splitsBefore) this.met.add('split surrogate pair')
    const [changes, state, snapshot] = await Promise.all(answers)
    if (changes.length) Y.applyUpdate(mirror.shadow, changes)
    this.#countPending(mirror, before)
    if (this.quiescent) return
    this.#agree(mirror, state, snapshot)
    if (before || mirror.pending) this.met.add('changes by effect')
    else this.#sameChanges(mirror, changes)
    this.#same('effect of changes', snapshot, Y.encodeSnapshot(Y.snapshot(mirror.shadow)))
  }

  // Known deviation: yjs can keep structs waiting whose dependencies it has, behind one that it knows already but of which
  // it finds something missing. Asked to look again at what it does not know, it must agree.
  #agree(mirror, state, snapshot) {
    const { store } = mirror.yjs
    const behind = () => !equal(Y.encodeSnapshot(Y.snapshot(mirror.yjs)), snapshot)
    if (store.pendingStructs && behind()) mirror.freed++
    for (let again = 0; again < 20 && store.pendingStructs && behind(); again++) {
      const unknown = Y.diffUpdateV2(store.pendingStructs.update, Y.encodeStateVector(mirror.yjs))
      store.pendingStructs = null
      Y.applyUpdateV2(mirror.yjs, unknown)
    }
    this.#same('snapshot', Y.encodeSnapshot(Y.snapshot(mirror.yjs)), snapshot)
    this.#same('state v1', ENCODE[1](mirror.yjs), state, 1)
  }

  #sameChanges(mirror, changes) {
    this.met.add('changes')
    this.#same('changes', mirror.event ?? new Uint8Array(), changes, changes.length ? 1 : 0)
  }

  #same(what, expected, got, format = 0) {
    if (equal(expected, got)) return
    const texts = format ? { expected: describe(expected, format), got: describe(got, format) } : {}
    throw new Difference(what, hex(expected), hex(got), texts)
  }

  #count(mirror, format, update) {
    const names = new Set([`update v${format}`])
    for (const struct of DECODE[format](update).structs) {
      if (struct instanceof Y.Item) {
        names.add(`content ${plainName(struct.content).slice(7)}`)
        if (struct.content instanceof Y.ContentType) names.add(`type ${plainName(struct.content.type)}`)
        const parent = struct.parent instanceof Y.ID ? structAt(mirror.yjs, struct.parent) : null
        if (parent instanceof Y.GC) names.add('collected parent')
        else if (parent?.deleted) names.add('deleted parent')
      } else {
        names.add(struct instanceof Y.GC ? 'GC struct' : 'skip')
      }
    }
    for (const name of names) this.met.add(name)
  }

  #countPending(mirror, before) {
    if (mirror.yjs.store.pendingStructs) this.met.add('out-of-order struct')
    if (mirror.yjs.store.pendingDs) this.met.add('pending delete')
    if (before && !mirror.pending) this.met.add('pending set free')
  }

  // Everybody gets everything.
  async settle() {
    for (let round = 0; round < 3 || (this.quiescent && round < 12 && !(await this.#quiet())); round++) {
      for (const mirror of this.mirrors) {
        const [there, back] = [1 + (round % 2), 2 - (round % 2)]
        for (const { doc } of this.authors) await this.exchange(mirror, doc, there, back)
        for (const { ours } of this.writers) await this.#exchangeOurs(mirror, ours, there, back)
        // What yjs deleted by itself when it cleaned up.
        if (this.quiescent) await mirror.ours.apply(there, ENCODE[there](mirror.yjs))
        if (this.quiescent) APPLY[back](mirror.yjs, await mirror.ours.encode(back))
      }
    }
  }

  // True when nobody has anything to tell.
  async #quiet() {
    const docs = [...this.authors.map(({ doc }) => doc), ...this.mirrors.map(({ yjs }) => yjs)]
    const snapshots = docs.map((doc) => Y.encodeSnapshot(Y.snapshot(doc)))
    for (const { ours } of [...this.mirrors, ...this.writers]) snapshots.push(await ours.snapshot())
    return snapshots.every((snapshot) => equal(snapshot, snapshots[0]))
  }

  async finish() {
    await this.settle()
    for (const mirror of this.mirrors) await this.#finishMirror(mirror)
    for (const { ours } of this.writers) {
      this.#same('a writer\'s snapshot', await ours.snapshot(), await this.mirrors[0].ours.snapshot())
      const [state, mirrored] = [await ours.encode(1), await this.mirrors[0].ours.encode(1)]
      if (this.collecting && !sameUnits(state, mirrored, 1)) this.#same('a writer\'s state', state, mirrored, 1)
    }
    for (const { doc } of this.authors) {
      this.#same('an author\'s state vector', Y.encodeStateVector(doc), await this.mirrors[0].ours.vector())
      this.#same('an author\'s snapshot', Y.encodeSnapshot(Y.snapshot(doc)), await this.mirrors[0].ours.snapshot())
      // Not byte for byte: an update cut inside a surrogate pair reached mirrors only.
      const state = await this.mirrors[0].ours.encode(2)
      if (this.collecting && !sameUnits(ENCODE[2](doc), state, 2)) this.#same('an author\'s state', ENCODE[2](doc), state, 2)
    }
  }

  async #finishMirror(mirror) {
    const { yjs, ours, shadow } = mirror
    if (mirror.pending || (await ours.stat()).pending) throw new Difference('something still waits', '', '')
    for (const format of [1, 2]) {
      const state = await ours.encode(format)
      if (!this.quiescent || !sameUnits(ENCODE[format](yjs), state, format)) this.#same(`final state v${format}`, ENCODE[format](yjs), state, format)
      for (const gc of [true, false]) await this.#load(gc, format, state)
    }
    this.#same('final state vector', Y.encodeStateVector(yjs), await ours.vector())
    await this.#sameValues(mirror)
    this.#same('final snapshot', Y.encodeSnapshot(Y.snapshot(yjs)), await ours.snapshot())
    this.#countFinal(mirror)
    if (this.quiescent) return
    // Not byte for byte: a known struct may cut a surrogate pair, which changes no clock.
    if (!sameUnits(ENCODE[1](yjs), ENCODE[1](shadow), 1)) this.#same('final effect of changes', ENCODE[1](yjs), ENCODE[1](shadow), 1)
  }

  async #sameValues({ yjs, ours }) {
    const values = {
      text: deltaText(yjs.getText('text')),
      array: valueText(yjs.getArray('array')),
      map: valueText(yjs.getMap('map')),
      xml: yjs.getXmlFragment('xml').toString()
    }
    for (const [name, expected] of Object.entries(values)) {
      const got = await ours.show(name, name)
      if (got !== expected) throw new Difference(`value of ${name}`, expected, got)
      this.met.add('value')
    }
  }

  // A whole state into an empty document.
  async #load(gc, format, state) {
    const yjs = new Y.Doc({ gc })
    const ours = new OurDoc(this.driver, LOADED, { gc })
    APPLY[format](yjs, state)
    await ours.apply(format, state)
    this.#same(`final state v${format}, loaded`, ENCODE[format](yjs), await ours.encode(format), format)
  }

  #countFinal({ yjs, gc }) {
    for (const structs of yjs.store.clients.values()) {
      for (const struct of structs) {
        if (!(struct instanceof Y.Item)) continue
        if (!gc && struct.deleted && !(struct.content instanceof Y.ContentDeleted)) this.met.add('kept deleted')
        // Two values of one key that did not know of each other.
        if (struct.parentSub !== null && struct.left && !Y.compareIDs(struct.origin, struct.left.lastId)) this.met.add('map conflict')
      }
    }
  }
}
