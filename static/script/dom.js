/** Making elements without HTML strings, so that no text can ever become markup. */
import { icon } from './icons.js'
import { setLabel } from './language.js'

/**
 * @param {string} tag
 * @param {Object<string, string|null>} [attributes] null leaves the attribute out
 * @param {...(Node|string)} children strings become text nodes
 * @returns {HTMLElement}
 */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag)
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null) {
      element.setAttribute(name, value)
    }
  }
  element.append(...children)
  return element
}

/**
 * A button that shows an icon and is named by a text of the table.
 * @param {string} iconName
 * @param {string} key row of texts.js
 * @param {Object<string, string|null>} [attributes]
 * @returns {HTMLButtonElement}
 */
export function iconButton(iconName, key, attributes = {}) {
  const button = make('button', { type: 'button', class: 'tool', 'data-label': key, ...attributes }, icon(iconName))
  setLabel(button, key)
  return button
}

/**
 * @param {string} id
 * @returns {HTMLElement} an element the page's HTML promises
 */
export function byId(id) {
  return document.getElementById(id)
}
