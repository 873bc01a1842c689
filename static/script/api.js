/** The few HTTP calls of the page. Failures are `ApiError`s whose message can be shown. */
import { text } from './language.js'

/**
 * What a list says of a note. `state` is "open" or "damaged"; `excerpt` is how its text begins, the title included.
 * @typedef {{id: string, title: string, excerpt: string, updated_at: string, state: string}} ListedNote
 */

export class ApiError extends Error {}

/**
 * @param {string} address
 * @param {RequestInit} [options]
 * @returns {Promise<Response>} a successful one; ApiError otherwise, with the problem's title when the server gave one
 */
async function request(address, options) {
  const response = await fetch(address, options).catch(() => {
    throw new ApiError(text('error.network'))
  })
  if (!response.ok) {
    const problem = await response.json().catch(() => ({}))
    throw new ApiError(problemText(problem) ?? text('error.status', { status: response.status }))
  }
  return response
}

/**
 * @param {string} [page] address of a further page, as an earlier call gave it
 * @returns {Promise<{notes: ListedNote[], next: string|null}>} newest first
 */
export async function listNotes(page = '/api/v1/notes?limit=200') {
  const response = await request(page)
  return { notes: (await response.json()).notes, next: nextPage(response.headers.get('Link')) }
}

/** @returns {Promise<string>} the id of a new note */
export async function createNote() {
  const body = JSON.stringify({ title: '' })
  const response = await request('/api/v1/notes', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body,
  })
  return (await response.json()).id
}

/**
 * Lets the browser download all notes in one archive, which the server writes while it is sent.
 * @param {string} language of the labels in it
 */
export async function downloadAllNotes(language) {
  const address = `/api/v1/notes.zip?lang=${language}`
  await request(address, { method: 'HEAD' }) // what the server refuses can be said here
  location.assign(address)
}

/** What a problem means to a reader: in the reader's language where there is something better to do than to wait. */
function problemText({ code, title }) {
  return ['converter-missing', 'converter-failed'].includes(code) ? text('error.converter') : title
}

/**
 * @param {string} id
 * @param {string} type the media type to have the note as
 * @returns {Promise<Response>}
 */
export function noteContent(id, type) {
  return request(`/api/v1/notes/${encodeURIComponent(id)}/content`, { headers: { Accept: type } })
}

/**
 * @param {string|null} header a Link header (RFC 8288)
 * @returns {string|null} its rel="next", when it leads to this server
 */
export function nextPage(header) {
  const found = /<([^>]*)>\s*;[^,]*\brel="?next"?/.exec(header ?? '')
  const url = found && new URL(found[1], location.href)
  return url && url.origin === location.origin ? url.pathname + url.search : null
}
