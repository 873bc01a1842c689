// Our HTML and Markdown, opened again by the editors that wrote the document: what they read is the document, but for
// the losses named here. Argument: the program render_doc.
//
// - Tiptap and prosemirror: their examples and random documents of their schemas, node by node
// - BlockNote, Lexical, Quill: their examples, line by line; a loss says which lines become which, and why
import { parse } from './editors/dom.mjs'
import assert from 'node:assert/strict'
import { Rng, testSeed } from '../support/js/rng.mjs'

const { DOMParser } = await import('prosemirror-model')
const { defaultMarkdownParser } = await import('prosemirror-markdown')
const { MarkdownManager } = await import('@tiptap/markdown')
const { renderAll } = await import('./editors/rendered.mjs')
const { randomDocument } = await import('./editors/schema_random.mjs')
const blocknote = await import('./editors/blocknote.mjs')
const { losses } = await import('./editors/losses.mjs')
const lexical = await import('./editors/lexical.mjs')
const prosemirror = await import('./editors/prosemirror.mjs')
const quill = await import('./editors/quill.mjs')
const tiptap = await import('./editors/tiptap.mjs')
const { nodeLines, remains, sameNodes } = await import('./editors/reopened.mjs')

const RANDOM_DOCUMENTS = 150
const program = process.argv[2]
const rng = new Rng(testSeed(2))

// ---- Node by node ----------------------------------------------------------------------------------------------

// The example and random documents of an editor, rendered, read by `read` and compared, as far as `fits` says.
function reopenNodes(editor, format, { read, fits = () => true, lost }) {
  const nodes = [editor.schema.nodeFromJSON(editor.example)]
  while (nodes.length < RANDOM_DOCUMENTS) nodes.push(randomDocument(editor.schema, rng, 20))
  const outputs = renderAll(program, nodes.map((node) => editor.toDocument(node.toJSON())), [format])
  let compared = 0
  for (const [i, node] of nodes.entries()) {
    const text = outputs[i][format]
    if (!fits(node, text)) continue
    sameNodes(read(text), node.toJSON(), lost, `${editor.name} from ${format}:\n${text}`)
    compared++
  }
  assert.ok(compared > 10, `${editor.name} from ${format}: nothing compared`)
  console.log(`${editor.name}: ${compared} documents opened again from ${format}`)
}

const fromHtml = (schema) => (html) => DOMParser.fromSchema(schema).parse(parse(html).body).toJSON()

reopenNodes(tiptap, 'html', { read: fromHtml(tiptap.schema), lost: tiptap.lostInHtml })
reopenNodes(prosemirror, 'html', { read: fromHtml(prosemirror.schema), lost: prosemirror.lostInHtml })

// prosemirror-markdown knows no tables and no HTML.
const isCommonMark = (node, text) => {
  let tables = false
  node.descendants(({ type }) => void (tables ||= type.name === 'table'))
  return !tables && !/<\/?[a-z]/.test(text)
}
reopenNodes(prosemirror, 'md', {
  read: (text) => defaultMarkdownParser.parse(text).toJSON(),
  fits: isCommonMark,
  lost: prosemirror.lostInMarkdown,
})

// ---- Line by line ------------------------------------------------------------------------------------------------

// `losses`: {why, was, now}: lines that stand one after another, and what is read instead.
function sameLines(read, original, losses, message) {
  const lines = [...original]
  for (const { why, was, now } of losses) {
    const at = lines.findIndex((_, i) => was.every((line, k) => lines[i + k] === line))
    assert.ok(at >= 0, `${message}: what is said to be lost is not there: ${why}\n${lines.join('\n')}`)
    lines.splice(at, was.length, ...now)
  }
  assert.equal(read.join('\n'), lines.join('\n'), message)
  console.log(`${message}: ${original.length} lines, ${losses.length} losses`)
}

const lexicalExample = await lexical.example()
const docs = [lexicalExample.doc, blocknote.toDocument(blocknote.example), quill.toDocument()]
const [ofLexical, ofBlocknote, ofQuill] = renderAll(program, docs, ['html', 'md'])
for (const format of ['html', 'md']) {
  const dom = parse(ofLexical.html)
  sameLines(await lexical.opened(format, ofLexical[format], dom), lexicalExample.lines, losses.lexical[format], `lexical from ${format}`)
  const blocks = await blocknote.opened(format, ofBlocknote[format])
  sameLines(blocks, blocknote.linesOfDocument(docs[1]), losses.blocknote[format], `blocknote from ${format}`)
}

sameLines(quill.opened(ofQuill.html), quill.linesOf(quill.example), losses.quill.html, 'quill from html')

const [{ md }] = renderAll(program, [tiptap.toDocument(tiptap.example)], ['md'])
const read = new MarkdownManager({ extensions: tiptap.extensions }).parse(md)
const shown = (json) => nodeLines(remains(tiptap.schema.nodeFromJSON(json).toJSON(), tiptap.lostInHtml)[0])
sameLines(shown(read), shown(tiptap.example), losses.tiptap.md, 'tiptap from md')
process.exit(0) // timers of the editors keep node alive
