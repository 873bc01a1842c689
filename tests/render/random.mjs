// Random documents, made in the real editors and written by their bindings: no word is lost in any form, and our HTML
// and Markdown, opened again by that editor, are the document, but for what editors/NAME_lost.mjs lists with reasons.
// (Tiptap and prosemirror: editors.mjs and reopen.mjs.) Argument: the program render_doc.
//
// Where Lexical has a serialiser of its own, ours says the same blocks and words.
//
// What an editor does not read in Markdown at all is left out of the documents that it opens from Markdown (`modest`).
// Each run says which nodes and formats it met, and fails when one was not met.
import { parse } from './editors/dom.mjs'
import assert from 'node:assert/strict'
import { Rng, testSeed } from '../support/js/rng.mjs'

const { defaultMarkdownParser } = await import('prosemirror-markdown')
const { renderAll } = await import('./editors/rendered.mjs')
const { Counts, randomWords, times } = await import('./editors/random_words.mjs')
const { wordsKept } = await import('./editors/words_kept.mjs')
const { nodeLines } = await import('./editors/reopened.mjs')
const blocknote = await import('./editors/blocknote.mjs')
const blocknoteLost = await import('./editors/blocknote_lost.mjs')
const blocknoteRandom = await import('./editors/blocknote_random.mjs')
const codemirror = await import('./editors/codemirror.mjs')
const lexical = await import('./editors/lexical.mjs')
const lexicalLost = await import('./editors/lexical_lost.mjs')
const lexicalRandom = await import('./editors/lexical_random.mjs')
const quill = await import('./editors/quill.mjs')
const quillLost = await import('./editors/quill_lost.mjs')
const quillRandom = await import('./editors/quill_random.mjs')

const DOCUMENTS = 120
const program = process.argv[2]
const rng = new Rng(testSeed(3))

// `make(modest)` gives {doc, text: its words, lines: what it is, by format, own: the editor's own output}; `read(format,
// text)` those lines of what the editor makes of our output; `sameAsOwn(ours, own)` compares.
async function check(name, format, { make, read, counts, names, modest = false, sameAsOwn = () => {} }) {
  const made = []
  while (made.length < DOCUMENTS) made.push(await make(modest))
  const outputs = renderAll(program, made.map(({ doc }) => doc), ['html', 'md', 'text', 'json'])
  let words = 0
  let lines = 0
  for (const [i, { text, lines: original, own }] of made.entries()) {
    words += wordsKept(name, text, outputs[i])
    const ours = outputs[i][format]
    const found = await read(format, ours)
    const at = found.findIndex((line, k) => line !== original[format][k])
    const near = (all) => all.slice(Math.max(0, at - 4), at + 3).join('\n')
    const same = at < 0 && found.length === original[format].length
    assert.ok(same, `${name} from ${format}, document ${i}:\n${ours}\n---- read\n${near(found)}\n---- instead of\n${near(original[format])}`)
    sameAsOwn(ours, own)
    lines += found.length
  }
  if (!modest) assert.deepEqual(names.filter((met) => !counts.has(met)), [], `${name}: never met`)
  console.log(`${name}: ${DOCUMENTS} documents, ${words} words, ${lines} lines the same from ${format}${modest ? '' : `; ${counts}`}`)
}

// ---- BlockNote -------------------------------------------------------------------------------------------------------

const textOf = (node) => [node.text ?? '', ...(node.content ?? node.children ?? []).map(textOf)].join(' ')

function blocknoteEditor() {
  const counts = new Counts()
  const make = (modest) => {
    const json = blocknoteRandom.randomJson(rng, modest)
    const doc = blocknote.toDocument(json)
    const lines = blocknoteLost.inHtml(blocknote.blocksOf(doc))
    if (!modest) blocknoteRandom.count(json, counts)
    return { doc, text: textOf(json), lines: { html: lines, md: lines } }
  }
  const read = async (format, text) => blocknoteLost.inHtml(await blocknote.openedBlocks(format, text))
  return { make, read, counts, names: blocknoteRandom.names }
}

// ---- Lexical ---------------------------------------------------------------------------------------------------------

function lexicalEditor() {
  const counts = new Counts()
  const forms = { html: lexicalLost.inHtml, md: lexicalLost.inMarkdown }
  const linesOf = (json, format) => json.children.flatMap(forms[format]).flatMap((node) => nodeLines(node))
  const make = async (modest) => {
    const { doc, json, ownMarkdown: own } = await lexical.written(() => lexicalRandom.fillRandomly(rng, modest))
    if (!modest) lexicalRandom.count(json, counts)
    return { doc, text: textOf(json), own, lines: { html: linesOf(json, 'html'), md: linesOf(json, 'md') } }
  }
  const read = async (format, text) => linesOf(await lexical.openedJson(format, text, parse(text)), format)
  return { make, read, counts, names: lexicalRandom.names }
}

// As another's parser reads them: how spaces and formats share the words is each serialiser's own.
function sameBlocks(ours, own) {
  const blocks = (node, depth = 0) =>
    node.isTextblock
      ? [`${depth} ${node.type.name} ${node.attrs.level ?? ''} ${node.textContent.match(/[\p{L}\p{N}]+/gu)?.join(' ')}`]
      : [`${depth} ${node.type.name}`, ...node.content.content.flatMap((child) => blocks(child, depth + 1))]
  assert.deepEqual(blocks(defaultMarkdownParser.parse(ours)), blocks(defaultMarkdownParser.parse(own)), `${ours}\n---- own\n${own}`)
}

// ---- Quill -----------------------------------------------------------------------------------------------------------

function quillEditor() {
  const counts = new Counts()
  const make = () => {
    const { doc, ops } = quill.written(quillRandom.randomOps(rng))
    quillRandom.count(ops, counts)
    const text = ops.map(({ insert }) => (typeof insert === 'string' ? insert : insert.formula ?? '')).join(' ')
    return { doc, text, lines: { html: quillLost.inHtml(ops) } }
  }
  return { make, read: (_, html) => quillLost.inHtml(quill.openedOps(html)), counts, names: quillRandom.names }
}

// ---- CodeMirror ------------------------------------------------------------------------------------------------------

// Typed, pasted and taken away anywhere; the Markdown is read by another's parser, since CodeMirror shows its source.
function codemirrorEditor() {
  const counts = new Counts()
  const line = () => rng.pick(['', '    ', '- ', '> ', '# ', '1. ', '```']) + randomWords(rng)
  const insert = ({ length }) => {
    counts.add('insert')
    return { from: rng.below(length + 1), insert: times(rng, 1, 2, line).join('\n') }
  }
  const remove = ({ length }) => {
    counts.add('remove')
    const from = rng.below(length + 1)
    return { from, to: Math.min(length, from + rng.below(8)) }
  }
  const spaced = (text) => text.split(/\s+/).filter(Boolean)
  const make = () => {
    const { doc, text } = codemirror.written([insert, ...times(rng, 1, 8, () => rng.pick([insert, insert, remove]))])
    return { doc, text, lines: { md: spaced(text), text: text.split('\n') } }
  }
  const read = (format, text) => {
    if (format === 'text') return text.split('\n')
    const node = defaultMarkdownParser.parse(text)
    return spaced(node.textBetween(0, node.content.size, '\n', '\n'))
  }
  return { make, read, counts, names: ['insert', 'remove'] }
}

await check('blocknote', 'html', blocknoteEditor())
await check('blocknote', 'md', { ...blocknoteEditor(), modest: true })
await check('lexical', 'html', lexicalEditor())
await check('lexical', 'md', { ...lexicalEditor(), modest: true, sameAsOwn: sameBlocks })
await check('quill', 'html', quillEditor())
await check('codemirror', 'md', codemirrorEditor())
await check('codemirror', 'text', codemirrorEditor())
process.exit(0) // timers of the editors keep node alive
