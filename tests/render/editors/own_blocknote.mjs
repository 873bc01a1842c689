// BlockNote's own HTML, that for itself ("full") and that for other programs, and its own Markdown.
import * as blocknote from './blocknote.mjs'
import { block, text } from './blocknote.mjs'
import { plainHtml } from './blocknote_full.mjs'
import { randomJson } from './blocknote_random.mjs'

export const name = 'blocknote'
const made = (json) => {
  const doc = blocknote.toDocument(json)
  return { doc, blocks: blocknote.blocksOf(doc) }
}
// With a task and a bullet that touch.
const [group] = blocknote.example.content
const lists = [block('checkListItem', {}, [text('tâche')]), block('bulletListItem', {}, [text('point')])]
export const example = () => made({ type: 'doc', content: [{ ...group, content: [...group.content, ...lists] }] })
export const random = (rng, modest) => made(modest ? spacesOutside(randomJson(rng, true)) : randomJson(rng))

// BlockNote's own Markdown leaves a space at the end of bold words before the asterisks, and then they are not bold.
function spacesOutside(node) {
  if (node.type === 'text') return node.marks && node.text.endsWith(' ') ? [{ ...node, text: node.text.trimEnd() }, text(' ')] : node
  return node.content ? { ...node, content: node.content.flatMap(spacesOutside) } : node
}

const unwrap = (element) => element.replaceWith(...element.childNodes)
const isList = (element) => element !== null && /^[UO]L$/.test(element.tagName)

function inFigure(element, caption) {
  const figure = document.createElement('figure')
  element.replaceWith(figure)
  figure.append(element)
  if (caption) figure.insertAdjacentHTML('beforeend', `<figcaption>${caption}</figcaption>`)
}

// The code block of BlockNote that has no language says so.
const plainCode = {
  why: 'code without a language is "text" for BlockNote',
  side: 'own',
  where: 'pre > code.language-text',
  change: (code) => code.removeAttribute('class'),
}

const oneList = {
  why: 'lists of bullets and of tasks are one list when they touch, whatever the markers',
  side: 'ours',
  where: 'ul',
  change: (list) => {
    const next = list.nextElementSibling
    if (next?.tagName !== 'UL') return false
    next.prepend(...list.childNodes)
    list.remove()
  },
}

const captionAsAlt = {
  why: 'BlockNote shows the name of a picture to those who do not see it; here it is the caption when there is one',
  side: 'own',
  where: 'figure:has(figcaption) img',
  change: (image) => image.setAttribute('alt', image.closest('figure').querySelector('figcaption').textContent),
}

const namedPlayer = {
  why: 'a player without a caption shows its name here',
  side: 'own',
  where: ':is(audio, video):not(figure *)',
  change: (player) => inFigure(player, player.dataset.name),
}

const pictureInFigure = {
  why: 'a picture without a caption is a figure here, too',
  side: 'own',
  where: 'img:not(figure *)',
  change: (image) => inFigure(image),
}

const inFull = [captionAsAlt, namedPlayer, pictureInFigure]

const inHtml = [
  plainCode,
  oneList,
  {
    why: 'BlockNote says what is indented below an item behind the list, and begins a new one; here it is in the item',
    side: 'own',
    where: '[data-nesting-level]:not(li)',
    change: (block) => {
      const list = block.previousElementSibling
      const next = block.nextElementSibling
      if (!isList(list)) return false
      list.lastElementChild.append(block)
      if (isList(next) && next.tagName === list.tagName) {
        list.append(...next.childNodes)
        next.remove()
      }
    },
  },
  {
    why: 'BlockNote puts what unfolds into a list of bullets',
    side: 'own',
    where: 'li:has(> details)',
    change: (item) => {
      const list = item.parentElement
      const behind = list.cloneNode()
      while (item.nextSibling) behind.append(item.nextSibling)
      list.after(item.firstElementChild, behind)
      item.remove()
      if (list.childElementCount === 0) list.remove()
      if (behind.childElementCount === 0) behind.remove()
    },
  },
  {
    why: 'BlockNote says the colours of cells in attributes of its own alone',
    side: 'ours',
    where: 'td[style], th[style]',
    change: (cell) => (cell.style.backgroundColor = ''),
  },
  captionAsAlt,
  namedPlayer,
  pictureInFigure,
  {
    why: 'the caption of a file stands behind its name here, there below',
    side: 'own',
    where: 'div[data-caption] > p',
    change: (caption) => {
      const file = caption.parentElement
      file.replaceChildren(file.firstElementChild, ` – ${caption.textContent}`)
      const line = document.createElement('p')
      file.replaceWith(line)
      line.append(...file.childNodes)
    },
  },
]

// What follows a list is its last item's; what was below an item comes behind it.
function splitBehind(item, blocks) {
  const list = item.parentElement
  const behind = list.cloneNode()
  while (item.nextSibling) behind.append(item.nextSibling)
  list.after(...blocks, ...(behind.childElementCount > 0 ? [behind] : []))
}

const inMarkdown = [
  plainCode,
  {
    why: 'colours and alignment: BlockNote leaves them out of Markdown',
    side: 'ours',
    where: '[style]',
    change: (element) => element.removeAttribute('style'),
  },
  {
    why: 'underlined and marked words: likewise',
    side: 'ours',
    where: 'u, mark',
    change: unwrap,
  },
  {
    why: 'what a heading unfolds follows it',
    side: 'ours',
    where: 'details:has(> summary > :is(h1, h2, h3))',
    change: (details) => {
      details.before(details.firstElementChild.firstElementChild)
      details.firstElementChild.remove()
      unwrap(details)
    },
  },
  {
    why: 'what unfolds is an item of a list',
    side: 'ours',
    where: 'details',
    change: (details) => {
      details.outerHTML = `<ul><li>${details.innerHTML}</li></ul>`
    },
  },
  {
    why: 'the same: its line',
    side: 'ours',
    where: 'summary',
    change: unwrap,
  },
  oneList,
  {
    why: 'what is indented below an item comes behind the list',
    side: 'ours',
    where: 'li > p + p',
    change: (block) => splitBehind(block.parentElement, [block]),
  },
  {
    why: 'a line break ends the heading',
    side: 'ours',
    where: ':is(h1, h2, h3, h4, h5, h6) > br',
    change: (br) => {
      if (br.parentElement.tagName === 'P') return false // behind the first
      const line = document.createElement('p')
      while (br.nextSibling) line.append(br.nextSibling)
      br.parentElement.after(line)
      br.replaceWith('\\')
    },
  },
  {
    why: 'a table without a head gets an empty one',
    side: 'own',
    where: 'thead',
    change: (head) => (head.textContent.trim() === '' ? head.remove() : false),
  },
  {
    why: 'a cell that is two wide is one and an empty one',
    side: 'ours',
    where: '[colspan="2"]',
    change: (cell) => {
      cell.removeAttribute('colspan')
      cell.after(document.createElement('td'))
    },
  },
  {
    why: 'a picture with a caption is HTML for BlockNote, and the caption a line in italics here',
    side: 'ours',
    where: 'p > img + br + em',
    change: (caption) => {
      const line = caption.parentElement
      line.outerHTML = `<figure>${line.firstElementChild.outerHTML}<figcaption>${caption.textContent}</figcaption></figure>`
    },
  },
  {
    why: 'which shows the name of the picture to those who do not see it',
    side: 'own',
    where: 'figure > img',
    change: (image) => image.setAttribute('alt', image.nextElementSibling.textContent),
  },
  {
    why: 'a player is a link here',
    side: 'own',
    where: 'audio',
    change: (player) => {
      const src = player.getAttribute('src')
      player.outerHTML = `<p><a href="${src}">${src.slice(1)}</a></p>`
    },
  },
]

export const forms = {
  full: {
    output: 'html',
    serialize: ({ blocks }) => blocknote.editor.blocksToFullHTML(blocks),
    read: { own: plainHtml },
    differences: inFull,
  },
  html: { serialize: ({ blocks }) => blocknote.editor.blocksToHTMLLossy(blocks), differences: inHtml },
  md: { serialize: ({ blocks }) => blocknote.editor.blocksToMarkdownLossy(blocks), differences: inMarkdown, modest: true },
}
