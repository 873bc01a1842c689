// Compares the engine's values, JSON and columns with lib0's and V8's, byte for byte and in both directions.
// Usage: node lib0_diff.mjs DRIVER [ROUNDS]
import { Counters } from '../../support/js/counters.mjs'
import { Driver } from '../../support/js/driver.mjs'
import { Rng, testSeed } from '../../support/js/rng.mjs'
import { randomBytes, randomJson, randomLoose, randomNumber, randomString, randomValue } from './lib0_random.mjs'

let encoding, decoding
try {
  encoding = await import('lib0/encoding')
  decoding = await import('lib0/decoding')
} catch (error) {
  console.log(`SKIP: lib0 is not installed (npm ci in tests/): ${error.message}`)
  process.exit(77)
}

const [program, rounds = '1500'] = process.argv.slice(2)
const ROUNDS = Number(rounds)
const rng = new Rng(testSeed(20240611))
const driver = new Driver(program)
const met = new Counters([
  'undefined', 'null', 'true', 'false', 'integer', '-0', 'float32', 'float64', 'NaN', 'infinity', 'bigint', 'string', 'object', 'array', 'bytes',
  'long container', 'array index key', 'repeated key', '__proto__', 'changed by normalizing', 'bigint refused in JSON', 'undefined refused in JSON',
  'JSON text', 'repeated key in JSON', '__proto__ in JSON', 'lone surrogate', 'damaged text accepted', 'damaged text refused',
  'damaged bytes accepted', 'damaged bytes refused', 'stricter than lib0',
  'number', 'number with exponent', 'rle', 'uint_opt_rle', 'int_diff_opt_rle', 'string column', 'surrogate pair cut', 'less', 'equal', 'greater'
])

const RC_RANGE = 3

// One request. { rc, bytes }: rc is a negated return code, 0 when all went well.
async function ask(letter, operand) {
  const answer = await driver.ask(Buffer.concat([Buffer.from(letter), operand]))
  return { rc: answer[0], bytes: answer.subarray(1) }
}

const hex = (bytes) => Buffer.from(bytes).toString('hex')

function same(what, actual, expected, input) {
  if (Buffer.compare(Buffer.from(actual), Buffer.from(expected)) !== 0) {
    throw new Error(`${what}:\nours   ${hex(actual)}\ntheirs ${hex(expected)}\ninput  ${hex(input)}`)
  }
}

const writeAny = (value) => encoding.encode((encoder) => encoding.writeAny(encoder, value))

// JavaScript has one NaN, but V8 carries the bits of another from reading to writing, as its compiler likes (other
// engines do not). Here, as in ours, one is written.
const { setFloat64 } = DataView.prototype
DataView.prototype.setFloat64 = function (at, number, little) {
  if (Number.isNaN(number)) this.setBigUint64(at, 0x7ff8000000000000n, little)
  else setFloat64.call(this, at, number, little)
}

// A call's result, or undefined and the error.
function attempt(f) {
  try {
    return { value: f() }
  } catch (error) {
    return { error }
  }
}

function countValue(value) {
  if (typeof value === 'number') {
    met.add(Object.is(value, -0) ? '-0' : Number.isNaN(value) ? 'NaN' : Math.abs(value) === Infinity ? 'infinity'
      : Number.isInteger(value) && Math.abs(value) < 2 ** 31 ? 'integer' : Math.fround(value) === value ? 'float32' : 'float64')
  } else if (typeof value !== 'object') {
    met.add(typeof value === 'boolean' ? String(value) : typeof value)
  } else if (value === null) {
    met.add('null')
  } else if (value instanceof Uint8Array) {
    met.add('bytes')
  } else {
    const keys = Object.keys(value)
    met.add(Array.isArray(value) ? 'array' : 'object')
    if (keys.length > 127) met.add('long container')
    if (!Array.isArray(value) && keys.some((key) => /^(0|[1-9]\d{0,9})$/.test(key) && Number(key) < 2 ** 32 - 1)) met.add('array index key')
    for (const key of keys) countValue(value[key])
  }
}

// ---- Values ------------------------------------------------------------------------------------------

async function checkPrinting(value, canonical) {
  const json = attempt(() => JSON.stringify(value))
  const ours = await ask('j', canonical)
  if (json.value === undefined) {
    if (ours.rc === 0) throw new Error(`JSON: ours ${ours.bytes}, theirs ${json.error ?? 'undefined'}`)
    met.add(json.error ? 'bigint refused in JSON' : 'undefined refused in JSON')
  } else {
    if (ours.rc !== 0) throw new Error(`JSON refused with ${ours.rc}: ${json.value}`)
    same('JSON', ours.bytes, Buffer.from(json.value), canonical)
  }
  const string = await ask('s', canonical)
  const theirs = attempt(() => String(value))
  if (string.rc !== 0) throw new Error('String() refused')
  if (!theirs.error) same('String()', string.bytes, Buffer.from(theirs.value), canonical)
  const tagged = await ask('t', canonical)
  if (tagged.rc !== 0) throw new Error('tagged JSON refused')
  same('tagged JSON', tagged.bytes, Buffer.from(JSON.stringify(tag(value))), canonical)
}

// The values that JSON has not, as `cahier doc show` prints them.
function tag(value) {
  if (value === undefined) return { $undefined: true }
  if (typeof value === 'bigint') return { $bigint: String(value) }
  if (value instanceof Uint8Array) return { $bytes: Buffer.from(value).toString('base64') }
  if (Array.isArray(value)) return value.map(tag)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, tag(member)]))
}

async function checkValue() {
  const some = Array.from({ length: 1 + rng.below(4) }, () => randomValue(rng, { halves: true }))
  const bytes = writeAny(some.length > 1 ? some : some[0])
  const value = decoding.readAny(decoding.createDecoder(bytes)) // halves of pairs are U+FFFD now
  const canonical = writeAny(value)
  countValue(value)
  const normal = await ask('n', bytes)
  same('normal form', normal.bytes.subarray(0, -1), canonical, bytes)
  await checkPrinting(value, canonical)
}

async function checkLoose() {
  const bytes = Buffer.from(randomLoose(rng, 4, met))
  const value = decoding.readAny(decoding.createDecoder(bytes))
  const canonical = writeAny(value)
  const normal = await ask('n', bytes)
  if (normal.rc !== 0) throw new Error(`refused with ${normal.rc}: ${hex(bytes)}`)
  same('normal form', normal.bytes.subarray(0, -1), canonical, bytes)
  if (Buffer.compare(bytes, canonical) !== 0) met.add('changed by normalizing')
}

function damage(bytes) {
  const damaged = Buffer.from(bytes)
  for (let n = rng.below(3); n >= 0 && damaged.length > 0; n--) damaged[rng.below(damaged.length)] = rng.chance(50) ? rng.below(256) : 116 + rng.below(12)
  return rng.chance(30) ? damaged.subarray(0, rng.below(damaged.length + 1)) : damaged
}

// What we accept, lib0 accepts as the same. We refuse more: numbers beyond 2^53 - 1, and an integer that begins where
// the input ends (lib0 reads 0 and steps over the end).
async function checkDamaged() {
  const bytes = damage(rng.chance(50) ? Buffer.from(randomLoose(rng, 3)) : writeAny(randomValue(rng, { depth: 3 })))
  const decoder = decoding.createDecoder(bytes)
  const theirs = attempt(() => decoding.readAny(decoder))
  const ours = await ask('n', bytes)
  if (ours.rc !== 0) {
    const excused = ours.rc === RC_RANGE || decoder.pos > bytes.length
    if (!theirs.error && !excused) throw new Error(`refused with ${ours.rc}, but lib0 reads ${hex(bytes)}`)
    met.add(theirs.error ? 'damaged bytes refused' : 'stricter than lib0')
    return
  }
  if (theirs.error) throw new Error(`accepted, but lib0 says ${theirs.error}: ${hex(bytes)}`)
  const canonical = writeAny(theirs.value)
  const left = encoding.encode((encoder) => encoding.writeVarUint(encoder, bytes.length - decoder.pos))
  same('normal form and bytes left', ours.bytes, Buffer.concat([canonical, left]), bytes)
  met.add('damaged bytes accepted')
}

// ---- JSON --------------------------------------------------------------------------------------------

async function checkJson() {
  let text = randomJson(rng, 4, met)
  if (/\\ud[89ab]..(?!\\ud[c-f])/i.test(text)) met.add('lone surrogate')
  const damaged = rng.chance(40)
  if (damaged) {
    const at = rng.below(text.length + 1)
    text = text.slice(0, at) + rng.pick(['', ...'{}[],:"\\0-+.eE x\n\u0001tnf']) + text.slice(at + rng.below(2))
  }
  text = text.toWellFormed?.() ?? Buffer.from(text).toString() // a cut pair cannot be sent
  const theirs = attempt(() => JSON.parse(text))
  const ours = await ask('p', Buffer.from(text))
  if ((ours.rc !== 0) !== Boolean(theirs.error)) throw new Error(`JSON.parse: ours ${ours.rc}, theirs ${theirs.error ?? 'fine'}: ${text}`)
  if (!theirs.error) same('JSON.parse', ours.bytes, writeAny(theirs.value), Buffer.from(text))
  met.add(damaged ? (theirs.error ? 'damaged text refused' : 'damaged text accepted') : 'JSON text')
}

const NUMBERS_AT_ONCE = 50

async function checkNumbers() {
  const numbers = Array.from({ length: NUMBERS_AT_ONCE }, () => randomNumber(rng))
  const { bytes } = await ask('m', Buffer.concat(numbers.map((number) => {
    const f64 = Buffer.alloc(8)
    f64.writeDoubleBE(number)
    return f64
  })))
  const decoder = decoding.createDecoder(bytes)
  for (const number of numbers) {
    const ours = decoding.readVarString(decoder)
    if (ours !== String(number)) throw new Error(`String(${number}): ours ${ours}`)
    met.add(ours.includes('e') ? 'number with exponent' : 'number')
  }
}

// ---- Order of strings ----------------------------------------------------------------------------------

async function checkOrder() {
  const start = randomString(rng)
  const a = start + randomString(rng, { most: 3 })
  const b = start + randomString(rng, { most: 3 })
  const { bytes } = await ask('c', encoding.encode((encoder) => {
    encoding.writeVarString(encoder, a)
    encoding.writeVarString(encoder, b)
  }))
  const expected = a < b ? 0 : a === b ? 1 : 2
  if (bytes[0] !== expected) throw new Error(`order of ${JSON.stringify(a)} and ${JSON.stringify(b)}: ${bytes[0]}`)
  met.add(['less', 'equal', 'greater'][expected])
}

// ---- Columns -------------------------------------------------------------------------------------------

const varuints = (numbers) => encoding.encode((encoder) => numbers.forEach((number) => encoding.writeVarUint(encoder, number)))
const counted = (count, column) => Buffer.concat([varuints([count]), column])

const COLUMNS = {
  rle: { write: 'r', read: 'R', make: () => new encoding.RleEncoder(encoding.writeUint8), finish: encoding.toUint8Array, most: () => 256 },
  uint_opt_rle: { write: 'u', read: 'U', make: () => new encoding.UintOptRleEncoder(), finish: (encoder) => encoder.toUint8Array(), most: () => 2 ** rng.pick([2, 8, 32, 53]) },
  // lib0 itself loses the count's mark when a difference needs more than 52 bits.
  int_diff_opt_rle: { write: 'd', read: 'D', make: () => new encoding.IntDiffOptRleEncoder(), finish: (encoder) => encoder.toUint8Array(), most: () => 2 ** rng.pick([2, 8, 32, 52]) }
}

function randomRun(most) {
  const first = rng.below(most)
  const step = rng.chance(50) ? 0 : rng.pick([1, 1, 2, -1])
  const length = rng.chance(50) ? 1 : rng.below(rng.chance(10) ? 300 : 8)
  return Array.from({ length }, (_, i) => Math.min(Math.max(first + i * step, 0), most - 1))
}

async function checkColumn(name) {
  const kind = COLUMNS[name]
  const most = kind.most()
  const values = Array.from({ length: rng.below(12) }, () => randomRun(most)).flat()
  const encoder = kind.make()
  for (const value of values) encoder.write(value)
  const column = kind.finish(encoder)
  same(`${name}: written`, (await ask(kind.write, varuints(values))).bytes, column, varuints(values))
  const read = await ask(kind.read, counted(values.length, column))
  if (read.rc !== 0) throw new Error(`${name}: refused with ${read.rc}: ${hex(column)}`)
  same(`${name}: read`, read.bytes, varuints(values), column)
  met.add(name)
}

async function checkStrings() {
  const texts = Array.from({ length: rng.below(20) }, () => randomString(rng))
  const whole = new encoding.StringEncoder()
  for (const text of texts) whole.write(text)
  const operand = encoding.encode((encoder) => texts.forEach((text) => encoding.writeVarString(encoder, text)))
  same('strings: written', (await ask('x', operand)).bytes, whole.toUint8Array(), operand)

  // Cut anywhere, pairs included.
  const all = texts.join('')
  const cuts = Array.from({ length: rng.below(20) }, () => rng.below(all.length + 1)).concat(all.length).sort((a, b) => a - b)
  const cutter = new encoding.StringEncoder()
  cuts.forEach((cut, i) => cutter.write(all.slice(cuts[i - 1] ?? 0, cut)))
  const column = cutter.toUint8Array()
  const decoder = new decoding.StringDecoder(column)
  const expected = encoding.encode((encoder) => cuts.forEach(() => {
    const text = decoder.read()
    encoding.writeVarString(encoder, text)
    encoding.writeVarUint(encoder, text.length)
    if (/^[\udc00-\udfff]/.test(text)) met.add('surrogate pair cut')
  }))
  const read = await ask('X', counted(cuts.length, column))
  if (read.rc !== 0) throw new Error(`strings refused with ${read.rc}: ${hex(column)}`)
  same('strings: read', read.bytes, expected, column)
  met.add('string column')
}

// Whatever a damaged column holds, our reader says the values that lib0's says, or refuses.
async function checkDamagedColumn() {
  const name = rng.pick(['uint_opt_rle', 'int_diff_opt_rle', 'rle'])
  const column = randomBytes(rng, 10)
  const make = { rle: () => new decoding.RleDecoder(column, decoding.readUint8), uint_opt_rle: () => new decoding.UintOptRleDecoder(column), int_diff_opt_rle: () => new decoding.IntDiffOptRleDecoder(column) }
  const count = 1 + rng.below(12)
  const decoder = make[name]()
  const theirs = attempt(() => Array.from({ length: count }, () => decoder.read()))
  const ours = await ask(COLUMNS[name].read, counted(count, column))
  if (ours.rc !== 0) {
    met.add(theirs.error ? 'damaged bytes refused' : 'stricter than lib0')
    return
  }
  if (theirs.error) throw new Error(`${name}: accepted, but lib0 says ${theirs.error}: ${hex(column)}`)
  same(`${name}: damaged`, ours.bytes, varuints(theirs.value), column)
  met.add('damaged bytes accepted')
}

for (let round = 0; round < ROUNDS; round++) {
  await checkValue()
  await checkLoose()
  await checkDamaged()
  await checkJson()
  await checkNumbers()
  await checkOrder()
  for (const name of Object.keys(COLUMNS)) await checkColumn(name)
  await checkStrings()
  await checkDamagedColumn()
}
await driver.close()
met.finish(`${ROUNDS} rounds`)
