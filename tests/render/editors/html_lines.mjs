// HTML of any editor, or of ours, as it is compared with another's: a line for each block, with what it says to the reader
// and its words under their formats. What is not seen is not there: ids, classes, and which element says a format.
//
// - words right in an item, a cell, a quote or a summary stand in a paragraph of their own
// - spaces carry no format, are one where there are several, and none at the edges of lines
// - a paragraph alone in a cell leaves its alignment to the cell
// - a list, table or quote that follows another of its kind is told from it
// - paragraphs, lists and quotes without anything are not there; nor is alignment at the left

const headings = ['H1', 'H2', 'H3', 'H4', 'H5', 'H6']
const lines = new Set(['P', ...headings, 'PRE', 'FIGCAPTION'])
const containers = ['BLOCKQUOTE', 'TABLE', 'TR', 'TH', 'TD', 'UL', 'OL', 'LI', 'FIGURE', 'DETAILS', 'SUMMARY', 'ASIDE']
const blocks = new Set([...lines, ...containers, 'HR', 'VIDEO', 'AUDIO', 'IFRAME'])
const transparent = new Set(['BODY', 'DIV', 'THEAD', 'TBODY', 'MAIN', 'LABEL'])
const unseen = new Set(['COLGROUP', 'INPUT', 'STYLE'])

const marks = { STRONG: 'bold', B: 'bold', EM: 'italic', I: 'italic', S: 'strike', DEL: 'strike', STRIKE: 'strike', U: 'underline' }
Object.assign(marks, { SUB: 'sub', SUP: 'sup', CODE: 'code' })

// A length, a colour, a list of fonts, in one way of writing.
const value = (text) => text.replace(/["']/g, '').replace(/\s*,\s*/g, ', ')

const nothing = new Set(['', 'inherit', 'transparent', 'left', 'start'])

function styles({ style }, names) {
  return names.flatMap((name) => {
    const said = value(style.getPropertyValue(name))
    return nothing.has(said) ? [] : [`${name}:${said}`]
  })
}

function formatsOf(element) {
  const said = styles(element, ['color', 'background-color', 'font-size', 'font-family'])
  if (element.tagName === 'A') {
    const href = element.getAttribute('href')
    const title = element.getAttribute('title')
    said.push(`link ${href}${title ? ` "${title}"` : ''}`)
  }
  if (element.tagName === 'MARK' && !said.some((style) => style.startsWith('background'))) said.push('background-color:of marks')
  const name = marks[element.tagName]
  return name ? [...said, name] : said
}

// The words below a node as [text, formats], line breaks and images among them.
function runs(node, set = []) {
  if (node.nodeType === 3) return [[node.data, set]]
  if (node.nodeType !== 1 || unseen.has(node.tagName)) return []
  if (node.tagName === 'BR') return [['\n', null]]
  if (node.tagName === 'IMG') return [[image(node), null]]
  const own = formatsOf(node)
  const property = (format) => format.split(':')[0]
  const inside = [...set.filter((format) => !own.some((inner) => property(inner) === property(format))), ...own]
  return [...node.childNodes].flatMap((child) => runs(child, inside))
}

const image = (element) => `![${element.getAttribute('alt') ?? ''}](${element.getAttribute('src')})`

const look = (set, formats) => formats([...new Set(set)]).sort().join(' ')

function wordsOf(nodes, formats) {
  let shown = ''
  let last = ''
  const put = (text, now) => {
    shown += now === last ? text : `${last && '}'}${now && `{${now}: `}${text}`
    last = now
  }
  for (const [text, set] of nodes.flatMap((node) => runs(node))) {
    if (set === null) put(text === '\n' ? ' ↵ ' : text, '')
    else for (const part of text.split(/(\s+)/).filter(Boolean)) put(...(/^\s/.test(part) ? [' ', ''] : [part, look(set, formats)]))
  }
  put('', '')
  return shown.replace(/ +/g, ' ').trim().replace(/^(↵ ?)+|( ?↵)+$/g, '').trim()
}

const source = (element) => [element.getAttribute('src')]
const spans = ({ colSpan, rowSpan }) => [...(colSpan > 1 ? [`${colSpan} wide`] : []), ...(rowSpan > 1 ? [`${rowSpan} high`] : [])]
const attributes = {
  OL: ({ start }) => (start === 1 ? [] : [`start=${start}`]),
  LI: (item) => {
    const box = item.querySelector(':scope > input, :scope > label > input')
    return box ? [box.checked ? 'done' : 'to do'] : []
  },
  PRE: (element) => {
    const [, language] = /language-(\S+)/.exec(element.firstElementChild?.className) ?? []
    return [element.dataset.language ?? language ?? []].flat()
  },
  TH: spans,
  TD: spans,
  AUDIO: source,
  VIDEO: source,
  IFRAME: source,
}

function blockLine(element, depth, inside) {
  const said = [...(attributes[element.tagName]?.(element) ?? []), ...styles(element, ['text-align', 'color', 'background-color'])]
  return `${'  '.repeat(depth)}${[element.tagName.toLowerCase(), ...said].join(' ')}${inside}`
}

// A line feed at the end is the block's own, or none.
function codeText(element) {
  const text = (node) => (node.nodeType === 3 ? node.data : node.tagName === 'BR' ? '\n' : [...node.childNodes].map(text).join(''))
  return JSON.stringify(text(element).replace(/\n$/, ''))
}

function linesBelow(element, depth, formats) {
  const found = []
  let loose = [] // words that stand in no block
  const flush = () => {
    const words = wordsOf(loose, formats)
    if (words !== '') found.push(`${'  '.repeat(depth)}p ${words}`)
    loose = []
  }
  for (const child of element.childNodes) {
    if (child.nodeType === 1 && unseen.has(child.tagName)) continue
    const holds = child.nodeType === 1 && (blocks.has(child.tagName) || transparent.has(child.tagName))
    if (!holds) loose.push(child)
    else {
      flush()
      found.push(...(transparent.has(child.tagName) ? linesBelow(child, depth, formats) : linesOfBlock(child, depth, formats)))
    }
  }
  flush()
  return found
}

function linesOfBlock(element, depth, formats) {
  if (element.tagName === 'PRE') return [blockLine(element, depth, ` ${codeText(element)}`)]
  if (!lines.has(element.tagName)) {
    const below = linesBelow(element, depth + 1, formats)
    return below.length === 0 && /^(UL|OL|BLOCKQUOTE)$/.test(element.tagName) ? [] : [blockLine(element, depth, ''), ...below]
  }
  const words = wordsOf([...element.childNodes], formats)
  return words === '' && element.tagName === 'P' ? [] : [blockLine(element, depth, words && ` ${words}`)]
}

function liftAlignment(cell) {
  const only = cell.childElementCount === 1 ? cell.querySelector(':scope > p') : null
  if (only === null || !only.style.textAlign) return
  if (!/left|right|center|justify/.test(cell.style.textAlign)) cell.style.textAlign = only.style.textAlign
  only.style.textAlign = ''
}

// `formats` may change those of a word.
export function htmlLines(body, formats = (set) => set) {
  body.querySelectorAll('td, th').forEach(liftAlignment)
  return linesBelow(body, 0, formats)
}
