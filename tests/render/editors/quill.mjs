// Quill: y-quill applies the editor's deltas to a Y.Text, unchanged.
import * as Y from 'yjs'

export const name = 'quill'

const example = [
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
  { insert: { image: '/a.png' } },
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

export const toDocument = () => {
  const doc = new Y.Doc()
  doc.getText('quill').applyDelta(example)
  return doc
}
