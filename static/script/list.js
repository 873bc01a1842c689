/**
 * The front page: all notes, newest first, with a field that filters their titles and a button for a new one.
 *
 * The newest titles are kept on the device, so that the page leads to the notes kept there when the server is away.
 */
import { ApiError, createNote, downloadAllNotes, listNotes } from './api.js'
import { byId } from './dom.js'
import { language, languageSwitch, onLanguage, text, translate } from './language.js'
import { noteLine } from './note_line.js'
import { workOffline } from './offline.js'
import { recall, remember } from './storage.js'

const keptNotes = 50
/** The server reads titles anew at most every two seconds, so what just changed is asked for once more. */
const titleDelay = 2500

/** @type {import('./api.js').ListedNote[]|null} null until the server or the device gave a list */
let notes = null
/** @type {string|null} address of the list's next page */
let next = null

/**
 * @param {string} words
 * @returns {string} the same for "Été" and "ete"
 */
function plain(words) {
  return words.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase()
}

function show() {
  if (notes === null) {
    return
  }
  const query = byId('search').value.trim()
  const found = notes.filter(({ title }) => plain(title || text('note.untitled')).includes(plain(query)))

  byId('notes').replaceChildren(...found.map(noteLine))
  byId('empty').hidden = notes.length > 0
  byId('nothing').hidden = notes.length === 0 || found.length > 0
  byId('nothing').textContent = text('list.nothing', { query })
  byId('count').textContent = countText(found.length)
  byId('archive').hidden = notes.length === 0
  byId('more').hidden = next === null
}

function countText(count) {
  return count === 0 ? '' : count === 1 ? text('list.count.one') : text('list.count.many', { count })
}

function complain(message) {
  byId('problem').querySelector('p').textContent = message
  byId('problem').hidden = false
}

/** Runs what asks the server; what it cannot do is said with this text. */
async function attempt(key, run) {
  try {
    await run()
    byId('problem').hidden = true
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error
    }
    complain(text(key, { reason: error.message }))
  }
}

/** Loads the list from its beginning; without a server, what the device remembers of it. */
async function refresh() {
  notes ??= JSON.parse(recall('list'))
  await attempt('list.failed', async () => {
    const page = await listNotes()
    notes = page.notes
    next = page.next
    remember('list', JSON.stringify(notes.slice(0, keptNotes)))
    if (notes.length > 0 && Date.now() - new Date(notes[0].updated_at) < titleDelay) {
      setTimeout(refresh, titleDelay)
    }
  })
  byId('loading').hidden = true
  show()
}

function showMore() {
  return attempt('list.failed', async () => {
    const page = await listNotes(next)
    notes.push(...page.notes)
    next = page.next
    show()
  })
}

function create() {
  return attempt('list.create.failed', async () => {
    location.assign(`/n/${encodeURIComponent(await createNote())}`)
  })
}

function takeAll() {
  return attempt('export.failed', () => downloadAllNotes(language()))
}

async function main() {
  languageSwitch()
  translate(document)
  onLanguage(show)
  byId('search').addEventListener('input', show)
  byId('new').addEventListener('click', create)
  byId('archive').addEventListener('click', takeAll)
  byId('more').addEventListener('click', showMore)
  byId('again').addEventListener('click', refresh)
  document.addEventListener('visibilitychange', () => document.hidden || refresh())
  window.addEventListener('online', refresh)
  window.addEventListener('pageshow', ({ persisted }) => persisted && refresh())
  await refresh()
  workOffline()
}

main()
