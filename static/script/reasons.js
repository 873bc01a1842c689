/**
 * Why a server refuses changes: what it says on the wire, and how the page says it.
 *
 * The y-websocket protocol carries a sentence and no code. Those of our own server are known here; another server's
 * sentence is shown as it came.
 */
import { text } from './language.js'

const known = {
  'this note may be read, not edited': 'reason.readonly',
  "the server's disk is full": 'reason.full',
  'the server cannot store edits now': 'reason.store',
  'the server is out of memory': 'reason.memory',
  'the note is too large': 'reason.large',
  'this note has too many readers': 'reason.readers',
  'this note is damaged and cannot be opened': 'reason.damaged',
  'this edit changes what another editor has not written yet': 'reason.foreign',
}
const readOnly = /read.?only|^permission.?denied$/i

/**
 * @param {string} reason the server's words
 * @returns {boolean} whether it will not take any change from this session
 */
export function meansReadOnly(reason) {
  return known[reason] === 'reason.readonly' || readOnly.test(reason)
}

/**
 * @param {string} reason the server's words
 * @returns {string} the same in the reader's language, where we know it
 */
export function reasonText(reason) {
  return Object.hasOwn(known, reason) ? text(known[reason]) : reason
}
