// Full notes of each family of editors, as people see them: looks.mjs opens them in a browser. Written as the bindings
// write them, element by element, since not every editor is at hand here: Atlaskit, Docmost, Outline and La Suite Docs.
import { deflateSync } from 'node:zlib'
import * as Y from 'yjs'

// An element with its attributes and what is in it: elements, words, or [words, formats].
const node = (name, attributes = {}, ...content) => ({ name, attributes, content })

function text(runs) {
  const type = new Y.XmlText()
  type.applyDelta(runs.map(([insert, attributes]) => ({ insert, attributes })))
  return type
}

const isNode = (part) => part.name !== undefined

function element({ name, attributes, content }) {
  const type = new Y.XmlElement(name)
  for (const [key, value] of Object.entries(attributes)) type.setAttribute(key, value)
  type.insert(0, parts(content))
  return type
}

function parts(content) {
  const types = []
  let runs = []
  const flush = () => {
    if (runs.length > 0) types.push(text(runs))
    runs = []
  }
  for (const part of content) {
    if (isNode(part)) {
      flush()
      types.push(element(part))
    } else runs.push(Array.isArray(part) ? part : [part, {}])
  }
  flush()
  return types
}

function note(root, ...content) {
  const doc = new Y.Doc()
  doc.getXmlFragment(root).insert(0, parts(content))
  return doc
}

const p = (...content) => node('paragraph', {}, ...content)
const h = (level, ...content) => node('heading', { level }, ...content)
const lorem =
  'Le matin, le groupe observe la rive du lac et note la température de l’eau, la couleur du ciel et la force du vent. ' +
  'Chaque élève écrit une phrase, puis compare avec celle de son voisin. On discute ensuite de ce qui change d’un jour à l’autre. '
const times = (count, make) => Array.from({ length: count }, (_, i) => make(i))
// A PNG (RFC 2083) of that size in one grey, as a URL.
function picture(width, height) {
  const chunk = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data])
    const frame = Buffer.alloc(8)
    frame.writeUInt32BE(data.length)
    frame.writeUInt32BE(crc32(body), 4)
    return Buffer.concat([frame.subarray(0, 4), body, frame.subarray(4)])
  }
  const header = Buffer.from([0, 0, 0, 0, 0, 0, 0, 0, 8, 0, 0, 0, 0])
  header.writeUInt32BE(width)
  header.writeUInt32BE(height, 4)
  const rows = deflateSync(Buffer.alloc((width + 1) * height, 0xb0).map((grey, i) => (i % (width + 1) === 0 ? 0 : grey)))
  const png = [Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'), chunk('IHDR', header), chunk('IDAT', rows), chunk('IEND', Buffer.alloc(0))]
  return `data:image/png;base64,${Buffer.concat(png).toString('base64')}`
}

function crc32(bytes) {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}

// ---- Tiptap: a long note for school ----------------------------------------------------------------------------------

const cell = (type, attributes, ...content) => node(type, attributes, p(...content))
const rows = (count, columns, words) => [
  node('tableRow', {}, ...times(columns, (i) => cell('tableHeader', {}, `Colonne ${i + 1}`))),
  ...times(count, (r) => node('tableRow', {}, ...times(columns, (c) => cell('tableCell', {}, words(r, c))))),
]
const list = (name, item, depth) => node(name, {}, ...times(3, (i) => node(item, {}, p(`Point ${depth}.${i + 1}`), ...(i === 1 && depth < 7 ? [list(name, item, depth + 1)] : []))))
const long = 'https://example.org/' + 'a'.repeat(160) + '?' + 'b'.repeat(80)
const code = times(90, (i) => `    for (int i${i} = 0; i${i} < n; i${i}++) { total += measure(${i}, "une ligne de code qui est nettement trop longue pour la page"); }`)

const school = () =>
  note(
    'default',
    h(1, 'Le lac d’Annecy : carnet de la classe de 5e B'),
    p(lorem, ['en gras', { bold: {} }], ' et ', ['un lien', { link: { href: 'https://example.org' } }], '. ', lorem),
    h(2, 'Mesures'),
    p(lorem),
    node('table', {}, ...rows(60, 4, (r, c) => (c === 3 ? lorem.slice(0, 60 + ((r * 37) % 120)) : `${r + 1} · ${c + 1}`))),
    h(2, 'Beaucoup de colonnes'),
    node('table', {}, ...rows(4, 14, (r, c) => `valeur ${r * 14 + c}`)),
    h(2, 'Programme'),
    node('codeBlock', { language: 'c' }, code.join('\n')),
    h(2, 'Mots longs'),
    p('Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft'.repeat(3)),
    p(['un lien ', {}], [long, { link: { href: long } }]),
    p(['code en ligne ', {}], ['x'.repeat(200), { code: {} }]),
    node('table', {}, node('tableRow', {}, cell('tableCell', {}, 'x'.repeat(150)), cell('tableCell', {}, 'court'))),
    h(2, 'Autres écritures'),
    p('هذه فقرة عربية مع كلمات كثيرة لكي تكون أطول من سطر واحد على الصفحة، وفيها رقم 123 واسم Annecy في وسطها.'),
    node('bulletList', {}, node('listItem', {}, p('بند أول')), node('listItem', {}, p('بند ثان'))),
    p('中文段落：湖水很清，山很高。日本語の文もここにあります。한국어 문장도 있습니다.'),
    p('Emoji 🎒🦆👩‍🏫🇫🇷 et symboles ∑ √ ≠ → ✓'),
    h(2, 'Listes profondes'),
    list('bulletList', 'listItem', 1),
    list('orderedList', 'listItem', 1),
    node(
      'taskList',
      {},
      node('taskItem', { checked: true }, p('fait')),
      node('taskItem', { checked: false }, p(lorem)),
      node('taskItem', { checked: false }, p('plusieurs blocs'), p('deuxième paragraphe'), node('bulletList', {}, node('listItem', {}, p('point')))),
      node('taskItem', { checked: true }, node('paragraph', { textAlign: 'right' }, 'à droite')),
    ),
    node('blockquote', {}, p(lorem), node('blockquote', {}, p('cité dans la citation'))),
    node('details', {}, node('detailsSummary', {}, 'Détails'), node('detailsContent', {}, p(lorem))),
    node('image', { src: picture(2400, 1200), alt: 'large' }),
    node('image', { src: picture(300, 3000), alt: 'haute' }),
    p('dans la ligne ', node('image', { src: picture(40, 20), alt: 'petite' }), ' et fin'),
    node('blockMath', { latex: '\\sum_{i=0}^{n} \\frac{x_i^2}{\\sqrt{1 + y_i}} + \\int_0^\\infty e^{-t} \\, dt'.repeat(3) }),
    node('horizontalRule'),
    ...times(6, (i) => [h(3, `Journée ${i + 1}`), p(lorem.repeat(3))]).flat(),
  )

// ---- Atlaskit, Docmost, Outline --------------------------------------------------------------------------------------

const panel = (panelType) => node('panel', { panelType }, p(`Panneau ${panelType} : ${lorem.slice(0, 115)}`), node('bulletList', {}, node('listItem', {}, p('point'))))

const atlaskit = () =>
  note(
    'prosemirror',
    h(1, 'Panneaux, statuts et colonnes'),
    ...['info', 'note', 'success', 'warning', 'error'].map(panel),
    node('panel', { panelType: 'custom', panelColor: '#e6fcff', panelIconText: '🦆' }, p('Panneau à soi')),
    p(
      'Le ',
      node('date', { timestamp: '1591574400000' }),
      ', ',
      node('mention', { id: '7', text: '@Léa' }),
      ' a dit ',
      ...['neutral', 'green', 'red', 'yellow', 'blue', 'purple'].flatMap((color) => [node('status', { text: color, color }), ' ']),
      node('emoji', { shortName: ':duck:', text: '🦆' }),
    ),
    node('layoutSection', {}, ...[1, 2, 3].map((i) => node('layoutColumn', { width: 33.33 }, h(3, `Colonne ${i}`), p(lorem)))),
    node('taskList', {}, node('taskItem', { state: 'DONE' }, 'fait'), node('taskItem', {}, 'à faire')),
    node('decisionList', {}, node('decisionItem', {}, 'On part à 8 h'), node('decisionItem', {}, lorem)),
    node('expand', { title: 'Plus' }, p(lorem)),
    node(
      'table',
      { isNumberColumnEnabled: true },
      node('tableRow', {}, ...['A', 'B', 'C'].map((word) => cell('tableHeader', {}, word))),
      node('tableRow', {}, cell('tableCell', { background: '#deebff' }, 'bleu'), cell('tableCell', { colspan: 2 }, 'large')),
      node('tableRow', {}, node('tableCell', { rowspan: 2 }, panel('info')), cell('tableCell', {}, 'b'), cell('tableCell', {}, 'c')),
      node('tableRow', {}, cell('tableCell', {}, 'd'), node('tableCell', {}, node('codeBlock', { language: 'c' }, code[0]))),
    ),
    node('mediaSingle', {}, node('media', { url: picture(900, 400), alt: 'média', width: 900 }), node('caption', {}, 'Une légende sous l’image')),
    node('blockquote', {}, p('cité')),
    node('codeBlock', { language: 'python' }, 'print("court")'),
    node('rule'),
    p(['exposant', { subsup: { type: 'sup' } }], ' ', ['rouge', { textColor: { color: '#ff5630' } }], ' ', ['souligné', { underline: {} }], ' ', ['code', { code: {} }]),
  )

const docmost = () =>
  note(
    'default',
    h(1, 'Docmost et Outline'),
    ...['info', 'success', 'warning', 'danger'].map((type) => node('callout', { type }, p(`Encadré ${type}`))),
    node('container_notice', { style: 'tip' }, p('Conseil d’Outline')),
    node('columns', {}, node('column', {}, p(lorem)), node('column', {}, p(lorem))),
    p('Une formule ', node('mathInline', { text: 'a^2 + b^2 = c^2' }), ' dans la ligne'),
    node('mathBlock', { text: 'E = mc^2' }),
    node('pageBreak'),
    h(2, 'Après le saut de page'),
    node('details', {}, node('detailsSummary', {}, 'Résumé'), node('detailsContent', {}, p(lorem))),
    node('embed', { src: 'https://example.org/film', provider: 'youtube' }),
    node('attachment', { url: '/f.pdf', name: 'Sortie scolaire.pdf' }),
    node('video', { src: '/v.mp4' }),
    node('table', {}, ...rows(3, 3, (r, c) => `${r}${c}`)),
    node('checkbox_list', {}, node('checkbox_item', { checked: true }, p('fait')), node('checkbox_item', { checked: false }, p('à faire'))),
  )

// ---- BlockNote -------------------------------------------------------------------------------------------------------

let ids = 0
const block = (name, attributes, content = [], ...below) =>
  node('blockContainer', { id: String(++ids) }, node(name, attributes, ...content), ...(below.length > 0 ? [node('blockGroup', {}, ...below)] : []))
const names = ['gray', 'brown', 'red', 'orange', 'yellow', 'green', 'blue', 'purple', 'pink']

const blocknote = () =>
  note(
    'document-store',
    node(
      'blockGroup',
      {},
      block('heading', { level: 1 }, ['Couleurs et blocs']),
      ...names.map((name) => block('paragraph', { textColor: name }, [`texte ${name} `, ['fond', { backgroundColor: { stringValue: name } }]])),
      block('paragraph', { backgroundColor: 'yellow' }, [lorem]),
      block('callout', { emoji: '💡', backgroundColor: 'blue' }, [lorem]),
      block('quote', {}, [lorem]),
      block('bulletListItem', {}, ['un'], block('bulletListItem', {}, ['un un'], block('checkListItem', { checked: true }, ['tâche dessous']))),
      block('numberedListItem', { start: 9 }, ['neuf']),
      block('numberedListItem', {}, ['dix']),
      block('checkListItem', { checked: false }, [lorem]),
      block('toggleListItem', {}, ['bascule'], block('paragraph', {}, ['caché'])),
      block('codeBlock', { language: 'c' }, ['int x;']),
      node('columnList', {}, node('column', { width: 1 }, block('paragraph', {}, [lorem])), node('column', { width: 1 }, block('paragraph', {}, [lorem]))),
      block('image', { url: picture(600, 300), name: 'a.svg', caption: 'Le lac au matin', previewWidth: 300 }),
      block('file', { url: '/f.pdf', name: 'f.pdf', caption: 'le fichier' }),
      block('audio', { url: '/s.mp3', name: 's.mp3' }),
      block('divider', {}),
      block('table', {}, [
        node('tableRow', {}, ...['A', 'B'].map((word) => node('tableHeader', {}, node('tableParagraph', {}, word)))),
        node('tableRow', {}, ...['1', '2'].map((word) => node('tableCell', { backgroundColor: 'green' }, node('tableParagraph', {}, word)))),
      ]),
    ),
  )

export const notes = { school, atlaskit, docmost, blocknote }
