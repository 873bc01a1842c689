/** Who is in the note: round initials in the bar, and the list of names behind them. */
import { make } from './dom.js'
import { colourOf, colours, tidyName } from './identity.js'
import { askIdentity } from './identity_dialog.js'
import { language, onLanguage, text } from './language.js'
import { popover } from './popover.js'

const shownInBar = 3

/**
 * @param {Map<number, {user?: {name?: unknown, color?: unknown}}>} states everybody's awareness states
 * @param {number} ownClient
 * @returns {{client: number, name: string, colour: string, own: boolean}[]} ourselves first, then by name
 */
export function presentPeople(states, ownClient) {
  return [...states]
    .filter(([, state]) => state?.user)
    .map(([client, { user }]) => ({
      client,
      name: tidyName(user.name),
      colour: colourOf(user.color, client),
      own: client === ownClient,
    }))
    .sort((a, b) => b.own - a.own || a.name.localeCompare(b.name))
}

/**
 * @param {object} options
 * @param {HTMLButtonElement} options.button
 * @param {HTMLElement} options.panel
 * @param {import("y-protocols/awareness").Awareness} options.awareness
 * @param {() => void} options.onIdentity the reader has changed name or colour
 */
export function showPeople({ button, panel, awareness, onIdentity }) {
  const list = make('ul', { class: 'people-list' })
  const change = make('button', { type: 'button', class: 'entry', 'data-text': 'people.change' }, text('people.change'))
  const menu = popover(button, panel)
  let shown = ''
  const refresh = () => {
    const people = presentPeople(awareness.getStates(), awareness.clientID)
    // Every step of a caret is a change of awareness too: an element that is replaced while pressed gets no click.
    const look = JSON.stringify([language(), people])
    if (look === shown) {
      return
    }
    shown = look
    list.replaceChildren(...people.map(personLine))
    button.replaceChildren(...initialsOf(people))
    button.setAttribute('aria-label', countText(people.length))
    button.title = countText(people.length)
  }

  panel.append(make('h2', { 'data-text': 'people.present' }, text('people.present')), list, change)
  change.addEventListener('click', async () => {
    menu.close()
    await askIdentity()
    onIdentity()
  })
  awareness.on('change', refresh)
  onLanguage(refresh)
  refresh()
}

function countText(count) {
  return count === 1 ? text('people.count.one') : text('people.count.many', { count })
}

function personLine({ name, colour, own }) {
  return make('li', {}, disc(name, colour), make('span', {}, own ? text('people.you', { name }) : name))
}

function initialsOf(people) {
  const discs = people.slice(0, shownInBar).map(({ name, colour }) => disc(name, colour))
  const hidden = people.length - shownInBar
  return hidden > 0 ? [...discs, make('span', { class: 'disc disc-more' }, `+${hidden}`)] : discs
}

/** @returns {HTMLElement} a round mark with the first letters of the name, in the person's colour */
function disc(name, colour) {
  const initials = name.split(' ', 2).map((word) => Array.from(word)[0].toLocaleUpperCase())
  const mark = make('span', { class: 'disc', 'aria-hidden': 'true' }, initials.join(''))
  mark.style.setProperty('--person', colours[colour])
  return mark
}
