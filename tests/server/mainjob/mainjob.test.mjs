// The main job on real input: somebody's paper typed once more through a stock editor, 259,778 edits of it; a school
// note of thirty pupils as they wrote it. The server is stopped and started, and what it exports must be that text.
// Skips (77) when the shared traces are absent.
//
// CAHIER_BATCH: edits in one transaction at most (200).
import assert from 'node:assert/strict'
import { Cahier, Suite, sleep, until } from '../providers/cahier.mjs'
import { HocuspocusLine, HocuspocusPerson, Tally, YwebsocketPerson } from '../providers/people.mjs'
import { Y } from '../providers/npm.mjs'
import { load } from '../providers/edits.mjs'
import { sharedBytes, sharedPath, sharedUpdates } from '../../support/js/shared_data.mjs'
import { Rng, testSeed } from '../../support/js/rng.mjs'

sharedPath('traces', 'automerge-paper.json.gz') // or skip
sharedPath('traces', 'note30.xml.gz')

const BATCH = Number(process.env.CAHIER_BATCH || 200)
const OWED_MAX = 200 // transactions that may wait for their acknowledgement
const suite = new Suite('mainjob')
const rng = new Rng(testSeed(30))
const server = await new Cahier({ args: ['--log-level', 'warn'] }).start()
const tally = new Tally()

const seconds = (since) => ((Date.now() - since) / 1000).toFixed(1)

async function restart() {
  assert.equal(await server.end(), 0, server.log)
  await server.start()
}

async function content(note, type) {
  const response = await server.get(`/api/v1/notes/${note}/content`, { Accept: type })
  assert.equal(response.status, 200, await (response.ok ? '' : response.text()))
  return response
}

// Applies what the next edits of a trace do, in transactions of half to all of BATCH edits; yields after each.
function* retyped(txns, doc) {
  const text = doc.getText('text')
  for (let at = 0; at < txns.length; ) {
    const end = Math.min(at + BATCH / 2 + rng.below(BATCH / 2 + 1), txns.length)
    doc.transact(() => {
      for (; at < end; at++) {
        for (const [position, deleted, inserted] of txns[at].patches) {
          if (deleted) text.delete(position, deleted)
          if (inserted) text.insert(position, inserted)
        }
      }
    })
    yield
  }
}

const trace = JSON.parse(sharedBytes('traces', 'automerge-paper.json.gz'))

// Types the paper through a person; gives the transactions it took.
async function type(person) {
  let transactions = 0
  await until('synced', () => person.synced)
  for (const _ of retyped(trace.txns, person.doc)) {
    transactions++
    person.probe()
    if (person.socket.debt > OWED_MAX) await until('acknowledgements', () => person.socket.debt < OWED_MAX / 2)
    else if (transactions % 20 === 0) await sleep(0)
  }
  await until('all acknowledged', () => person.settled)
  return transactions
}

await suite.test('a paper typed through y-websocket is that paper after a restart, as text/plain', async () => {
  const began = Date.now()
  const [writer, reader] = [0, 1].map(() => new YwebsocketPerson(server, 'paper', tally))
  const transactions = await type(writer)
  console.log(`  ${trace.txns.length} edits in ${transactions} transactions, acknowledged after ${seconds(began)} s`)
  await until('the reader has it', () => reader.doc.getText('text').length === trace.endContent.length)
  assert.equal(reader.doc.getText('text').toString(), trace.endContent)
  writer.destroy()
  reader.destroy()
  await restart()
  assert.equal(await (await content('paper', 'text/plain')).text(), trace.endContent)
  for (const version of [1, 2]) {
    assert.equal(load(await server.update('paper', version), version).getText('text').toString(), trace.endContent)
  }
})

await suite.test('the same through @hocuspocus/provider 4, killed instead of stopped', async () => {
  const began = Date.now()
  const line = new HocuspocusLine(server, 4, tally)
  const writer = new HocuspocusPerson(line, 'paper again', { token: 'anything' })
  const transactions = await type(writer)
  console.log(`  ${transactions} transactions, acknowledged after ${seconds(began)} s`)
  assert.equal(await server.end('SIGKILL'), 'SIGKILL')
  writer.destroy()
  line.destroy()
  await server.start()
  assert.equal(await (await content(encodeURIComponent('paper again'), 'text/plain')).text(), trace.endContent)
})

await suite.test('a school note of thirty pupils is the same XML after a restart', async () => {
  const began = Date.now()
  const updates = sharedUpdates('note30.updates.v1.gz')
  const expected = sharedBytes('traces', 'note30.xml.gz').toString()
  const line = new HocuspocusLine(server, 3, tally)
  const pupil = new HocuspocusPerson(line, 'note30', { token: 'anything' })
  const reader = new YwebsocketPerson(server, 'note30', tally)
  await until('synced', () => pupil.synced && reader.synced)
  for (let at = 0; at < updates.length; ) {
    const end = Math.min(at + 50 + rng.below(151), updates.length)
    Y.applyUpdate(pupil.doc, Y.mergeUpdates(updates.slice(at, end)), 'the trace')
    at = end
    if (pupil.socket.debt > OWED_MAX) await until('acknowledgements', () => pupil.socket.debt < OWED_MAX / 2)
    else await sleep(0)
  }
  await until('all acknowledged', () => pupil.settled)
  console.log(`  ${updates.length} keystrokes acknowledged after ${seconds(began)} s`)
  const fragment = (doc) => doc.getXmlFragment('prosemirror').toString()
  await until('the reader has it', () => fragment(reader.doc) === expected)
  pupil.destroy()
  line.destroy()
  reader.destroy()
  await restart()
  for (const version of [1, 2]) assert.equal(fragment(load(await server.update('note30', version), version)), expected)
  const words = (text) => text.replace(/<[^>]*>/g, '').replace(/\s+/g, '')
  const plain = await (await content('note30', 'text/plain')).text()
  assert(plain.length > 1000)
  console.log(`  as text/plain ${plain.length} characters, ${words(expected).length} without spaces in the XML`)
  for (const type of ['text/markdown', 'text/html', 'application/json']) assert((await (await content('note30', type)).text()).length > plain.length)
})

assert.deepEqual(tally.wrong, [])
assert(tally.acknowledged > 1000)
assert.equal(await server.end(), 0)
console.log(`${tally.acknowledged} messages acknowledged, ${tally.refused} refused`)
assert.equal(tally.refused, 0)
suite.finish()
