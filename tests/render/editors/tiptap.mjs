// Tiptap 3 with the extensions that people use, through its own binding.
import { getSchema } from '@tiptap/core'
import Audio from '@tiptap/extension-audio'
import { Details, DetailsContent, DetailsSummary } from '@tiptap/extension-details'
import Emoji from '@tiptap/extension-emoji'
import Highlight from '@tiptap/extension-highlight'
import Image from '@tiptap/extension-image'
import { TaskItem, TaskList } from '@tiptap/extension-list'
import { BlockMath, InlineMath } from '@tiptap/extension-mathematics'
import Mention from '@tiptap/extension-mention'
import Subscript from '@tiptap/extension-subscript'
import Superscript from '@tiptap/extension-superscript'
import { TableKit } from '@tiptap/extension-table'
import TextAlign from '@tiptap/extension-text-align'
import { TextStyleKit } from '@tiptap/extension-text-style'
import Twitch from '@tiptap/extension-twitch'
import Youtube from '@tiptap/extension-youtube'
import StarterKit from '@tiptap/starter-kit'
import { prosemirrorJSONToYDoc } from '@tiptap/y-tiptap'

export const name = 'tiptap'
export const root = 'default'
export const extensions = [
  StarterKit,
  TableKit,
  Image,
  Mention,
  Details,
  DetailsContent,
  DetailsSummary,
  InlineMath,
  BlockMath,
  Emoji,
  TextStyleKit,
  Highlight.configure({ multicolor: true }),
  TextAlign.configure({ types: ['heading', 'paragraph'] }),
  Subscript,
  Superscript,
  TaskList,
  TaskItem.configure({ nested: true }),
  Youtube,
  Twitch,
  Audio,
]
export const schema = getSchema(extensions)
export const toDocument = (json) => prosemirrorJSONToYDoc(schema, json, root)

const text = (value, ...marks) => ({
  type: 'text',
  text: value,
  ...(marks.length ? { marks: marks.map((mark) => (typeof mark === 'string' ? { type: mark } : mark)) } : {}),
})
const node = (type, attrs, ...content) => ({ type, ...(attrs ? { attrs } : {}), ...(content.length ? { content } : {}) })
const paragraph = (...content) => node('paragraph', null, ...content)
const item = (...content) => node('listItem', null, ...content)
const cell = (type, attrs, ...content) => node(type, attrs, paragraph(...content))

export const example = node(
  'doc',
  null,
  node('heading', { level: 1 }, text('Le lac')),
  node('heading', { level: 2, textAlign: 'center' }, text('Au centre')),
  paragraph(
    text('gras', 'bold'),
    text(' '),
    text('italique', 'italic'),
    text(' '),
    text('barré', 'strike'),
    text(' '),
    text('souligné', 'underline'),
    text(' '),
    text('code', 'code'),
    text(' H'),
    text('2', 'subscript'),
    text('O m'),
    text('2', 'superscript'),
    text(' '),
    text('rouge', { type: 'textStyle', attrs: { color: '#ff0000' } }),
    text(' '),
    text('grand', { type: 'textStyle', attrs: { fontSize: '24px', fontFamily: 'Georgia' } }),
    text(' '),
    text('jaune', { type: 'highlight', attrs: { color: '#ffff00' } }),
    text(' '),
    text('lien', { type: 'link', attrs: { href: 'https://example.org', title: 't' } }),
    node('hardBreak'),
    text('fin'),
  ),
  node('bulletList', null, item(paragraph(text('a')), node('bulletList', null, item(paragraph(text('b')))))),
  node('orderedList', { start: 4 }, item(paragraph(text('quatre')), paragraph(text('suite'))), item(paragraph(text('cinq')))),
  node(
    'taskList',
    null,
    node('taskItem', { checked: true }, paragraph(text('fait'))),
    node('taskItem', { checked: false }, paragraph(text('à faire'))),
  ),
  node('blockquote', null, paragraph(text('cité'))),
  node('codeBlock', { language: 'c' }, text('int x;\n\nreturn;')),
  node(
    'table',
    null,
    node('tableRow', null, cell('tableHeader', null, text('A')), cell('tableHeader', { align: 'right' }, text('B'))),
    node('tableRow', null, cell('tableCell', null, text('1|2')), cell('tableCell', { align: 'right' }, text('3'))),
  ),
  node(
    'table',
    null,
    node('tableRow', null, cell('tableCell', { colspan: 2 }, text('large'))),
    node('tableRow', null, cell('tableCell', null, text('x')), cell('tableCell', null)),
  ),
  node('horizontalRule'),
  node(
    'details',
    null,
    node('detailsSummary', null, text('Résumé')),
    node('detailsContent', null, paragraph(text('caché'))),
  ),
  paragraph(
    node('mention', { id: '7', label: 'Léa' }),
    text(' '),
    node('inlineMath', { latex: 'x^2' }),
    text(' '),
    node('emoji', { name: 'smile' }),
  ),
  node('blockMath', { latex: '\\frac{a}{b}' }),
  node('image', { src: '/a.png', alt: 'Un lac', title: 'Annecy' }),
  node('youtube', { src: 'https://youtu.be/abc' }),
)

// What our HTML does not say in Tiptap's own way:
// - players of other sites are links to them; how a sound starts
// - the background of a text style is a highlight, of which there is one; "default" is none
// - a paragraph at the left is one that says nothing; a paragraph alone in a cell leaves its alignment to the cell
export function lostInHtml(node) {
  const { textAlign, ...attrs } = node.attrs ?? {}
  if (node.type === 'youtube' || node.type === 'twitch') {
    return lostInHtml(paragraph(text(attrs.src, { type: 'link', attrs: { href: attrs.src } })))
  }
  if (node.type === 'audio') return { ...node, attrs: { src: attrs.src } }
  if (node.type === 'tableCell' || node.type === 'tableHeader') return cellLostInHtml(node)
  return { ...node, attrs: textAlign === 'left' ? attrs : { ...attrs, textAlign }, ...marksLostInHtml(node.marks) }
}

function cellLostInHtml({ attrs, content, ...cell }) {
  const [only] = content.length === 1 && content[0].type === 'paragraph' ? content : []
  const align = attrs.align ?? only?.attrs?.textAlign
  const inside = only ? [{ ...only, attrs: { ...only.attrs, textAlign: null } }] : content
  return { ...cell, attrs: { ...attrs, align: align === 'left' ? null : align }, content: inside }
}

function marksLostInHtml(marks) {
  if (!marks) return {}
  const highlight = marks.some(({ type }) => type === 'highlight')
  const kept = marks.flatMap((mark) => {
    if (mark.type === 'link') return { type: 'link', attrs: { href: mark.attrs.href, title: mark.attrs.title } }
    if (mark.type !== 'textStyle') return mark
    const { backgroundColor, ...attrs } = mark.attrs
    const style = Object.values(attrs).some((value) => value) ? [{ type: 'textStyle', attrs }] : []
    return backgroundColor && backgroundColor !== 'default' && !highlight ? [...style, { type: 'highlight', attrs: { color: backgroundColor } }] : style
  })
  return { marks: kept.sort((a, b) => (a.type < b.type ? -1 : 1)) }
}
