/**
 * What the reader is told about the fate of the text, derived from the connection: one word out of eight.
 *
 *   connecting  not connected yet, nothing of ours at stake
 *   saving      connected, the server has not confirmed everything
 *   saved       connected, everything is on the server's disk
 *   offline     not connected, nothing of ours at stake
 *   unsent      not connected, changes wait on this device
 *   readonly    the server takes no changes from us
 *   refused     the server refused changes: they exist here only
 *   closed      the server ended this session for good, nothing of ours at stake
 */
import { meansReadOnly } from './reasons.js'

/**
 * @param {object} connection
 * @param {boolean} connection.switching not connected, but only for a moment
 * @param {boolean} connection.tried whether a first attempt to connect has ended, well or not
 * @param {{wsconnected: boolean, synced: boolean}} connection.provider
 * @param {object|null} connection.ended the server's last word, if it wants no further attempt
 * @param {{pending: boolean, open: boolean, refusal: string|null}} connection.acknowledgements
 * @returns {"connecting"|"saving"|"saved"|"offline"|"unsent"|"readonly"|"refused"|"closed"}
 */
export function saveState({ switching, tried, provider, ended, acknowledgements: { pending, open, refusal } }) {
  if (ended !== null) {
    return pending ? 'refused' : 'closed'
  }
  if (refusal !== null) {
    return meansReadOnly(refusal) ? 'readonly' : 'refused'
  }
  if (!provider.wsconnected) {
    return switching || !tried ? 'connecting' : pending ? 'unsent' : 'offline'
  }
  if (!open) {
    return 'connecting'
  }
  return pending || !provider.synced ? 'saving' : 'saved'
}
