// prosemirror-markdown's schema (basic and lists, with tight), and tables, through y-prosemirror.
import { Schema } from 'prosemirror-model'
import { defaultMarkdownSerializer, schema as markdown } from 'prosemirror-markdown'
import { tableNodes } from 'prosemirror-tables'
import { prosemirrorJSONToYDoc } from 'y-prosemirror'

export const name = 'prosemirror'
export const root = 'prosemirror'
export const schema = new Schema({
  nodes: markdown.spec.nodes.append(tableNodes({ tableGroup: 'block', cellContent: 'block+', cellAttributes: {} })),
  marks: markdown.spec.marks,
})
export const toDocument = (json) => prosemirrorJSONToYDoc(schema, json, root)

// What the editor's own serialiser makes of a document of prosemirror-markdown's schema.
export const ownMarkdown = (json) => defaultMarkdownSerializer.serialize(schema.nodeFromJSON(json))

const { nodes: n, marks: m } = schema
const p = (...content) => n.paragraph.create(null, content)
const t = (text, ...marks) => schema.text(text, marks)

// Written so that both serialisers can say it in one way; for the rest see tests/render/cases.
export const example = n.doc
  .create(null, [
    n.heading.create({ level: 1 }, t('Titre')),
    p(t('un '), t('gras', m.strong.create()), t(', '), t('italique', m.em.create()), t(' et '), t('code', m.code.create())),
    p(t('lien', m.link.create({ href: 'https://example.org', title: 't' })), n.hard_break.create(), t('suite')),
    n.blockquote.create(null, [p(t('cité')), p(t('encore'))]),
    n.ordered_list.create({ order: 3, tight: true }, [
      n.list_item.create(null, [p(t('trois'))]),
      n.list_item.create(null, [p(t('quatre'))]),
    ]),
    n.code_block.create({ params: 'js' }, t('let x\n\nx++')),
    n.horizontal_rule.create(),
    p(n.image.create({ src: '/a.png', alt: 'un chat', title: null })),
  ])
  .toJSON()

// What our HTML does not say in prosemirror-markdown's own way: whether lists are tight, a code block's language.
export function lostInHtml(node) {
  const { tight, params, ...attrs } = node.attrs ?? {}
  return { ...node, attrs }
}

// What Markdown cannot say: empty paragraphs, and whether spaces between runs of text belong to the left or the right.
// And prosemirror-markdown reads an image's text up to the first escaped character only.
export function lostInMarkdown(node) {
  if (node.type === 'paragraph' && (node.content ?? []).every(({ type }) => type === 'hard_break')) return []
  if (node.type === 'text') return node.text.trim() === '' ? [] : { ...node, text: node.text.trim() }
  if (node.type === 'image') return { ...node, attrs: { ...node.attrs, alt: node.attrs.alt?.split('[')[0] } }
  return lostInHtml(node)
}
