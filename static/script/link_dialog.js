/** The dialog that makes, changes and removes links. */
import { ask } from './dialog.js'
import { make } from './dom.js'
import { text } from './language.js'

const protocols = ['http:', 'https:', 'mailto:', 'tel:']

/**
 * @param {string} typed what a person wrote as an address
 * @returns {string|null} an address that may be a link, with https:// where none was given
 */
export function linkAddress(typed) {
  const trimmed = typed.trim()
  const whole = /^[a-z][a-z0-9+.-]*:/i.test(trimmed) && !/^[\w.-]+:\d+/.test(trimmed) ? trimmed : `https://${trimmed}`
  try {
    const url = new URL(/^[^\s@/:]+@[^\s@/:]+$/.test(trimmed) ? `mailto:${trimmed}` : whole)
    return trimmed !== '' && protocols.includes(url.protocol) ? url.href : null
  } catch {
    return null
  }
}

/**
 * @param {import("@tiptap/core").Editor} editor asks about the link at the caret, or a new one over the selection
 */
export async function editLink(editor) {
  const before = editor.getAttributes('link').href ?? ''
  const needsText = before === '' && editor.state.selection.empty
  const address = make('input', {
    name: 'address',
    type: 'text',
    inputmode: 'url',
    value: before,
    autocomplete: 'off',
    required: '',
  })
  const words = make('input', { name: 'words', type: 'text', autocomplete: 'off' })
  const fields = [make('label', {}, text('link.address'), address)]
  if (needsText) {
    fields.push(make('label', {}, text('link.text'), words))
  }
  address.addEventListener('input', () => address.setCustomValidity(''))

  const { answer } = await ask({
    heading: 'link.heading',
    accept: 'link.save',
    fields,
    check: () => linkAddress(address.value) !== null || complain(address),
    other: before === '' ? undefined : { label: 'link.remove', value: 'remove' },
  })
  const chain = editor.chain().focus().extendMarkRange('link')
  if (answer === 'remove') {
    chain.unsetLink().run()
  } else if (answer === 'accept') {
    apply(editor, linkAddress(address.value), needsText ? words.value || address.value : null)
  }
}

function apply(editor, href, words) {
  if (words === null) {
    editor.chain().focus().extendMarkRange('link').setLink({ href }).run()
  } else {
    const marks = [{ type: 'link', attrs: { href } }]
    editor.chain().focus().insertContent({ type: 'text', text: words, marks }).unsetMark('link').run()
  }
}

/** @returns {false} */
function complain(input) {
  input.setCustomValidity(text('link.bad'))
  input.reportValidity()
  return false
}
