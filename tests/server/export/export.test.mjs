// Notes as files over HTTP: every format under its name, and PDF by WeasyPrint and by stand-ins that hang, eat memory, die
// or write rubbish. Without WeasyPrint the tests that read a real PDF are left out, and the program says so.
import assert from 'node:assert/strict'
import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Cahier, Suite, until } from '../providers/cahier.mjs'
import { Y } from '../providers/npm.mjs'
import { LINK, TITLE, fullNote } from './full_note.mjs'

const PYTHON = '/usr/bin/python3'
const folder = mkdtempSync(path.join(os.tmpdir(), 'cahier-export-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const suite = new Suite('export')

const hasWeasyPrint = spawnSync(PYTHON, ['-I', '-c', 'import weasyprint']).status === 0
const hasPoppler = spawnSync('pdfinfo', ['-v']).status === 0

async function put(server, note, update) {
  const response = await fetch(`${server.http}/api/v1/notes/${encodeURIComponent(note)}/content`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/vnd.yjs.update' },
    body: update,
  })
  assert.equal(response.status, 204, await response.text())
}

const exported = (server, note, format, more = '') =>
  server.get(`/api/v1/notes/${encodeURIComponent(note)}/export?format=${format}${more}`)

function paragraphs(...texts) {
  const doc = new Y.Doc()
  const root = doc.getXmlFragment('default')
  for (const text of texts) {
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [new Y.XmlText(text)])
    root.push([paragraph])
  }
  return Y.encodeStateAsUpdate(doc)
}

// An executable in place of Python: a shell script.
function standIn(name, script) {
  const file = path.join(folder, name)
  writeFileSync(file, `#!/bin/sh\n${script}\n`, { mode: 0o755 })
  return file
}

async function expectProblem(response, status, code) {
  const problem = await response.json()
  assert.equal(response.status, status, JSON.stringify(problem))
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  assert.equal(problem.code, code)
  assert.equal(problem.status, status)
  return problem
}

// Processes whose arguments or program name this path, but for the server.
function processesOf(file) {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .filter((pid) => {
      try {
        const words = readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0')
        return words.includes(file) && !words.includes('serve')
      } catch {
        return false
      }
    })
}

// ---- Files -----------------------------------------------------------------------------------------

const server = await new Cahier({ args: ['--log-level', 'warn', '--pdf-seconds', '600'] }).start()
await put(server, 'full', fullNote())
await put(server, 'nasty', paragraphs('../..\u202e/<script>"a;b%20: \u0007 "? 💾 con.md'))

await suite.test('each format comes as a file under the title of the note, with the content of that media type', async () => {
  const types = {
    md: 'text/markdown; charset=utf-8',
    html: 'text/html; charset=utf-8',
    txt: 'text/plain; charset=utf-8',
    json: 'application/json',
    ynote: 'application/vnd.yjs.update',
    zip: 'application/zip',
  }
  for (const [format, type] of Object.entries(types)) {
    const response = await exported(server, 'full', format)
    assert.equal(response.status, 200)
    assert.equal(response.headers.get('content-type'), type)
    assert.equal(
      response.headers.get('content-disposition'),
      `attachment; filename="Journal du lac d__t_.${format}"; filename*=UTF-8''Journal%20du%20lac%20d%E2%80%99%C3%A9t%C3%A9.${format}`,
    )
    const body = Buffer.from(await response.arrayBuffer())
    if (format === 'zip' || format === 'ynote') continue
    const content = await server.get('/api/v1/notes/full/content', { Accept: type.split(';')[0] })
    assert.equal(body.toString(), await content.text(), format)
  }
})

await suite.test('an ynote is the whole note as an update, v2', async () => {
  const doc = new Y.Doc()
  Y.applyUpdateV2(doc, new Uint8Array(await (await exported(server, 'full', 'ynote')).arrayBuffer()))
  const same = new Y.Doc()
  Y.applyUpdate(same, fullNote())
  assert.equal(doc.getXmlFragment('default').length, same.getXmlFragment('default').length)
  assert.ok(doc.getXmlFragment('default').length > 40)
})

await suite.test('a zip of a note holds its Markdown and its HTML under names in UTF-8', async () => {
  const file = path.join(folder, 'full.zip')
  writeFileSync(file, Buffer.from(await (await exported(server, 'full', 'zip')).arrayBuffer()))
  const listed = execFileSync(PYTHON, ['-c', 'import sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(*z.namelist(), sep="\\n"); sys.stdout.write(z.read(z.namelist()[0]).decode())', file], {
    env: { ...process.env, PYTHONIOENCODING: 'utf-8' },
  }).toString()
  const [markdown, html, ...rest] = listed.split('\n')
  assert.deepEqual([markdown, html], [`${TITLE}.md`, `${TITLE}.html`])
  assert.equal(rest.join('\n'), await (await exported(server, 'full', 'md')).text())
})

await suite.test('what a file system or an eye would mistake is not in the name', async () => {
  const disposition = (await exported(server, 'nasty', 'txt')).headers.get('content-disposition')
  const name = decodeURIComponent(disposition.split("''")[1])
  assert.equal(name, 'script a;b%20 💾 con.md.txt')
  assert.match(disposition, /filename="script a;b_20 _ con\.md\.txt"/)
})

await suite.test('a page brings the pictures along that are in the note', async () => {
  assert.match(await (await exported(server, 'full', 'html')).text(), /<img src="data:image\/png;base64,[^"]+" alt="Un carré rouge"/)
})

await suite.test('a tag names the content: the same note is not sent twice', async () => {
  const first = await exported(server, 'full', 'md')
  const again = await server.get('/api/v1/notes/full/export?format=md', { 'If-None-Match': first.headers.get('etag') })
  assert.equal(again.status, 304)
  const other = await exported(server, 'full', 'html')
  assert.notEqual(first.headers.get('etag'), other.headers.get('etag'))
})

await suite.test('what is asked wrongly is refused with a reason', async () => {
  await expectProblem(await exported(server, 'full', 'docx'), 400, 'malformed')
  await expectProblem(await server.get('/api/v1/notes/full/export'), 400, 'malformed')
  await expectProblem(await exported(server, 'full', 'html', '&lang=%22%3E'), 400, 'malformed')
  await expectProblem(await exported(server, 'full', 'md', '&with=flat,round'), 400, 'malformed')
  await expectProblem(await exported(server, 'nobody', 'md'), 404, 'not-found')
  await expectProblem(await exported(server, 'full', 'md', '&root=nowhere'), 404, 'not-found')
})

await suite.test('the page speaks the language that was asked for', async () => {
  assert.match(await (await exported(server, 'full', 'html', '&lang=en')).text(), /<html lang="en">[^]*aria-label="Warning"/)
  assert.match(await (await exported(server, 'full', 'html')).text(), /<html lang="fr">[^]*aria-label="Attention"/)
})

// ---- PDF by WeasyPrint -------------------------------------------------------------------------------

const pdfFile = path.join(folder, 'full.pdf')

async function realPdf() {
  const asked = await server.get('/api/v1/notes/full/content', { Accept: 'application/pdf' })
  assert.equal(asked.status, 200, await (asked.ok ? '' : asked.text()))
  assert.equal(asked.headers.get('content-type'), 'application/pdf')
  const bytes = Buffer.from(await asked.arrayBuffer())
  assert.equal(bytes.subarray(0, 5).toString(), '%PDF-')
  const file = await exported(server, 'full', 'pdf', '&lang=en')
  assert.equal(file.status, 200)
  assert.match(file.headers.get('content-disposition'), /filename="Journal du lac d__t_\.pdf"/)
  assert.match(Buffer.from(await file.arrayBuffer()).toString('latin1'), /\/Lang \(en\)/)
  assert.match(bytes.toString('latin1'), /\/Lang \(fr\)/)
  writeFileSync(pdfFile, bytes)
}

function popplerReadsIt() {
  const info = execFileSync('pdfinfo', ['-enc', 'UTF-8', pdfFile]).toString()
  assert.match(info, new RegExp(`Title: +${TITLE}\n`))
  assert.match(info, /Page size: .*A4/)
  assert.match(info, /JavaScript: +none|JavaScript: +no/)
  const pages = Number(/Pages: +(\d+)/.exec(info)[1])
  assert.ok(pages >= 6, info)
  const text = execFileSync('pdftotext', ['-layout', '-enc', 'UTF-8', pdfFile, '-']).toString()
  assert.match(text, new RegExp(`1 / ${pages}\\b`), 'the first page has its number')
  assert.ok(text.match(/Jour\s+Hauteur\s+Remarque/g).length >= 3, 'the head of the long table is on each of its pages')
  for (const words of ['Anticonstitutionnellement', 'Station 14', 'Information', 'Attention', 'Plié', 'гл', 'Une image']) {
    assert.ok(text.includes(words), `${words} is on paper`)
  }
  const urls = execFileSync('pdfinfo', ['-url', pdfFile]).toString()
  for (const url of [LINK, 'https://example.org/absente.png']) assert.ok(urls.includes(url), `${url} is a link:\n${urls}`)
  const outline = execFileSync('pdftohtml', ['-xml', '-i', '-stdout', pdfFile]).toString().split('<outline>').slice(1).join('')
  for (const heading of [TITLE, 'Encadrés', 'Un tableau long', 'Après la page']) {
    assert.ok(outline.includes(heading), `${heading} is a bookmark:\n${outline}`)
  }
  const images = execFileSync('pdfimages', ['-list', pdfFile]).toString()
  assert.match(images, / image +8 +8 /, 'the picture in the note is in the PDF')
  console.log(`  ${pages} pages`)
}

if (hasWeasyPrint) {
  await suite.test('a note becomes a PDF in its language', realPdf)
  await suite.test('the server answers others while a PDF is made', async () => {
    const slow = exported(server, 'full', 'pdf')
    let done = false
    slow.then(() => (done = true))
    let answers = 0
    for (; !done; answers++) assert.equal((await server.get('/healthz')).status, 200)
    assert.equal((await slow).status, 200)
    assert.ok(answers > 1)
  })
} else {
  console.log('left out: PDF by WeasyPrint, which is in Debian’s package weasyprint')
}
if (hasWeasyPrint && hasPoppler) {
  await suite.test('it has title, bookmarks, links, pictures, page numbers and repeated table heads', async () => popplerReadsIt())
} else {
  console.log('left out: reading the PDF, by Debian’s package poppler-utils')
}
assert.equal(await server.end(), 0, server.log)
server.remove()

// ---- PDF by stand-ins --------------------------------------------------------------------------------

// A server whose PDF is made by that script, with a note in it.
async function serverWith(file, ...args) {
  const other = await new Cahier({ args: ['--log-level', 'warn', '--pdf-python', file, ...args] }).start()
  await put(other, 'note', paragraphs('Bonjour'))
  return other
}

async function withServer(file, args, body) {
  const other = await serverWith(file, ...args)
  try {
    await body(other)
    assert.equal(await other.end(), 0, other.log)
  } finally {
    other.remove()
  }
}

await suite.test('without WeasyPrint, or without any Python, PDF is 501 and all else works', async () => {
  for (const file of [standIn('missing', 'exit 3'), path.join(folder, 'nothing-there')]) {
    await withServer(file, [], async (other) => {
      const problem = await expectProblem(await exported(other, 'note', 'pdf'), 501, 'converter-missing')
      assert.match(problem.detail, /WeasyPrint/)
      const asked = await other.get('/api/v1/notes/note/content', { Accept: 'application/pdf' })
      await expectProblem(asked, 501, 'converter-missing')
      assert.equal((await exported(other, 'note', 'html')).status, 200)
    })
  }
})

await suite.test('a converter that dies, fails, says nothing or writes rubbish is 501', async () => {
  const scripts = {
    'kill -9 $$': /: it was ended by signal 9 \(SIGKILL\)\./,
    'echo /secret/path >&2; exit 1': /: it ended with exit code 1\./,
    'cat >/dev/null; exit 0': /: what it wrote is no whole PDF\./,
    'cat >/dev/null; echo rubbish': /: what it wrote is no whole PDF\./,
    'printf %%PDF-1.7; exec cat': /: what it wrote is no whole PDF\./,
  }
  for (const [index, [script, why]] of Object.entries(scripts).entries()) {
    await withServer(standIn(`failing-${index}`, script), [], async (other) => {
      const problem = await expectProblem(await exported(other, 'note', 'pdf'), 501, 'converter-failed')
      assert.match(problem.detail, why)
      assert.doesNotMatch(problem.detail, /secret|\//, 'what the program says stays here')
    })
  }
})

await suite.test('a converter that hangs is killed with all it started, and is 504', async () => {
  const sleeper = standIn('sleeper', 'while :; do sleep 1; done')
  const file = standIn('hanging', `${sleeper} & while :; do sleep 1; done`)
  await withServer(file, ['--pdf-seconds', '1'], async (other) => {
    const problem = await expectProblem(await exported(other, 'note', 'pdf'), 504, 'conversion-limit')
    assert.match(problem.detail, /: it took more than 1 s\./)
    await until('they are gone', () => processesOf(file).length + processesOf(sleeper).length === 0)
  })
})

await suite.test('a converter that closes its output and stays is killed too', async () => {
  await withServer(standIn('mute', 'exec >&-; while :; do sleep 1; done'), ['--pdf-seconds', '1'], async (other) => {
    await expectProblem(await exported(other, 'note', 'pdf'), 504, 'conversion-limit')
  })
})

await suite.test('a converter that eats memory cannot have more than its limit', async () => {
  const eater = `exec ${PYTHON} -I -c '
import sys
try:
    x = bytearray(3 << 28)
except MemoryError:
    sys.exit(4)
sys.exit(5)'`
  await withServer(standIn('eater', eater), ['--pdf-memory', '256M'], async (other) => {
    const problem = await expectProblem(await exported(other, 'note', 'pdf'), 504, 'conversion-limit')
    assert.match(problem.detail, /: it needs more than 256 MB of memory\./)
  })
  await withServer(standIn('eater', eater), ['--pdf-memory', '2G'], async (other) => {
    await expectProblem(await exported(other, 'note', 'pdf'), 501, 'converter-failed')
  })
})

await suite.test('a converter inherits no descriptor of the server and writes no file', async () => {
  const report = `exec ${PYTHON} -I -c '
import os, resource, sys
html = sys.stdin.buffer.read()
def works(what):
    try:
        return what()
    except OSError as error:
        return error.strerror
def inherited(fd):
    try:
        os.fstat(fd)
        return True
    except OSError:
        return False
print("%PDF-1.7", len(html) > 1000, [fd for fd in range(1024) if inherited(fd)], sorted(os.environ))
print(works(lambda: open("${folder}/written", "w").write("x" * 99999)), os.getpgrp() == os.getpid(), "%%EOF")'`
  await withServer(standIn('report', report), [], async (other) => {
    const text = await (await exported(other, 'note', 'pdf')).text()
    assert.match(text, /^%PDF-1.7 True \[0, 1, 2\] \['HOME', 'LANG', ('LC_CTYPE', )?'PATH', ('PWD', )?'TMPDIR'\]$/m)
    assert.match(text, /^File too large True %%EOF$/m)
  })
  assert.equal(readFileSync(path.join(folder, 'written'), 'utf8'), '')
})

await suite.test('too many at once are 503 with a time to come back; those that wait too long as well', async () => {
  const file = standIn('slow', 'while :; do sleep 1; done')
  await withServer(file, ['--pdf-jobs', '1', '--pdf-seconds', '1'], async (other) => {
    const notes = Array.from({ length: 12 }, (_, i) => `note ${i}`)
    for (const note of notes) await put(other, note, paragraphs(note))
    const answers = await Promise.all(notes.map((note) => exported(other, note, 'pdf')))
    const met = answers.map((answer) => answer.status)
    assert.ok(met.includes(504), met.join())
    assert.ok(met.filter((status) => status === 503).length >= 3, met.join())
    for (const answer of answers.filter(({ status }) => status === 503)) {
      assert.ok(Number(answer.headers.get('retry-after')) > 0)
      await expectProblem(answer, 503, 'busy')
    }
  })
})

await suite.test('what many want at the same time is made for all of them', async () => {
  const file = standIn('once', 'sleep 1; echo "%PDF-1.7 by $$ %%EOF"')
  await withServer(file, ['--pdf-jobs', '1'], async (other) => {
    const answers = await Promise.all(Array.from({ length: 40 }, () => exported(other, 'note', 'pdf')))
    assert.deepEqual(
      answers.map((answer) => answer.status),
      answers.map(() => 200)
    )
    const texts = await Promise.all(answers.map((answer) => answer.text()))
    for (const text of texts) assert.match(text, /^%PDF-1.7 by \d+ %%EOF$/m)
    assert.ok(new Set(texts).size < texts.length, 'each was made alone')
  })
})

await suite.test('a server that stops does not wait for a converter', async () => {
  const file = standIn('waiting', 'while :; do sleep 1; done')
  await withServer(file, ['--pdf-seconds', '600'], async (other) => {
    const answer = exported(other, 'note', 'pdf')
    await until('the converter runs', () => processesOf(file).length > 0)
    assert.equal(await other.end(), 0, other.log)
    await expectProblem(await answer, 503, 'stopping')
    await until('it is gone', () => processesOf(file).length === 0)
  })
})

suite.finish()
