// What the wire demands, fact by fact: raw frames where a stock provider would hide them, stock providers where they
// must be content. CAHIER_LONG=1 also measures the keep-alive (30 s).
import assert from 'node:assert/strict'
import * as wire from './wire.mjs'
import { Cahier, Suite, sleep, until } from './cahier.mjs'
import { HocuspocusLine, HocuspocusPerson, Tally, YwebsocketPerson } from './people.mjs'
import { WebSocket, Y } from './npm.mjs'

const suite = new Suite('wire')
const server = await new Cahier({ args: ['--log-level', 'warn'] }).start()
const test = suite.test.bind(suite)

// A raw socket that reads along.
class Peer {
  got = []

  constructor(path, { read } = {}) {
    this.read = read ?? (path === '/hocuspocus' ? wire.readHocuspocus : wire.readYwebsocket)
    this.socket = new WebSocket(server.ws + path)
    this.socket.on('message', (data) => this.got.push(this.read(new Uint8Array(data))))
    this.socket.on('error', () => {})
    this.open = new Promise((resolve, reject) => this.socket.on('open', resolve).on('error', reject))
    this.open.catch(() => {})
    this.closed = new Promise((resolve) => this.socket.on('close', (code, reason) => resolve({ code, reason: `${reason}` })))
  }

  static async to(path) {
    const peer = new Peer(path)
    await peer.open
    return peer
  }

  send(bytes) {
    this.socket.send(bytes)
  }

  // The next message of a type (and step) not taken yet.
  async take(type, sub, ms) {
    const wanted = (m) => m.type === type && (sub === undefined || m.sub === sub)
    const found = await until(`message ${type}${sub === undefined ? '' : `/${sub}`}`, () => this.got.find(wanted), ms)
    this.got.splice(this.got.indexOf(found), 1)
    return found
  }

  // Everything the server sends because of what came before has arrived.
  async settle() {
    if (this.read === wire.readYwebsocket) {
      const mark = Buffer.from(`mark ${Math.random()}`)
      this.send(wire.ackMessage(mark))
      await until('the mark', () => this.got.some((m) => m.type === wire.ACK && Buffer.compare(m.payload, mark) === 0))
      this.got = this.got.filter((m) => m.type !== wire.ACK)
    }
    await sleep(30)
  }

  end() {
    this.socket.terminate()
  }
}

// The updates of `count` edits of one new client, one each.
function edits(count, edit = (doc, i) => doc.getText('text').insert(0, `${i} `)) {
  const doc = new Y.Doc()
  const updates = []
  doc.on('update', (update) => updates.push(update))
  for (let i = 0; i < count; i++) edit(doc, i)
  return { doc, updates }
}

const emptyVector = Y.encodeStateVector(new Y.Doc())
const textOf = async (note) => {
  const update = await server.update(note)
  if (update === null) return null
  const doc = new Y.Doc()
  Y.applyUpdate(doc, update)
  return doc.getText('text').toString()
}

// ---- y-websocket

await test('y-websocket: the server sends step 1 at once, answers step 1 with step 2 and nothing else', async () => {
  const peer = await Peer.to('/ws/steps')
  const first = await peer.take(wire.SYNC)
  assert.equal(first.sub, wire.STEP1)
  assert.deepEqual(first.payload, emptyVector)
  peer.send(wire.syncMessage(wire.STEP1, emptyVector))
  const second = await peer.take(wire.SYNC)
  assert.equal(second.sub, wire.STEP2)
  assert.deepEqual(second.payload, Y.encodeStateAsUpdate(new Y.Doc()))
  await peer.settle()
  assert.deepEqual(peer.got, [])
  peer.end()
})

await test('y-websocket: 102 comes back unchanged, in order, and what was sent before it is in the note', async () => {
  const peer = await Peer.to('/ws/acks')
  const { doc, updates } = edits(20)
  const marks = updates.map((_, i) => (i === 0 ? new Uint8Array() : Buffer.from([i, 0, 255, 128, i])))
  marks[3] = Buffer.alloc(300, 7)
  updates.forEach((update, i) => {
    peer.send(wire.syncMessage(wire.UPDATE, update))
    peer.send(wire.ackMessage(marks[i]))
  })
  for (const mark of marks) assert.deepEqual(Buffer.from((await peer.take(wire.ACK)).payload), Buffer.from(mark))
  assert.equal(await textOf('acks'), doc.getText('text').toString())
  peer.end()
})

await test('a step 2 is applied and acknowledged like an update', async () => {
  const peer = await Peer.to('/ws/step2')
  const { doc } = edits(5)
  peer.send(wire.syncMessage(wire.STEP2, Y.encodeStateAsUpdate(doc)))
  await peer.settle()
  assert.equal(await textOf('step2'), doc.getText('text').toString())
  peer.end()
})

await test('an edit reaches the others as it is, is not sent back, and a duplicate is not broadcast', async () => {
  const [one, two] = await Promise.all([Peer.to('/ws/dup'), Peer.to('/ws/dup')])
  await Promise.all([one.take(wire.SYNC), two.take(wire.SYNC)])
  const { updates } = edits(1)
  one.send(wire.syncMessage(wire.UPDATE, updates[0]))
  assert.deepEqual((await two.take(wire.SYNC, wire.UPDATE)).payload, updates[0])
  for (let i = 0; i < 5; i++) {
    one.send(wire.syncMessage(wire.UPDATE, updates[0]))
    two.send(wire.syncMessage(wire.STEP2, updates[0]))
  }
  await Promise.all([one.settle(), two.settle()])
  assert.deepEqual(one.got, [])
  assert.deepEqual(two.got, [])
  one.end()
  two.end()
})

await test('of an update that is known in part only what is new is broadcast', async () => {
  const [one, two] = await Promise.all([Peer.to('/ws/part'), Peer.to('/ws/part')])
  const { doc, updates } = edits(3)
  one.send(wire.syncMessage(wire.UPDATE, updates[0]))
  await two.take(wire.SYNC, wire.UPDATE)
  one.send(wire.syncMessage(wire.UPDATE, Y.encodeStateAsUpdate(doc)))
  const rest = (await two.take(wire.SYNC, wire.UPDATE)).payload
  const meta = Y.parseUpdateMeta(rest)
  assert(meta.from.get(doc.clientID) > 0)
  assert.equal(meta.to.get(doc.clientID), Y.getState(doc.store, doc.clientID))
  one.end()
  two.end()
})

// ---- Awareness

await test('awareness: echoed to its sender, given to the others, to newcomers and to who asks', async () => {
  const [one, two] = await Promise.all([Peer.to('/ws/aware'), Peer.to('/ws/aware')])
  one.send(wire.awarenessMessage(wire.awarenessUpdate(71, 3, { name: 'été', n: [1, null] })))
  for (const peer of [one, two]) {
    const states = wire.readAwareness((await peer.take(wire.AWARENESS)).payload)
    assert.deepEqual(states, new Map([[71, { clock: 3, state: { name: 'été', n: [1, null] } }]]))
  }
  const late = await Peer.to('/ws/aware')
  assert.deepEqual([...wire.readAwareness((await late.take(wire.AWARENESS)).payload).keys()], [71])
  late.send(wire.queryAwarenessMessage())
  assert.deepEqual([...wire.readAwareness((await late.take(wire.AWARENESS)).payload).keys()], [71])
  // An older clock is news to nobody.
  two.send(wire.awarenessMessage(wire.awarenessUpdate(71, 2, { name: 'old' })))
  await Promise.all([two.settle(), one.settle()])
  assert.deepEqual(one.got.filter((m) => m.type === wire.AWARENESS).map((m) => [...wire.readAwareness(m.payload).values()]), [])
  one.socket._socket.destroy()
  for (const peer of [two, late]) {
    // Whoever joins in the turn in which a state comes hears of it twice.
    let gone
    do gone = wire.readAwareness((await peer.take(wire.AWARENESS)).payload).get(71)
    while (gone.state !== null)
    peer.end()
  }
})

await test('awareness: a connection speaks for one client, which goes with it; what only passed through stays', async () => {
  const [one, two] = await Promise.all([Peer.to('/ws/aware2'), Peer.to('/ws/aware2')])
  one.send(wire.awarenessMessage(wire.awarenessUpdate(1, 1, { a: 1 })))
  one.send(wire.awarenessMessage(wire.awarenessUpdate(2, 1, { a: 2 })))
  two.send(wire.awarenessMessage(wire.awarenessUpdate(3, 1, { a: 3 })))
  await two.settle()
  // y-websocket 3.1 sends every remote state it hears of once more.
  one.send(wire.awarenessMessage(wire.awarenessUpdate(3, 1, { a: 3 })))
  await one.settle()
  one.end()
  const gone = new Set(), seen = new Set()
  await until('the first is gone', () => {
    for (const m of two.got.splice(0)) {
      if (m.type !== wire.AWARENESS) continue
      for (const [client, { state }] of wire.readAwareness(m.payload)) (state === null ? gone : seen).add(client)
    }
    return gone.has(1)
  })
  assert.deepEqual([...seen].sort(), [1, 3])
  const three = await Peer.to('/ws/aware2')
  assert.deepEqual([...wire.readAwareness((await three.take(wire.AWARENESS)).payload).keys()], [3])
  assert.deepEqual([...gone], [1])
  two.end()
  three.end()
})

await test('awareness: a state beyond 4 KiB is not taken, and harms no edit', async () => {
  const [one, two] = await Promise.all([Peer.to('/ws/aware3'), Peer.to('/ws/aware3')])
  one.send(wire.awarenessMessage(wire.awarenessUpdate(1, 1, { a: 'x'.repeat(5000) })))
  one.send(wire.syncMessage(wire.UPDATE, edits(1).updates[0]))
  await two.take(wire.SYNC, wire.UPDATE)
  await two.settle()
  assert(!two.got.some((m) => m.type === wire.AWARENESS))
  one.end()
  two.end()
})

// ---- Hocuspocus

const hocus = async (note = 'hocus', token = 'anything', version) => {
  const peer = await Peer.to('/hocuspocus')
  peer.send(wire.tokenMessage(note, token, version))
  const auth = await peer.take(wire.AUTH)
  assert.deepEqual(auth, { address: note, type: wire.AUTH, sub: 2, text: 'read-write' })
  return peer
}

await test('Hocuspocus: a token is answered with the right; step 1 with step 1 and then step 2', async () => {
  const peer = await hocus()
  await sleep(50)
  assert.deepEqual(peer.got, [])
  peer.send(wire.syncMessage(wire.STEP1, emptyVector, 'hocus'))
  await until('two messages', () => peer.got.length === 2)
  assert.deepEqual(peer.got.map((m) => [m.address, m.type, m.sub]), [['hocus', wire.SYNC, wire.STEP1], ['hocus', wire.SYNC, wire.STEP2]])
  peer.end()
})

await test('Hocuspocus: one SyncStatus a message, in order, however commits are batched; duplicates too', async () => {
  const peer = await hocus('statuses')
  const { doc, updates } = edits(200)
  for (const update of updates) peer.send(wire.syncMessage(wire.UPDATE, update, 'statuses'))
  peer.send(wire.syncMessage(wire.STEP2, Y.encodeStateAsUpdate(doc), 'statuses'))
  peer.send(wire.syncMessage(wire.UPDATE, updates[0], 'statuses'))
  peer.send(wire.syncMessage(wire.STEP2, Y.encodeStateAsUpdate(new Y.Doc()), 'statuses'))
  await until('all statuses', () => peer.got.length >= 203)
  await sleep(100)
  assert.deepEqual(peer.got.map((m) => [m.address, m.type, m.status]), Array(203).fill(['statuses', wire.SYNC_STATUS, 1]))
  assert.equal(await textOf('statuses'), doc.getText('text').toString())
  peer.end()
})

await test('Hocuspocus: several notes and sessions on one socket do not meet', async () => {
  const peer = await hocus('many a')
  for (const address of ['many b', 'many a\0s1', 'many a\0s2']) {
    peer.send(wire.tokenMessage(address, 't', '4.8.0'))
    assert.equal((await peer.take(wire.AUTH)).address, address)
  }
  const { updates } = edits(1)
  peer.send(wire.syncMessage(wire.UPDATE, updates[0], 'many a\0s1'))
  assert.deepEqual(await peer.take(wire.SYNC_STATUS), { address: 'many a\0s1', type: wire.SYNC_STATUS, status: 1 })
  const reached = new Set()
  await until('the other sessions of the note', () => {
    for (const m of peer.got.splice(0)) reached.add(`${m.address} ${m.type}/${m.sub}`)
    return reached.size >= 2
  })
  await sleep(50)
  assert.deepEqual([...reached].sort(), [`many a\0s2 ${wire.SYNC}/${wire.UPDATE}`, `many a ${wire.SYNC}/${wire.UPDATE}`])
  // One is closed: the others go on.
  peer.send(wire.closeMessage('many a'))
  peer.send(wire.syncMessage(wire.STEP1, emptyVector, 'many b'))
  assert.equal((await peer.take(wire.SYNC, wire.STEP2)).address, 'many b')
  peer.end()
})

await test('Hocuspocus: a ping of the socket is answered with a pong', async () => {
  const peer = await Peer.to('/hocuspocus')
  peer.send(new Uint8Array([wire.PING]))
  assert.deepEqual(await peer.take(wire.PONG), { type: wire.PONG, address: '' })
  peer.end()
})

await test('Hocuspocus: a name that is none is refused by name, the socket is kept', async () => {
  const peer = await Peer.to('/hocuspocus')
  for (const name of ['', 'x'.repeat(201), 'a\nb', '\u0085']) {
    peer.send(wire.tokenMessage(name, 'anything'))
    const answer = await peer.take(wire.AUTH)
    assert.deepEqual([answer.address, answer.sub], [name, 1], JSON.stringify(name))
  }
  peer.send(wire.tokenMessage('good', 'anything'))
  assert.equal((await peer.take(wire.AUTH)).sub, 2)
  peer.end()
})

await test('Hocuspocus: an update for which others are missing is acknowledged, and completed later', async () => {
  const peer = await hocus('gap')
  const { doc, updates } = edits(3)
  for (const i of [2, 1]) peer.send(wire.syncMessage(wire.UPDATE, updates[i], 'gap'))
  for (let i = 0; i < 2; i++) assert.equal((await peer.take(wire.SYNC_STATUS)).status, 1)
  assert.equal(await textOf('gap'), '')
  peer.send(wire.syncMessage(wire.UPDATE, updates[0], 'gap'))
  assert.equal((await peer.take(wire.SYNC_STATUS)).status, 1)
  assert.equal(await textOf('gap'), doc.getText('text').toString())
  peer.end()
})

// ---- Refusals

await test('what is no note or no path is refused after the handshake', async () => {
  for (const [path, code] of [['/ws/', 4400], ['/ws/%00', 4400], [`/ws/${'x'.repeat(201)}`, 4400], ['/ws/%FF', 4400]]) {
    const peer = await Peer.to(path)
    assert.equal((await peer.closed).code, code, path)
  }
  const elsewhere = new Peer('/nowhere')
  await elsewhere.open.catch(() => {})
  const { code } = await elsewhere.closed
  assert.equal(code, 4400)
})

await test('broken frames and text close with 1002, whatever they hold, and change nothing', async () => {
  const broken = [
    [0], [0, 0], [0, 9, 0], [0, 2, 5, 1], [0, 2, 3, 1, 1, 1], [1, 200], [1, 3, 1, 2, 3], [0, 0, 3, 1, 1], [0xff, 0xff], [0, 1, 2, 1, 0],
  ]
  for (const bytes of broken) {
    const peer = await Peer.to('/ws/broken')
    peer.send(new Uint8Array(bytes))
    assert.equal((await peer.closed).code, 1002, `${bytes}`)
  }
  const address = [6, ...Buffer.from('broken')]
  for (const bytes of [[...address, 0, 2, 5, 1], [5, 65], [...address, 0], [...address, 0, 7, 0]]) {
    const peer = await hocus('broken')
    peer.send(new Uint8Array(bytes))
    assert.equal((await peer.closed).code, 1002, `Hocuspocus ${bytes}`)
  }
  for (const path of ['/ws/broken', '/hocuspocus']) {
    const peer = await Peer.to(path)
    peer.send('text')
    assert.equal((await peer.closed).code, 1002, path)
  }
  assert.equal((await server.get('/healthz')).status, 200)
  assert.equal(await server.update('broken'), null)
})

await test('a message beyond the limit closes with 1009; unknown types are passed by', async () => {
  const small = await new Cahier({ args: ['--log-level', 'warn', '--message-limit', '64K'] }).start()
  const socket = new WebSocket(`${small.ws}/ws/big`)
  await new Promise((resolve) => socket.on('open', resolve))
  socket.on('error', () => {})
  const closed = new Promise((resolve) => socket.on('close', resolve))
  socket.send(Buffer.alloc((64 << 10) + 1))
  assert.equal(await closed, 1009)
  assert.equal(await small.end(), 0)
  small.remove()
  const peer = await Peer.to('/ws/types')
  for (const type of [4, 5, 42, 127]) peer.send(new Uint8Array([type, 1, 2, 3]))
  await peer.settle()
  peer.end()
})

await test('looking at an unknown note creates nothing', async () => {
  for (const where of ['/api/v1/notes/unseen', '/api/v1/notes/unseen/content']) assert.equal((await server.get(where)).status, 404)
  const [one, two] = [await Peer.to('/ws/unseen'), await hocus('unseen')]
  one.send(wire.syncMessage(wire.STEP1, emptyVector))
  await one.take(wire.SYNC, wire.STEP2)
  one.send(wire.awarenessMessage(wire.awarenessUpdate(5, 1, { a: 1 })))
  one.send(wire.syncMessage(wire.STEP2, Y.encodeStateAsUpdate(new Y.Doc())))
  await one.settle()
  one.end()
  two.end()
  await sleep(50)
  assert.equal((await server.get('/api/v1/notes/unseen')).status, 404)
  const { notes } = await (await server.get('/api/v1/notes?limit=200')).json()
  assert(!notes.some((n) => n.id === 'unseen'))
})

// ---- Stock providers

await test('stock providers of all versions, with and without a token, see one another', async () => {
  const tally = new Tally()
  const lines = [2, 3, 4].map((version) => new HocuspocusLine(server, version, tally))
  const people = [new YwebsocketPerson(server, 'été/1', tally), ...lines.map((line) => new HocuspocusPerson(line, 'été/1')),
    ...lines.map((line) => new HocuspocusPerson(line, 'été/2', { token: 'secret' }))]
  await until('synced', () => people.every((p) => p.synced))
  people.forEach((p, i) => {
    p.awareness.setLocalStateField('user', { name: `n${i}` })
    p.doc.getText('text').insert(0, `[${i}]`)
    p.probe()
  })
  await until('all acknowledged', () => people.every((p) => p.settled))
  for (const note of ['été/1', 'été/2']) {
    const here = people.filter((p) => p.note === note)
    await until('same text', () => new Set(here.map((p) => p.doc.getText('text').toString())).size === 1)
    assert.equal(await textOf(note), here[0].doc.getText('text').toString())
    assert.equal(here[0].doc.getText('text').length, 3 * here.length)
    await until('same presence', () => here.every((p) => p.awareness.getStates().size === here.length))
  }
  assert.deepEqual(tally.wrong, [])
  assert.equal(tally.refused, 0)
  for (const p of people) p.destroy()
  for (const line of lines) line.destroy()
})

await test('a client that floods is read more slowly, loses nothing, and others do not wait', async () => {
  const flooder = await hocus('flood')
  const other = await hocus('calm')
  const { doc, updates } = edits(0)
  const pour = (count) => {
    for (let i = 0; i < count; i++) {
      doc.getText('text').insert(updates.length, String(i % 10))
      flooder.send(wire.syncMessage(wire.UPDATE, updates.at(-1), 'flood'))
    }
  }
  const began = Date.now()
  pour(2500)
  let ahead = 0, slowest = 0
  await until('the other is answered ahead of the flood, again and again', async () => {
    const { updates: [one] } = edits(1)
    const sent = Date.now()
    other.send(wire.syncMessage(wire.UPDATE, one, 'calm'))
    await other.take(wire.SYNC_STATUS)
    slowest = Math.max(slowest, Date.now() - sent)
    if (flooder.got.length < updates.length) ahead++
    else pour(500) // a disk that stood still may have let it all pass
    return ahead >= 20
  })
  await until('the flood is over', () => flooder.got.length >= updates.length)
  const seconds = (Date.now() - began) / 1000
  console.log(`  ${updates.length} updates in ${seconds.toFixed(1)} s; the other waited ${slowest} ms at most`)
  assert(flooder.got.every((m) => m.type === wire.SYNC_STATUS && m.status === 1))
  assert(seconds > (updates.length / 500 - 1) / 2, 'faster than 500 a second and one second ahead')
  assert.equal(await textOf('flood'), doc.getText('text').toString())
  flooder.end()
  other.end()
})

await test('a reader that stops is resynchronised or closed; nobody waits for it, and it has all in the end', async () => {
  const tally = new Tally()
  const [writer, reader, slow] = [0, 1, 2].map(() => new YwebsocketPerson(server, 'slow', tally))
  await until('synced', () => [writer, reader, slow].every((p) => p.synced))
  const before = await server.metric('resyncs_total')
  const text = writer.doc.getText('text')
  const chunk = 'é'.repeat(60_000)
  let slowest = 0
  const write = async (i) => {
    writer.doc.transact(() => {
      text.delete(0, text.length)
      text.insert(0, i + chunk)
    })
    const sent = Date.now()
    await until('the reader has it', () => reader.doc.getText('text').toString().startsWith(`${i}é`))
    slowest = Math.max(slowest, Date.now() - sent)
  }
  const stopsForAWhile = async () => {
    await until('synced', () => slow.synced)
    slow.socket._socket.pause()
    slow.provider.wsLastMessageReceived = Infinity // else it would connect anew after 30 s of silence
    for (let i = 0; i < 150; i++) await write(i)
    slow.socket?._socket?.resume()
    await until('the slow one has it', () => slow.doc.getText('text').toString() === text.toString())
    return (await server.metric('resyncs_total')) - before
  }
  // Where 150 times take minutes, the server closes it before there is much to be had.
  const counted = await until('a resynchronisation', stopsForAWhile)
  console.log(`  ${counted} resynchronised; the others waited ${slowest} ms at most`)
  for (const p of [writer, reader, slow]) p.destroy()
})

if (process.env.CAHIER_LONG) {
  await test('both protocols hear something within 30 s', async () => {
    const peers = [await Peer.to('/ws/quiet'), await hocus('quiet')]
    for (const peer of peers) await peer.settle()
    const began = Date.now()
    const heard = await Promise.all(peers.map((peer) => peer.take(wire.AWARENESS, undefined, 29_000)))
    console.log(`  after ${((Date.now() - began) / 1000).toFixed(1)} s`)
    for (const m of heard) assert.deepEqual([...m.payload], [0])
    peers.forEach((peer) => peer.end())
  })
}

// Last, since it ends the server.
await test('SIGTERM closes with 1001, and everything that was acknowledged is on the disk', async () => {
  const peer = await hocus('end')
  const others = await Promise.all([Peer.to('/ws/end'), Peer.to('/ws/elsewhere')])
  const { doc, updates } = edits(2000)
  let acknowledged = 0
  peer.socket.on('message', () => {
    acknowledged = peer.got.filter((m) => m.type === wire.SYNC_STATUS && m.status === 1).length
  })
  for (const update of updates) peer.send(wire.syncMessage(wire.UPDATE, update, 'end'))
  await until('some are acknowledged', () => acknowledged > 20)
  const ended = server.end()
  for (const p of [peer, ...others]) assert.equal((await p.closed).code, 1001)
  assert.equal(await ended, 0)
  await server.start()
  const after = new Y.Doc()
  Y.applyUpdate(after, await server.update('end'))
  const known = updates.slice(0, acknowledged)
  const expected = new Y.Doc()
  for (const update of known) Y.applyUpdate(expected, update)
  console.log(`  ${acknowledged} of ${updates.length} were acknowledged`)
  assert(Y.getState(after.store, doc.clientID) >= Y.getState(expected.store, doc.clientID))
  assert.equal(await server.end(), 0)
})

suite.finish()
