// The peers of `cahier-bench engine`: the same tasks on the same input by another engine, which runs this as
//
//     node --expose-gc --single-threaded-gc bench/peers.mjs (yjs | ywasm) FOLDER
//
// (helper threads of the garbage collection would spin, and count as CPU time, where cores are few). FOLDER holds
// job.json ({tasks, repeat, budget, patience}; budget and patience in milliseconds) and, as far as the tasks need them:
// trace.json, updates.v1, updates.v2 (u32 count, then per update u32 length and bytes, little-endian), order.json
// (indexes of updates), state.v1, state.v2, text. The first line on standard output is {version, node}; then each task
// gives a line of JSON, {task, cpu: [milliseconds], wall: […], file}, {task, skipped: why} or {task, failed: why}. The
// file, in FOLDER, holds what the task has brought about.
import { readFileSync, writeFileSync } from 'node:fs'
import { joinUpdates, replay, splitUpdates } from './peers/replay.mjs'

const MERGE_MOST = 20_000 // merging is quadratic in the peers
const READER = 0xffffffff // client id of documents that do not edit

const [name, folder] = process.argv.slice(2)
const read = (file) => readFileSync(`${folder}/${file}`)
const memo = (make) => {
  let made
  return () => (made ??= make())
}
const input = {
  trace: memo(() => JSON.parse(read('trace.json'))),
  updates: { 1: memo(() => splitUpdates(read('updates.v1'))), 2: memo(() => splitUpdates(read('updates.v2'))) },
  order: memo(() => JSON.parse(read('order.json'))),
  state: { 1: memo(() => new Uint8Array(read('state.v1'))), 2: memo(() => new Uint8Array(read('state.v2'))) },
}

// Each task: `prepare` gives what `work` takes; `result` makes bytes of what work returns. Only work is measured.
function tasksOf(peer) {
  const local = (withUpdates) => ({
    prepare: () => input.trace(),
    work: (trace) => replay(peer, trace, withUpdates),
    result: ({ doc, updates }) => (withUpdates ? joinUpdates(updates) : peer.encode(doc, 1)),
    text: ({ doc }) => peer.text(doc),
    free: ({ doc }) => peer.free(doc),
  })
  const applying = (format, updates) => ({
    prepare: () => updates(),
    work: (list) => {
      const doc = peer.create(READER)
      for (const update of list) peer.apply(doc, format, update)
      return doc
    },
    result: (doc) => peer.encode(doc, 1),
    text: (doc) => peer.text(doc),
    free: (doc) => peer.free(doc),
  })
  const encode = (format) => ({
    prepare: () => {
      const doc = peer.create(READER)
      peer.apply(doc, 1, input.state[1]())
      return doc
    },
    work: (doc) => peer.encode(doc, format),
    result: (bytes) => bytes,
  })
  const merge = (count) => ({
    skip: () =>
      !peer.merge ? `${name} has no merge of updates`
      : Math.min(count, input.updates[1]().length) > MERGE_MOST ? 'quadratic: not measured'
      : null,
    prepare: () => input.updates[1]().slice(0, count),
    work: (list) => peer.merge(1, list),
    result: (bytes) => bytes,
  })
  return {
    local: local(false),
    'local-v1': local(true),
    'remote-v1': applying(1, input.updates[1]),
    'remote-v2': applying(2, input.updates[2]),
    'remote-person': applying(1, () => input.order().map((index) => input.updates[1]()[index])),
    'encode-v1': encode(1),
    'encode-v2': encode(2),
    'load-v1': applying(1, () => [input.state[1]()]),
    'load-v2': applying(2, () => [input.state[2]()]),
    'merge-1000': merge(1000),
    'merge-5000': merge(5000),
    'merge-20000': merge(20_000),
    'merge-all': merge(Infinity),
  }
}

// One run: milliseconds, and what came out. Nothing is collected by force before it: that throws compiled code away, too,
// and a run would then count its compilation.
function runOnce(task) {
  const prepared = task.prepare()
  const cpu = process.cpuUsage()
  const wall = performance.now()
  const out = task.work(prepared)
  const took = performance.now() - wall
  const { user, system } = process.cpuUsage(cpu)
  return { cpu: (user + system) / 1000, wall: took, out }
}

// A quick task is warmed up by a run that does not count and repeated within the budget; a slow one runs once.
function measure(task, { repeat, budget, patience }) {
  const first = runOnce(task)
  const slow = first.cpu > patience / 4
  const runs = slow ? [first] : []
  const spent = () => runs.reduce((sum, run) => sum + run.cpu, 0)
  while (!slow && runs.length < 400 && spent() < patience && (runs.length < repeat || spent() < budget)) {
    task.free?.((runs.at(-1) ?? first).out)
    runs.push(runOnce(task))
  }
  return { cpu: runs.map((run) => run.cpu), wall: runs.map((run) => run.wall), out: runs.at(-1).out }
}

function judgeText(task, out) {
  const text = readText()
  if (task.text && text !== null && task.text(out) !== text) throw new Error('wrong text')
}

const readText = memo(() => {
  try {
    return read('text').toString()
  } catch {
    return null
  }
})

function runTask(peer, id, job) {
  const task = tasksOf(peer)[id]
  const skipped = task.skip?.()
  if (skipped) return { task: id, skipped }
  const { cpu, wall, out } = measure(task, job)
  judgeText(task, out)
  const file = `${name}-${id}`
  writeFileSync(`${folder}/${file}`, task.result(out))
  return { task: id, cpu, wall, file }
}

// Kilobytes that a loaded document keeps: what is alive after a collection, less what was before.
function keptAfterLoad(peer, file) {
  const held = () => {
    globalThis.gc()
    const { heapUsed, external } = process.memoryUsage()
    return heapUsed + external
  }
  const state = input.state[1]()
  const before = held()
  const doc = peer.create(READER)
  peer.apply(doc, 1, state)
  const kept = held() - before
  alive.push(doc) // so that none is collected in the middle of the next measurement
  writeFileSync(`${folder}/${file}`, peer.encode(doc, 1))
  return kept / 1000
}

const alive = []

function runMemory(peer, id, { repeat }) {
  if (!peer.memory) return { task: id, skipped: `${name} does not tell` }
  const file = `${name}-${id}`
  keptAfterLoad(peer, file) // this one also compiles
  const kept = Array.from({ length: Math.min(repeat, 3) }, () => keptAfterLoad(peer, file))
  return { task: id, cpu: kept, wall: kept, file }
}

const { peer } = await import(`./peers/${name}.mjs`)
const job = JSON.parse(read('job.json'))
const say = (line) => process.stdout.write(`${JSON.stringify(line)}\n`)
say({ version: peer.version, node: process.version })
for (const id of job.tasks) {
  try {
    say(id.startsWith('memory') ? runMemory(peer, id, job) : runTask(peer, id, job))
  } catch (error) {
    console.error(`${name}: ${id}: ${error.message}`)
    say({ task: id, failed: error.message })
  }
}
