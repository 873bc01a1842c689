// What small notes cost that lie open at rest: a page of text each, with somebody in it.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Cahier, Suite, until } from './cahier.mjs'
import { Editor } from './editor.mjs'

const NOTES = 2000
const LETTERS = 540
const AT_ONCE = 50
// Asked are 10 KiB a note and 8 a connection. 10 to 12 kB are counted as soon as the notes rest, up to 4.5 of them SQLite's
// cache; the rest is for the heap: documents of notes that are written at the same time leave holes when they go.
const NOTE_BYTES = 14 * 1024

const suite = new Suite('small notes')
const server = await new Cahier({ args: ['--log-level', 'warn'] }).start()

const resident = () => {
  const kib = /^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]
  return Number(kib) * 1024
}
// A sanitizer keeps what is freed, and reserves terabytes.
const measurable = Number(/^VmSize:\s+(\d+)/m.exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]) < 2 ** 30
const people = []

// In pieces at other places, so that a note has some ten structs as a written one does.
async function write(editor) {
  await editor.join()
  const text = editor.doc.getText('t')
  for (let n = 0; n < 5; n++) text.insert(text.length >> 1, 'words '.repeat(LETTERS / 5 / 6))
  await editor.type('.')
}

await suite.test('a small note that lies open costs little with its connection', async () => {
  const before = resident()
  for (let i = 0; i < NOTES; i += AT_ONCE) {
    const some = Array.from({ length: AT_ONCE }, (_, n) => new Editor(server, `note-${i + n}`))
    await Promise.all(some.map(write))
    people.push(...some)
  }
  await until('all are at rest', async () => (await server.metric('resting_notes')) === NOTES)
  const each = () => Math.round((resident() - before) / NOTES)
  try {
    if (measurable) await until('what they do not need is given back', () => each() <= NOTE_BYTES)
  } finally {
    console.log(`  ${NOTES} notes of ${LETTERS} letters: ${each()} bytes each`)
  }
})

await suite.test('who returns to a note at rest finds all of it, and an edit wakes it', async () => {
  const woken = await server.metric('resting_notes')
  const [one, other] = [people[0], new Editor(server, 'note-0')]
  await other.join()
  assert.equal(other.doc.getText('t').toString(), one.doc.getText('t').toString())
  assert.equal(await server.metric('resting_notes'), woken)
  await other.type('more')
  await until('the other has it', () => one.doc.getText('t').toString() === other.doc.getText('t').toString())
  assert.equal(await server.metric('resting_notes'), woken - 1)
  await other.leave()
})

await Promise.all(people.map((p) => p.leave()))
assert.equal(await server.end(), 0)
suite.finish()
