// BlockNote's own HTML for itself ("full": each block in boxes of the editor's, what is indented below it in its box) as HTML
// for others, so that it can be compared: items stand in lists, what unfolds in <details>, names of colours are the colours.
import { COLORS_DEFAULT } from '@blocknote/core'
import { parse } from './dom.mjs'

// BlockNote keeps there what is unfolded; jsdom has none for a page without an address.
Object.defineProperty(window, 'localStorage', { value: { getItem: () => null, setItem: () => {} } })

const lists = { bulletListItem: 'ul', checkListItem: 'ul', numberedListItem: 'ol' }

const color = (name, of) => COLORS_DEFAULT[name]?.[of] ?? ''

function setLooks(element, { textColor, backgroundColor, textAlignment }) {
  if (textColor) element.style.color = color(textColor, 'text')
  if (backgroundColor) element.style.backgroundColor = color(backgroundColor, 'background')
  if (textAlignment) element.style.textAlign = textAlignment
}

// The list that an item belongs to: the last in `target`, or a new one.
function listFor(target, { contentType, start }) {
  const last = target.lastElementChild
  if (last?.dataset.of === contentType && start === undefined) return last
  const list = document.createElement(lists[contentType])
  list.dataset.of = contentType
  if (start !== undefined) list.setAttribute('start', start)
  target.append(list)
  return list
}

// Adds elements, each in the one before; the last is returned.
function addBelow(target, ...tags) {
  return tags.reduce((parent, tag) => parent.appendChild(document.createElement(tag)), target)
}

function addFile(target, { url, name, caption = '' }) {
  const link = addBelow(target, 'p', 'a')
  link.setAttribute('href', url)
  link.textContent = name
  if (caption !== '') link.after(` – ${caption}`)
}

// Adds the block's own line. Returns where that belongs which is indented below it.
function addLine(target, content) {
  const { contentType, language, name } = content.dataset
  const line = content.querySelector('.bn-inline-content')
  if (contentType in lists) {
    const item = addBelow(listFor(target, content.dataset), 'li')
    item.append(...content.querySelectorAll('input'), line)
    return item
  }
  if (content.querySelector('.bn-toggle-wrapper') !== null) {
    const summary = addBelow(target, 'details', 'summary')
    summary.append(line)
    return summary.parentElement
  }
  if (contentType === 'file') addFile(target, content.dataset)
  else {
    for (const player of content.querySelectorAll('audio, video')) player.dataset.name = name
    if (language) content.firstElementChild.dataset.language = language
    target.append(...content.children)
  }
  return target
}

function addBlocks(target, group) {
  for (const outer of [...group.children]) {
    const [content, below] = outer.firstElementChild.children
    setLooks(content.querySelector('.bn-inline-content') ?? content, content.dataset)
    const inside = addLine(target, content)
    if (below !== undefined) addBlocks(inside, below)
  }
}

// What blocksToFullHTML gave, as such HTML.
export function plainHtml(full) {
  const { body } = parse(full)
  for (const cell of body.querySelectorAll('td, th')) setLooks(cell, cell.dataset)
  for (const { dataset, style } of body.querySelectorAll('[data-style-type]')) {
    setLooks({ style }, { [dataset.styleType]: dataset.value })
  }
  const target = document.createElement('div')
  addBlocks(target, body.firstElementChild)
  return target.innerHTML
}
