// A document of ours inside engine_driver, as seen from here.
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'

// crdt_check found an invariant broken.
export class Broken extends Error {}
// The engine returned an error.
export class Refused extends Error {}

export class OurDoc {
  #driver
  #number

  // `number`: which of the driver's documents; what stood there before is gone.
  constructor(driver, number, { client = 0, gc = true, memory = 0 } = {}) {
    this.#driver = driver
    this.#number = number
    this.ready = this.#ask('c', (encoder) => {
      encoding.writeVarUint(encoder, client)
      encoding.writeVarUint(encoder, gc ? 0 : 1)
      encoding.writeVarUint(encoder, memory)
    })
  }

  // What changed, as a v1 update; empty when nothing did.
  apply(format, update) {
    return this.#ask('a', (encoder) => {
      encoding.writeVarUint(encoder, format)
      encoding.writeVarUint8Array(encoder, update)
    })
  }

  encode(format, vector = new Uint8Array()) {
    return this.#ask('e', (encoder) => {
      encoding.writeVarUint(encoder, format)
      encoding.writeVarUint8Array(encoder, vector)
    })
  }

  vector() {
    return this.#ask('v')
  }

  snapshot() {
    return this.#ask('s')
  }

  // Random local edits (tests/support/random_edits.h): the update to send.
  edit(seed, edits, format) {
    return this.#ask('l', (encoder) => {
      encoding.writeVarUint(encoder, seed)
      encoding.writeVarUint(encoder, edits)
      encoding.writeVarUint(encoder, format)
    })
  }

  // A root: a text's delta, an XML fragment's string, the JSON of others.
  async show(name, kind) {
    const answer = await this.#ask('w', (encoder) => {
      encoding.writeVarString(encoder, name)
      encoding.writeVarUint(encoder, { array: 0, map: 1, text: 2, xml: 4 }[kind])
    })
    return answer.toString()
  }

  async stat() {
    const decoder = decoding.createDecoder(await this.#ask('t'))
    const names = ['structs', 'items', 'gc', 'pendingStructs', 'pendingDeletes', 'pending']
    return Object.fromEntries(names.map((name) => [name, decoding.readVarUint(decoder)]))
  }

  async #ask(operation, write = () => {}) {
    const encoder = encoding.createEncoder()
    encoding.writeUint8(encoder, operation.charCodeAt(0))
    encoding.writeUint8(encoder, this.#number)
    write(encoder)
    const answer = await this.#driver.ask(encoding.toUint8Array(encoder))
    const result = answer.subarray(1)
    if (answer[0] === 2) throw new Broken(`crdt_check: ${result}`)
    if (answer[0] === 1) throw new Refused(`refused: ${result}`)
    return result
  }
}
