/**
 * The front page: all notes, newest first, with a field that filters their titles and a button for a new one.
 */
import { ApiError, createNote, listNotes } from './api.js'
import { byId, make } from './dom.js'
import { colours } from './identity.js'
import { hasUnsent } from './unsent.js'
import { language, languageSwitch, onLanguage, setLabel, text, translate } from './language.js'
import { relativeTime } from './relative_time.js'
import { workOffline } from './offline.js'

/** @type {import('./api.js').ListedNote[]} */
let notes = []
let next = null

/**
 * @param {string} words
 * @returns {string} the same for "Été" and "ete"
 */
function plain(words) {
  return words.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}

function show() {
  const query = byId('search').value.trim()
  const found = notes.filter(({ title }) => plain(title || text('note.untitled')).includes(plain(query)))

  byId('notes').replaceChildren(...found.map(noteLine))
  byId('empty').hidden = notes.length > 0
  byId('nothing').hidden = notes.length === 0 || found.length > 0
  byId('nothing').textContent = text('list.nothing', { query })
  byId('count').textContent = countText(found.length)
  byId('more').hidden = next === null
}

function countText(count) {
  return count === 0 ? '' : count === 1 ? text('list.count.one') : text('list.count.many', { count })
}

function noteLine({ id, title, excerpt, updated_at: updated, state }) {
  const when = new Date(updated)
  const time = make('time', { datetime: updated, title: when.toLocaleString(language()) }, sinceText(when))
  const meta = make('span', { class: 'note-meta' }, time)
  if (hasUnsent(id)) {
    meta.append(make('span', { class: 'badge', title: text('list.unsent.help') }, text('list.unsent')))
  }
  if (state === 'damaged') {
    meta.append(make('span', { class: 'badge badge-bad', title: text('list.damaged.help') }, text('list.damaged')))
  }
  const heading = make(
    'span',
    { class: title ? 'note-title' : 'note-title note-untitled' },
    title || text('note.untitled'),
  )
  const words = make('span', { class: 'note-excerpt' }, restOf(excerpt, title))
  const link = make('a', { class: 'note', href: `/n/${encodeURIComponent(id)}` }, cover(id), heading, words, meta)
  return make('li', {}, link)
}

/** @returns {string} how the note goes on after its title */
function restOf(excerpt, title) {
  return excerpt.startsWith(title) ? excerpt.slice(title.length).trim() : excerpt
}

function sinceText(when) {
  return text('list.changed', { when: relativeTime(when, new Date(), language()) })
}

/** @returns {HTMLElement} a small exercise book, its cover always in the same colour for the same note */
function cover(id) {
  const values = Object.values(colours)
  const number = Array.from(id).reduce((sum, letter) => (sum * 31 + letter.codePointAt(0)) % 9973, 7)
  const book = make('span', { class: 'cover', 'aria-hidden': 'true' })
  book.style.setProperty('--cover', values[number % values.length])
  return book
}

function complain(message) {
  byId('problem').textContent = message
  byId('problem').hidden = false
}

async function load(page) {
  try {
    const got = await listNotes(page)
    notes = notes.concat(got.notes)
    next = got.next
    byId('problem').hidden = true
    show()
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error
    }
    complain(`${text('list.failed')} (${error.message})`)
  } finally {
    byId('loading').hidden = true
  }
}

async function create() {
  try {
    location.assign(`/n/${encodeURIComponent(await createNote())}`)
  } catch (error) {
    complain(text('list.create.failed', { reason: error.message }))
  }
}

async function main() {
  languageSwitch()
  translate(document)
  setLabel(byId('search'), 'list.search')
  onLanguage(show)
  byId('search').addEventListener('input', show)
  byId('new').addEventListener('click', create)
  byId('more').addEventListener('click', () => load(next))
  await load()
  workOffline()
}

main()
