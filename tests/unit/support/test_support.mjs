// The helpers of tests/support/js do what the tests rely on.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Counters } from '../../support/js/counters.mjs'
import { Driver } from '../../support/js/driver.mjs'
import { Rng } from '../../support/js/rng.mjs'

// Answers each frame with its bytes reversed; a frame "die" ends it.
const REVERSER = `
const parts = []
process.stdin.on('data', (chunk) => {
  parts.push(chunk)
  let all = Buffer.concat(parts.splice(0))
  while (all.length >= 4 && all.length >= 4 + all.readUInt32LE(0)) {
    const end = 4 + all.readUInt32LE(0)
    const body = Buffer.from(all.subarray(4, end)).reverse()
    if (body.toString() === 'eid') process.exit(3)
    const head = Buffer.alloc(4)
    head.writeUInt32LE(body.length)
    for (const byte of Buffer.concat([head, body])) process.stdout.write(Buffer.of(byte))
    all = all.subarray(end)
  }
  parts.push(all)
})`

test('the generator gives the numbers of tests/support/rng.h', () => {
  const rng = new Rng(42n)
  const numbers = [rng.next(), rng.next(), rng.next()]
  assert.deepEqual(numbers, [1546998764402558742n, 6990951692964543102n, 12544586762248559009n])
  const below = [10, 10, 1000, 1000].map((bound) => rng.below(bound))
  assert.deepEqual(below, [3, 6, 584, 754])
})

test('below meets every number and nothing else', () => {
  const rng = new Rng(1)
  const met = new Set(Array.from({ length: 1000 }, () => rng.below(7)))
  assert.deepEqual([...met].sort(), [0, 1, 2, 3, 4, 5, 6])
  assert.throws(() => rng.below(0), RangeError)
})

test('a driver answers in order, whatever the size of a frame', async () => {
  const driver = new Driver(process.execPath, ['-e', REVERSER])
  const questions = ['', 'a', 'abc', 'x'.repeat(3000) + 'y']
  const answers = await Promise.all(questions.map((question) => driver.ask(Buffer.from(question))))
  assert.deepEqual(answers.map(String), ['', 'a', 'cba', 'y' + 'x'.repeat(3000)])
  await driver.close()
})

test('a driver that dies fails the question and close', async () => {
  const driver = new Driver(process.execPath, ['-e', REVERSER])
  await assert.rejects(driver.ask(Buffer.from('die')), /exit code 3/)
  await assert.rejects(driver.ask(Buffer.from('more')), /exit code 3/)
  await assert.rejects(driver.close(), /exit code 3/)
})

test('a counter at zero fails', () => {
  const counters = new Counters(['splits', 'merges'])
  counters.add('splits', 2)
  assert.throws(() => counters.add('split'), /no counter/)
  assert.throws(() => counters.finish(), /never met: merges/)
  assert.equal(counters.complete, false)
  counters.add('merges')
  assert.equal(counters.complete, true)
  counters.finish()
  assert.equal(counters.get('splits'), 2)
})
