// html_to_pdf.py itself, with WeasyPrint: pages that the server would never write, which ask for everything a page can
// ask for, get nothing; and its exit codes. Argument: the script.
import assert from 'node:assert/strict'
import { spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { connect, createServer } from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { Suite } from '../providers/cahier.mjs'

const PYTHON = '/usr/bin/python3'
const SECRET = 'Geheimnis-4711'
const TOGETHER = 4 // wishes in one page: a conversion takes a second, or several
const script = readFileSync(process.argv[2], 'utf8')
if (spawnSync(PYTHON, ['-I', '-c', 'import weasyprint']).status !== 0) {
  console.log('SKIP: no WeasyPrint for /usr/bin/python3; it is in Debian’s package weasyprint')
  process.exit(77)
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'cahier-converter-'))
const temporary = path.join(folder, 'temporary')
mkdirSync(temporary)
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const file = (name, content) => {
  writeFileSync(path.join(folder, name), content)
  return `file://${path.join(folder, name)}`
}
const suite = new Suite('converter')
let visits = 0
const listener = createServer((socket) => {
  visits++
  socket.destroy()
}).listen(0, '127.0.0.1')
await once(listener, 'listening')
const http = `http://127.0.0.1:${listener.address().port}`

// Converts without blocking this process, which counts who comes.
async function convert(html) {
  const child = spawn(PYTHON, ['-I', '-B', '-c', script], { env: { PATH: '/usr/bin:/bin', LANG: 'C.UTF-8', TMPDIR: temporary }, cwd: folder })
  const chunks = []
  child.stdout.on('data', (chunk) => chunks.push(chunk))
  child.stderr.resume()
  child.stdin.end(html)
  const [code] = await once(child, 'close')
  return { code, pdf: Buffer.concat(chunks) }
}

const secretPage = file('secret.html', `<p>${SECRET}</p>`)
const secretStyle = file('secret.css', `p::after{content:"${SECRET}"}`)
const secretImage = file('secret.svg', `<svg xmlns="http://www.w3.org/2000/svg" width="200" height="20"><text y="15">${SECRET}</text></svg>`)
const svg = (inner) =>
  `data:image/svg+xml,${encodeURIComponent(`<svg xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink" width="200" height="20">${inner}</svg>`)}`

const hostile = {
  'a picture of a file': `<img src="${secretImage}">`,
  'a picture from the network': `<img src="${http}/a.png">`,
  'a picture beside the page': '<img src="secret.svg">',
  'a style from a file': `<link rel=stylesheet href="${secretStyle}">`,
  'a style from the network': `<link rel=stylesheet href="${http}/a.css">`,
  'an import in a style': `<style>@import url(${secretStyle});@import url(${http}/b.css)</style>`,
  'a font': `<style>@font-face{font-family:x;src:url(${http}/f.woff),url(${secretPage})}p{font-family:x}</style>`,
  'a background': `<style>body{background:url(${http}/b.png)}p::before{content:url(${secretImage})}</style>`,
  'a list of pictures': `<ul style="list-style-image:url(${http}/l.png)"><li>x</ul>`,
  'an attachment': `<link rel=attachment href="${secretPage}"><a rel=attachment href="${secretPage}">x</a>`,
  'an object': `<object data="${secretImage}"></object><embed src="${http}/e.svg"><iframe src="${secretPage}"></iframe>`,
  'a picture that asks for more': `<img src="${svg(`<image width="200" height="20" xlink:href="${secretImage}"/><image xlink:href="${http}/i.png"/>`)}">`,
  'a picture with a style of its own': `<img src="${svg(`<style>@import url(${http}/s.css)</style><use xlink:href="${secretImage}#x"/>`)}">`,
  'another base': `<base href="${http}/"><img src="c.png"><link rel=stylesheet href="c.css">`,
  'data that is no picture': `<link rel=stylesheet href="data:text/css,p::after{content:'${SECRET}'}">`,
  'a script': `<script src="${http}/s.js"></script><script>document.write("${SECRET}")</script>`,
}

await suite.test('whatever a page asks for, nothing is read and nobody is asked', async () => {
  const all = Object.entries(hostile)
  for (let at = 0; at < all.length; at += TOGETHER) {
    const some = all.slice(at, at + TOGETHER)
    const what = some.map(([name]) => name).join(', ')
    const { code, pdf } = await convert(
      `<!DOCTYPE html><meta charset=utf-8><title>x</title><p>Wort ${some.map(([, html]) => html).join('<p>')}<p>Ende`,
    )
    assert.equal(code, 0, what)
    assert.equal(pdf.subarray(0, 5).toString(), '%PDF-', what)
    assert.equal(visits, 0, `${what}: the network`)
    assert.ok(!pdf.includes('/EmbeddedFile'), `${what}: a file is attached`)
    const text = spawnSync('pdftotext', ['-', '-'], { input: pdf })
    if (text.status === 0) {
      assert.match(text.stdout.toString(), /Wort[^]*Ende/, what)
      assert.ok(!text.stdout.includes(SECRET), `${what}: the secret`)
    }
  }
  console.log(`  ${Object.keys(hostile).length} wishes`)
})

await suite.test('a listener is heard of when someone comes', async () => {
  connect(listener.address().port, '127.0.0.1').on('error', () => {})
  await once(listener, 'connection')
  assert.ok(visits > 0)
})

await suite.test('a picture in the page is shown', async () => {
  const { code, pdf } = await convert(`<p><img src="${svg('<text y="15">im Bild</text>')}">`)
  assert.equal(code, 0)
  const text = spawnSync('pdftotext', ['-', '-'], { input: pdf })
  if (text.status === 0) assert.match(text.stdout.toString(), /im Bild/)
})

await suite.test('without WeasyPrint it ends with 3, without memory with 4, else with 1', async () => {
  assert.equal(spawnSync(PYTHON, ['-I', '-S', '-c', script], { input: '<p>x' }).status, 3)
  // WeasyPrint's place is taken by a module whose HTML raises that error.
  const raising = (error) => `import sys, types
def HTML(*_, **__):
    raise ${error}
sys.modules["weasyprint"] = types.SimpleNamespace(HTML=HTML)
${script}`
  for (const [error, code] of [['MemoryError', 4], ['ValueError', 1]]) {
    assert.equal(spawnSync(PYTHON, ['-I', '-c', raising(error)], { input: '<p>x' }).status, code, error)
  }
})

await suite.test('nothing stays in the folder for temporary files', async () => {
  assert.deepEqual(readdirSync(temporary), [])
})

listener.close()
suite.finish()
