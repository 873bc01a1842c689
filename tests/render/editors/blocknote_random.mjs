// Random documents of BlockNote: any of its blocks and styles, nested as people nest them.
import { block, row, text } from './blocknote.mjs'
import { randomWords, times } from './random_words.mjs'

const marks = [
  ...['bold', 'italic', 'underline', 'strike', 'code'].map((type) => () => ({ type })),
  (rng) => ({ type: 'textColor', attrs: { stringValue: rng.pick(['red', 'blue']) } }),
  (rng) => ({ type: 'backgroundColor', attrs: { stringValue: rng.pick(['yellow', 'green']) } }),
  (rng) => ({ type: 'link', attrs: { href: rng.pick(['https://example.org/?a=b&c=d', '/n/1', 'mailto:a@example.org']) } }),
]

// The blocks and styles that a random document may have.
export const names = ['paragraph', 'heading', 'bulletListItem', 'numberedListItem', 'checkListItem', 'toggleListItem', 'quote']
names.push('codeBlock', 'divider', 'table', 'image', 'file', 'audio', 'video', 'bold', 'italic', 'underline', 'strike', 'code')
names.push('textColor', 'backgroundColor', 'link', 'hardBreak')

// `modest`: with what BlockNote reads in Markdown alone: plain words, no spaces at the end of lines (it does not read
// character references), no breaks in items, no looks of blocks, no media.
export function randomJson(rng, modest = false) {
  const words = (end = ' ') => {
    const set = marks.filter(() => rng.chance(9)).map((make) => make(rng))
    const code = set.find(({ type }) => type === 'code') // excludes the others
    return text(randomWords(rng, modest) + end, ...(code ? [code] : set))
  }
  const last = () => words(modest ? '' : ' ')
  const broken = () => [words(), { type: 'hardBreak' }, words()]
  const inlines = (breaks = 8) => [...times(rng, 0, 2, () => (rng.chance(breaks) ? broken() : [words()])).flat(), last()]
  const look = () => modest ? {} : ({
    ...(rng.chance(10) ? { textAlignment: rng.pick(['center', 'right']) } : {}),
    ...(rng.chance(8) ? { textColor: 'red' } : {}),
    ...(rng.chance(8) ? { backgroundColor: 'yellow' } : {}),
  })
  const items = ['bulletListItem', 'numberedListItem', 'checkListItem']
  const item = (type, depth) => {
    const attrs = type === 'checkListItem' ? { checked: rng.chance(50) } : {}
    return block(type, attrs, inlines(modest ? 0 : 8), ...(depth < 2 && rng.chance(30) ? list(depth + 1) : []))
  }
  const list = (depth = 0) => {
    const type = rng.pick(items)
    return times(rng, 1, 2, () => item(type, depth))
  }
  const table = () => {
    const columns = 1 + rng.below(3)
    const cell = (type) => ({ type, attrs: {}, content: [{ type: 'tableParagraph', content: [last()] }] })
    const head = modest || rng.chance(60) ? 'tableHeader' : 'tableCell'
    return block('table', {}, times(rng, 1, 2, (_, i) => row(...Array.from({ length: columns }, () => cell(i === 0 ? head : 'tableCell')))))
  }
  const media = () => {
    const type = rng.pick(['image', 'file', 'audio', 'video'])
    return block(type, { url: `/${type}.bin`, name: `${type}.bin`, caption: rng.pick(['', randomWords(rng, true)]) }, [])
  }
  const makes = [
    () => [block('paragraph', look(), inlines())],
    () => [block('heading', { level: 1 + rng.below(6), ...look() }, inlines())],
    () => list(),
    () => [block('toggleListItem', {}, inlines(), block('paragraph', {}, inlines()))],
    () => [block('heading', { level: 2, isToggleable: true }, inlines(), block('paragraph', {}, inlines()))],
    () => [block('quote', {}, inlines())],
    () => [block('codeBlock', { language: rng.pick(['c', 'text']) }, [text(rng.pick(['int x;', 'a < b & c\n\n# titre', '```']))])],
    () => [block('divider', {}, [])],
    () => [table()],
    ...(modest ? [] : [() => [media()]]),
  ]
  return { type: 'doc', content: [{ type: 'blockGroup', content: times(rng, 1, 7, () => rng.pick(makes)()).flat() }] }
}

export function count(node, counts) {
  counts.add(node.type)
  node.marks?.forEach(({ type }) => counts.add(type))
  node.content?.forEach((child) => count(child, counts))
}
