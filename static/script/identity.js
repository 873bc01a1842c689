/**
 * Who the reader is to the others: a name and a colour, chosen once and kept on this device.
 *
 * Colours are dark enough for white letters on them (contrast at least 4.5) and are the only ones a caret is drawn in:
 * what other people send is looked up here, never used as it came.
 */
import { recall, remember } from './storage.js'
import { text } from './language.js'

export const colours = {
  red: '#b3304a',
  orange: '#a8500f',
  green: '#2c7a3f',
  teal: '#0f7478',
  blue: '#2461b5',
  violet: '#6a43b5',
  pink: '#a83685',
  grey: '#5d6474',
}

const longestName = 40

/** @returns {{name: string, colour: string}|null} null until a name was chosen */
export function chosenIdentity() {
  const name = recall('name')
  return name === null ? null : { name, colour: recall('colour') ?? anyColour() }
}

/** @returns {{name: string, colour: string}} the chosen identity, else a guest's */
export function identity() {
  return chosenIdentity() ?? { name: text('people.guest'), colour: recall('colour') ?? anyColour() }
}

/**
 * @param {{name: string, colour: string}} chosen an empty name becomes "guest"
 */
export function chooseIdentity({ name, colour }) {
  remember('name', tidyName(name))
  remember('colour', colour)
}

/** @returns {string} a colour's name, the same at every later call on this device */
function anyColour() {
  const names = Object.keys(colours)
  const colour = names[Math.floor(Math.random() * names.length)]
  remember('colour', colour)
  return colour
}

/**
 * @param {unknown} name what somebody claims to be called
 * @returns {string} one line, at most 40 characters, never empty
 */
export function tidyName(name) {
  const line = typeof name === 'string' ? name.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim() : ''
  return Array.from(line).slice(0, longestName).join('') || text('people.guest')
}

/**
 * @param {unknown} value a CSS colour
 * @returns {string|undefined} its name, when it is one of ours
 */
export function colourName(value) {
  return Object.keys(colours).find((name) => colours[name] === value)
}

/**
 * The colour to draw another person in. Ours is taken by its value; a stranger's editor gets one from its client id.
 * @param {unknown} value the colour it announces
 * @param {number} client its Yjs client id
 * @returns {string} one of `colours`' names
 */
export function colourOf(value, client) {
  const names = Object.keys(colours)
  return colourName(value) ?? names[client % names.length]
}
