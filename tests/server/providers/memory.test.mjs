// What the server holds: a school day of joins, edits and leaves leaves nothing behind, and readers that stop
// reading cost little. Counts descriptors, notes, connections and resident memory.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import readline from 'node:readline'
import { fileURLToPath } from 'node:url'
import { Cahier, Suite, until } from './cahier.mjs'
import { Editor } from './editor.mjs'

const NOTES = 20
const PEOPLE = 5 // of each note
const ROUNDS = 30
const WARM = 20 // rounds until the caches of SQLite and malloc are full
const GROWTH_KIB = 2048 // what may come between the warm rounds and the last: 2 KiB a connection would show
const STOPPED = 10
const STOPPED_KIB = 8192

const suite = new Suite('memory')
const server = await new Cahier({
  args: ['--idle-seconds', '1', '--messages-per-second', '100000', '--log-level', 'warn'],
}).start()

const status = (field) => {
  const text = readFileSync(`/proc/${server.child.pid}/status`, 'utf8')
  return Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(text)[1])
}
const descriptors = () => readdirSync(`/proc/${server.child.pid}/fd`).length
// A sanitizer keeps what is freed, and reserves terabytes.
const measurable = status('VmSize') < 2 ** 30

// Everybody comes, writes, and goes; in the end nobody's note is loaded. Each person replaces what was there, so that
// notes do not grow.
async function round() {
  const people = Array.from({ length: NOTES * PEOPLE }, (_, i) => new Editor(server, `note-${i % NOTES}`))
  await Promise.all(people.map((p) => p.join()))
  for (let n = 0; n < 5; n++) await Promise.all(people.map((p) => p.type('words ')))
  await Promise.all(people.slice(0, NOTES).map(async (p) => {
    p.doc.getText('t').delete(0, p.doc.getText('t').length)
    await p.type('.')
  }))
  await Promise.all(people.map((p, i) => p.leave(i % 3 === 0)))
  await until('all is unloaded', async () => (await server.metric('open_notes')) === 0 && (await server.metric('connections')) === 0)
}

await suite.test('joins, edits and leaves leave no note, connection, descriptor or memory behind', async () => {
  const sizes = []
  const rounds = async (count) => {
    for (let n = 0; n < count; n++) {
      await round()
      sizes.push(status('VmRSS'))
    }
  }
  await rounds(WARM)
  const before = descriptors()
  let warm, grown
  do { // a jam may take memory once; what is lost is lost each time
    warm = sizes.at(-1)
    await rounds(ROUNDS - WARM)
    grown = Math.min(...sizes.slice(-2)) - warm
  } while (measurable && grown > GROWTH_KIB && sizes.length < 4 * ROUNDS)
  await until('descriptors are closed', () => descriptors() <= before)
  console.log(`  ${sizes.length * NOTES * PEOPLE} connections; resident KiB after each round: ${sizes.join(' ')}`)
  if (measurable) assert(grown <= GROWTH_KIB, 'memory grows')
})

await suite.test('readers that stop reading hold little memory and nobody up, and catch up', async () => {
  const args = [fileURLToPath(new URL('stopped_reader.mjs', import.meta.url)), `${server.ws}/ws/busy`, String(STOPPED)]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'inherit'] })
  process.on('exit', () => child.kill('SIGKILL')) // also when the test fails: whoever waits for its output would wait on
  const lines = readline.createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  assert.equal((await lines.next()).value, 'open')
  const writer = new Editor(server, 'busy')
  await writer.join()
  await writer.type('x'.repeat(4000))
  let most = 0, slowest = 0, written = 4000
  const write = async (times) => {
    for (let n = 0; n < times; n++) {
      const began = Date.now()
      for (let i = 0; i < 40; i++) {
        writer.doc.transact(() => {
          const text = writer.doc.getText('t')
          text.insert(text.length, 'y'.repeat(4000))
          text.delete(0, 4000 - 10)
        })
        written += 10
      }
      await writer.type('z')
      written++
      slowest = Math.max(slowest, Date.now() - began)
      most = Math.max(most, status('VmRSS'))
    }
  }
  await write(100) // what it costs by itself
  const before = most
  child.kill('SIGSTOP')
  await write(250) // beyond what the kernel's buffers of a connection may take: 32 MiB to read and 4 to write
  child.kill('SIGCONT')
  const length = writer.doc.getText('t').length
  assert.equal(length, written)
  let returned = 0
  await until('all have caught up', async () => {
    child.stdin.write('?\n')
    const readers = JSON.parse((await lines.next()).value)
    returned = readers.returned
    return readers.lengths.every((l) => l === length)
  })
  const [merges, resyncs] = [await server.metric('merges_total'), await server.metric('resyncs_total')]
  console.log(`  ${most - before} KiB more for ${STOPPED} stopped readers of 40 MB; the writer waited ${slowest} ms at most; ` +
    `${merges} merges, ${resyncs} resynchronisations, ${returned} dropped and back`)
  assert(merges + resyncs + returned >= STOPPED, 'not all were slow')
  if (measurable) assert(most - before <= STOPPED_KIB, 'stopped readers hold memory')
  await writer.leave()
})

assert.equal(await server.end(), 0)
suite.finish()
