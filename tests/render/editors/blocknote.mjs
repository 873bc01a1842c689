// BlockNote's own schema, headless, through y-prosemirror as BlockNote uses it.
import { BlockNoteEditor } from '@blocknote/core'
import { yDocToBlocks } from '@blocknote/core/yjs'
import { prosemirrorJSONToYDoc } from 'y-prosemirror'

export const name = 'blocknote'
export const root = 'document-store'
export const editor = BlockNoteEditor.create({ _headless: true })
export const schema = editor.pmSchema
export const toDocument = (json) => prosemirrorJSONToYDoc(schema, json, root)

export const text = (value, ...marks) => ({
  type: 'text',
  text: value,
  ...(marks.length ? { marks: marks.map((mark) => (typeof mark === 'string' ? { type: mark } : mark)) } : {}),
})
let ids = 0
// A block: its line, then the blocks indented below it.
export const block = (type, attrs, content, ...below) => ({
  type: 'blockContainer',
  attrs: { id: String(++ids) },
  content: [
    { type, attrs, ...(content.length ? { content } : {}) },
    ...(below.length ? [{ type: 'blockGroup', content: below }] : []),
  ],
})
const cell = (type, attrs, value) => ({
  type,
  attrs,
  content: [{ type: 'tableParagraph', content: [text(value)] }],
})
export const row = (...cells) => ({ type: 'tableRow', content: cells })

export const example = {
  type: 'doc',
  content: [
    {
      type: 'blockGroup',
      content: [
        block('heading', { level: 1 }, [text('Le lac')]),
        block('heading', { level: 2, textAlignment: 'center' }, [text('Au centre')]),
        block('paragraph', {}, [
          text('gras', 'bold'),
          text(' '),
          text('rouge', { type: 'textColor', attrs: { stringValue: 'red' } }),
          text(' '),
          text('jaune', { type: 'backgroundColor', attrs: { stringValue: 'yellow' } }),
          text(' '),
          text('lien', { type: 'link', attrs: { href: 'https://example.org' } }),
        ]),
        block('bulletListItem', {}, [text('un')], block('bulletListItem', {}, [text('un un')])),
        block('bulletListItem', {}, [text('deux')], block('paragraph', {}, [text('dessous')])),
        block('numberedListItem', { start: 3 }, [text('trois')]),
        block('numberedListItem', {}, [text('quatre')]),
        block('checkListItem', { checked: true }, [text('fait')]),
        block('checkListItem', { checked: false }, [text('à faire')]),
        block('toggleListItem', {}, [text('bascule')], block('paragraph', {}, [text('caché')])),
        block('heading', { level: 2, isToggleable: true }, [text('Titre à bascule')], block('paragraph', {}, [text('caché aussi')])),
        block('quote', {}, [text('cité')]),
        block('codeBlock', { language: 'c' }, [text('int x;')]),
        block('codeBlock', { language: 'text' }, [text('rien')]),
        block('divider', {}, []),
        block('table', {}, [
          row(cell('tableHeader', {}, 'A'), cell('tableHeader', {}, 'B')),
          row(cell('tableCell', {}, '1'), cell('tableCell', {}, '2')),
        ]),
        block('table', {}, [row(cell('tableCell', { colspan: 2, backgroundColor: 'blue' }, 'large'))]),
        block('image', { url: '/a.png', name: 'a.png', caption: 'Le lac' }, []),
        block('file', { url: '/f.pdf', name: 'f.pdf' }, []),
        block('audio', { url: '/s.mp3', name: 's.mp3' }, []),
        block('paragraph', {}, [text('parent')], block('paragraph', {}, [text('en retrait')])),
      ],
    },
  ],
}

// A line for each block: what it is, what it says beyond the defaults, and its words.
function linesOf(blocks, depth = 0) {
  const defaults = new Set(['default', 'left', false, '', null, undefined])
  const styled = ({ text: words, styles, href, content }) =>
    href ? `[${content.map(styled).join('')}](${href})` : `${Object.keys(styles).map((key) => `${key}:${styles[key]} `).join('')}${words}`
  const inline = (content) => (Array.isArray(content) ? content.map(styled).join('|') : (content?.rows ?? []).map(row).join(' / '))
  const cellOf = ({ content, props }) => `${inline(content)}${props.colspan > 1 ? `:${props.colspan}` : ''}`
  const row = ({ cells }) => cells.map(cellOf).join(' ; ')
  return blocks.flatMap(({ type, props, content, children }) => {
    const said = Object.entries(props).filter(([key, value]) => !defaults.has(value) && key !== 'showPreview')
    const line = [type, ...said.map(([key, value]) => `${key}=${value}`), JSON.stringify(inline(content).trim())].join(' ')
    return [`${'  '.repeat(depth)}${line}`, ...linesOf(children, depth + 1)]
  })
}

export const blocksOf = (doc) => yDocToBlocks(editor, doc, root)
export const openedBlocks = (format, text) =>
  format === 'md' ? editor.tryParseMarkdownToBlocks(text) : editor.tryParseHTMLToBlocks(text)
export const linesOfDocument = (doc) => linesOf(blocksOf(doc))
export const opened = async (format, text) => linesOf(await openedBlocks(format, text))
