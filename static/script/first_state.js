/**
 * What a note holds, fetched over HTTP: there it is small (update format v2, compressed) and the browser keeps it, where a
 * WebSocket would carry the whole of it plain. What comes after is the socket's.
 */
const address = (id) => `/api/v1/notes/${encodeURIComponent(id)}/content?v=2`
const patience = 30000

/**
 * @param {string} id a note
 * @returns {Promise<Uint8Array|null>} a Yjs update v2; null when there is none to be had: the socket brings it then
 */
export async function firstState(id) {
  const giveUp = new AbortController()
  const timer = setTimeout(() => giveUp.abort(), patience)
  try {
    const response = await fetch(address(id), {
      headers: { Accept: 'application/vnd.yjs.update' },
      signal: giveUp.signal,
    })
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : null
  } catch {
    return null
  } finally {
    clearTimeout(timer)
  }
}
