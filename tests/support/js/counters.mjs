// What a random campaign has met. A test that never meets a case has not tested it: then it fails.

export class Counters {
  #counts = new Map()

  // The names that must be met at least once.
  constructor(names) {
    for (const name of names) this.#counts.set(name, 0)
  }

  add(name, times = 1) {
    if (!this.#counts.has(name)) throw new Error(`no counter is called ${name}`)
    this.#counts.set(name, this.#counts.get(name) + times)
  }

  get(name) {
    return this.#counts.get(name)
  }

  // Has everything been met?
  get complete() {
    return [...this.#counts.values()].every((count) => count > 0)
  }

  // Prints all counts; throws when one of them is 0.
  finish(title = 'met') {
    const counts = [...this.#counts]
    console.log(`${title}: ${counts.map(([name, count]) => `${name} ${count}`).join(', ')}`)
    const zero = counts.filter(([, count]) => count === 0).map(([name]) => name)
    if (zero.length) throw new Error(`never met: ${zero.join(', ')}`)
  }
}
