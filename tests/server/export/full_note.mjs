// A note with everything that an export must carry, as Tiptap and Cozy Notes keep it: nodes by name, written without
// either's schema.
import { Y } from '../providers/npm.mjs'

// A red square of 8 × 8.
const PICTURE =
  'data:image/png;base64,iVBORw0KGgoAAAANSUhEUgAAAAgAAAAICAIAAABLbSncAAAAEklEQVR4nGP4z8CAFWEXHbQSACj/P8Fu7N9hAAAAAElFTkSuQmCC'

const text = (value, marks = {}) => ({ value, marks })
const node = (name, attrs, ...content) => ({ name, attrs, content })
const heading = (level, value) => node('heading', { level }, text(value))
const paragraph = (...content) => node('paragraph', {}, ...content.map((c) => (typeof c === 'string' ? text(c) : c)))
const item = (...content) => node('listItem', {}, ...content)
const list = (name, attrs, ...items) => node(name, attrs, ...items.map((i) => item(paragraph(i))))
const row = (cell, ...words) => node('tableRow', {}, ...words.map((word) => node(cell, {}, paragraph(word))))
const panel = (panelType, ...content) => node('panel', { panelType }, ...content)

const lorem =
  'Les eaux du lac montent au printemps, quand la neige fond sur les sommets ; elles portent alors des limons clairs ' +
  'que les riverains reconnaissent à leur couleur de thé au lait. '

const marks = paragraph(
  text('gras', { bold: {} }),
  ', ',
  text('italique', { italic: {} }),
  ', ',
  text('barré', { strike: {} }),
  ', ',
  text('souligné', { underline: {} }),
  ', ',
  text('code en ligne', { code: {} }),
  ', H',
  text('2', { subscript: {} }),
  'O, m',
  text('2', { superscript: {} }),
  ', ',
  text('rouge', { textStyle: { color: '#c9372c' } }),
  ', ',
  text('surligné', { highlight: { color: '#fff3a3' } }),
  ', ',
  text('un lien', { link: { href: 'https://example.org/lac?a=1&b=2', title: 'Le lac' } }),
  ', ',
  node('mention', { id: '7', label: 'Léa Dupont' }),
  ', ',
  node('status', { text: 'En cours', color: 'blue' }),
  ', ',
  node('date', { timestamp: '1591574400000' }),
  ', ',
  node('inlineMath', { latex: 'x^2 + y^2' }),
  ', 😀 🎒 👩‍🏫 🇫🇷.',
)

const panels = [
  panel('info', paragraph('Apportez des bottes. ' + lorem)),
  panel('note', paragraph('À relire avant lundi.')),
  panel('success', paragraph('Mesures validées.')),
  panel('warning', paragraph('Rive glissante : restez en groupe.'), list('bulletList', {}, 'gilet', 'sifflet')),
  panel('error', paragraph('Baignade interdite.')),
]

const lists = [
  node(
    'bulletList',
    {},
    item(paragraph('carnet'), list('bulletList', {}, 'crayon', 'gomme')),
    item(paragraph('thermomètre')),
  ),
  list('orderedList', { start: 4 }, 'mesurer', 'noter', 'comparer'),
  node(
    'taskList',
    {},
    node('taskItem', { checked: true }, paragraph('réserver le car')),
    node('taskItem', { checked: false }, paragraph('prévenir les familles')),
  ),
  node('decisionList', {}, node('decisionItem', {}, text('Départ à huit heures.'))),
]

const widths = [
  paragraph('Anticonstitutionnellement'.repeat(9)),
  paragraph(text('https://example.org/' + 'chemin-sans-espace/'.repeat(12), { link: { href: 'https://example.org/long' } })),
  node('codeBlock', { language: 'c' }, text('int depth(void)\n{\n    return 42; /* ' + 'une ligne bien trop longue '.repeat(6) + '*/\n}')),
]

const wideTable = node(
  'table',
  {},
  row('tableHeader', ...Array.from({ length: 14 }, (_, i) => `Station ${i + 1}`)),
  row('tableCell', ...Array.from({ length: 14 }, (_, i) => `température ${i * 3}`)),
)

const longTable = node(
  'table',
  {},
  row('tableHeader', 'Jour', 'Hauteur', 'Remarque'),
  ...Array.from({ length: 70 }, (_, i) => row('tableCell', `${i + 1} mars`, `${200 + i} cm`, i % 9 ? 'rien à signaler' : lorem)),
)

const spans = node(
  'table',
  {},
  node(
    'tableRow',
    {},
    node('tableHeader', { colspan: 2 }, paragraph('Deux colonnes')),
    node('tableHeader', {}, paragraph('Une')),
  ),
  node(
    'tableRow',
    {},
    node('tableCell', { rowspan: 2, background: '#deebff' }, paragraph('Deux lignes')),
    node('tableCell', {}, paragraph('a')),
    node('tableCell', {}, paragraph('b')),
  ),
  node('tableRow', {}, node('tableCell', {}, paragraph('c')), node('tableCell', {}, paragraph('d'))),
)

const scripts = [
  paragraph('العربية: البحيرة عميقة وباردة في الشتاء، والقرية على ضفافها صغيرة.'),
  paragraph('עברית: האגם עמוק וקר בחורף.'),
  paragraph('中文：湖水在春天上涨。 日本語：湖は冬に深く冷たい。 한국어: 호수는 깊다.'),
  paragraph('Ελληνικά: η λίμνη είναι βαθιά. Русский: озеро глубокое. हिन्दी: झील गहरी है।'),
]

const tree = [
  heading(1, 'Journal du lac d’été'),
  paragraph(lorem + lorem),
  heading(2, 'Mots'),
  marks,
  node('paragraph', { textAlign: 'center' }, text('Au centre')),
  heading(2, 'Encadrés'),
  ...panels,
  heading(2, 'Listes'),
  ...lists,
  node('blockquote', {}, paragraph('« On ne se baigne pas deux fois dans le même lac. »')),
  node('details', {}, node('detailsSummary', {}, text('Le détail')), node('detailsContent', {}, paragraph('Plié à l’écran, ouvert sur le papier.'))),
  node('horizontalRule', {}),
  heading(2, 'Largeurs'),
  ...widths,
  heading(3, 'Un tableau large'),
  wideTable,
  heading(3, 'Un tableau long'),
  longTable,
  heading(3, 'Des cellules réunies'),
  spans,
  heading(2, 'Écritures'),
  ...scripts,
  heading(2, 'Images'),
  node('image', { src: PICTURE, alt: 'Un carré rouge', title: 'Carré', width: 120 }),
  node('image', { src: 'https://example.org/absente.png', alt: 'Une image d’ailleurs' }),
  node('blockMath', { latex: '\\frac{a}{b}' }),
  node('pageBreak', {}),
  heading(2, 'Après la page'),
  paragraph(lorem.repeat(30)),
]

function write(parent, content) {
  for (const child of content) {
    if (child.name) {
      const element = new Y.XmlElement(child.name)
      parent.push([element])
      for (const [key, value] of Object.entries(child.attrs)) element.setAttribute(key, value)
      write(element, child.content)
      continue
    }
    const last = parent.length ? parent.get(parent.length - 1) : null
    const run = last instanceof Y.XmlText ? last : new Y.XmlText()
    if (run !== last) parent.push([run])
    run.insert(run.length, child.value, child.marks)
  }
}

export const TITLE = 'Journal du lac d’été'
export const LINK = 'https://example.org/lac?a=1&b=2'

// An update, v1, with the note in root `default`.
export function fullNote() {
  const doc = new Y.Doc()
  doc.transact(() => write(doc.getXmlFragment('default'), tree))
  return Y.encodeStateAsUpdate(doc)
}
