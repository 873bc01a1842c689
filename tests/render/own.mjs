// What editors' own serialisers make of their documents, beside what ours make of them: the same blocks, words and formats,
// for the examples and for random documents, but for the differences that editors/own_NAME.mjs lists, each with its reason.
// A difference that is never met is no difference, and fails. A form is named as our output is, or names it (`output`).
// Argument: the program render_doc.
import { parse } from './editors/dom.mjs'
import assert from 'node:assert/strict'
import { Rng, testSeed } from '../support/js/rng.mjs'
import MarkdownIt from 'markdown-it'

const { renderAll } = await import('./editors/rendered.mjs')
const { htmlLines } = await import('./editors/html_lines.mjs')
const names = ['tiptap', 'prosemirror', 'blocknote', 'lexical', 'quill']
const owners = await Promise.all(names.map((name) => import(`./editors/own_${name}.mjs`)))

const program = process.argv[2]
const DOCUMENTS = Number(process.env.CAHIER_DOCUMENTS ?? 100)
const rng = new Rng(testSeed(4))

// Markdown as GitHub's readers see it: tables, strikethrough, inline HTML.
const markdown = new MarkdownIt({ html: true, linkify: false })
const toHtml = { html: (text) => text, md: (text) => markdown.render(text) }

// What is different, done to one of the two as HTML: `where` finds the elements and `change` makes them what the other says;
// or `formats` makes those of a word what the other's are.
function level(body, differences, side, met) {
  const count = (why) => met.set(why, (met.get(why) ?? 0) + 1)
  const here = differences.filter((one) => one.side === side)
  for (const { why, where, change } of here.filter((one) => one.where)) {
    for (const element of [...body.querySelectorAll(where)]) {
      if (body.contains(element) && change(element) !== false) count(why)
    }
  }
  const changes = here.filter((one) => one.formats)
  return htmlLines(body, (set) =>
    changes.reduce((before, { why, formats }) => {
      const after = formats(before)
      if (after.length !== before.length) count(why)
      return after
    }, set),
  )
}

function compare(ours, own, message, sources) {
  const at = own.findIndex((line, i) => line !== ours[i])
  if (at < 0 && own.length === ours.length) return
  const from = at < 0 ? own.length : at
  const near = (lines) => lines.slice(Math.max(0, from - 4), from + 4).join('\n')
  assert.fail(`${message}\n---- ours\n${near(ours)}\n---- the editor's own\n${near(own)}\n---- from\n${sources.join('\n----\n')}`)
}

// What is compared is seen: none of these is the same as another.
const apart = ['<p>a', '<p>b', '<p>ab', '<p>a<p>b', '<p><b>a</b>', '<p><b>a</b>b', '<p style="color:red">a', '<p><a href=x>a</a>', '<h1>a']
apart.push('<p>a<br>b', '<ul><li>a', '<ol><li>a', '<ol start=3><li>a', '<ul><li><input type=checkbox>a', '<blockquote>a', '<pre>a', '<img src=a>')
apart.push('<table><tr><td>a', '<table><tr><th>a', '<table><tr><td colspan=2>a', '<table><tr><td>a<td>b', '<table><tr><td>a<tr><td>b')
assert.equal(new Set(apart.map((html) => htmlLines(parse(html).body).join('\n'))).size, apart.length)

for (const { name, forms, example, random } of owners) {
  for (const [form, { output = form, serialize, differences, modest = false, read }] of Object.entries(forms)) {
    const made = [await example(modest)]
    while (made.length < DOCUMENTS) made.push(await random(rng, modest))
    const outputs = renderAll(program, made.map(({ doc }) => doc), [output])
    const met = new Map()
    let lines = 0
    for (const [i, document] of made.entries()) {
      const own = await serialize(document)
      const ours = outputs[i][output]
      const shown = (side, text) => level(parse((read?.[side] ?? toHtml[output])(text)).body, differences, side, met)
      const right = shown('own', own)
      compare(shown('ours', ours), right, `${name} as ${form}, document ${i}`, [ours, own])
      lines += right.length
    }
    const unmet = differences.filter(({ why }) => !met.has(why)).map(({ why }) => why)
    assert.deepEqual(unmet, [], `${name} as ${form}: differences that were never met`)
    assert.ok(lines > DOCUMENTS, `${name} as ${form}: nothing compared`)
    const times = [...met.values()].reduce((a, b) => a + b, 0)
    console.log(`${name} as ${form}: ${made.length} documents, ${lines} lines the same; ${met.size} kinds of differences, ${times} times`)
  }
}
process.exit(0) // timers of the editors keep node alive
