// The table that bench/engine/table.mjs writes tells what the bench measured: a row for each task, its figures, and what
// is asked where something is.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import test from 'node:test'

const TABLE = fileURLToPath(new URL('../../../bench/engine/table.mjs', import.meta.url))
const folder = mkdtempSync(join(tmpdir(), 'cahier-table-'))
test.after(() => rmSync(folder, { recursive: true }))

const table = (...files) => execFileSync('node', [TABLE, ...files], { encoding: 'utf8' }).trim().split('\n')
const cells = (line) => line.split('|').slice(1, -1).map((cell) => cell.trim())

test('a row for each task measured', () => {
  const json = join(folder, 'out.json')
  const args = ['engine', '-n', '60', '--repeat', '2', '--budget', '1', '--peers', 'none', '--json', json, 'B1.4', 'B3.5']
  execFileSync(process.env.CAHIER_BENCH, args)
  const [head, , ...rows] = table(json).map(cells)
  const { workloads } = JSON.parse(readFileSync(json))
  assert.deepEqual(head.slice(0, 3), ['workload', 'task', 'Cahier'])
  const measured = workloads.flatMap(({ name, tasks }) => tasks.map((task, i) => ({ name: i === 0 ? name : '', task })))
  assert.ok(measured.length >= 8)
  assert.equal(rows.length, measured.length)
  for (const [i, { name, task }] of measured.entries()) {
    const { median } = task.cahier.kilobytes ?? task.cahier.cpu_ms
    assert.deepEqual(rows[i].slice(0, 2), [name, task.task])
    assert.ok(Math.abs(parseFloat(rows[i][2].replace(',', '')) - median) <= 0.006 * median + 0.0006, rows[i].join(' '))
    assert.equal(rows[i][4], '–')
  }
  assert.equal(rows.find(([, task]) => task === 'local-v1')[7], '136.0 (2 ms)')
})

test('what one run lacks comes from another, and other bytes are told', () => {
  const run = (more) => {
    const task = { task: 'local', cahier: { cpu_ms: { median: 2, min: 1.5, max: 1234.4 } }, ...more }
    const file = join(folder, `${Object.keys(more)}.json`)
    writeFileSync(file, JSON.stringify({ workloads: [{ name: 'B4', tasks: [task] }] }))
    return file
  }
  const peer = (median, same_bytes) => ({ cpu_ms: { median, min: median, max: median }, same_bytes })
  const files = [run({ yjs: peer(246.8, true) }), run({ ywasm: peer(0.01, false) })]
  const [row] = table(...files).slice(2).map(cells)
  assert.deepEqual(row, ['B4', 'local', '2.00', '1.50 … 1,234', '247', '0.010 (other bytes)', '123', ''])
})
