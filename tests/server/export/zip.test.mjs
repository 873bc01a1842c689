// All notes in one archive over HTTP: what is in it, who reads it slowly or goes, and what is broken in the store.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import net from 'node:net'
import { Cahier, Suite, sleep, until } from '../providers/cahier.mjs'
import { Y } from '../providers/npm.mjs'
import { archiveOf, putNote, where } from './archive.mjs'

const suite = new Suite('zip')

function update(title, ...texts) {
  const doc = new Y.Doc()
  const root = doc.getXmlFragment('default')
  const heading = new Y.XmlElement('heading')
  heading.insert(0, [new Y.XmlText(title)])
  root.push([heading])
  for (const text of texts) {
    const paragraph = new Y.XmlElement('paragraph')
    paragraph.insert(0, [new Y.XmlText(text)])
    root.push([paragraph])
  }
  return Y.encodeStateAsUpdate(doc)
}

const server = await new Cahier({ args: ['--log-level', 'warn'] }).start()

await suite.test('without notes it is an index', async () => {
  assert.deepEqual([...(await archiveOf(server)).files.keys()], ['index.html'])
})

const COUNT = 1203 // more than a page of the store's list
for (let i = 0; i < COUNT; i += 50) {
  const some = Array.from({ length: Math.min(50, COUNT - i) }, (_, k) => i + k)
  await Promise.all(some.map((n) => putNote(server, `note ${n}`, update(n % 3 ? `Lac ${n}` : 'Journal', `mot${n} & <fin>`))))
}

await suite.test('every note is in it once, under its title, in each format, as that note alone is exported', async () => {
  const { response, files } = await archiveOf(server, '?formats=md,txt')
  assert.equal(response.headers.get('content-type'), 'application/zip')
  assert.match(response.headers.get('content-disposition'), /^attachment; filename="notes \d{4}-\d\d-\d\d\.zip";/)
  assert.equal(files.size, 2 * COUNT + 1)
  const words = [...files].filter(([name]) => name.startsWith('txt/')).flatMap(([, text]) => text.match(/mot\d+/g))
  assert.equal(words.length, COUNT)
  assert.equal(new Set(words).size, COUNT)
  const links = [...files.get('index.html').matchAll(/href="([^"]+)"/g)].map(([, link]) => decodeURIComponent(link))
  assert.deepEqual(links.sort(), [...files.keys()].filter((name) => name !== 'index.html').sort())
  const alone = await server.get('/api/v1/notes/note%201/export?format=md')
  assert.equal(files.get('md/Lac 1.md'), await alone.text())
})

await suite.test('it is Markdown and HTML when nothing else is asked for, in the language asked for', async () => {
  const { files } = await archiveOf(server, '?lang=en')
  assert.equal(files.size, 2 * COUNT + 1)
  assert.match(files.get('html/Lac 1.html'), /<html lang="en">/)
  assert.match(files.get('index.html'), /<th scope="col">Title<\/th>/)
})

await suite.test('what is asked wrongly is refused, and the head alone can be had', async () => {
  for (const query of ['?formats=md,', '?formats=docx', '?formats=pdf', '?formats=zip', '?lang=%22', '?with=round']) {
    const response = await server.get(where + query)
    assert.equal(response.status, 400, query)
    assert.equal((await response.json()).code, 'malformed')
  }
  const head = await fetch(server.http + where, { method: 'HEAD' })
  assert.equal(head.status, 200)
  assert.equal(head.headers.get('content-type'), 'application/zip')
})

await suite.test('the description names it', async () => {
  const { paths } = await (await server.get('/api/openapi.json')).json()
  const { get } = paths[where]
  assert.deepEqual(get.parameters.map(({ name }) => name), ['formats', 'lang', 'with'])
  assert.ok(get.responses[200].content['application/zip'])
})

// ---- Who does not read, or goes ------------------------------------------------------------------------

const megabytes = (field) =>
  Number(new RegExp(`^${field}:\\s+(\\d+)`, 'm').exec(readFileSync(`/proc/${server.child.pid}/status`, 'utf8'))[1]) / 1024
const memory = () => megabytes('VmRSS')
const measurable = megabytes('VmSize') < 2 ** 20 // a sanitizer keeps what is freed, and reserves terabytes

// A request on a socket of its own, read as the test likes. `reads` says how many bytes have come.
async function open() {
  const socket = net.connect(server.port, '127.0.0.1')
  const peer = { socket, reads: 0, bytes: [], closed: false }
  socket.on('data', (bytes) => {
    peer.reads += bytes.length
    peer.bytes.push(bytes)
  })
  socket.on('error', (error) => (peer.error = error.code))
  socket.on('close', () => (peer.closed = true))
  socket.write(`GET ${where}?formats=ynote HTTP/1.1\r\nHost: localhost\r\n\r\n`)
  await until('it has begun', () => peer.reads > 0)
  return peer
}

const LARGE = 40
const LETTERS = 1 << 20
for (let i = 0; i < LARGE; i++) {
  const noise = Buffer.from(Array.from({ length: LETTERS }, () => 97 + Math.floor(Math.random() * 26))).toString()
  await putNote(server, `large ${i}`, update(`Large ${i}`, noise))
}

await suite.test('a reader that stops costs the memory of one note, and nobody else waits', async () => {
  const before = memory()
  const peer = await open()
  peer.socket.pause()
  await sleep(1500) // time in which it could take all
  for (let i = 0; i < 20; i++) assert.equal((await server.get('/api/v1/notes/note%201')).status, 200)
  const taken = memory() - before
  assert.ok(taken < 25 || !measurable, `${taken} MB more`)
  assert.ok(peer.reads < (LARGE * LETTERS) / 4)
  peer.socket.resume()
  await until('all has come', () => Buffer.concat(peer.bytes.slice(-2)).subarray(-5).toString() === '0\r\n\r\n')
  assert.ok(peer.reads > (LARGE * LETTERS) / 2, `${peer.reads} bytes`)
  peer.socket.destroy()
  console.log(`  ${(peer.reads / (1 << 20)).toFixed(0)} MB, ${taken.toFixed(1)} MB more of memory while it waited`)
})

await suite.test('a few at once; who goes makes room for others', async () => {
  const peers = await Promise.all([open(), open(), open(), open()])
  peers.forEach(({ socket }) => socket.pause())
  const refused = await server.get(where)
  assert.equal(refused.status, 503)
  assert.ok(Number(refused.headers.get('retry-after')) > 0)
  assert.equal((await refused.json()).code, 'busy')
  peers.forEach(({ socket }) => socket.destroy())
  const status = async () => (await fetch(server.http + where, { method: 'HEAD' })).status
  await until('there is room again', async () => (await status()) === 200)
})

await suite.test('a server that stops cuts it off, so that nobody takes it for the whole', async () => {
  const peer = await open()
  peer.socket.pause()
  await sleep(300)
  const ended = server.end()
  await sleep(300)
  peer.socket.resume()
  assert.equal(await ended, 0, server.log)
  await until('it is closed', () => peer.closed)
  assert.notEqual(Buffer.concat(peer.bytes).subarray(-5).toString(), '0\r\n\r\n')
})

// ---- What is broken ------------------------------------------------------------------------------------

await suite.test('a note that is damaged stands in a file of the archive, with its name', async () => {
  const script = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1])
print(db.execute("UPDATE log SET data = zeroblob(length(data)) WHERE note = (SELECT id FROM notes WHERE name = ?)", ("note 5",)).rowcount)
db.commit()`
  assert.equal(execFileSync('python3', ['-c', script, server.data]).toString(), '1\n')
  await server.start()
  const { files } = await archiveOf(server, '?formats=txt&lang=en')
  assert.match(files.get('missing.txt'), /^note 5: the stored note is damaged\n$/)
  assert.ok(!files.has('Lac 5.txt') && files.has('Lac 4.txt'))
  assert.equal(files.size, COUNT + LARGE)
})

assert.equal(await server.end(), 0, server.log)
suite.finish()
