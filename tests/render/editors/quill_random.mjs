// Random documents of Quill: operations with any of its formats and embeds.
import { randomWords, times } from './random_words.mjs'

const inline = {
  bold: [true],
  italic: [true],
  underline: [true],
  strike: [true],
  code: [true],
  script: ['sub', 'super'],
  color: ['#ff0000', 'rgb(0, 102, 204)'],
  background: ['#ffff00'],
  font: ['serif', 'monospace'],
  size: ['small', 'large', 'huge'],
  link: ['https://example.org/?a=b&c=d', 'mailto:a@example.org'],
}
const embeds = [{ image: 'https://example.org/a.png' }, { formula: 'x^2' }, { video: 'https://example.org/v' }]

// The formats and embeds that a random document may have.
export const names = [...Object.keys(inline), 'header', 'align', 'list', 'indent', 'blockquote', 'code-block', 'table']
names.push('direction', ...embeds.flatMap(Object.keys))

export function randomOps(rng) {
  let rows = 0

  const words = () => {
    const attributes = {}
    for (const [name, values] of Object.entries(inline)) if (rng.chance(8)) attributes[name] = rng.pick(values)
    return { insert: `${randomWords(rng)} `, attributes }
  }
  const run = () => (rng.chance(6) ? [{ insert: rng.pick(embeds) }, words()] : [words()])
  const end = (attributes = {}) => {
    const more = { ...attributes }
    if (rng.chance(12)) more.align = rng.pick(['center', 'right', 'justify'])
    if (rng.chance(5)) more.direction = 'rtl'
    return { insert: '\n', attributes: more }
  }
  const line = (attributes) => [...times(rng, 1, 3, run).flat(), end(attributes)]

  const list = () => {
    let indent = -1
    return times(rng, 1, 4, () => {
      indent = indent < 0 ? 0 : Math.max(0, Math.min(indent + rng.pick([-1, 0, 0, 1]), 3))
      const kind = rng.pick(['ordered', 'bullet', 'bullet', 'checked', 'unchecked'])
      return line({ list: kind, ...(indent > 0 ? { indent } : {}) })
    }).flat()
  }
  const code = () => {
    const language = rng.pick([true, 'javascript'])
    const source = () => ({ insert: rng.pick(['int x;', '```', 'a < b & c', '# titre']) })
    return times(rng, 1, 2, () => [source(), { insert: '\n', attributes: { 'code-block': language } }]).flat()
  }
  const table = () => {
    const columns = 1 + rng.below(3)
    const row = () => {
      const id = `row-${++rows}`
      return Array.from({ length: columns }, () => [words(), { insert: '\n', attributes: { table: id } }]).flat()
    }
    return times(rng, 1, 2, row).flat()
  }
  const paragraph = () => line(rng.chance(10) ? { indent: 1 + rng.below(2) } : {})
  const quote = () => line({ blockquote: true })
  const heading = () => line({ header: 1 + rng.below(6) })
  return times(rng, 1, 7, () => rng.pick([paragraph, paragraph, quote, heading, list, code, table])()).flat()
}

export function count(ops, counts) {
  for (const { insert, attributes = {} } of ops) {
    Object.keys(attributes).forEach((name) => counts.add(name))
    if (typeof insert === 'object') Object.keys(insert).forEach((name) => counts.add(name))
  }
}
