// Quill's documents as they are compared with what it reads from our HTML: line by line, without what HTML does not
// say in Quill's own way.
//
// - formulas, since Quill reads only its own notation: their TeX is text
// - films, which are links here; where a list begins when that is not at the left
// - sizes and indentation of paragraphs, which Quill reads from classes of its own; reading direction
// - spaces at the edges of lines
const ofLines = ['header', 'list', 'indent', 'align', 'blockquote', 'code-block', 'table']
const ofWords = ['bold', 'italic', 'underline', 'strike', 'code', 'script', 'color', 'background', 'font', 'link']

const only = (names, attributes) => Object.fromEntries(names.filter((name) => name in attributes).map((name) => [name, attributes[name]]))

// [{parts: [{insert, attributes}], end: attributes}]
function cut(ops) {
  const lines = [{ parts: [], end: {} }]
  for (const { insert, attributes = {} } of ops) {
    for (const insertion of typeof insert === 'string' ? insert.split(/(\n)/).filter((part) => part !== '') : [insert]) {
      if (insertion !== '\n') lines.at(-1).parts.push({ insert: insertion, attributes })
      if (insertion !== '\n' && !insertion.video) continue
      lines.at(-1).end = insertion.video ? {} : attributes // a film is a line of its own
      lines.push({ parts: [], end: {} })
    }
  }
  return lines.slice(0, -1)
}

function shown({ insert, attributes }, code) {
  if (insert.image) return { insert: '[image]', attributes: {} }
  if (insert.video) return { insert: insert.video, attributes: { link: insert.video } }
  if (insert.formula) return { insert: insert.formula, attributes: only(ofWords, attributes) }
  return { insert, attributes: code ? {} : only(ofWords, attributes) }
}

function joined(parts) {
  const same = (a, b) => a && JSON.stringify(a.attributes) === JSON.stringify(b.attributes)
  return parts.reduce((done, part) => {
    const last = done.at(-1)
    return same(last, part) ? [...done.slice(0, -1), { ...last, insert: last.insert + part.insert }] : [...done, part]
  }, [])
}

function words({ parts, end }) {
  const all = joined(parts.map((part) => shown(part, 'code-block' in end)))
  if (all.length > 0 && !('code-block' in end)) {
    all[0] = { ...all[0], insert: all[0].insert.trimStart() }
    const last = all.pop()
    all.push({ ...last, insert: last.insert.trimEnd() })
  }
  return all.filter(({ insert }) => insert !== '')
}

// As a table has rows, whatever their names, and a list has levels, whatever is left out between them.
class Places {
  #row
  #rows = 0
  #levels = []

  of({ list, indent = 0, table, ...end }) {
    if (list === undefined) this.#levels = []
    if (table === undefined) this.#rows = 0
    else this.#rows += this.#rows === 0 || this.#row !== table
    this.#row = table
    if (list === undefined) return table === undefined ? end : { ...end, row: this.#rows }
    while (this.#levels.at(-1) > indent) this.#levels.pop()
    if (this.#levels.at(-1) !== indent) this.#levels.push(indent)
    return { ...end, list, level: this.#levels.length }
  }
}

// A line for each: its words with their formats, and what it is.
export function inHtml(ops) {
  const places = new Places()
  return cut(ops).map((line) => {
    const said = words(line).map(({ insert, attributes }) => `${JSON.stringify(insert)} ${JSON.stringify(attributes)}`)
    return `${JSON.stringify(places.of(only(ofLines, line.end)))} ${said.join(' ')}`
  })
}
