// Random documents of Lexical: any of its nodes, formats and styles, put together in the editor itself.
import { $createCodeNode } from '@lexical/code'
import { $createHashtagNode } from '@lexical/hashtag'
import { $createAutoLinkNode, $createLinkNode } from '@lexical/link'
import { $createListItemNode, $createListNode } from '@lexical/list'
import { $createMarkNode } from '@lexical/mark'
import { $createHeadingNode, $createQuoteNode } from '@lexical/rich-text'
import { $createTableCellNode, $createTableNode, $createTableRowNode } from '@lexical/table'
import { $createLineBreakNode, $createParagraphNode, $createTabNode, $createTextNode, $getRoot } from 'lexical'
import { randomWords, times } from './random_words.mjs'

export const formats = ['bold', 'italic', 'strikethrough', 'underline', 'code', 'subscript', 'superscript', 'highlight']
formats.push('lowercase', 'uppercase', 'capitalize')
const styles = ['color: #ff0000;', 'background-color: yellow; font-size: 20px;', 'font-family: Georgia;']
const links = [['https://example.org/?a=b&c=d', { title: 'un "titre"' }], ['/n/1'], ['mailto:a@example.org', { title: null }]]

// The node types and formats that a random document may have.
export const names = ['heading', 'paragraph', 'quote', 'list bullet', 'list number', 'list check', 'listitem', 'code', 'table']
names.push('tablerow', 'tablecell', 'text', 'linebreak', 'tab', 'link', 'autolink', 'mark', 'hashtag', ...formats)

// What Lexical reads in Markdown: plain words in these formats, links, headings, quotes, flat lists, code.
const modestFormats = formats.slice(0, 3)

// Fills the editor's root; to be called in an update of it. `modest`: with what Lexical reads in Markdown alone.
export function fillRandomly(rng, modest = false) {
  const text = () => {
    const node = $createTextNode(`${randomWords(rng, modest)} `)
    for (const format of modest ? modestFormats : formats) if (rng.chance(7)) node.toggleFormat(format)
    if (!modest && rng.chance(8)) node.setStyle(rng.pick(styles))
    return node
  }
  const linked = (make) => make().append(...times(rng, 1, 1, text))
  const link = () => linked(() => $createLinkNode(...rng.pick(modest ? links.slice(1) : links)))
  const anyInline = () =>
    rng.pick([
      ...Array(9).fill(text),
      link,
      $createLineBreakNode,
      $createTabNode,
      () => linked(() => $createAutoLinkNode('https://example.org')),
      () => linked(() => $createMarkNode(['7'])),
      () => $createHashtagNode('#lac'),
    ])()
  const inline = () => (modest ? rng.pick([text, text, text, link])() : anyInline())
  // Line breaks and tabs stand between words, where every form keeps them.
  const inlines = () => {
    const between = (node) => ['linebreak', 'tab'].includes(node.getType())
    return times(rng, 1, 4, inline).flatMap((node) => (between(node) ? [text(), node, text()] : [node]))
  }
  const placed = (node) => {
    if (!modest && rng.chance(10)) node.setFormat(rng.pick(['left', 'center', 'right', 'justify']))
    return node
  }
  const paragraph = () => placed($createParagraphNode()).append(...inlines())
  const heading = () => placed($createHeadingNode(`h${1 + rng.below(6)}`)).append(...inlines())

  // A deeper list stands in an item of its own.
  const items = (type, depth) =>
    times(rng, 1, 2, () => {
      const item = $createListItemNode().append(...inlines())
      if (type === 'check') item.setChecked(rng.chance(50))
      return !modest && depth < 3 && rng.chance(25) ? [item, $createListItemNode().append(list(depth + 1))] : [item]
    }).flat()
  const list = (depth = 0) => {
    const type = rng.pick(['bullet', 'number', 'check'])
    return $createListNode(type, type === 'number' ? rng.pick([1, 3]) : 1).append(...items(type, depth))
  }

  const codeLine = () => $createTextNode(rng.pick(['int x;', '# titre', '  a < b & c', ...(modest ? [] : ['', '```'])]))
  const code = () => {
    const lines = times(rng, 1, 3, codeLine)
    const broken = lines.flatMap((line, i) => (i > 0 ? [$createLineBreakNode(), line] : [line]))
    return $createCodeNode(rng.pick([undefined, 'c', 'javascript'])).append(...broken)
  }

  const table = () => {
    const columns = 1 + rng.below(3)
    const plain = rng.chance(60)
    const cell = (row) => {
      const state = plain ? Number(row === 0) : rng.below(4)
      const node = $createTableCellNode(state, plain || rng.chance(80) ? 1 : 2)
      if (!plain && rng.chance(20)) node.setBackgroundColor('#ffeeaa')
      return node.append(...(plain || rng.chance(70) ? [paragraph()] : [paragraph(), list(2)]))
    }
    const rows = Array.from({ length: 1 + rng.below(3) }, (_, row) =>
      $createTableRowNode().append(...Array.from({ length: columns }, () => cell(row))),
    )
    return $createTableNode().append(...rows)
  }

  const quote = () => $createQuoteNode().append(...inlines())
  const block = () => rng.pick([paragraph, paragraph, heading, quote, list, code, ...(modest ? [] : [table])])()
  const blocks = times(rng, 1, 7, block)
  // Lexical takes two lists that touch for one when it reads Markdown.
  const apart = (node, i) => (modest && node.getType() === 'list' && blocks[i - 1]?.getType() === 'list' ? [paragraph(), node] : [node])
  $getRoot().clear().append(...blocks.flatMap(apart))
}

// Counts what a document holds, as `names` calls it.
export function count(node, counts) {
  counts.add(node.type === 'list' ? `list ${node.listType}` : node.type)
  if (node.type === 'text') formats.forEach((format) => node.format & bits[format] && counts.add(format))
  node.children?.forEach((child) => count(child, counts))
}

const bits = { bold: 1, italic: 2, strikethrough: 4, underline: 8, code: 16, subscript: 32, superscript: 64, highlight: 128 }
Object.assign(bits, { lowercase: 256, uppercase: 512, capitalize: 1024 })
