/**
 * Tells the reader what became of the text: the small word in the bar, and messages one cannot overlook.
 *
 * Screen readers hear only what matters: going offline, coming back, a refusal. "Saving" and "saved" alternate with
 * every letter and stay silent.
 */
import { make } from './dom.js'
import { icon } from './icons.js'
import { onLanguage, text } from './language.js'
import { reasonText } from './reasons.js'

const looks = {
  connecting: { icon: 'saving' },
  saving: { icon: 'saving', help: 'status.saving.help' },
  saved: { icon: 'check', help: 'status.saved.help' },
  offline: { icon: 'offline', spoken: true },
  unsent: { icon: 'offline', help: 'status.unsent.help', spoken: true },
  readonly: { icon: 'lock', spoken: true },
  refused: { icon: 'warning', spoken: true },
  closed: { icon: 'lock', spoken: true },
}
const settleTime = 300
const passingTime = 8000

/**
 * @param {object} options
 * @param {import("./connection.js").Connection} options.connection
 * @param {HTMLElement} options.pill shows the state
 * @param {HTMLElement} options.spoken a live region
 * @param {HTMLElement} options.alerts where the loud messages go
 */
export function showSaving({ connection, pill, spoken, alerts }) {
  let shown = null
  let settling = null
  let way = 'direct'

  const show = (state) => {
    const look = looks[state]
    const detour = connection.ways.way === 'http' && connection.provider.wsconnected
    const help = [look.help, detour && 'way.help'].filter(Boolean)
    pill.dataset.state = state
    pill.replaceChildren(icon(look.icon), make('span', {}, text(`status.${state}`)))
    if (detour) {
      pill.append(icon('detour'), make('span', {}, text('way.short')))
    }
    pill.title = help.map((key) => text(key)).join(' ')
    if (state !== shown) {
      announce(spoken, look.spoken ? `status.${state}` : backOnline(shown))
      shown = state
    }
  }
  const refresh = () => {
    const { state } = connection
    clearTimeout(settling)
    // A word that flickers with every letter helps nobody: "saved" waits until typing pauses.
    if (state === 'saved' && shown === 'saving') {
      settling = setTimeout(() => show(connection.state), settleTime)
    } else {
      show(state)
    }
    showTrouble(connection, alerts)
    way = showWay(connection, alerts, way)
  }
  connection.onChange(refresh)
  onLanguage(refresh)
  refresh()
}

/** Says once that messages take another way now. @returns {string} the way that was last told */
function showWay({ ways, provider }, alerts, told) {
  if (!provider.wsconnected || ways.way === told) {
    return told
  }
  passingAlert(alerts, text(`way.${ways.way}`), ways.way === 'http' ? 'note' : 'good')
  return ways.way
}

function backOnline(before) {
  return looks[before]?.icon === 'offline' ? 'status.back' : null
}

function announce(region, key) {
  region.textContent = key === null ? '' : text(key)
}

/** Shows, replaces or removes the message about the connection. */
function showTrouble(connection, alerts) {
  const message = troubleText(connection)
  const old = alerts.querySelector('[data-trouble]')
  if (old?.dataset.trouble === (message ?? undefined)) {
    return
  }
  old?.remove()
  if (message !== null) {
    alerts.append(troubleAlert(connection, message))
  }
}

function troubleAlert(connection, message) {
  const box = alertBox(message, 'bad')
  const retry = make('button', { type: 'button', class: 'button', 'data-text': 'alert.retry' }, text('alert.retry'))
  box.dataset.trouble = message
  if (connection.ended === null) {
    retry.addEventListener('click', () => connection.retry())
    box.append(retry)
  }
  return box
}

/** @returns {string|null} what to say loudly, null when nothing is wrong */
function troubleText({ ended, lastClose, state, acknowledgements: { refusal, open } }) {
  if (ended !== null) {
    return endText(ended)
  }
  if (refusal !== null) {
    return state === 'readonly' ? text('alert.readonly') : text('alert.refused', { reason: reasonText(refusal) })
  }
  return open || lastClose === null ? null : closeText(lastClose, state)
}

/** The server has closed for good. */
function endText({ code, reason }) {
  const known = [4401, 4403, 4404].includes(code)
  return known ? text(`alert.${code}`) : text('alert.other', { reason: reasonText(reason) || String(code) })
}

/** The server has closed for now: most of the time it just restarts, which the word in the bar says. */
function closeText({ code, reason }, state) {
  if (code === 1009) {
    return state === 'unsent' ? text('alert.1009') : null
  }
  return [1011, 1013].includes(code) && reason ? text('alert.later', { reason: reasonText(reason) }) : null
}

/**
 * Shows a message that goes away by itself.
 * @param {HTMLElement} alerts
 * @param {string} message
 * @param {"good"|"note"} kind
 * @returns {HTMLElement} for taking it away sooner
 */
export function passingAlert(alerts, message, kind) {
  const box = alertBox(message, kind)
  alerts.append(box)
  setTimeout(() => box.remove(), passingTime)
  return box
}

/**
 * @param {string} message
 * @param {"bad"|"note"|"good"} kind
 * @returns {HTMLElement} a message that screen readers speak at once
 */
export function alertBox(message, kind) {
  const drawing = icon(kind === 'good' ? 'check' : 'warning')
  return make('div', { class: `alert alert-${kind}`, role: 'alert' }, drawing, make('p', {}, message))
}
