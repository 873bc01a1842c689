// Whether the words of a note are in its outputs, one behind the other.
import assert from 'node:assert/strict'

const wordsOf = (text) => text.match(/[\p{L}\p{N}]+/gu) ?? []
const entities = { '&amp;': '&', '&lt;': '<', '&gt;': '>', '&quot;': '"' }
const withoutTags = (html) => html.replace(/<[^>]*>/g, ' ').replace(/&\w+;/g, (entity) => entities[entity])
const texts = ({ text, content = [] }) => [text ?? '', ...content.map(texts)].join(' ')

// `outputs`: by format, any of html, text, md and json. Gives how many words there are.
export function wordsKept(name, text, outputs) {
  const plain = { html: withoutTags, json: (json) => texts(JSON.parse(json)) }
  const words = wordsOf(text)
  for (const [form, output] of Object.entries(outputs)) {
    const shown = plain[form]?.(output) ?? output
    let at = 0
    for (const word of words) {
      const found = shown.indexOf(word, at)
      assert.ok(found >= 0, `${name}: a word is missing in ${form}, or not in its place: ${word}\n${output}`)
      at = found + word.length
    }
  }
  return words.length
}
