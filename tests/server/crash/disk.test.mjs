// The disk fills up while stock editors write, and has room again: edits are answered as refused, reading goes on, the
// server lives, and what was refused is asked for again once it can be kept.
import assert from 'node:assert/strict'
import { existsSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Cahier, Suite, sleep, until } from '../providers/cahier.mjs'
import { HocuspocusLine, HocuspocusPerson, Tally, YwebsocketPerson } from '../providers/people.mjs'
import { load, randomEdit, sameState, values } from '../providers/edits.mjs'
import { Rng, testSeed } from '../../support/js/rng.mjs'

const rng = new Rng(testSeed(507))
const suite = new Suite('disk')
const tally = new Tally()
const server = new Cahier({ args: ['--log-level', 'error', '--reserve', '1M'] })
const flag = path.join(server.folder, 'full')
server.env = {
  CAHIER_DISK_FULL: flag,
  LD_PRELOAD: process.env.FULL_DISK,
  ASAN_OPTIONS: 'verify_asan_link_order=0:detect_leaks=0',
}
await server.start()
const lines = [2, 3, 4].map((version) => new HocuspocusLine(server, version, tally))
const people = [0, 1].map(() => new YwebsocketPerson(server, 'full', tally))
people.push(...lines.map((line) => new HocuspocusPerson(line, 'full', { token: 'anything' })))
const edits = new Map(people.map((person) => [person, 0])) // a random edit may do nothing, and says nothing then
for (const person of people) {
  person.doc.on('update', (update, origin, doc, { local }) => edits.set(person, edits.get(person) + local))
}
const count = (kind) => people.filter((p) => p.kind.startsWith(kind)).reduce((sum, p) => sum + edits.get(p), 0)
const denials = () => tally.wrong.filter((w) => w.startsWith('permission denied')).length

async function write(rounds) {
  for (let left = rounds; left > 0; left--) {
    for (const person of people) {
      randomEdit(rng, person.doc)
      person.probe()
    }
    await sleep(20)
  }
}

const settled = () =>
  until('all is acknowledged', () => {
    const waiting = people.filter((p) => !p.settled)
    for (const person of waiting) if (person.socket?.debt === 0) person.probe()
    return waiting.length === 0
  }).catch((error) => {
    throw new Error(`${error.message}: ${people.map((p) => `${p.kind}: ${p.state}`).join('; ')}`)
  })

async function equal() {
  const stored = load(await server.update('full'))
  return people.every((p) => sameState(p.doc, stored)) && values(stored)
}

const post = async () => {
  const headers = { 'Content-Type': 'application/json' }
  return fetch(`${server.http}/api/v1/notes`, { method: 'POST', headers, body: '{"title":"x"}' })
}

await suite.test('edits are acknowledged while there is room', async () => {
  await until('synced', () => people.every((p) => p.synced))
  await write(20)
  await settled()
  await until('all equal', equal)
  assert.equal(tally.refused, 0)
})

let before
await suite.test('on a full disk every edit is answered as refused, reading goes on', async () => {
  before = tally.acknowledged
  writeFileSync(flag, '')
  people[0].doc.getMap('map').set('found', 'out by trying') // taken, and kept in memory until there is room
  await until('it is not ready', async () => (await server.get('/readyz')).status === 503)
  const at = { hocuspocus: count('hocuspocus') - tally.refused, websocket: count('y-websocket') - denials(), known: tally.acknowledged }
  await write(20)
  await until('Hocuspocus edits are refused', () => tally.refused === count('hocuspocus') - at.hocuspocus)
  await until('y-websocket edits are refused', () => denials() === count('y-websocket') - at.websocket)
  assert.equal(tally.acknowledged, at.known)
  assert.equal((await server.get('/healthz')).status, 200)
  assert.equal((await server.get('/api/v1/notes/full/content')).status, 200)
  assert.equal((await (await server.get('/api/v1/notes')).json()).notes[0].id, 'full')
  const answer = await post()
  assert.equal(answer.status, 507)
  assert.equal((await answer.json()).code, 'disk-full')
  assert(people.every((p) => !p.settled || p.kind === 'y-websocket'))
  assert(people.every((p) => p.online))
})

await suite.test('when there is room again all that was refused is there, and acknowledged', async () => {
  assert(existsSync(flag))
  rmSync(flag)
  await until('it is ready', async () => (await server.get('/readyz')).status === 200)
  await write(5)
  await settled()
  await until('all equal', equal)
  assert(tally.acknowledged > before)
  for (const { kind, provider } of people.slice(2)) assert.equal(provider.unsyncedChanges, 0, `${kind} counts wrong`)
  assert.equal((await post()).status, 201)
})

await suite.test('and it is there after kill -9', async () => {
  const expected = await equal()
  assert.equal(await server.end('SIGKILL'), 'SIGKILL')
  for (const person of people) person.destroy()
  for (const line of lines) line.destroy()
  await server.start()
  assert.deepEqual(values(load(await server.update('full'))), expected)
  assert.equal(await server.end(), 0)
})

console.log(`${tally.acknowledged} acknowledged, ${tally.refused} refused by status, ${denials()} by message, ${tally.caughtUp} made up for`)
assert.deepEqual(tally.wrong.filter((w) => !w.startsWith('permission denied')), [])
assert(tally.caughtUp > 0)
suite.finish()
