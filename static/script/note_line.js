/** One note in the list: a small exercise book, the title, how the text goes on, when it changed. */
import { make } from './dom.js'
import { colours } from './identity.js'
import { language, text } from './language.js'
import { relativeTime } from './relative_time.js'
import { hasUnsent } from './unsent.js'

/**
 * @param {import('./api.js').ListedNote} note
 * @returns {HTMLElement} a list item that leads to the note
 */
export function noteLine({ id, title, excerpt, updated_at: updated, state }) {
  const words = make(
    'span',
    { class: 'note-words' },
    make('span', { class: title ? 'note-title' : 'note-title note-untitled' }, title || text('note.untitled')),
    make('span', { class: 'note-excerpt' }, restOf(excerpt, title)),
    make('span', { class: 'note-meta' }, since(updated), ...badges(id, state)),
  )
  return make('li', {}, make('a', { class: 'note', href: `/n/${encodeURIComponent(id)}` }, cover(id), words))
}

/** @returns {string} how the note goes on after its title */
function restOf(excerpt, title) {
  return excerpt.startsWith(title) ? excerpt.slice(title.length).trim() : excerpt
}

function since(updated) {
  const then = new Date(updated)
  const when = relativeTime(then, new Date(), language())
  return make('time', { datetime: updated, title: then.toLocaleString(language()) }, text('list.changed', { when }))
}

function badges(id, state) {
  const found = []
  if (hasUnsent(id)) {
    found.push(make('span', { class: 'badge', title: text('list.unsent.help') }, text('list.unsent')))
  }
  if (state === 'damaged') {
    found.push(make('span', { class: 'badge badge-bad', title: text('list.damaged.help') }, text('list.damaged')))
  }
  return found
}

/** @returns {HTMLElement} an exercise book, its cover always in the same colour for the same note */
function cover(id) {
  const values = Object.values(colours)
  const number = Array.from(id).reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 9973, 7)
  const book = make('span', { class: 'cover', 'aria-hidden': 'true' })
  book.style.setProperty('--cover', values[number % values.length])
  return book
}
