// Random JavaScript values, JSON texts and any bytes, with much of what is rare elsewhere: keys that are array indexes,
// surrogates, numbers at the borders of their forms.

const CHARACTERS = ['a', 'b', 'é', '€', '\uffff', '\ue000', '😀', '𐀀', '\u0000', '\u001f', '"', '\\', '\n', '\u2028', '\u007f', '/']
const HALVES = ['\ud800', '\udbff', '\udc00', '\udfff']

export function randomString(rng, { halves = false, most = 24 } = {}) {
  let text = ''
  for (let n = rng.below(most); n > 0; n--) {
    if (halves && rng.chance(4)) text += rng.pick(HALVES)
    else text += rng.chance(50) ? String.fromCharCode(97 + rng.below(26)) : rng.pick(CHARACTERS)
  }
  return text
}

const KEYS = ['', 'a', 'b', 'c', 'é', '0', '1', '2', '10', '9', '01', '-1', '1.0', '4294967294', '4294967295', '4294967296', '1e3', 'length', 'constructor']

export function randomKey(rng) {
  if (rng.chance(70)) return rng.pick(KEYS)
  return rng.chance(50) ? String(rng.below(40)) : randomString(rng, { most: 6 })
}

const BORDERS = [0, 1, 63, 64, 127, 128, 2 ** 31 - 2, 2 ** 31 - 1, 2 ** 31, 2 ** 31 + 1, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 2 ** 53 + 2, 1e21, 1e-6, 1e-7, 0.5, 1.5, 0.1, 5e-324, 2.2250738585072014e-308, 3.4028234663852886e38, 3.4028235677973366e38, 1.401298464324817e-45, 7e-46, Number.MAX_VALUE, Infinity]
const view = new DataView(new ArrayBuffer(8))

// Doubles of all sizes, but no NaN: any bits, everyday decimals, integers, borders.
export function randomNumber(rng) {
  const sign = rng.chance(50) ? 1 : -1
  switch (rng.below(6)) {
    case 0: return sign * rng.pick(BORDERS)
    case 1: return sign * rng.below(200)
    case 2: return sign * rng.below(2 ** 53)
    case 3: return sign * rng.below(1000000) / 10 ** rng.below(9)
    case 4: return sign * Math.fround(rng.below(2 ** 30) / 2 ** rng.below(60))
    default:
      view.setBigUint64(0, rng.next())
      return view.getFloat64(0) || 0.25
  }
}

export function randomBytes(rng, most = 12) {
  return Uint8Array.from({ length: rng.below(most) }, () => rng.below(256))
}

// What lib0 can write; with `json` only what JSON can say.
export function randomValue(rng, { depth = 4, json = false, halves = false } = {}) {
  const kinds = json ? 7 : 11
  switch (rng.below(depth > 0 ? kinds : kinds - 2) + (depth > 0 ? 0 : 2)) {
    case 0: return Array.from({ length: randomCount(rng) }, () => randomValue(rng, { depth: depth - 1, json, halves }))
    case 1: return randomObject(rng, depth, json, halves)
    case 2: return null
    case 3: return rng.chance(50)
    case 4: case 5: return json ? finite(randomNumber(rng)) : randomNumber(rng)
    case 6: return randomString(rng, { halves })
    case 7: return undefined
    case 8: return rng.chance(20) ? NaN : -0
    case 9: return randomBytes(rng)
    default: return BigInt.asIntN(64, rng.next() >> BigInt(rng.below(64)))
  }
}

const finite = (number) => (Number.isFinite(number) ? number : 0)
// Mostly few, now and then more than a count of one byte tells.
const randomCount = (rng) => (rng.chance(2) ? 120 + rng.below(20) : rng.below(6))

function randomObject(rng, depth, json, halves) {
  const object = {}
  for (let n = randomCount(rng); n > 0; n--) {
    const key = rng.chance(90) ? randomKey(rng) : randomString(rng, { halves })
    Object.defineProperty(object, key, { value: randomValue(rng, { depth: depth - 1, json, halves }), enumerable: true, configurable: true, writable: true })
  }
  return object
}

// ---- JSON texts: the same value written in unusual ways --------------------------------------------

const space = (rng) => (rng.chance(85) ? '' : rng.pick([' ', '\t', '\n', '\r', '  ']))
const escapeUnit = (unit) => '\\u' + unit.toString(16).padStart(4, '0')

function jsonString(rng, text) {
  let result = '"'
  for (const c of text) {
    if (rng.chance(10)) for (let i = 0; i < c.length; i++) result += escapeUnit(c.charCodeAt(i))
    else if (c === '/' && rng.chance(50)) result += '\\/'
    else result += JSON.stringify(c).slice(1, -1)
  }
  return result + '"'
}

function jsonNumber(rng) {
  if (rng.chance(40)) return JSON.stringify(finite(randomNumber(rng)))
  let text = rng.chance(50) ? '-' : ''
  text += rng.chance(30) ? '0' : String(1 + rng.below(9)) + digits(rng, rng.below(rng.chance(5) ? 400 : 22))
  if (rng.chance(50)) text += '.' + digits(rng, 1 + rng.below(rng.chance(5) ? 1000 : 22))
  if (rng.chance(50)) text += rng.pick(['e', 'E']) + rng.pick(['', '+', '-']) + digits(rng, 1 + rng.below(3))
  return text
}

const digits = (rng, count) => Array.from({ length: count }, () => rng.below(10)).join('')

export function randomJson(rng, depth = 4, met = null) {
  const inner = () => space(rng) + randomJson(rng, depth - 1, met) + space(rng)
  switch (rng.below(depth > 0 ? 7 : 5) + (depth > 0 ? 0 : 2)) {
    case 0: return '[' + (Array.from({ length: randomCount(rng) }, inner).join(',') || space(rng)) + ']'
    case 1: {
      const keys = Array.from({ length: randomCount(rng) }, () => (rng.chance(3) ? '__proto__' : randomKey(rng)))
      if (met && new Set(keys).size < keys.length) met.add('repeated key in JSON')
      if (met && keys.includes('__proto__')) met.add('__proto__ in JSON')
      return '{' + (keys.map((key) => space(rng) + jsonString(rng, key) + space(rng) + ':' + inner()).join(',') || space(rng)) + '}'
    }
    case 2: return 'null'
    case 3: return rng.pick(['true', 'false'])
    case 4: case 5: return jsonNumber(rng)
    default: return jsonString(rng, randomString(rng, { halves: true }))
  }
}

// ---- Any bytes that lib0 reads and never writes -----------------------------------------------------

// A varuint with up to three bytes more than it needs.
function looseVaruint(rng, number) {
  const bytes = []
  let rest = number
  do {
    bytes.push(rest % 128)
    rest = Math.floor(rest / 128)
  } while (rest > 0)
  if (rng.chance(10)) for (let n = rng.below(4); n > 0; n--) bytes.push(0)
  return bytes.map((byte, i) => (i < bytes.length - 1 ? byte | 128 : byte))
}

function looseVarint(rng, magnitude, negative) {
  const rest = Math.floor(magnitude / 64)
  const more = rest > 0 || rng.chance(10)
  return [(more ? 128 : 0) | (negative ? 64 : 0) | magnitude % 64, ...(more ? looseVaruint(rng, rest) : [])]
}

function looseString(rng, text) {
  const bytes = new TextEncoder().encode(text)
  return [...looseVaruint(rng, bytes.length), ...bytes]
}

function float(rng, bits) {
  const buffer = new DataView(new ArrayBuffer(bits / 8))
  const number = rng.chance(5) ? NaN : randomNumber(rng)
  if (bits === 32) buffer.setFloat32(0, number)
  else buffer.setFloat64(0, number)
  if (Number.isNaN(number)) buffer.setUint8(bits / 8 - 1, rng.below(256)) // another NaN
  return [...new Uint8Array(buffer.buffer)]
}

export function randomLoose(rng, depth = 4, met = null) {
  const tag = rng.pick(depth > 0 ? [117, 118, 118, 118, 119, 120, 121, 122, 123, 124, 125, 126, 127, 116] : [119, 120, 121, 122, 123, 124, 125, 126, 127, 116])
  const bytes = [tag]
  switch (tag) {
    case 116: bytes.push(...looseString(rng, randomString(rng))); break
    case 117: {
      const count = randomCount(rng)
      bytes.push(...looseVaruint(rng, count))
      for (let i = 0; i < count; i++) bytes.push(...randomLoose(rng, depth - 1, met))
      break
    }
    case 118: {
      const keys = Array.from({ length: randomCount(rng) }, () => (rng.chance(3) ? '__proto__' : randomKey(rng)))
      if (met && new Set(keys).size < keys.length) met.add('repeated key')
      if (met && keys.includes('__proto__')) met.add('__proto__')
      bytes.push(...looseVaruint(rng, keys.length))
      for (const key of keys) {
        // Bytes as prototype make lib0 fail when it writes, and behind null it keeps further "__proto__" (crdt/lib0/any.h).
        let value = randomLoose(rng, depth - 1, met)
        while (key === '__proto__' && (value[0] === 116 || value[0] === 126)) value = randomLoose(rng, depth - 1, met)
        bytes.push(...looseString(rng, key), ...value)
      }
      break
    }
    case 119: bytes.push(...looseString(rng, randomString(rng))); break
    case 122: bytes.push(...Array.from({ length: 8 }, () => rng.below(256))); break
    case 123: bytes.push(...float(rng, 64)); break
    case 124: bytes.push(...float(rng, 32)); break
    case 125: bytes.push(...looseVarint(rng, rng.chance(50) ? rng.below(100) : rng.below(2 ** 53), rng.chance(50))); break
  }
  return bytes
}
