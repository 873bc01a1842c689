// Tiptap's own HTML, which its schema says (generateHTML and copying do so), and its own Markdown.
import { getSchema } from '@tiptap/core'
import { TaskItem, TaskList } from '@tiptap/extension-list'
import { MarkdownManager } from '@tiptap/markdown'
import StarterKit from '@tiptap/starter-kit'
import MarkdownIt from 'markdown-it'
import { DOMSerializer } from 'prosemirror-model'
import { sameNodes } from './reopened.mjs'
import { randomDocument } from './schema_random.mjs'
import { lostInMarkdown } from './prosemirror.mjs'
import * as tiptap from './tiptap.mjs'

export const name = 'tiptap'
const made = (node) => ({ doc: tiptap.toDocument(node.toJSON()), node })
export const example = (modest) => made(tiptap.schema.nodeFromJSON(modest ? plainExample : tiptap.example))
export const random = (rng, modest) => made(modest ? randomMarkdown(rng) : randomDocument(tiptap.schema, rng))

const extensions = [StarterKit, TaskList, TaskItem.configure({ nested: true })]
const markdown = new MarkdownManager({ extensions })
const markdownSchema = getSchema(extensions)

const inMarkdown = /^(bulletList|orderedList|taskList|blockquote|codeBlock|horizontalRule)$/
const plainExample = { type: 'doc', content: tiptap.example.content.filter(({ type }) => inMarkdown.test(type)) }

// Empty lines, and lists that CommonMark does not let follow a line, are something else in Tiptap's Markdown.
function isUnsaid(node) {
  let found = false
  node.descendants(({ isTextblock, content, attrs }) => void (found ||= (isTextblock && content.size === 0) || attrs.start > 1))
  return found
}

// A document of plain words that Tiptap itself reads back from its Markdown: it escapes nothing, knows no empty blocks, and
// leaves the space behind bold words inside the asterisks.
function randomMarkdown(rng) {
  for (;;) {
    const node = randomDocument(markdownSchema, rng, 12, true)
    if (isUnsaid(node)) continue
    try {
      sameNodes(markdown.parse(markdown.serialize(node.toJSON())), node.toJSON(), lostInMarkdown, '')
      return node
    } catch {
      continue
    }
  }
}

const differences = [
  {
    why: 'formulas are drawn in the editor alone; here their TeX is text',
    side: 'own',
    where: '[data-latex]',
    change: (formula) => (formula.textContent = formula.dataset.latex),
  },
  {
    why: 'emoji are pictures from a foreign site, here names',
    side: 'own',
    where: 'span[data-type=emoji]',
    change: (emoji) => (emoji.textContent = `:${emoji.dataset.name}:`),
  },
  {
    why: 'pictures and sounds are figures here',
    side: 'own',
    where: ':is(img, audio)',
    change: (image) => (image.outerHTML = `<figure>${image.outerHTML}</figure>`),
  },
  {
    why: 'players of other sites are frames',
    side: 'own',
    where: 'iframe',
    change: (frame) => (frame.outerHTML = '<p>[player]</p>'),
  },
  {
    why: 'or words that they cannot be shown',
    side: 'own',
    where: 'div',
    change: (div) => (div.textContent === 'Invalid Twitch URL' && div.childElementCount === 0 ? (div.textContent = '[player]') : false),
  },
  {
    why: 'here they are links',
    side: 'ours',
    where: ':is([data-node=youtube], [data-node=twitch])',
    change: (link) => link.replaceWith('[player]'),
  },
]

function ownHtml({ node }) {
  const holder = document.createElement('div')
  holder.append(DOMSerializer.fromSchema(tiptap.schema).serializeFragment(node.content))
  return holder.innerHTML
}

// Underlined words have signs of Tiptap's own in Markdown.
const commonMark = new MarkdownIt({ html: true })
const read = { own: (text) => commonMark.render(text.replace(/\+\+(.+?)\+\+/g, '<u>$1</u>')) }

export const forms = {
  html: { serialize: ownHtml, differences },
  md: { serialize: ({ node }) => markdown.serialize(node.toJSON()), differences: [], modest: true, read },
}
