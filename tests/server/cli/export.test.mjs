// `cahier export`: notes of a data file as files and as a zip, while the server runs and without it.
import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { Cahier, Suite } from '../providers/cahier.mjs'
import { Y } from '../providers/npm.mjs'
import { TITLE, fullNote } from '../export/full_note.mjs'

const PYTHON = '/usr/bin/python3'
const folder = mkdtempSync(path.join(os.tmpdir(), 'cahier-cli-export-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
const suite = new Suite('cahier export')
const server = await new Cahier({ args: ['--log-level', 'warn'] }).start()

function note(title, ...paragraphs) {
  const doc = new Y.Doc()
  const root = doc.getXmlFragment('default')
  const block = (name, text) => {
    const element = new Y.XmlElement(name)
    element.insert(0, [new Y.XmlText(text)])
    root.push([element])
  }
  block('heading', title)
  for (const text of paragraphs) block('paragraph', text)
  return Y.encodeStateAsUpdate(doc)
}

// A connection that was idle while a program ran may have been closed by the server: then once more.
async function put(name, update) {
  const send = () =>
    fetch(`${server.http}/api/v1/notes/${encodeURIComponent(name)}/content`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/vnd.yjs.update' },
      body: update,
    })
  const response = await send().catch(send)
  assert.equal(response.status, 204, await response.text())
}

function run(args, { env = {}, ...options } = {}) {
  const result = spawnSync(process.env.CAHIER, ['export', '--data', server.data, ...args], {
    maxBuffer: 1 << 28,
    env: { ...process.env, ...env },
    ...options,
  })
  return { code: result.status, out: result.stdout, said: result.stderr?.toString() ?? '' }
}

function exports(...args) {
  const { code, out, said } = run(args)
  assert.equal(code, 0, said)
  assert.equal(said, '')
  return out
}

const refused = (code, pattern, ...args) => {
  const result = run(args)
  assert.equal(result.code, code, result.said)
  assert.match(result.said, pattern)
  assert.equal(result.said.trim().split('\n').length, 1, result.said)
}

const zipList = (file) =>
  JSON.parse(
    spawnSync(PYTHON, ['-c', 'import json, sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; print(json.dumps({i.filename: z.read(i).decode("utf-8", "replace") for i in z.infolist()}))', file], {
      maxBuffer: 1 << 28,
    }).stdout.toString(),
  )

await put('full', fullNote())
await put('classe/5e B', note('Sortie au lac', 'Départ à huit heures.'))
await put('copie', note('sortie au LAC', 'Une copie.'))
await put('nasty', note('../..\u202e/etc <b>&', 'x'))
await put('vide', new Uint8Array([0, 0]))

const files = ['Journal du lac d’été', 'Sortie au lac (2)', 'etc b &', 'sortie au LAC']
const where = (name) => path.join(folder, name)

await suite.test('all notes go into a folder while the server runs, under names that are safe and apart', async () => {
  exports('--to', where('all'))
  assert.deepEqual(readdirSync(where('all')).sort(), ['html', 'index.html', 'md'])
  assert.deepEqual(readdirSync(where('all/md')).sort(), files.map((name) => `${name}.md`).sort())
  assert.deepEqual(readdirSync(where('all/html')).sort(), files.map((name) => `${name}.html`).sort())
})

await suite.test('each file is what the server gives, with the time of its last edit', async () => {
  for (const [format, type] of [['md', 'text/markdown'], ['html', 'text/html']]) {
    const file = where(`all/${format}/${TITLE}.${format}`)
    const response = await server.get('/api/v1/notes/full/content', { Accept: type })
    assert.equal(readFileSync(file, 'utf8'), await response.text())
    const { updated_at: time } = await (await server.get('/api/v1/notes/full')).json()
    assert.ok(Math.abs(statSync(file).mtimeMs - Date.parse(time)) < 2)
  }
})

await suite.test('the index links every file, and nothing in a title is markup', async () => {
  const index = readFileSync(where('all/index.html'), 'utf8')
  const links = [...index.matchAll(/href="([^"]*)"/g)].map(([, link]) => link)
  assert.equal(links.length, 2 * files.length)
  for (const link of links) assert.ok(existsSync(where(`all/${decodeURIComponent(link)}`)), link)
  assert.ok(index.includes('&lt;b>&amp;'))
  assert.ok(!index.includes('<b>'))
})

await suite.test('notes can be named, formats chosen', async () => {
  exports('--to', where('one'), '--format=txt', 'classe/5e B')
  assert.deepEqual(readdirSync(where('one')), ['Sortie au lac.txt'])
  assert.match(readFileSync(where('one/Sortie au lac.txt'), 'utf8'), /Départ à huit heures\./)
  exports('--to', where('many'), '--format', 'txt,json,ynote', 'full', 'copie')
  assert.deepEqual(readdirSync(where('many')).sort(), ['index.html', 'json', 'txt', 'ynote'])
  const doc = new Y.Doc()
  Y.applyUpdateV2(doc, readFileSync(where('many/ynote/sortie au LAC.ynote')))
  assert.match(doc.getXmlFragment('default').toString(), /Une copie\./)
})

await suite.test('one note goes to standard output', async () => {
  assert.match(exports('--to', '-', '--format', 'md', 'copie').toString(), /^# sortie au LAC\n\nUne copie\.\n$/)
  assert.match(exports('--to', '-', '--format', 'html', '--lang', 'en', 'full').toString(), /<html lang="en">[^]*aria-label="Warning"/)
})

await suite.test('how notes look can be chosen as over HTTP', async () => {
  for (const list of ['flat,align=plain', 'panels=cozy', 'nodes,tz=+02:00', 'images,comments']) {
    for (const format of ['md', 'html']) {
      const given = await server.get(`/api/v1/notes/full/export?format=${format}&with=${encodeURIComponent(list)}`)
      assert.equal(exports('--to', '-', '--format', format, '--with', list, 'full').toString(), await given.text())
    }
  }
  assert.match(exports('--to', '-', '--format', 'md', '--with', 'panels=cozy', 'full').toString(), /^:warning: /m)
})

await suite.test('a zip holds the same as a folder, from a file or from standard output', async () => {
  exports('--zip', where('all.zip'))
  const zipped = zipList(where('all.zip'))
  assert.deepEqual(Object.keys(zipped).sort(), ['index.html', ...files.flatMap((name) => [`html/${name}.html`, `md/${name}.md`])].sort())
  for (const [name, content] of Object.entries(zipped)) {
    assert.equal(content, readFileSync(where(`all/${name}`), 'utf8'), name)
  }
  assert.ok(!existsSync(where('all.zip.part')))
  writeFileSync(where('piped.zip'), exports('--zip', '-'))
  assert.deepEqual(zipList(where('piped.zip')), zipped)
})

await suite.test('nothing of the user is written over unless he says so', async () => {
  refused(1, /has files in it; --overwrite/, '--to', where('one'))
  refused(1, /is there already; --overwrite/, '--zip', where('all.zip'))
  writeFileSync(where('one/mine'), 'mine')
  exports('--to', where('one'), '--format', 'txt', '--overwrite', 'classe/5e B')
  assert.deepEqual(readdirSync(where('one')).sort(), ['Sortie au lac.txt', 'mine'])
  exports('--zip', where('all.zip'), '--overwrite', 'full')
  assert.equal(Object.keys(zipList(where('all.zip'))).length, 3)
  mkdirSync(where('empty'))
  exports('--to', where('empty'), 'copie')
})

await suite.test('a zip into a pipe or a device goes there, and does not take its place', async () => {
  const pipe = where('pipe')
  assert.equal(spawnSync('mkfifo', [pipe]).status, 0)
  const script = 'cat "$1" > "$2" & "$CAHIER" export --data "$0" --zip "$1" && wait'
  assert.equal(spawnSync('/bin/sh', ['-c', script, server.data, pipe, where('from-pipe.zip')]).status, 0)
  assert.ok(statSync(pipe).isFIFO())
  assert.equal(Object.keys(zipList(where('from-pipe.zip'))).length, 2 * files.length + 1)
  refused(1, /Is a directory/, '--zip', where('all'))
})

await suite.test('on a terminal it tells how far it is, and at the end how many notes it wrote', async () => {
  const spawn = 'import os, pty, sys; sys.exit(os.waitstatus_to_exitcode(pty.spawn(sys.argv[1:])))'
  const args = [process.env.CAHIER, 'export', '--data', server.data, '--to', where('watched'), 'full', 'copie']
  const { status, stdout } = spawnSync(PYTHON, ['-c', spawn, ...args])
  assert.equal(status, 0)
  assert.equal(stdout.toString(), `\r\x1b[K1/2 ${TITLE}\r\x1b[K2/2 sortie au LAC\r\x1b[K2 notes\r\n`)
})

await suite.test('what is wrong is said in one line, with its exit code', async () => {
  refused(2, /where to/)
  refused(2, /where to/, '--to', where('x'), '--zip', where('x.zip'))
  refused(2, /not formats/, '--to', where('x'), '--format', 'md,docx')
  refused(2, /not formats/, '--to', where('x'), '--format', 'zip')
  refused(2, /not a language/, '--to', where('x'), '--lang', '"><b>')
  refused(2, /not a list of images/, '--to', where('x'), '--with', 'flat,round')
  refused(2, /no such option/, '--to', where('x'), '--frobnicate')
  refused(2, /needs a value/, '--to')
  refused(2, /--to - writes one NOTE/, '--to', '-')
  refused(1, /nobody: no such note/, '--to', where('x'), 'full', 'nobody')
  refused(1, /No such file/, '--to', where('no/such'))
  refused(1, /No such file/, '--to', where('x'), '--data', where('nothing.db'))
  writeFileSync(where('rubbish.db'), 'x'.repeat(5000))
  refused(5, /rubbish\.db/, '--to', where('x'), '--data', where('rubbish.db'))
  assert.ok(!existsSync(where('x')), 'nothing was made')
})

await suite.test('a full disk ends it, and leaves no archive that looks whole', async () => {
  if (!existsSync('/dev/full')) return
  const result = spawnSync('/bin/sh', ['-c', '"$CAHIER" export --data "$0" --zip - > /dev/full', server.data])
  assert.equal(result.status, 1)
  assert.match(result.stderr.toString(), /cannot write: the disk is full/)
})

await suite.test('PDF goes into the folder when it can be made, else the reason is said', async () => {
  refused(1, /PDF needs WeasyPrint .*: \/.*nothing$/m, '--to', where('pdf-missing'), '--format', 'pdf', '--pdf-python', where('nothing'), 'full')
  assert.ok(!existsSync(where('pdf-missing')), 'a folder with nothing in it')
  mkdirSync(where('pdf-mine'))
  refused(1, /PDF needs WeasyPrint/, '--to', where('pdf-mine'), '--format', 'pdf', '--pdf-python', where('nothing'), 'full')
  assert.ok(existsSync(where('pdf-mine')), 'that of the user stays')
  const broken = where('broken')
  writeFileSync(broken, '#!/bin/sh\necho "bad \u001b[2J glyph" >&2\nexit 1\n', { mode: 0o755 })
  refused(1, /copie: what makes PDF failed: it ended with exit code 1; its last words: bad \?\[2J glyph$/m, '--to', where('pdf-broken'), '--format', 'pdf,txt', '--pdf-python', broken, 'copie')
  assert.deepEqual(readdirSync(where('pdf-broken/txt')), ['sortie au LAC.txt'], 'the other formats are there')
  if (spawnSync(PYTHON, ['-I', '-c', 'import weasyprint']).status !== 0) {
    console.log('  left out: PDF by WeasyPrint, which is in Debian’s package weasyprint')
    return
  }
  exports('--to', where('pdf'), '--format', 'pdf', 'copie', 'classe/5e B')
  assert.deepEqual(readdirSync(where('pdf')).sort(), ['Sortie au lac (2).pdf', 'sortie au LAC.pdf'])
  assert.equal(readFileSync(where('pdf/sortie au LAC.pdf')).subarray(0, 5).toString(), '%PDF-')
})

await suite.test('the memory it takes does not grow with the number of notes', async () => {
  const large = note('Grande note', ...Array.from({ length: 200 }, (_, i) => `${i} ${'des mots et encore des mots '.repeat(60)}`))
  const peak = (count) => {
    const names = Array.from({ length: count }, (_, i) => `grande-${i}`)
    // The largest child's memory, in KiB, as the system counted it.
    const script = 'import resource, subprocess, sys; subprocess.run(sys.argv[1:], stdout=subprocess.DEVNULL, check=True); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)'
    const result = spawnSync(PYTHON, ['-c', script, process.env.CAHIER, 'export', '--data', server.data, '--zip', '-', ...names], {
      env: { ...process.env, ASAN_OPTIONS: 'quarantine_size_mb=1' },
    })
    assert.equal(result.status, 0, result.stderr.toString())
    return Number(result.stdout)
  }
  for (let i = 0; i < 60; i++) await put(`grande-${i}`, large)
  const [few, many] = [peak(5), peak(60)]
  console.log(`  5 notes: ${few} KiB; 60 notes, ${Math.round((60 * 2 * large.length) / 1024)} KiB in files: ${many} KiB`)
  assert.ok(many < few + 8192)
})

await suite.test('without a server the same comes out, and the file is left as it was', async () => {
  assert.equal(await server.end(), 0, server.log)
  const before = readFileSync(server.data)
  exports('--to', where('again'), 'full', 'classe/5e B', 'copie', 'nasty')
  assert.ok(before.equals(readFileSync(server.data)))
  for (const name of [`md/${TITLE}.md`, `html/${TITLE}.html`]) {
    assert.equal(readFileSync(where(`again/${name}`), 'utf8'), readFileSync(where(`all/${name}`), 'utf8'))
  }
})

await suite.test('a damaged note is named, the others are written, and the exit code says it', async () => {
  const script = `import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.execute("UPDATE log SET data = x'00' WHERE note = (SELECT id FROM notes WHERE name = 'copie')")
db.execute("UPDATE snapshots SET data = x'00' WHERE note = (SELECT id FROM notes WHERE name = 'copie')")
db.commit()`
  assert.equal(spawnSync(PYTHON, ['-c', script, server.data]).status, 0)
  refused(1, /copie: the stored note is damaged/, '--to', where('damaged'), '--format', 'txt', 'copie', 'classe/5e B')
  assert.deepEqual(readdirSync(where('damaged')), ['Sortie au lac.txt'])
})

suite.finish()
