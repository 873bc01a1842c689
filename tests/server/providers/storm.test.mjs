// Twenty editors, ten through y-websocket and ten through @hocuspocus/provider 2, 3 and 4, write one note (and some of
// them a second and a third on the same socket) while their networks are cut, they leave, come back and write offline.
// In the end all have the same note, so has the server, and nobody who is gone is shown.
//
// CAHIER_STORM_S: seconds of it (15; the long form is 60), more on a machine so slow that not everything was met by then.
// CAHIER_SEED repeats the decisions, not the timing.
import assert from 'node:assert/strict'
import { Cahier, sleep, until } from './cahier.mjs'
import { HocuspocusLine, HocuspocusPerson, Tally, YwebsocketPerson } from './people.mjs'
import { Y } from './npm.mjs'
import { load, randomEdit, sameState, values } from './edits.mjs'
import { Counters } from '../../support/js/counters.mjs'
import { Rng, testSeed } from '../../support/js/rng.mjs'

const SECONDS = Number(process.env.CAHIER_STORM_S || 15)
const EDITORS = 10 // of each protocol
const PERIOD_MS = 150 // between two edits of one person, on average
const NOTES = ['storm', 'storm, the second', 'tempête/3']

const rng = new Rng(testSeed(20_240))
const server = await new Cahier({ args: ['--log-level', 'warn'] }).start()
const tally = new Tally()
const met = new Counters([
  'edits', 'offline edits', 'cuts', 'offline', 'renewed', 'rejoined with an old document', 'presence',
  'y-websocket', 'hocuspocus 2', 'hocuspocus 3', 'hocuspocus 4', 'notes on a shared line',
])
const lines = []
const people = new Set()

function present(person) {
  person.awareness.setLocalStateField('user', { name: person.kind, color: '#123456' })
  people.add(person)
  met.add(person.kind)
  return person
}

const newYwebsocket = (note, doc) => present(new YwebsocketPerson(server, note, tally, { doc }))
const newOnLine = (line, note, doc) => present(new HocuspocusPerson(line, note, { doc, token: rng.chance(50) ? 'anything' : '' }))

function newLine(version, notes) {
  const line = new HocuspocusLine(server, version, tally)
  lines.push(line)
  for (const note of notes) newOnLine(line, note)
  if (notes.length > 1) met.add('notes on a shared line', notes.length)
}

for (let i = 0; i < EDITORS; i++) {
  newYwebsocket(NOTES[0])
  newLine(2 + (i % 3), i % 3 === 0 || i === 7 ? NOTES.slice(0, 2 + (i % 2)) : [NOTES[0]])
}
newYwebsocket(NOTES[1])
newYwebsocket(NOTES[2])
await until('everybody is in', () => [...people].every((p) => p.synced))

// ---- The storm

function edit(person) {
  if (!person.online) met.add('offline edits')
  met.add('edits')
  randomEdit(rng, person.doc)
  if (rng.chance(20)) {
    person.awareness.setLocalStateField('cursor', { at: rng.below(1000) })
    met.add('presence')
  }
  if (rng.chance(40)) person.probe()
}

// As a page that is loaded again does with what the browser has stored.
function reloaded(old) {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, Y.encodeStateAsUpdate(old))
  return doc
}

// Somebody leaves; who comes instead may have his document, edits that were never sent included.
function renew(person) {
  const doc = rng.chance(50) ? reloaded(person.doc) : undefined
  if (rng.chance(50)) person.cut() // goes without a word
  person.destroy()
  people.delete(person)
  if (doc) met.add('rejoined with an old document')
  met.add('renewed')
  if (person.line) newOnLine(person.line, person.note, doc)
  else newYwebsocket(person.note, doc)
}

async function leaveForAWhile(person) {
  met.add('offline')
  person.goOffline()
  await sleep(200 + rng.below(1500))
  if (people.has(person) || person.line) person.goOnline()
}

function weather() {
  const person = rng.pick([...people])
  const lot = rng.below(10)
  if (lot < 4) {
    met.add('cuts')
    person.cut()
  } else if (lot < 7) {
    leaving.push(leaveForAWhile(person))
  } else {
    renew(person)
  }
}

const leaving = []
const end = Date.now() + SECONDS * 1000
for (let nextWeather = Date.now() + 300; Date.now() < end || !met.complete; await sleep(5)) {
  for (const person of people) if (rng.below(PERIOD_MS) < 6) edit(person)
  if (Date.now() >= nextWeather) {
    weather()
    nextWeather = Date.now() + 100 + rng.below(400)
  }
}
await Promise.all(leaving)

// ---- The calm

async function calm() {
  const unsettled = () => [...people].filter((p) => !p.settled)
  const ask = () => {
    for (const person of unsettled()) if (person.synced && person.socket?.debt === 0) person.probe()
    return unsettled().length === 0
  }
  await until('all is acknowledged', ask).catch((error) => {
    const waiting = unsettled()
    throw new Error(`${error.message}\n${waiting.map((p) => `${p.kind} in ${p.note}: ${p.state}`).join('\n')}\n${server.log}`)
  })
  await sleep(200)
}

// What a document waits for although the server does not. An edit that never left its author, who has gone for good, is
// awaited by the server, and by those who came in later and were told of what waits.
function waitsAlone(doc, server) {
  const waits = doc.store.pendingStructs
  for (const [client, clock] of waits?.missing ?? []) {
    const there = Y.getState(server.store, client)
    if (there > clock || !server.store.pendingStructs) return `waits for client ${client} at ${clock}, which is at ${there} there`
  }
  if (doc.store.pendingDs && !server.store.pendingDs) return 'has deletes that wait'
}

// How a document differs from another, the server's; undefined when it does not.
function difference(doc, other) {
  const alone = waitsAlone(doc, other)
  if (alone) return alone
  const mine = Y.decodeStateVector(Y.encodeStateVector(doc))
  const theirs = Y.decodeStateVector(Y.encodeStateVector(other))
  for (const client of new Set([...mine.keys(), ...theirs.keys()])) {
    if (mine.get(client) !== theirs.get(client)) return `client ${client} at ${mine.get(client)}, not ${theirs.get(client)}`
  }
  if (!sameState(doc, other)) return 'other deletes'
  try {
    assert.deepEqual(values(doc), values(other))
  } catch (error) {
    return `other values: ${error.message}`
  }
}

// All documents of a note and the server's, in both formats; what is wrong with them.
async function differences(note) {
  const v1 = load(await server.update(note, 1))
  const v2 = load(await server.update(note, 2), 2)
  const docs = [...people].filter((p) => p.note === note).map((p) => ({ who: p.kind, doc: p.doc }))
  return [...docs, { who: 'v2', doc: v2 }].flatMap(({ who, doc }) => {
    const found = difference(doc, v1)
    return found ? [`${who}: ${found}`] : []
  })
}

await calm()
for (const note of NOTES) {
  await until(`${note}: all equal`, async () => (await differences(note)).length === 0).catch(async (error) => {
    throw new Error(`${error.message}; against the server's v1:\n${(await differences(note)).join('\n')}`)
  })
}
console.log(`${people.size} documents of ${NOTES.length} notes: equal, the server's too`)

// ---- Nobody who is gone is shown

const expected = (note) => [...people].filter((p) => p.note === note).map((p) => p.doc.clientID).sort()
const shown = (person) => [...person.awareness.getStates().keys()].sort()

async function noGhosts(what) {
  for (const person of people) person.awareness.setLocalStateField('last', what)
  for (const person of people) {
    const want = expected(person.note)
    await until(`${what}: ${person.kind} shows those who are there`, () => `${shown(person)}` === `${want}`).catch((error) => {
      const ghosts = shown(person).filter((id) => !want.includes(id))
      const missing = want.filter((id) => !shown(person).includes(id))
      throw new Error(`${error.message}; ghosts ${ghosts}, missing ${missing}`)
    })
  }
}

await noGhosts('after the storm')
for (const person of [...people].filter((_, i) => i % 3 === 0)) {
  if (!person.line) person.cut()
  person.destroy()
  people.delete(person)
}
await noGhosts('after a third has left')
for (const note of NOTES) newYwebsocket(note)
await until('the newcomers are in', () => [...people].every((p) => p.synced))
await noGhosts('for newcomers')

// ---- Stopped and started

const before = new Map()
for (const note of NOTES) before.set(note, load(await server.update(note)))
for (const person of people) person.destroy()
for (const line of lines) line.destroy()
assert.equal(await server.end(), 0)
await server.start()
for (const note of NOTES) {
  for (const version of [1, 2]) {
    const after = load(await server.update(note, version), version)
    assert(sameState(after, before.get(note)), `${note} is another after a restart`)
    assert.deepEqual(values(after), values(before.get(note)))
  }
}
assert.equal(await server.end(), 0)

met.finish(`${SECONDS} s`)
const { acknowledged, statuses, echoes, refused, abandoned } = tally
console.log(`${acknowledged} acknowledged by ${statuses} statuses and ${echoes} echoes, ${refused} refused, owed to sockets that went ${abandoned}`)
assert(acknowledged > 0 && statuses > 0 && echoes > 0)
assert.deepEqual(tally.wrong, [])
process.exit(0)
