// Updates made up block by block: the same few clients and clocks again and again as GC, deleted, text, values and
// holes, so that merging meets overlaps of every sort. No document would send them all.
import * as encoding from 'lib0/encoding'

const BIT8 = 0x80
const BIT7 = 0x40
const BIT6 = 0x20
const TEXT = 'ab😀cd🎉é漢👩‍🏫xyz𝒜𝒷𝒸𝒹!'.repeat(4)

function writeId(encoder, client, clock) {
  encoding.writeVarUint(encoder, client)
  encoding.writeVarUint(encoder, clock)
}

// An item's info byte and what tells its place. Mostly it follows its own client's clock before.
function writePlace(rng, encoder, ref, client, clock) {
  const origin = clock > 0 && rng.chance(80)
  const right = rng.chance(20)
  const sub = rng.chance(10)
  encoding.writeUint8(encoder, ref | (origin ? BIT8 : 0) | (right ? BIT7 : 0) | (sub ? BIT6 : 0))
  if (origin) writeId(encoder, client, clock - 1)
  if (right) writeId(encoder, client + 1, rng.below(100))
  if (origin || right) return
  if (rng.chance(50)) {
    encoding.writeVarUint(encoder, 1)
    encoding.writeVarString(encoder, 'root')
  } else {
    encoding.writeVarUint(encoder, 0)
    writeId(encoder, client, rng.below(9))
  }
  if (sub) encoding.writeVarString(encoder, 'key')
}

function writeBlock(rng, encoder, client, clock, length, last) {
  switch (rng.below(last ? 7 : 8)) {
    case 0: case 1:
      encoding.writeUint8(encoder, 0)
      return encoding.writeVarUint(encoder, length)
    case 2:
      writePlace(rng, encoder, 1, client, clock)
      return encoding.writeVarUint(encoder, length)
    case 3:
      writePlace(rng, encoder, 8, client, clock)
      encoding.writeVarUint(encoder, length)
      for (let i = 0; i < length; i++) encoding.writeAny(encoder, rng.pick([i, 'é', null, [i, { a: 0.5 }]]))
      return
    case 4:
      writePlace(rng, encoder, 2, client, clock)
      encoding.writeVarUint(encoder, length)
      for (let i = 0; i < length; i++) encoding.writeVarString(encoder, rng.pick(['1.50', 'undefined', '{"b":1,"2":[ ]}', '"\\u00e9"']))
      return
    case 7:
      encoding.writeUint8(encoder, 10)
      return encoding.writeVarUint(encoder, length)
    default: {
      writePlace(rng, encoder, 4, client, clock)
      // The text of these clocks is the same in every update; half a pair at either end is mended by the encoder.
      const at = clock % 20
      return encoding.writeVarString(encoder, TEXT.slice(at, at + length))
    }
  }
}

function writeDeletes(rng, encoder) {
  const clients = rng.below(3)
  encoding.writeVarUint(encoder, clients)
  for (let i = 0; i < clients; i++) {
    let clock = 0
    const ranges = 1 + rng.below(4)
    encoding.writeVarUint(encoder, 3 - i)
    encoding.writeVarUint(encoder, ranges)
    for (let j = 0; j < ranges; j++) {
      const length = 1 + rng.below(5)
      clock += rng.below(6)
      encoding.writeVarUint(encoder, clock)
      encoding.writeVarUint(encoder, length)
      clock += length
    }
  }
}

// One v1 update. Borders of blocks fall on the same clocks often.
export function randomBlocks(rng) {
  const encoder = encoding.createEncoder()
  const clients = [3, 2, 1].filter(() => rng.chance(60))
  encoding.writeVarUint(encoder, clients.length)
  for (const client of clients) {
    const count = 1 + rng.below(6)
    let clock = rng.below(8) * 3
    encoding.writeVarUint(encoder, count)
    writeId(encoder, client, clock)
    for (let i = 0; i < count; i++) {
      const length = rng.chance(70) ? 3 : 1 + rng.below(9)
      writeBlock(rng, encoder, client, clock, length, i === count - 1)
      clock += length
    }
  }
  writeDeletes(rng, encoder)
  return encoding.toUint8Array(encoder)
}
