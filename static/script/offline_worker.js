/**
 * The service worker: keeps the pages and what they need, and serves them when the network fails.
 *
 * Network first, always: a page from the store is shown only when the server cannot be reached, so nobody stays on an
 * old version. Notes themselves are kept by connection.js, lists and exports are not kept at all.
 *
 * `__VERSION__` and `__FILES__` are filled in by build.mjs.
 */
const store = `cahier-${__VERSION__}`
const pages = { list: '/', note: '/n/' }

self.addEventListener('install', (event) => {
  event.waitUntil(
    caches
      .open(store)
      .then((cache) => cache.addAll([...Object.values(pages), ...__FILES__]))
      .then(() => self.skipWaiting()),
  )
})

self.addEventListener('activate', (event) => {
  const outdated = (names) => names.filter((name) => name.startsWith('cahier-') && name !== store)
  event.waitUntil(
    caches
      .keys()
      .then((names) => Promise.all(outdated(names).map((name) => caches.delete(name))))
      .then(() => self.clients.claim()),
  )
})

self.addEventListener('fetch', (event) => {
  const kept = keptAs(event.request)
  if (kept !== null) {
    event.respondWith(fetch(event.request).catch(() => caches.match(kept).then((answer) => answer ?? Response.error())))
  }
})

/**
 * @param {Request} request
 * @returns {string|null} the name under which its answer is kept, null when this is none of our business
 */
function keptAs({ method, mode, url }) {
  const { origin, pathname } = new URL(url)
  if (method !== 'GET' || origin !== self.location.origin) {
    return null
  }
  if (mode === 'navigate') {
    return pathname.startsWith(pages.note) ? pages.note : pathname === pages.list ? pages.list : null
  }
  return __FILES__.includes(pathname) ? pathname : null
}
