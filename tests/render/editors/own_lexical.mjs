// Lexical's own HTML.
import * as lexical from './lexical.mjs'
import * as lexicalRandom from './lexical_random.mjs'

export const name = 'lexical'
export const example = () => lexical.example()
export const random = (rng) => lexical.written(() => lexicalRandom.fillRandomly(rng, false))

const scripts = ['code', 'sub', 'sup']
const marked = 'background-color:of marks'
const hasBackground = (set) => set.some((format) => format.startsWith('background-color'))
const unraised = (set) => (hasBackground(set) ? set.filter((format) => format !== 'sub' && format !== 'sup') : set)

const differences = [
  {
    why: 'Lexical puts a list below an item into an item of its own',
    side: 'own',
    where: 'li:has(> :is(ul, ol))',
    change: (item) => {
      const above = item.previousElementSibling
      if (item.firstChild !== item.firstElementChild || !above) return false
      above.append(...item.childNodes)
      item.remove()
    },
  },
  {
    why: 'Lexical says tasks to those alone who cannot see them',
    side: 'own',
    where: 'li[role=checkbox]',
    change: (item) => {
      const checked = item.getAttribute('aria-checked') === 'true' ? 'checked' : ''
      item.insertAdjacentHTML('afterbegin', `<input type=checkbox ${checked}>`)
    },
  },
  {
    why: 'the grey of heads is a colour of each cell for Lexical, here one of the page',
    side: 'own',
    where: 'th',
    change: ({ style }) => (style.backgroundColor === 'rgb(242, 243, 245)' ? (style.backgroundColor = '') : false),
  },
  {
    why: 'Lexical says of words that are code, lowered and raised the first of these alone',
    side: 'ours',
    formats: (set) => {
      const [first] = scripts.filter((format) => set.includes(format))
      return set.filter((format) => format === first || !scripts.includes(format))
    },
  },
  {
    why: 'nor that they are marked, when they are code',
    side: 'ours',
    formats: (set) => set.filter((format) => format !== marked || !set.includes('code')),
  },
  {
    why: 'nor that they are raised, when they are marked; a background that is no mark cannot be told from one here',
    side: 'ours',
    formats: unraised,
  },
  {
    why: 'the same',
    side: 'own',
    formats: unraised,
  },
]

export const forms = { html: { serialize: ({ ownHtml }) => ownHtml, differences } }
