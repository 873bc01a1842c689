/**
 * Small facts kept on this device (localStorage). A browser that forbids storage only forgets: nothing fails.
 */
const prefix = 'cahier.'

/**
 * @param {string} key
 * @returns {string|null} what was remembered under this key
 */
export function recall(key) {
  try {
    return localStorage.getItem(prefix + key)
  } catch {
    return null
  }
}

/**
 * @param {string} key
 * @param {string|null} value null forgets the key
 */
export function remember(key, value) {
  try {
    if (value === null) {
      localStorage.removeItem(prefix + key)
    } else {
      localStorage.setItem(prefix + key, value)
    }
  } catch {
    // Storage is forbidden or full: the page works without it.
  }
}
