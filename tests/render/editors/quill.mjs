// Quill 2 through y-quill.
import './dom.mjs'
import katex from 'katex'

window.katex = katex // Quill's formulas want it there
const { default: Quill } = await import('quill')
const { QuillBinding } = await import('y-quill')
const Y = await import('yjs')

export const name = 'quill'

export const example = [
  { insert: 'Titre' },
  { insert: '\n', attributes: { header: 2 } },
  { insert: 'gras', attributes: { bold: true } },
  { insert: ' ' },
  { insert: 'rouge', attributes: { color: '#ff0000', background: '#ffff00' } },
  { insert: ' ' },
  { insert: 'lien', attributes: { link: 'https://example.org' } },
  { insert: ' m' },
  { insert: '2', attributes: { script: 'super' } },
  { insert: '\nau centre' },
  { insert: '\n', attributes: { align: 'center' } },
  { insert: 'un' },
  { insert: '\n', attributes: { list: 'bullet' } },
  { insert: 'un un' },
  { insert: '\n', attributes: { list: 'ordered', indent: 1 } },
  { insert: 'un deux' },
  { insert: '\n', attributes: { list: 'ordered', indent: 1 } },
  { insert: 'deux' },
  { insert: '\n', attributes: { list: 'bullet' } },
  { insert: 'fait' },
  { insert: '\n', attributes: { list: 'checked' } },
  { insert: 'à faire' },
  { insert: '\n', attributes: { list: 'unchecked' } },
  { insert: 'cité' },
  { insert: '\n', attributes: { blockquote: true } },
  { insert: 'encore' },
  { insert: '\n', attributes: { blockquote: true } },
  { insert: 'int x;' },
  { insert: '\n\n', attributes: { 'code-block': 'c' } },
  { insert: 'return;' },
  { insert: '\n', attributes: { 'code-block': 'c' } },
  { insert: { image: 'https://example.org/a.png' } },
  { insert: ' ' },
  { insert: { formula: 'x^2' } },
  { insert: '\na' },
  { insert: '\n', attributes: { table: 'row-1' } },
  { insert: 'b' },
  { insert: '\n', attributes: { table: 'row-1' } },
  { insert: 'c' },
  { insert: '\n', attributes: { table: 'row-2' } },
  { insert: 'd' },
  { insert: '\n', attributes: { table: 'row-2' } },
  { insert: 'fin\n' },
]

const newEditor = () => new Quill(document.body.appendChild(document.createElement('div')), { modules: { table: true } })

// The document as the binding writes it while these operations are made in the editor, and as the editor then has it:
// its operations, and its own HTML of them.
export function written(ops) {
  const doc = new Y.Doc()
  const editor = newEditor()
  const binding = new QuillBinding(doc.getText('quill'), editor)
  editor.setContents(ops, 'user')
  binding.destroy()
  const { ops: shown } = editor.getContents()
  const semantic = editor.getSemanticHTML()
  editor.container.remove()
  return { doc, ops: shown, semantic }
}

export const toDocument = () => written(example).doc

// What an editor makes of HTML; the last line feed of words is left to the document into which it is pasted.
const reader = newEditor()
export function openedOps(html) {
  const { ops } = reader.clipboard.convert({ html })
  const { insert, attributes } = ops.at(-1) ?? {}
  return typeof insert === 'string' && insert.endsWith('\n') && attributes ? ops : [...ops, { insert: '\n' }]
}
export const opened = (html) => linesOf(openedOps(html))

// A line for each text, line feed or embed: words with the formats of words, line feeds with those of lines.
export function linesOf(ops) {
  const ofLines = ['header', 'list', 'indent', 'align', 'blockquote', 'code-block', 'table']
  const said = (part, attributes) =>
    Object.fromEntries(Object.entries(attributes).filter(([key]) => (part === '\n') === ofLines.includes(key)))
  return ops.flatMap(({ insert, attributes = {} }) => {
    const parts = typeof insert === 'string' ? insert.split(/(\n)/).filter((part) => part !== '') : [insert]
    return parts.map((part) => `${JSON.stringify(part)} ${JSON.stringify(said(part, attributes))}`)
  })
}
