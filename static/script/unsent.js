/** Remembers, across pages and visits, which notes have changes that the server has not confirmed. */
import { recall, remember } from './storage.js'

const prefix = 'unsent.'

/**
 * @param {string} id a note
 * @returns {boolean} whether this device holds changes that the server had not confirmed
 */
export function hasUnsent(id) {
  return recall(prefix + id) !== null
}

/**
 * @param {string} id a note
 * @param {boolean} unsent
 */
export function rememberUnsent(id, unsent) {
  remember(prefix + id, unsent ? '1' : null)
}
