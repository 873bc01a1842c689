// From pages that `cahier-bench editors --html` wrote to what the repository shows: node results.mjs PAGE.html… FOLDER
// writes FOLDER/README.md, a table for each scenario with its goals, and FOLDER/SCENARIO-N.svg, its plots.
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { loadavg } from 'node:os'
import { join } from 'node:path'

const pages = process.argv.slice(2, -1)
const folder = process.argv.at(-1)
if (pages.length === 0) {
  console.error('usage: node results.mjs PAGE.html… FOLDER')
  process.exit(2)
}

const style = `svg{--ink:#1d2430;--soft:#667085;--rule:#e4e4de;--card:#fff;--c0:#98a2b3;--c1:#0b7a75;--c2:#2e9e5b;--c3:#d9822b;
--c4:#a6478f;--c6:#c0392b}text{font:11px system-ui,'Liberation Sans',sans-serif;fill:var(--soft);text-anchor:middle}
.end,.name{text-anchor:end}.name{fill:var(--ink);font-size:12.5px}.value,.head,.key{text-anchor:start;fill:var(--ink);
font-size:12.5px}.head{font-weight:600;font-size:14px}.key{fill:var(--soft)}.grid{stroke:var(--rule);fill:none}
.line{fill:none;stroke-width:2;stroke-linejoin:round}.level{stroke:var(--c6);stroke-dasharray:4 4;fill:none}
circle.hollow{fill:var(--card)}`.replaceAll('\n', '')

const all = (text, pattern) => [...text.matchAll(pattern)].map((m) => m.slice(1))
const plain = (html) => html.replace(/<[^>]*>/g, '').replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&quot;', '"').replaceAll('&amp;', '&')
const row = (cells) => `| ${cells.map((c) => plain(c).replaceAll('|', '\\|')).join(' | ')} |`

// One plot of a page as a picture of its own: with its title, its legend and its colours.
function picture(name, [title, legend, width, height, body]) {
  let x = 14
  const keys = all(legend ?? '', /var\((--c\d)\)"><\/i>([^<]*)</g).map(([colour, word]) => {
    const key = `<rect x="${x}" y="36" width="14" height="3" fill="var(${colour})"/><text class="key" x="${x + 20}" y="42">${word}</text>`
    x += 44 + 7 * word.length
    return key
  })
  const top = keys.length > 0 ? 54 : 36
  const box = `0 0 ${Number(width) + 20} ${Number(height) + top + 8}`
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="${box}"><style>${style}</style><rect width="100%" height="100%" fill="#fff"/>` +
    `<text class="head" x="14" y="24">${name}: ${title}</text>${keys.join('')}<g transform="translate(6 ${top})">${body}</g></svg>\n`
}

function scenario(section) {
  const [[name]] = all(section, /<h2>(.*?)<\/h2>/g)
  const [[about]] = all(section, /<p class="about">(.*?)<\/p>/g)
  const [head, ...rows] = all(section, /<tr>(.*?)<\/tr>/gs).map(([tr]) => all(tr, /<t[hd][^>]*>(.*?)<\/t[hd]>/gs).map(([cell]) => cell))
  const goals = all(section, /<li class="(reached|missed)">(.*?)<\/li>/g)
  const plots = all(section, /<figure><figcaption>(.*?)<\/figcaption>(?:<p class="legend">(.*?)<\/p>)?<svg viewBox="0 0 (\d+) (\d+)"[^>]*>(.*?)<\/svg>/gs)
  const lines = [`## ${name}`, '', plain(about), '', row(head), `|${head.map(() => '---|').join('')}`, ...rows.map(row), '']
  lines.push(...goals.map(([state, text]) => `- ${state === 'reached' ? '✓' : '✗ **missed**'} ${plain(text)}`), '')
  plots.filter(([, legend]) => legend).forEach((plot, i) => { // bars say what the table says
    const file = `${name}-${i + 1}.svg`
    writeFileSync(join(folder, file), picture(name, plot))
    lines.push(`![${name}: ${plain(plot[0])}](${file})`)
  })
  return [...lines, '']
}

for (const file of readdirSync(folder)) if (/-\d\.svg$/.test(file)) rmSync(join(folder, file))
const texts = pages.map((page) => readFileSync(page, 'utf8'))
const [[machine]] = all(texts[0], /<header><h1>.*?<\/h1><p>(.*?)<\/p>/g)
const sections = texts.flatMap((text) => all(text, /<section[^>]*>(.*?)<\/section>/gs)).flatMap(([section]) => scenario(section))
const load = loadavg()[2].toFixed(1)
writeFileSync(join(folder, 'README.md'), [
  '# Results of `cahier-bench editors`', '',
  `${plain(machine)}; load of the last quarter of an hour ${load}. Written by \`./dev bench results\`; how to read it: ` +
  '[../README.md](../README.md#editors).', '', ...sections].join('\n').trimEnd() + '\n')
console.log(`${sections.filter((line) => line.startsWith('## ')).length} scenarios in ${join(folder, 'README.md')}`)
