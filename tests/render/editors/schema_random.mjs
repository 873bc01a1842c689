// Random documents that are valid in a ProseMirror schema, with any of its nodes, marks and attributes.
import { randomWords } from './random_words.mjs'

// A value for each attribute that has several; the others keep their default.
const attributes = {
  level: [1, 2, 3],
  textAlign: [null, 'left', 'center', 'right'],
  start: [1, 3],
  order: [1, 7],
  checked: [true, false],
  language: [null, 'c'],
  params: ['', 'js'],
  src: ['/a.png', 'https://example.org/b.png'],
  alt: [null, 'vue [du] lac'],
  title: [null, 'un "titre"'],
  href: ['https://example.org/?a=b&c=d', '/n/1', 'mailto:a@example.org'],
  colspan: [1, 1, 1, 2],
  color: ['#ff0000', 'rgb(1, 2, 3)', 'red'],
  latex: ['x^2', 'a_{i}'],
  label: ['Léa'],
  id: ['7'],
  name: ['smile'],
  tight: [true, false],
  stringValue: ['red', 'default', '#123456'],
  textColor: ['default', 'red'],
  backgroundColor: ['default', 'yellow'],
  textAlignment: ['left', 'center', 'right'],
  isToggleable: [true, false],
  url: ['', '/a.pdf'],
  caption: ['', 'une légende'],
}

// `validate` is ProseMirror's: names of types with | between, or a function.
const fits = (value, validate) =>
  typeof validate !== 'string' || validate.split('|').includes(value === null ? 'null' : typeof value)

export function randomDocument(schema, rng, size = 40, plain = false) {
  let budget = size

  const attrs = (type) => {
    const values = {}
    for (const [key, { default: fallback, validate }] of Object.entries(type.spec.attrs ?? {})) {
      // null is not stored by the bindings: it comes back as the default
      const choices = (attributes[key] ?? []).filter((value) => fits(value, validate) && (value !== null || fallback === null))
      if (choices.length > 0) values[key] = rng.pick(choices)
      else if (fallback === undefined || !fits(fallback, validate)) values[key] = fits(7, validate) ? 7 : 'x'
    }
    return values
  }

  const marks = (parent) => {
    let set = []
    for (const type of Object.values(schema.marks)) {
      if (parent.allowsMarkType(type) && rng.chance(12)) set = type.create(attrs(type)).addToSet(set)
    }
    return set
  }

  const text = (parent) => schema.text(`${randomWords(rng, plain)} `, marks(parent)) // marks never cut a word in two

  const fill = (type, depth) => {
    const children = []
    let match = type.contentMatch
    for (let i = 0; i < 12; i++) {
      const choices = []
      for (let edge = 0; edge < match.edgeCount; edge++) choices.push(match.edge(edge))
      if (choices.length === 0 || (match.validEnd && (budget <= 0 || rng.chance(35)))) break
      const flat = choices.filter(({ type: t }) => t.isText || t.inlineContent)
      const edge = rng.pick((depth > 6 || budget <= 0) && flat.length > 0 ? flat : choices)
      budget--
      children.push(edge.type.isText ? text(type) : make(edge.type, depth + 1))
      match = edge.next
    }
    return children
  }

  const make = (type, depth) => {
    const content = type.isLeaf ? [] : fill(type, depth)
    const node = type.create(attrs(type), content)
    return type.validContent(node.content) ? node : type.createAndFill(attrs(type))
  }

  return make(schema.topNodeType, 0)
}
