// Full notes of several editors (editors/gallery.mjs) as people see them, by what can be measured of it: nothing is wider
// than the screen, wide or narrow; the box of a task stands beside its words; on paper, printed by Chromium and as our
// PDF, all words are inside the margins, a table's head stands on each of its pages, no heading is the last line of one,
// and every page has its number. Arguments: the program render_doc, html_to_pdf.py.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { launch } from '../browser/people.mjs'
import * as gallery from './editors/gallery.mjs'
import { renderAll } from './editors/rendered.mjs'

const [program, script] = process.argv.slice(2)
const PYTHON = '/usr/bin/python3'
const MARGIN = (2 / 2.54) * 72 // 2 cm in points
const notes = Object.entries(gallery.notes)
const pages = renderAll(program, notes.map(([, make]) => make()), ['html+pdf'])
const browser = await launch()
const hasWeasyPrint = spawnSync(PYTHON, ['-I', '-c', 'import weasyprint']).status === 0

// ---- On a screen -----------------------------------------------------------------------------------------------------

async function checkScreen(name, html, width) {
  const page = await browser.newPage({ viewport: { width, height: 900 } })
  await page.setContent(html)
  const seen = await page.evaluate(() => {
    const wide = [...document.querySelectorAll('body *')].filter(
      (element) => element.getBoundingClientRect().right > innerWidth + 1 && !element.closest('pre, table'),
    )
    const boxes = [...document.querySelectorAll('li > input')].map((box) => {
      const range = document.createRange()
      range.setStartAfter(box)
      range.setEndAfter(box.parentElement.lastChild)
      const lines = [...range.getClientRects()].filter(({ width: w, height }) => w > 0 && height > 0 && height < 60)
      const { top, bottom, right, left } = box.getBoundingClientRect()
      return lines.some((line) => line.top < bottom && line.bottom > top && (line.left >= right || line.right <= left))
    })
    return { scroll: document.documentElement.scrollWidth, inner: innerWidth, wide: wide.map(({ outerHTML }) => outerHTML.slice(0, 100)), boxes }
  })
  assert.ok(seen.scroll <= seen.inner, `${name} at ${width}: ${seen.scroll} wide`)
  assert.deepEqual(seen.wide, [], `${name} at ${width}: wider than the screen`)
  assert.ok(seen.boxes.every(Boolean), `${name} at ${width}: a box is not beside its task: ${seen.boxes}`)
  await page.close()
  return seen.boxes.length
}

// ---- On paper --------------------------------------------------------------------------------------------------------

// [{width, words: [{text, left, right, bottom}]}], a page each; the number at the foot is the last line.
function pagesOf(pdf) {
  const xml = execFileSync('pdftotext', ['-bbox', '-', '-'], { input: pdf, maxBuffer: 1 << 28, stdio: ['pipe', 'pipe', 'ignore'] }).toString()
  return xml.split('<page ').slice(1).map((page) => ({
    width: Number(/width="([\d.]+)"/.exec(page)[1]),
    words: [...page.matchAll(/<word xMin="([\d.-]+)" yMin="[\d.-]+" xMax="([\d.-]+)" yMax="([\d.-]+)">([^<]*)</g)].map(
      ([, left, right, bottom, text]) => ({ text, left: Number(left), right: Number(right), bottom: Number(bottom) }),
    ),
  }))
}

// The lowest line, and all above it: the words come in the order of the note, not of the page.
function cutLowest(words) {
  const foot = Math.max(...words.map(({ bottom }) => bottom))
  const isLow = ({ bottom }) => bottom > foot - 2
  return { line: words.filter(isLow).map(({ text }) => text).join(' '), above: words.filter((word) => !isLow(word)) }
}

function checkPaper(name, pdf, headings) {
  const sheets = pagesOf(pdf)
  for (const [i, sheet] of sheets.entries()) {
    const where = `${name}, page ${i + 1}`
    const text = sheet.words.map((word) => word.text).join(' ')
    const { line: number, above } = cutLowest(sheet.words)
    const { line: last } = cutLowest(above)
    assert.equal(number, `${i + 1} / ${sheets.length}`, `${where}: its number`)
    for (const { text: word, left, right } of sheet.words) {
      assert.ok(left > MARGIN - 12 && right < sheet.width - MARGIN + 6, `${where}: outside the margins: ${word} ${left} to ${right}`)
    }
    assert.ok(!headings.includes(last), `${where} ends with a heading: ${last}`)
    if (/\d · \d/.test(text)) assert.ok(text.includes('Colonne 4'), `${where}: the head of the table`)
  }
  return sheets.length
}

// ---- All -------------------------------------------------------------------------------------------------------------

let boxes = 0
for (const [i, [name]] of notes.entries()) {
  const html = pages[i]['html+pdf']
  for (const width of [1000, 390]) boxes += await checkScreen(name, html, width)
  const page = await browser.newPage()
  await page.setContent(html)
  const headings = await page.$$eval('h1, h2, h3', (all) => all.map(({ textContent }) => textContent))
  const printed = checkPaper(`${name} printed`, await page.pdf({ preferCSSPageSize: true }), headings)
  await page.close()
  const own = hasWeasyPrint && spawnSync(PYTHON, ['-I', '-B', '-c', readFileSync(script, 'utf8')], { input: html, maxBuffer: 1 << 28 }).stdout
  const converted = own ? checkPaper(`${name} as PDF`, own, headings) : 'no WeasyPrint: none'
  console.log(`${name}: ${headings.length} headings, ${printed} pages printed, ${converted} as PDF`)
}
assert.ok(boxes >= 20, `${boxes} boxes of tasks`)
console.log(`${boxes} boxes of tasks`)
await browser.close()
