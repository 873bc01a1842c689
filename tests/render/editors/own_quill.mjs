// Quill's own "semantic" HTML.
import * as quill from './quill.mjs'
import { randomOps } from './quill_random.mjs'

export const name = 'quill'
const made = (ops) => quill.written(ops)
export const example = () => made(quill.example)
export const random = (rng) => made(randomOps(rng))

// What follows an element becomes part of it when it is of the same kind.
const swallow = (element, isNext) => {
  const next = element.nextElementSibling
  if (!next || !isNext(next)) return false
  next.prepend(...element.childNodes)
  element.remove()
}
function paragraphInside(element) {
  const paragraph = document.createElement('p')
  paragraph.append(...element.childNodes)
  paragraph.style.cssText = element.style.cssText
  element.removeAttribute('style')
  element.append(paragraph)
}
const sizes = { small: 'small', large: 'large', huge: 'xx-large' }
const isTasks = (list) => list.tagName === 'UL' && list.firstElementChild?.dataset.list

const differences = [
  {
    why: 'Quill says alignment by classes of its own',
    side: 'own',
    where: '[class*=ql-align-]',
    change: (element) => (element.style.textAlign = /ql-align-(\w+)/.exec(element.className)[1]),
  },
  {
    why: 'Quill says fonts by classes of its own',
    side: 'own',
    where: '[class*=ql-font-]',
    change: (element) => (element.style.fontFamily = /ql-font-(\w+)/.exec(element.className)[1]),
  },
  {
    why: 'Quill says sizes by classes of its own',
    side: 'own',
    where: '[class*=ql-size-]',
    change: (element) => (element.style.fontSize = sizes[/ql-size-(\w+)/.exec(element.className)[1]]),
  },
  {
    why: 'Quill says whether a task is done in an attribute that nobody sees',
    side: 'own',
    where: 'li[data-list=checked], li[data-list=unchecked]',
    change: (item) => item.insertAdjacentHTML('afterbegin', `<input type=checkbox ${item.dataset.list === 'checked' ? 'checked' : ''}>`),
  },
  {
    why: 'Quill makes a list for each task that is done after one that is not: in the editor they are one',
    side: 'own',
    where: 'ul',
    change: (list) => isTasks(list) ? swallow(list, isTasks) : false,
  },
  {
    why: 'Quill makes a quote of each line: here a line is a paragraph',
    side: 'own',
    where: 'blockquote',
    change: paragraphInside,
  },
  {
    why: 'and lines behind one another are one quote, as in the editor',
    side: 'own',
    where: 'blockquote',
    change: (quote) => swallow(quote, ({ tagName }) => tagName === 'BLOCKQUOTE'),
  },
  {
    why: 'Quill writes an empty item for each level of a list that is left out; here a list begins where its first item is',
    side: 'own',
    where: 'li:has(> :is(ul, ol))',
    change: (item) => {
      if (![...item.childNodes].every(({ tagName }) => /^[UO]L$/.test(tagName))) return false
      item.parentElement.before(...item.childNodes)
      if (item.parentElement.childElementCount === 1) item.parentElement.remove()
      else item.remove()
    },
  },
  {
    why: 'Quill fills rows that are too short, in what it shows and not in the document',
    side: 'own',
    where: 'tr',
    change: (row) => {
      if (row.lastElementChild.childNodes.length > 0) return false
      while (row.lastElementChild.childNodes.length === 0) row.lastElementChild.remove()
    },
  },
  {
    why: 'code without a language is "plain" for Quill',
    side: 'own',
    where: 'pre[data-language=plain]',
    change: (pre) => pre.removeAttribute('data-language'),
  },
  {
    why: 'Quill forgets how items, rows of code and cells are aligned',
    side: 'ours',
    where: 'li > p[style], td[style]',
    change: (element) => element.style.removeProperty('text-align'),
  },
  {
    why: 'lines of code in two languages are one block in Quill, which keeps the first language; here they are two',
    side: 'ours',
    where: 'pre',
    change: (pre) => {
      if (pre.nextElementSibling?.tagName !== 'PRE') return false
      for (let next = pre.nextElementSibling; next?.tagName === 'PRE'; next = pre.nextElementSibling) {
        pre.append('\n', next.textContent)
        next.remove()
      }
    },
  },
]

export const forms = { html: { serialize: ({ semantic }) => semantic, differences } }
