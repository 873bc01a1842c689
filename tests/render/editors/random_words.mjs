// Words for random documents: plain ones, and some that mean something in Markdown or HTML.
const words = ['un', 'deux', '*trois*', '[quatre]', '# cinq', 'six & sept', '<huit>', 'é🎒', '1. neuf', '_dix_', 'a|b', '`c`']

const plainWords = ['un', 'deux', 'trois', 'quatre', 'été', 'Zürich', 'lac']

export const randomWords = (rng, plain = false) =>
  Array.from({ length: 1 + rng.below(3) }, () => rng.pick(plain ? plainWords : words)).join(' ')

export const times = (rng, least, more, make) => Array.from({ length: least + rng.below(more + 1) }, make)

// How often each name was met.
export class Counts extends Map {
  add(name) {
    this.set(name, (this.get(name) ?? 0) + 1)
  }

  toString() {
    return [...this].map(([name, count]) => `${name} ${count}`).join(', ')
  }
}
