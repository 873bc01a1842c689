/**
 * How other people's carets and selections look. A name fades when its caret rests (carets.css) and comes back here
 * when it has moved. Names are text nodes and colours come from our own table:
 * what others send is never used as markup or as a style.
 */
import { ySyncPluginKey } from '@tiptap/y-tiptap'
import { colourOf, colours, tidyName } from './identity.js'
import { make } from './dom.js'

/**
 * @param {{name?: unknown, color?: unknown}} user what the other editor announces
 * @returns {HTMLElement} a caret that carries the name
 */
export function renderCaret(user) {
  // Hidden from screen readers, who would hear the name as a word of the text; people.js tells who is here.
  const caret = make('span', { class: 'caret', 'aria-hidden': 'true' }, make('span', { class: 'caret-name' }, tidyName(user.name)))
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

/**
 * Shows the name of each caret that was moved, other than by our own typing before it.
 * @param {import("@tiptap/core").Editor} editor
 */
export function followCarets(editor) {
  const places = new WeakMap()
  editor.on('transaction', ({ transaction }) => {
    const ours = transaction.docChanged && !transaction.getMeta(ySyncPluginKey)?.isChangeOrigin
    for (const caret of editor.view.dom.querySelectorAll('.caret')) {
      const place = `${caret.offsetLeft} ${caret.offsetTop}`
      if (!ours && places.get(caret) !== place) {
        caret.getAnimations({ subtree: true }).forEach((fading) => fading.play())
      }
      places.set(caret, place)
    }
  })
}
