// ProseMirror's own HTML, which its schema says, and prosemirror-markdown's Markdown.
import { DOMSerializer } from 'prosemirror-model'
import { defaultMarkdownParser, defaultMarkdownSerializer, schema as markdown } from 'prosemirror-markdown'
import { sameNodes } from './reopened.mjs'
import { randomDocument } from './schema_random.mjs'
import * as prosemirror from './prosemirror.mjs'

export const name = 'prosemirror'
const made = (node) => ({ doc: prosemirror.toDocument(node.toJSON()), node })
export const example = () => made(prosemirror.schema.nodeFromJSON(prosemirror.example))
export const random = (rng, modest) => made(modest ? randomMarkdown(rng) : randomDocument(prosemirror.schema, rng))

// A document that prosemirror-markdown itself reads back from its Markdown: there are no tables, and what is empty or
// begins with a list in a list is something else afterwards.
function randomMarkdown(rng) {
  for (;;) {
    const node = randomDocument(markdown, rng, 20)
    try {
      const read = defaultMarkdownParser.parse(defaultMarkdownSerializer.serialize(node))
      sameNodes(read.toJSON(), node.toJSON(), prosemirror.lostInMarkdown, '')
      return node
    } catch {
      continue
    }
  }
}

const differences = [
  {
    why: 'prosemirror-markdown says the language of code in an attribute of its own',
    side: 'own',
    where: 'pre[data-params]',
    change: (pre) => (pre.dataset.language = pre.dataset.params),
  },
]

function ownHtml({ node }) {
  const holder = document.createElement('div')
  holder.append(DOMSerializer.fromSchema(prosemirror.schema).serializeFragment(node.content))
  return holder.innerHTML
}

// Its own as prosemirror-markdown reads it: without HTML, which it does not escape.
const read = { own: (text) => defaultMarkdownParser.tokenizer.render(text) }

export const forms = {
  html: { serialize: ownHtml, differences },
  md: { serialize: ({ node }) => defaultMarkdownSerializer.serialize(node), differences: [], modest: true, read },
}
