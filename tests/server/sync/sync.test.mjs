// Notes without WebSockets: the wire of event stream and POST by hand, then stock providers on the page's own socket.
import assert from 'node:assert/strict'
import { Cahier, Suite, until } from '../providers/cahier.mjs'
import { Y, WebSocket, WebsocketProvider } from '../providers/npm.mjs'
import * as wire from '../providers/wire.mjs'
import { Link } from '../../support/js/link.mjs'
import { Stream, bodyOf } from './stream.mjs'

const { HttpSocket } = await import(new URL('../../../static/script/http_socket.js', import.meta.url))
const suite = new Suite('sync')
const test = suite.test.bind(suite)
const server = await new Cahier({ args: ['--log-level', 'warn'] }).start()
const emptyVector = Y.encodeStateVector(new Y.Doc())
const open = (note, options) => Stream.open(server, note, options)

async function problem(response, status, code) {
  assert.equal(response.status, status)
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  const body = await response.json()
  assert.equal(body.code, code)
  assert(body.detail === undefined || body.detail.length > 0)
}

// An update that inserts these words.
function insertion(words, client = 3) {
  const doc = new Y.Doc()
  doc.clientID = client
  doc.getText('text').insert(0, words)
  return Y.encodeStateAsUpdate(doc)
}

// The states that a stream was told of a client, and that the test has not taken.
function heardOf(stream, client) {
  return stream.got
    .filter((m) => m.type === wire.AWARENESS)
    .map((m) => wire.readAwareness(m.payload).get(client)?.state)
}

async function textOf(note) {
  const doc = new Y.Doc()
  Y.applyUpdate(doc, (await server.update(note)) ?? new Uint8Array([0, 0]))
  return doc.getText('text').toString()
}

// ---- By hand ---------------------------------------------------------------------------------------------------------

await test('a GET begins a session, whose messages come as events', async () => {
  const stream = await open('hand')
  assert.match(stream.head['content-type'], /^text\/event-stream/)
  assert.match(stream.head['cache-control'], /no-store/)
  assert.equal(stream.head['x-accel-buffering'], 'no')
  assert.equal(stream.head['content-length'], undefined)
  assert.match(stream.session, /^\d+\.[0-9a-f]{32}$/)
  assert.equal((await stream.take(wire.SYNC, wire.STEP1)).payload.length, 1)
  assert.equal(stream.last, `${stream.session}.1`)
  const other = await open('hand')
  assert.notEqual(other.session.split('.')[1], stream.session.split('.')[1])
})

await test('messages in a POST are applied, acknowledged after the commit, and reach the others', async () => {
  const [one, two] = [await open('post'), await open('post')]
  const update = wire.syncMessage(wire.UPDATE, insertion('bonjour'))
  assert.equal((await one.post([update, wire.ackMessage(Buffer.from('saved?'))])).status, 204)
  assert.equal(Buffer.from((await one.take(wire.ACK)).payload).toString(), 'saved?')
  assert.deepEqual((await two.take(wire.SYNC, wire.UPDATE)).payload, insertion('bonjour'))
  assert.equal(await textOf('post'), 'bonjour')
  const socket = new WebSocket(`${server.ws}/ws/post`)
  const heard = new Promise((resolve) => socket.on('message', (data) => resolve(wire.readYwebsocket(new Uint8Array(data)))))
  assert.equal((await heard).type, wire.SYNC)
  socket.terminate()
})

await test('a long message has several lines, and comes whole', async () => {
  const words = 'àé🎓'.repeat(40_000)
  const stream = await open('long')
  const update = wire.syncMessage(wire.UPDATE, insertion(words))
  assert.equal((await stream.post([update, wire.ackMessage(Buffer.from('saved?'))])).status, 204)
  await stream.take(wire.ACK) // the 204 says only that it came: another connection may still be served before
  const reader = await open('long')
  assert.equal((await reader.post([wire.syncMessage(wire.STEP1, emptyVector)])).status, 204)
  const { payload } = await reader.take(wire.SYNC, wire.STEP2)
  const doc = new Y.Doc()
  Y.applyUpdate(doc, payload)
  assert.equal(doc.getText('text').toString(), words)
  const lines = reader.body.split('\n').filter((line) => line.startsWith('data: '))
  assert(lines.length > 8, `${lines.length} lines`)
  assert(lines.every((line) => line.length <= 32768 + 6))
})

await test('a post that comes twice is applied once, one out of turn not at all', async () => {
  const stream = await open('numbers')
  const echo = (text) => [wire.ackMessage(Buffer.from(text))]
  assert.equal((await stream.post(echo('1'), { number: 1 })).status, 204)
  assert.equal((await stream.post(echo('1'), { number: 1 })).status, 204)
  await problem(await stream.post(echo('3'), { number: 3 }), 409, 'sync-out-of-turn')
  assert.equal((await stream.post(echo('2'), { number: 2 })).status, 204)
  assert.equal((await stream.post(echo('1'), { number: 1 })).status, 204)
  await stream.take(wire.ACK)
  assert.equal(Buffer.from((await stream.take(wire.ACK)).payload).toString(), '2')
  assert.equal((await stream.post([], { number: 3 })).status, 204) // nothing to say, but still here
  assert(!stream.got.some((m) => m.type === wire.ACK))
})

await test('hostile and mistaken requests change nothing and are told why', async () => {
  const stream = await open('hostile')
  const good = [wire.ackMessage(Buffer.from('x'))]
  const malformed = [
    ['a length of nothing', [0]],
    ['a length without a message', [5]],
    ['a message cut short', [4, 1, 2, 3]],
    ['an endless length', [0x80, 0x80, 0x80, 0x80, 0x80, 0x80]],
    ['a length cut short', [0x80]],
    ['an enormous length', [0xff, 0xff, 0xff, 0xff, 0x7f, 1]],
    ['a good message and a broken one', [...bodyOf(...good), 9, 1]],
  ]
  for (const [what, bytes] of malformed) {
    const response = await stream.post([], { number: 1, body: Buffer.from(bytes) })
    assert.equal(response.status, 400, what)
    await problem(response, 400, 'malformed')
  }
  for (const number of ['', '0', '-1', '1.5', 'x', '1e3', '9'.repeat(16), ' ']) {
    await problem(await stream.post(good, { number, headers: { 'Sync-Number': number } }), 400, 'malformed')
  }
  const [slot] = stream.session.split('.')
  for (const session of [`${slot}.${'0'.repeat(32)}`, `999.${'0'.repeat(32)}`, 'x', '.', '-1.x', `${slot}.`, slot, '9'.repeat(500)]) {
    await problem(await stream.post(good, { number: 1, headers: { 'Sync-Session': session } }), 410, 'sync-session-gone')
  }
  await problem(await stream.post(good, { number: 1, headers: { 'Sync-Session': '' } }), 400, 'malformed')
  await problem(await stream.post(good, { number: 1, headers: { 'Content-Type': 'text/plain' } }), 415, 'unsupported-media-type')
  await problem(await stream.post(good, { number: 1, headers: { Origin: 'https://evil.example' } }), 403, 'foreign-origin')
  const elsewhere = new Stream(server, 'another note')
  elsewhere.session = stream.session
  await problem(await elsewhere.post(good, { number: 1 }), 410, 'sync-session-gone')
  await problem(await elsewhere.leave(), 410, 'sync-session-gone')
  assert.equal((await stream.post(good, { number: 1 })).status, 204)
  await stream.take(wire.ACK)
  assert(!stream.got.some((m) => m.type === wire.ACK))
})

await test('a GET that cannot be is refused before anything begins', async () => {
  const where = '/api/v1/notes/refused/sync'
  const before = await server.metric('streams_total')
  await problem(await server.get(where, { Origin: 'https://evil.example' }), 403, 'foreign-origin')
  await problem(await server.get(where, { 'Sec-Fetch-Site': 'cross-site' }), 403, 'foreign-origin')
  await problem(await server.get(where, { Accept: 'application/json' }), 406, 'not-acceptable')
  for (const last of ['x', '0.1', `0.${'0'.repeat(32)}.0`, '0..', 'é', '9'.repeat(300)]) {
    await problem(await server.get(where, { 'Last-Event-ID': Buffer.from(last).toString('latin1') }), 410, 'sync-session-gone')
  }
  await problem(await server.get('/api/v1/notes/%00/sync'), 400, 'malformed')
  const head = await fetch(server.http + where, { method: 'HEAD' })
  assert.equal(head.status, 200)
  assert.match(head.headers.get('content-type'), /^text\/event-stream/)
  assert.equal((await fetch(server.http + where, { method: 'PUT' })).status, 405)
  assert.equal(await server.metric('streams_total'), before)
})

await test('bytes that are no message end the session with 1002', async () => {
  const stream = await open('garbage')
  await stream.post([Buffer.from([0, 9, 9, 9])])
  await until('the close event', () => stream.close)
  assert.equal(stream.close.code, 1002)
  await until('the end', () => stream.ended)
  await problem(await stream.post([], { number: 2 }), 410, 'sync-session-gone')
})

await test('an answer that was cut off goes on with the session, nobody notices', async () => {
  const [one, two] = [await open('cut'), await open('cut')]
  await one.post([wire.awarenessMessage(wire.awarenessUpdate(7, 1, { name: 'un' })), wire.ackMessage(Buffer.from('a'))])
  await Promise.all([two.take(wire.AWARENESS), one.take(wire.ACK)])
  const { session, last } = one
  one.cut()
  assert.equal(await one.again(last), 200)
  await until('the session', () => one.received === 1)
  assert.equal(one.session, session)
  await two.post([wire.syncMessage(wire.UPDATE, insertion('après'))])
  assert.deepEqual((await one.take(wire.SYNC, wire.UPDATE)).payload, insertion('après'))
  assert(!heardOf(two, 7).includes(null))
})

await test('who goes on without the last event has to begin anew', async () => {
  const stream = await open('missed')
  await stream.take(wire.SYNC, wire.STEP1)
  await stream.post([wire.ackMessage(Buffer.from('a'))])
  await stream.take(wire.ACK)
  stream.cut()
  assert.equal(await stream.again(`${stream.session}.0`), 410)
  assert.equal(await stream.again(), 410) // it has ended
})

await test('for proxies that hold answers back, each ends behind its first messages', async () => {
  const stream = await open('poll', { query: '?poll=1' })
  const writer = await open('poll')
  let words = ''
  await until('the first end', () => stream.ended)
  assert.equal((await stream.take(wire.SYNC, wire.STEP1)).payload.length, 1)
  const doc = new Y.Doc()
  const mine = new Y.Doc()
  for (let i = 0; i < 5; i++) {
    const before = Y.encodeStateVector(doc)
    doc.getText('text').insert(0, `${i}`)
    words = `${i}${words}`
    if (i % 2) await writer.post([wire.syncMessage(wire.UPDATE, Y.encodeStateAsUpdate(doc, before))])
    assert.equal(await stream.again(), 200)
    if (i % 2 === 0) await writer.post([wire.syncMessage(wire.UPDATE, Y.encodeStateAsUpdate(doc, before))])
    await until('the end', () => stream.ended)
    Y.applyUpdate(mine, (await stream.take(wire.SYNC, wire.UPDATE)).payload)
  }
  assert.equal(mine.getText('text').toString(), words)
  assert.equal(stream.answers, 6)
})

await test('who leaves is gone at once, behind the last post', async () => {
  const [one, two] = [await open('leave'), await open('leave')]
  await one.post([wire.awarenessMessage(wire.awarenessUpdate(7, 1, { name: 'un' }))])
  await until('his presence', () => heardOf(two, 7).some((state) => state?.name === 'un'))
  assert.equal((await one.leave(2)).status, 204)
  assert.equal((await one.post([wire.syncMessage(wire.UPDATE, insertion('adieu'))])).status, 204)
  await until('the close event', () => one.close)
  assert.equal(one.close.code, 1000)
  await until('his absence', () => heardOf(two, 7).includes(null))
  assert.equal(await textOf('leave'), 'adieu')
})

await test('more messages than allowed wait: the post is answered when they are through', async () => {
  const slow = await new Cahier({ args: ['--log-level', 'warn', '--messages-per-second', '100'] }).start()
  const stream = await Stream.open(slow, 'rate')
  const post = (count) => stream.post(Array.from({ length: count }, () => wire.queryAwarenessMessage()))
  const began = Date.now()
  assert.equal((await post(300)).status, 204)
  assert(Date.now() - began > 1000, 'faster than 100 a second and one second ahead')
  const endless = post(100_000) // a quarter of an hour
  await until('the post', async () => (await slow.metric('stream_posts_total')) === 2)
  await problem(await stream.post([], { number: 3 }), 503, 'busy')
  slow.remove()
  await assert.rejects(endless)
})

await test('who does not read is brought up to date at once when he reads again', async () => {
  const [writer, slow] = [await open('slow'), await open('slow')]
  const [doc, mine] = [new Y.Doc(), new Y.Doc()]
  const resyncs = await server.metric('resyncs_total')
  await slow.post([wire.syncMessage(wire.STEP1, emptyVector)])
  await slow.take(wire.SYNC, wire.STEP2)
  slow.response.pause()
  for (let i = 0; i < 60; i++) {
    const before = Y.encodeStateVector(doc)
    doc.getText('text').insert(0, `${i}`.padEnd(100_000, 'abcdefgh'))
    doc.getText('text').delete(10, 90_000)
    const update = Y.encodeStateAsUpdate(doc, before)
    const padding = insertion('x'.repeat(150_000), 1000 + i)
    assert.equal((await writer.post([update, padding].map((u) => wire.syncMessage(wire.UPDATE, u)))).status, 204)
    if (i % 10 === 9) assert.equal((await slow.post([])).status, 204) // who says nothing for long is dropped
  }
  slow.response.resume()
  await until('the resynchronisation', async () => (await server.metric('resyncs_total')) > resyncs)
  await until('all of it', () => {
    const messages = slow.got.splice(0).filter((m) => m.type === wire.SYNC && m.sub !== wire.STEP1)
    messages.forEach((m) => Y.applyUpdate(mine, m.payload))
    return mine.store.clients.size === 61 && Y.getState(mine.store, doc.clientID) === Y.getState(doc.store, doc.clientID)
  })
  Y.applyUpdate(doc, await server.update('slow'))
  assert.equal(mine.getText('text').toString(), doc.getText('text').toString())
})

// ---- With providers ----------------------------------------------------------------------------------------------------

const people = new Set()

// A stock y-websocket provider on the page's own socket, or on a WebSocket.
function person(note, { name = null, Socket, port = server.port } = {}) {
  const doc = new Y.Doc()
  const address = `http://127.0.0.1:${port}/api/v1/notes/${encodeURIComponent(note)}/sync`
  const polyfill = Socket ?? function () { return new HttpSocket(address) }
  const provider = new WebsocketProvider(`${server.ws}/ws`, note, doc, { WebSocketPolyfill: polyfill, disableBc: true, connect: false })
  if (name) provider.awareness.setLocalState({ name })
  else provider.awareness.setLocalState(null)
  const acknowledged = new Set()
  provider.messageHandlers[wire.ACK] = (_encoder, decoder) => acknowledged.add(decoder.arr[decoder.pos++])
  provider.connect()
  const one = {
    doc,
    provider,
    text: doc.getText('text'),
    acknowledged,
    synced: () => until('sync', () => provider.synced),
    names: () => [...provider.awareness.getStates().values()].map((state) => state.name).sort(),
  }
  people.add(one)
  return one
}

function goHome() {
  people.forEach(({ provider }) => provider.destroy())
  people.clear()
}

await test('three people write, two of them without a WebSocket, and all see all', async () => {
  const [one, two, three] = [person('together', { name: 'un' }), person('together', { name: 'deux' }), person('together', { name: 'trois', Socket: WebSocket })]
  await Promise.all([one.synced(), two.synced(), three.synced()])
  for (let i = 0; i < 100; i++) {
    for (const [letter, { text }] of [['a', one], ['b', two], ['c', three]]) text.insert(text.length, letter)
    if (i % 10 === 0) await new Promise((resolve) => setTimeout(resolve, 1))
  }
  await until('the same text', () => one.text.length === 300 && `${one.text}` === `${two.text}` && `${two.text}` === `${three.text}`)
  await until('the same names', () => [one, two, three].every((who) => who.names().join() === 'deux,trois,un'))
  one.provider.ws.send(new Uint8Array([wire.ACK, 5]))
  await until('the acknowledgement', () => one.acknowledged.has(5))
  assert.equal(await textOf('together'), `${one.text}`)
  two.provider.destroy()
  await until('he has gone', () => one.names().join() === 'trois,un' && three.names().join() === 'trois,un')
  goHome()
})

await test('a provider whose stream is cut again and again loses and doubles nothing', async () => {
  const link = await new Link(server.port).open()
  const [one, two] = [person('cuts', { port: link.port }), person('cuts')]
  await Promise.all([one.synced(), two.synced()])
  const [opened, resumed] = [await server.metric('streams_total'), await server.metric('streams_resumed_total')]
  let length = 0
  for (let i = 0; i < 40; i++) {
    one.text.insert(one.text.length, `${i},`)
    two.text.insert(0, `${i};`)
    if (i % 8 === 3) link.cut() // with edits on their way
    length += 2 * `${i},`.length
    await until('the same text', () => `${one.text}` === `${two.text}` && one.text.length === length)
    if (i % 8 === 7) link.cut() // in silence
  }
  const began = (await server.metric('streams_total')) - opened
  const wentOn = (await server.metric('streams_resumed_total')) - resumed
  console.log(`# cut 10 times: ${wentOn} sessions went on, ${began} began`)
  assert(began + wentOn >= 5)
  goHome()
  await link.close()
})

await test('a crash of the server: what was acknowledged is there, the rest comes again', async () => {
  const one = person('crash', { name: 'un' })
  await one.synced()
  one.text.insert(0, 'enregistré')
  one.provider.ws.send(new Uint8Array([wire.ACK, 9]))
  await until('the acknowledgement', () => one.acknowledged.has(9))
  await server.end('SIGKILL')
  one.text.insert(0, 'hors ligne, ')
  await server.start()
  await one.synced()
  await until('all of it', async () => (await textOf('crash')) === 'hors ligne, enregistré')
  goHome()
})

await test('SIGTERM says 1001 and ends well', async () => {
  const stream = await open('end')
  server.child.kill('SIGTERM')
  await until('the close event', () => stream.close)
  assert.equal(stream.close.code, 1001)
  assert.equal(await server.exited, 0)
})

await test('there are not more sessions than connections allowed', async () => {
  const small = await new Cahier({ args: ['--log-level', 'warn', '--connections', '3'] }).start()
  const all = []
  for (let i = 0; i < 3; i++) all.push(await Stream.open(small, 'few'))
  all.forEach((stream) => stream.cut()) // their sessions wait for them
  const fourth = new Stream(small, 'few')
  assert.equal(await fourth.listen(), 503)
  assert.equal((await all[0].leave()).status, 204)
  await until('a place', async () => (await small.metric('streams')) === 2)
  assert.equal(await fourth.listen(), 200)
  assert.equal(await small.end(), 0)
})

suite.finish()
