// The table of results in bench/README.md, from what `cahier-bench engine --json` wrote:
//
//     node bench/engine/table.mjs OUT.json…
//
// Of a task that several files have, the first with that peer counts. Times in CPU milliseconds.
import { readFileSync } from 'node:fs'

const files = process.argv.slice(2)
if (files.length === 0) {
  console.error('usage: node table.mjs OUT.json…')
  process.exit(2)
}

// Three digits that matter, at most three of them behind the point.
function number(x) {
  const digits = x >= 100 ? 0 : x >= 10 ? 1 : x >= 1 ? 2 : 3
  return x.toLocaleString('en', { minimumFractionDigits: digits, maximumFractionDigits: digits })
}

const figures = (measured) => measured.kilobytes ?? measured.cpu_ms

// What several runs tell of a task, by workload: peers that one lacks come from another.
function gather(runs) {
  const workloads = new Map()
  for (const { workloads: some } of runs) {
    for (const { name, tasks } of some) {
      const known = workloads.get(name) ?? new Map()
      workloads.set(name, known)
      for (const task of tasks) known.set(task.task, { ...task, ...known.get(task.task) })
    }
  }
  return workloads
}

function asked(task, tasks) {
  const ours = figures(task.cahier).median
  if (task.asked_of_remote_v1) {
    const reached = ours / figures(tasks.get('remote-v1').cahier).median
    return `${reached.toFixed(1)} of ≤ ${task.asked_of_remote_v1} × causal order`
  }
  const most = task.asked_kilobytes ? `${task.asked_kilobytes.toLocaleString('en')} kB` : task.asked_ms ? `${task.asked_ms} ms` : ''
  return task.asked_times_yjs ? `${task.asked_times_yjs.toFixed(1)} (${most})` : most && `≤ ${most}`
}

function row(name, task, tasks) {
  const ours = figures(task.cahier)
  const kb = task.cahier.kilobytes ? ' kB' : ''
  const peer = (p) => (p ? number(figures(p).median) + (p.same_bytes ? '' : ' (other bytes)') : '–')
  const ratio = task.yjs ? number(figures(task.yjs).median / ours.median) : ''
  return [name, task.task, number(ours.median) + kb, `${number(ours.min)} … ${number(ours.max)}`, peer(task.yjs), peer(task.ywasm), ratio, asked(task, tasks)]
}

console.log('| workload | task | Cahier | least … most | yjs | ywasm | yjs / Cahier | asked |')
console.log('|---|---|---|---|---|---|---|---|')
for (const [name, tasks] of gather(files.map((file) => JSON.parse(readFileSync(file))))) {
  let first = name
  for (const task of tasks.values()) {
    console.log(`| ${row(first, task, tasks).join(' | ')} |`)
    first = ''
  }
}
