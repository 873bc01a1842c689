// Documents written by the real editors' bindings, through the renderer. Argument: the program render_doc.
//
// - each editor's example as Markdown is editors/NAME.md, written by hand
// - for ProseMirror editors, the JSON is the editor's own: of the example and of random documents of its schema, whose
//   words are also all in the HTML, the text and the Markdown
// - where an editor has a serialiser of its own, it says the same Markdown, up to the marker of rules and breaks
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { Rng, testSeed } from '../support/js/rng.mjs'
import * as codemirror from './editors/codemirror.mjs' // first: it brings the DOM
import * as blocknote from './editors/blocknote.mjs'
import * as lexical from './editors/lexical.mjs'
import * as prosemirror from './editors/prosemirror.mjs'
import * as quill from './editors/quill.mjs'
import { render as renderBy, renderAll } from './editors/rendered.mjs'
import { randomDocument } from './editors/schema_random.mjs'
import * as tiptap from './editors/tiptap.mjs'
import { wordsKept } from './editors/words_kept.mjs'

const RANDOM_DOCUMENTS = 150
const program = process.argv[2]
const render = (doc, format) => renderBy(program, doc, format)
const golden = (name) => readFileSync(new URL(`./editors/${name}.md`, import.meta.url), 'utf8')

function checkExample(editor, doc) {
  assert.equal(render(doc, 'md'), golden(editor.name), `${editor.name} as Markdown`)
}

// Both as the schema understands them: defaults filled in, marks in its order.
function checkJson(editor, json, ours) {
  ours = editor.schema.nodeFromJSON(JSON.parse(ours))
  assert.deepEqual(ours.toJSON(), editor.schema.nodeFromJSON(json).toJSON(), `${editor.name} as JSON`)
}

const checkWords = (editor, node, { html, text, md }) =>
  wordsKept(editor.name, node.textBetween(0, node.content.size, ' ', ' '), { html, text, md })

const rng = new Rng(testSeed(1))

for (const editor of [tiptap, prosemirror, blocknote]) {
  const doc = editor.toDocument(editor.example)
  const nodes = Array.from({ length: RANDOM_DOCUMENTS }, () => randomDocument(editor.schema, rng))
  const outputs = renderAll(program, nodes.map((node) => editor.toDocument(node.toJSON())), ['json', 'html', 'text', 'md'])
  const met = new Set()
  let words = 0
  checkExample(editor, doc)
  checkJson(editor, editor.example, render(doc, 'json'))
  for (const [i, node] of nodes.entries()) {
    checkJson(editor, node.toJSON(), outputs[i].json)
    words += checkWords(editor, node, outputs[i])
    node.descendants((child) => {
      met.add(child.type.name)
      for (const mark of child.marks) met.add(mark.type.name)
    })
  }
  const missed = [...Object.keys(editor.schema.nodes), ...Object.keys(editor.schema.marks)].filter((name) => !met.has(name) && name !== 'doc')
  assert.deepEqual(missed, [], `${editor.name}: never met`)
  console.log(`${editor.name}: the example, ${RANDOM_DOCUMENTS} random documents, ${words} words, ${met.size} nodes and marks`)
}

for (const editor of [lexical, quill, codemirror]) {
  checkExample(editor, await editor.toDocument())
  console.log(`${editor.name}: the example`)
}

const own = prosemirror.ownMarkdown(prosemirror.example)
assert.equal(golden('prosemirror').trim(), own.replace(/^> *$/gm, '>').trim(), 'prosemirror-markdown says the same')

const plain = codemirror.toDocument()
assert.equal(render(plain, 'text'), codemirror.example, 'plain text comes out as it is')
process.exit(0) // timers of the editors keep node alive
