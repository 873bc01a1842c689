/** The dialog in which the reader chooses a name and a colour. */
import { ask } from './dialog.js'
import { make } from './dom.js'
import { chooseIdentity, chosenIdentity, colours, identity } from './identity.js'
import { text } from './language.js'

/**
 * Asks for name and colour and keeps them; closing it keeps what was (at first: a guest).
 * @returns {Promise<void>}
 */
export async function askIdentity() {
  const now = identity()
  const name = make('input', {
    name: 'name',
    type: 'text',
    maxlength: '40',
    autocomplete: 'given-name',
    value: chosenIdentity()?.name ?? '',
    placeholder: text('people.guest'),
  })
  const { answer, form } = await ask({
    heading: 'name.heading',
    accept: 'name.save',
    fields: [
      make('p', { class: 'dialog-why' }, text('name.why')),
      make('label', {}, text('name.field'), name),
      colourChoice(now.colour),
    ],
  })
  const chosen = answer === 'accept' ? { name: name.value, colour: new FormData(form).get('colour') } : now
  chooseIdentity(chosen)
}

function colourChoice(current) {
  const set = make('fieldset', { class: 'colour-choice' }, make('legend', {}, text('name.colour')))
  for (const [name, value] of Object.entries(colours)) {
    const radio = make('input', { type: 'radio', name: 'colour', value: name, 'aria-label': text(`colour.${name}`) })
    radio.checked = name === current
    radio.style.setProperty('--swatch', value)
    set.append(radio)
  }
  return set
}
