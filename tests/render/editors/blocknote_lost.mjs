// BlockNote's documents as they are compared with what it reads from our HTML: a line for each block, without what HTML
// does not say in BlockNote's own way.
//
// - colours come back as their values; the background of words does not, since BlockNote does not know <mark>
// - a file is a link with its caption behind it; a player has one line of words below it, an image one for its name too
// - spaces at the edges of lines and links
const colours = { red: 'rgb(224, 62, 62)', blue: 'rgb(11, 110, 153)', yellow: 'rgb(251, 243, 219)' }
const nothing = new Set(['default', 'left', false, '', null, undefined])

function runs(content, link = '') {
  return content.flatMap(({ type, text, styles, href, content: inside }) => {
    if (type === 'link') return runs(inside, href)
    const { backgroundColor, textColor, ...kept } = styles
    if (textColor !== undefined) kept.colour = colours[textColor] ?? textColor
    return [{ text, look: `${link} ${Object.entries(kept).sort().join(' ')}` }]
  })
}

// Words with their look, in brackets when it is not plain; each word by itself, so that it does not matter to which run
// the space between two belongs.
function words(content) {
  const dressed = (look) => (word) => (word === '\n' || look === ' ' ? word : `{${look}: ${word}}`)
  const wordsOf = (text) => text.split(/ +|(\n)/).filter(Boolean)
  return runs(content).flatMap(({ text, look }) => wordsOf(text).map(dressed(look))).join(' ')
}

const cells = ({ rows }) => rows.map((row) => row.cells.map(({ content, props }) => `${words(content)} ${props?.colspan ?? 1}`).join(' ; ')).join(' / ')

const linked = (url, text, caption) => `paragraph {${url} : ${text.replace(/ /g, `} {${url} : `)}}${caption ? ` – ${caption}` : ''}`

function said(type, { textColor, backgroundColor, showPreview, previewWidth, ...props }) {
  const all = { ...props, colour: colours[textColor] ?? textColor, background: colours[backgroundColor] ?? backgroundColor }
  return Object.entries(all).filter(([, value]) => !nothing.has(value)).sort().map((entry) => entry.join('='))
}

function line({ type, props, content }) {
  const { url, name, caption } = props
  if (type === 'file') return linked(url, name, caption)
  if (type === 'audio' || type === 'video') return [type, url, caption || name].join(' ')
  if (type === 'image') return [type, url, caption, caption || name].join(' ')
  const inside = type === 'table' ? cells(content) : type === 'codeBlock' ? JSON.stringify(content[0]?.text) : words(content ?? [])
  return [type, ...said(type, props), inside].join(' ').trim()
}

export const inHtml = (blocks, depth = 0) =>
  blocks.flatMap((block) => [`${'  '.repeat(depth)}${line(block)}`, ...inHtml(block.children, depth + 1)])
