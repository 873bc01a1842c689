/**
 * How other people's carets and selections look. Names are text nodes and colours come from our own table:
 * what others send is never used as markup or as a style.
 */
import { colourOf, colours, tidyName } from './identity.js'
import { make } from './dom.js'

/**
 * @param {{name?: unknown, color?: unknown}} user what the other editor announces
 * @returns {HTMLElement} a caret that carries the name
 */
export function renderCaret(user) {
  const caret = make('span', { class: 'caret' }, make('span', { class: 'caret-name' }, tidyName(user.name)))
  caret.style.setProperty('--person', colours[colourOf(user.color, nameNumber(user.name))])
  return caret
}

/**
 * @param {{name?: unknown, color?: unknown}} user
 * @returns {import("@tiptap/pm/view").DecorationAttrs} how the text that they have selected is marked
 */
export function renderSelection(user) {
  const colour = colours[colourOf(user.color, nameNumber(user.name))]
  return { class: 'caret-selection', style: `--person: ${colour}` }
}

/**
 * @param {unknown} name
 * @returns {number} the same for the same name: a colour for editors that announce none of ours
 */
function nameNumber(name) {
  return Array.from(tidyName(name)).reduce((sum, letter) => sum + letter.codePointAt(0), 0)
}
