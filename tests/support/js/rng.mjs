// Random numbers that a seed repeats: the generator of tests/support/rng.h, number for number.

const MASK = (1n << 64n) - 1n

function splitmix64(state) {
  let z = (state.value = (state.value + 0x9e3779b97f4a7c15n) & MASK)
  z = ((z ^ (z >> 30n)) * 0xbf58476d1ce4e5b9n) & MASK
  z = ((z ^ (z >> 27n)) * 0x94d049bb133111ebn) & MASK
  return z ^ (z >> 31n)
}

function rotateLeft(x, k) {
  return ((x << k) | (x >> (64n - k))) & MASK
}

export class Rng {
  #s

  constructor(seed) {
    const state = { value: BigInt(seed) & MASK }
    this.#s = [0, 1, 2, 3].map(() => splitmix64(state))
  }

  // 64 bits, as a BigInt.
  next() {
    const s = this.#s
    const result = (rotateLeft((s[1] * 5n) & MASK, 7n) * 9n) & MASK
    const t = (s[1] << 17n) & MASK
    s[2] ^= s[0]
    s[3] ^= s[1]
    s[1] ^= s[2]
    s[0] ^= s[3]
    s[2] ^= t
    s[3] = rotateLeft(s[3], 45n)
    return result
  }

  // 0 to bound - 1, each as likely.
  below(bound) {
    const wide = BigInt(bound)
    if (wide <= 0n) throw new RangeError(`below(${bound})`)
    const excess = (MASK + 1n) % wide
    let x
    do {
      x = this.next()
    } while (x < excess)
    return Number(x % wide)
  }

  // True `percent` times in a hundred.
  chance(percent) {
    return this.below(100) < percent
  }

  pick(list) {
    return list[this.below(list.length)]
  }

  // A generator whose numbers do not depend on how many this one gives afterwards.
  fork() {
    return new Rng(this.next())
  }
}

// The seed of a test: $CAHIER_SEED when set (decimal, or 0x…), else `fixed`. Says it on standard error, which Meson
// shows when a test fails.
export function testSeed(fixed) {
  const text = process.env.CAHIER_SEED
  const seed = text ? BigInt(text) : BigInt(fixed)
  console.error(`seed ${seed} (repeat with CAHIER_SEED=${seed})`)
  return seed
}
