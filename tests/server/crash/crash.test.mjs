// kill -9 of `cahier serve`, again and again on the same file, under stock editors. They are another process, which
// reports what was acknowledged. After each kill they are stopped while the server starts and its notes are read (else
// they would send once more what they have): everything acknowledged must be there, and every note load.
//
// Half of the kills fall at random moments; the others when a commit, a checkpoint or a compaction begins, or a random
// moment later. phases.c does those, and says where each really fell.
//
// CAHIER_KILLS (50) and CAHIER_SEED change what is run.
import assert from 'node:assert/strict'
import { fork } from 'node:child_process'
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { Cahier, sleep, until } from '../providers/cahier.mjs'
import { Y } from '../providers/npm.mjs'
import { Counters } from '../../support/js/counters.mjs'
import { Rng, testSeed } from '../../support/js/rng.mjs'

const KILLS = Number(process.env.CAHIER_KILLS || 50)
const ACKNOWLEDGED_MIN = 200 // between two kills, 10,000 in 50 of them
const PHASES = ['commit', 'checkpoint', 'compaction']
const LATEST_US = 1000 // of a kill after its phase has begun; every second one comes at once
const AIM_PATIENCE_MS = 8000
const NOTES = ['crash a', 'crash b', 'écrasé']
const PAUSE_MS = 150 // random kills come at least so long after everybody is in …
const SPAN_MS = 700 // … and so much later at most

const seed = testSeed(9_001)
const rng = new Rng(seed)
const server = new Cahier({ args: ['--log-level', 'warn'] })
server.env = {
  CAHIER_PHASES: path.join(server.folder, 'phases'),
  LD_PRELOAD: process.env.PHASES,
  ASAN_OPTIONS: 'verify_asan_link_order=0:detect_leaks=0',
}
const met = new Counters(['kills', 'at random', 'in a commit', 'in a checkpoint', 'in a compaction', 'posted'])

// ---- What must be there

const state = new Map(NOTES.map((note) => [note, new Map()])) // token -> in, try, out
const posted = new Map() // note -> text: by HTTP, answered 204
let lost = 0

function loaded(update) {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, update)
  return doc
}

function compare(note, doc) {
  const there = new Set(doc.getArray('tokens').toArray())
  for (const [token, what] of state.get(note)) {
    if (what === 'try' || (what === 'in') === there.has(token)) continue
    lost++
    console.log(`${note}: ${token} was acknowledged as ${what} and is ${there.has(token) ? '' : 'not '}there`)
  }
  assert.equal(there.size, doc.getArray('tokens').length, `${note}: a token stands twice`)
}

// Every note loads, and holds what was promised.
async function check() {
  for (const note of NOTES) {
    const update = await server.update(note)
    if (update) compare(note, loaded(update))
    else assert.equal(state.get(note).size, 0, `${note} is gone`)
  }
  for (const [note, text] of posted) {
    const update = await server.update(note)
    if (update && loaded(update).getText('text').toString() === text) continue
    lost++
    console.log(`${note}: answered with 204 and not there`)
  }
  assert.equal(lost, 0)
}

// ---- Those who write

let editors
let posts = 0

process.on('exit', () => editors?.kill('SIGKILL'))

function startEditors() {
  editors = fork(fileURLToPath(new URL('editors.mjs', import.meta.url)), [server.port, `${seed}`, NOTES.join(',')])
  editors.on('exit', (code) => {
    console.log(`the editors ended with ${code}`)
    process.exit(1)
  })
}

// Takes over what they report up to now.
async function ask(what = 'report') {
  const answer = await new Promise((resolve) => {
    editors.once('message', resolve)
    editors.send(what)
  })
  for (const [note, token, happened] of answer.news) state.get(note).set(token, happened)
  assert.deepEqual(answer.wrong, [])
  return answer
}

// A small note by HTTP, which may or may not be answered before the kill.
async function post() {
  const number = posts++
  const doc = new Y.Doc()
  const text = `note ${number} `.repeat(1 + rng.below(50))
  doc.getText('text').insert(0, text)
  const note = `posted ${number}`
  const response = await fetch(`${server.http}/api/v1/notes/${encodeURIComponent(note)}/content`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/vnd.yjs.update' },
    body: Y.encodeStateAsUpdate(doc),
  }).catch(() => null)
  if (response?.status !== 204) return
  posted.set(note, text)
  met.add('posted')
}

// ---- Kills

// Has the server killed in a phase; waits for that, or until the patience is over.
async function killIn(phase) {
  const delay = Math.max(0, rng.below(2 * LATEST_US) - LATEST_US)
  const file = openSync(server.env.CAHIER_PHASES, 'r+')
  writeSync(file, Buffer.from([1 + phase, delay & 255, delay >> 8]), 0, 3, PHASES.length)
  closeSync(file)
  await Promise.race([server.exited, sleep(AIM_PATIENCE_MS)])
}

async function killOnce(number) {
  const aim = number % 6
  if (aim < PHASES.length) {
    await killIn(aim)
  } else {
    met.add('at random')
    const moment = PAUSE_MS + rng.below(SPAN_MS)
    await sleep(moment - 100)
    post()
    await sleep(100 + rng.below(10))
  }
  assert.equal(await server.end('SIGKILL'), 'SIGKILL', server.log)
  met.add('kills')
  const fell = readFileSync(server.env.CAHIER_PHASES)
  if (fell[2]) met.add('in a compaction')
  else if (fell[0]) met.add('in a commit')
  if (fell[1]) met.add('in a checkpoint')
}

// ---- The run

await server.start()
startEditors()
const began = Date.now()
let last = await ask()
for (let number = 0; number < KILLS || (!met.complete && number < 10 * KILLS); number++) {
  const enough = last.counted + ACKNOWLEDGED_MIN
  await until('everybody is in and has written', async () => (last = await ask()).synced && last.counted >= enough)
  if (number % 4 === 3) {
    await post()
    await ask('renew')
  }
  await killOnce(number)
  await sleep(20) // what came out of the server's sockets before has been read by the editors
  last = await ask()
  editors.kill('SIGSTOP')
  await server.start()
  await check()
  editors.kill('SIGCONT')
}

editors.removeAllListeners('exit')
editors.send('end')
assert.equal(await server.end(), 0, server.log)
await server.start()
await check()
const sizes = NOTES.map((note) => state.get(note).size)
assert.equal(await server.end(), 0)

met.finish(`in ${((Date.now() - began) / 1000).toFixed(0)} s, ${sizes} tokens`)
console.log(`0 of ${last.counted} acknowledged edits lost, ${last.refused} refused; ${last.statuses} statuses, ${last.echoes} echoes`)
assert(last.statuses > 0 && last.echoes > 0)
process.exit(0)
