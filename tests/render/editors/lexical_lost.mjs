// Lexical's documents as they are compared with what is read from our HTML or Markdown: as nodes with marks, without
// what that form does not say in Lexical's own way.
import { formats } from './lexical_random.mjs'

const bit = (name) => 1 << formats.indexOf(name)

// The form of ProseMirror's JSON, which sameNodes compares.
const element = (type, attrs, content) => ({ type, attrs, content: joined(content) })
const isText = (node) => node?.type === 'text'

function joined(nodes) {
  return nodes.reduce((done, node) => {
    const last = done.at(-1)
    if (isText(last) && isText(node) && JSON.stringify(last.marks) === JSON.stringify(node.marks)) {
      return [...done.slice(0, -1), { ...last, text: last.text + node.text }]
    }
    return [...done, node]
  }, [])
}

// - colours, sizes and fonts, since Lexical reads none unless its users add that, and upper and lower case; but a
//   background is a highlight
// - tabs, which HTML takes for a space, and spaces at the edges of lines
// - what comments and hashtags are, and that a link made itself
function inlines(children, marks = []) {
  return children.flatMap(({ type, text, format, style, children: inner, url, title }) => {
    if (type === 'linebreak') return [{ type }]
    if (text === undefined) return inlines(inner, type === 'mark' ? marks : [...marks, `link ${url} ${title ?? ''}`])
    const highlight = /background-color/.test(style) ? bit('highlight') : 0
    const own = formats.filter((name, i) => i < 8 && (format | highlight) & bit(name))
    return [{ type: 'text', text, marks: [...marks, ...own].map((name) => ({ type: name })) }]
  })
}

// Words of a line, spaces as HTML shows them.
function spaced(nodes) {
  const lines = [[]]
  for (const node of nodes) isText(node) ? lines.at(-1).push(node) : lines.push([])
  return lines.map(line).flatMap((words, i) => (i > 0 ? [{ type: 'linebreak' }, ...words] : words))
}

function line(words) {
  let open = true // a space would be the second
  const shown = words.map((node) => {
    const text = node.text.replace(/\s+/g, ' ').replace(/^ /, open ? '' : ' ')
    open = text === '' ? open : text.endsWith(' ')
    return { ...node, text }
  })
  for (let i = shown.length - 1; i >= 0; i--) {
    shown[i] = { ...shown[i], text: shown[i].text.trimEnd() }
    if (shown[i].text !== '') break
  }
  return joined(shown.filter(({ text }) => text !== ''))
}

export function inHtml(node) {
  const { type, tag, listType, start, checked, language, headerState, colSpan, rowSpan, backgroundColor, format, children } = node
  const align = format === 'left' ? '' : format
  const words = () => spaced(inlines(children))
  const has = (kind) => children.some((child) => child.type === kind)
  switch (type) {
    case 'heading':
      return [element(type, { tag, align }, words())]
    case 'quote': // Lexical puts paragraphs into quotes when it reads HTML, words when it writes them
      return [element(type, {}, has('paragraph') ? children.flatMap(inHtml) : [element('paragraph', { align }, words())])]
    case 'code': // <pre> and <code> are a block each for Lexical, which reads no language
      return [element(type, {}, [{ type: 'text', text: codeText(children) }])]
    case 'list':
      return [element(type, { listType, start: listType === 'number' ? start : 1 }, children.flatMap(inHtml))]
    case 'listitem':
      return [element(type, { checked }, has('list') ? children.flatMap(inHtml) : words())]
    case 'table':
    case 'tablerow':
      return [element(type, {}, children.flatMap(inHtml))]
    case 'tablecell': // a paragraph alone in a cell leaves its alignment to the cell
      return [element(type, { headed: headerState > 0, colSpan, rowSpan, coloured: Boolean(backgroundColor) }, cellContent(children))]
    default:
      return [element(type, { align }, words())]
  }
}

function cellContent(children) {
  const blocks = children.flatMap(inHtml)
  return blocks.length === 1 ? [{ ...blocks[0], attrs: {} }] : blocks
}

const codeText = (children) =>
  children.map(({ type, text, children: inner }) => (inner ? codeText(inner) : type === 'linebreak' ? '\n' : text)).join('')

// Of what Lexical reads in Markdown: words with their formats, since spaces at the edge of a format move out of it.
export function inMarkdown(node) {
  if (node.type === 'code') return inHtml(node)
  if (node.type === 'list') return [element('list', { listType: node.listType, start: node.start }, node.children.flatMap(inMarkdown))]
  const { type, tag, checked, children } = node
  return [element(type, { tag: type === 'heading' ? tag : null, checked }, joined(inlines(children).flatMap(eachWord)))]
}

const eachWord = (node) =>
  isText(node) ? node.text.split(/\s+/).flatMap((word) => (word ? [{ ...node, text: `${word} ` }] : [])) : [node]
