/** Modal questions: a native dialog element holding one form. */
import { make } from './dom.js'
import { text } from './language.js'

/**
 * Asks and waits.
 * @param {object} options
 * @param {string} options.heading row of texts.js
 * @param {string} options.accept row of texts.js for the main button
 * @param {(Node|string)[]} options.fields what stands between
 * @param {(form: HTMLFormElement) => boolean} [options.check] whether the form may be accepted now
 * @param {{label: string, value: string}} [options.other] a further way out
 * @returns {Promise<{answer: string, form: HTMLFormElement}>} answer "accept", "cancel" or other.value
 */
export function ask({ heading, accept, fields, check = () => true, other }) {
  const title = make('h2', { id: 'dialog-heading' }, text(heading))
  const buttons = make('div', { class: 'dialog-buttons' })
  const form = make('form', { method: 'dialog' }, title, ...fields, buttons)
  const dialog = make('dialog', { 'aria-labelledby': 'dialog-heading' }, form)

  buttons.append(make('button', { type: 'submit', class: 'button button-main', value: 'accept' }, text(accept)))
  if (other) {
    buttons.append(
      make('button', { type: 'submit', class: 'button', value: other.value, formnovalidate: '' }, text(other.label)),
    )
  }
  buttons.append(
    make('button', { type: 'submit', class: 'button', value: 'cancel', formnovalidate: '' }, text('dialog.cancel')),
  )
  form.addEventListener('submit', (event) => {
    if (event.submitter?.value === 'accept' && !check(form)) {
      event.preventDefault()
    }
  })
  document.body.append(dialog)
  dialog.showModal()
  form.querySelector('input')?.select()
  return new Promise((resolve) => {
    dialog.addEventListener('close', () => {
      dialog.remove()
      resolve({ answer: dialog.returnValue || 'cancel', form })
    })
  })
}
