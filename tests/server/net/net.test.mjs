// server/net through real sockets; echo_server.c plays the rooms. Exits 77 when the npm packages are not installed.
import { spawn } from 'node:child_process'
import net from 'node:net'
import assert from 'node:assert/strict'

let WebSocket
try {
  WebSocket = (await import('ws')).default
} catch {
  console.log('SKIP: npm packages of tests/ are not installed')
  process.exit(77)
}

const server = spawn(process.env.ECHO_SERVER, { stdio: ['ignore', 'pipe', 'inherit'] })
let said = ''
server.stdout.on('data', d => { said += d })
const exited = new Promise(resolve => server.on('exit', (code, signal) => resolve(signal || code)))
const until = async (what, condition, ms = 120_000) => {
  for (const end = Date.now() + ms; !(await condition());) {
    assert(Date.now() < end, `waited too long: ${what}`)
    await new Promise(resolve => setTimeout(resolve, 10))
  }
}
await until('the port', () => /port (\d+)/.test(said))
const port = Number(/port (\d+)/.exec(said)[1])
const origin = `http://127.0.0.1:${port}`

// A WebSocket that collects what it gets.
const connect = (path, options = {}) => {
  const socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, options)
  socket.got = []
  socket.on('message', (data, binary) => { assert(binary); socket.got.push(data) })
  socket.on('error', error => { socket.failed = error })
  socket.closed = new Promise(resolve => socket.on('close', (code, reason) => resolve({ code, reason: reason.toString() })))
  socket.open = new Promise((resolve, reject) => { socket.on('open', resolve); socket.on('error', reject) })
  socket.open.catch(() => {})
  return socket
}

// Sends raw bytes, gives what came back until the end of the connection, or until it ends with `last`. `more`: sent when
// something has come back.
const raw = (bytes, last, more) => new Promise((resolve, reject) => {
  const socket = net.connect(port, '127.0.0.1')
  let got = ''
  const timer = setTimeout(() => reject(new Error(`no end of ${JSON.stringify(got)}`)), 120_000)
  socket.on('data', d => {
    if (got === '' && more) socket.write(more, 'latin1')
    got += d.toString('latin1')
    if (last && got.endsWith(last)) socket.destroy()
  })
  socket.on('close', () => { clearTimeout(timer); resolve(got) })
  socket.on('error', () => {})
  socket.write(bytes, 'latin1')
})

const counts = async () => Object.fromEntries((await (await fetch(`${origin}/counts`)).text()).split(' ').map(p => p.split('=')).map(([k, v]) => [k, Number(v)]))

let passed = 0
const test = async (name, run) => {
  try {
    await run()
    passed++
    console.log(`ok ${name}`)
  } catch (error) {
    console.log(`not ok ${name}\n`, error)
    server.kill('SIGKILL')
    process.exit(1)
  }
}

await test('a note name is decoded once, the token comes along', async () => {
  for (const [path, note] of [
    ['/ws/plain', 'plain'], ['/ws/a%2Fb', 'a/b'], ['/ws/a/b', 'a/b'], ['/ws/a//b', 'a//b'], ['/ws/..%2Fx', '../x'],
    ['/ws/a+b', 'a+b'], ['/ws/a;b&c', 'a;b&c'], ['/ws/%C3%A9t%C3%A9', 'été'], ['/ws/100%2525', '100%25'], ['/hocuspocus', '']
  ]) {
    const socket = connect(path + '?token=s%20e+cret')
    await until(path, () => socket.got.length === 2)
    assert.equal(socket.got[0].toString(), note)
    assert.equal(socket.got[1].toString(), 's e cret')
    socket.close()
    await socket.closed
  }
  const bearer = connect('/ws/x', { headers: { authorization: 'Bearer abc' } })
  await until('bearer', () => bearer.got.length === 2)
  assert.equal(bearer.got[1].toString(), 'abc')
  bearer.close()
})

await test('a name that is none is refused after the handshake with 4400', async () => {
  for (const path of ['/ws/', '/ws/%00', '/ws/a%0Ab', '/ws/%FF', '/ws/%zz', '/ws/' + 'x'.repeat(201), '/ws/%C2%85']) {
    const socket = connect(path)
    await socket.open
    assert.equal((await socket.closed).code, 4400, path)
  }
  const longest = connect('/ws/' + 'x'.repeat(200))
  await until('200 bytes', () => longest.got.length === 2)
  longest.close()
})

await test('foreign pages are refused with 4403, own and configured ones are not', async () => {
  for (const [headers, allowed] of [
    [{ origin: 'https://evil.example' }, false], [{ origin: 'null' }, false], [{ origin }, true],
    [{ origin: `http://127.0.0.1:${port + 1}` }, false], [{ origin: 'https://pages.example' }, true],
    [{ origin, 'sec-fetch-site': 'cross-site' }, false], [{ origin, 'sec-fetch-site': 'same-site' }, false],
    [{ origin, 'sec-fetch-site': 'same-origin' }, true]
  ]) {
    const socket = connect('/ws/o', { headers })
    await socket.open
    if (allowed) {
      await until('opened', () => socket.got.length === 2)
      socket.close()
    } else {
      assert.equal((await socket.closed).code, 4403, JSON.stringify(headers))
    }
  }
})

await test('messages of all sizes come back whole, fragmented ones too', async () => {
  const socket = connect('/ws/sizes')
  await until('open', () => socket.got.length === 2)
  let expected = 2
  for (const size of [1, 125, 126, 127, 4095, 4096, 4097, 32763, 32764, 32765, 65528, 65529, 65535, 65536, 300000, 1 << 20]) {
    const bytes = Buffer.alloc(size, size % 251)
    bytes[0] = 1
    socket.send(bytes)
    expected++
    await until(`size ${size}`, () => socket.got.length === expected)
    assert(socket.got[expected - 1].equals(bytes), `size ${size}`)
  }
  const parts = [Buffer.from('aa'), Buffer.alloc(70000, 98), Buffer.from('c')]
  socket.send(parts[0], { fin: false })
  socket.send(parts[1], { fin: false })
  socket.ping('between')
  socket.send(parts[2], { fin: true })
  await until('fragments', () => socket.got.length === expected + 1)
  assert(socket.got[expected].equals(Buffer.concat(parts)))
  socket.close()
})

await test('a ping is answered, also while a flood is sent', async () => {
  const socket = connect('/ws/ping')
  await until('open', () => socket.got.length === 2)
  const pongs = []
  socket.on('pong', d => pongs.push(d.toString()))
  socket.send(Buffer.from('!flood 30 100000'))
  socket.ping('p')
  await until('pong', () => pongs.includes('p'))
  socket.terminate()
})

await test('text is refused with 1002, too much with 1009, bad frames end the connection', async () => {
  const text = connect('/ws/t')
  await text.open
  text.send('hello')
  assert.equal((await text.closed).code, 1002)
  for (const fin of [true, false]) {
    const big = connect('/ws/t')
    await big.open
    big.send(Buffer.alloc((1 << 20) + 1), { fin })
    assert.equal((await big.closed).code, 1009)
  }
})

await test('the code and reason of a close arrive', async () => {
  for (const code of [1001, 1011, 1013, 4401, 4403, 4404]) {
    const socket = connect('/ws/c')
    await socket.open
    socket.send(Buffer.from(`!close ${code}`))
    assert.deepEqual(await socket.closed, { code, reason: 'as you wish' })
  }
})

await test('one turn sends what it has for a connection in one write', async () => {
  const sockets = Array.from({ length: 20 }, () => connect('/ws/many'))
  await until('all open', () => sockets.every(s => s.got.length === 2))
  const before = await counts()
  sockets[0]._socket.cork() // all in one write, so that one turn reads many of them
  for (let i = 0; i < 200; i++) sockets[0].send(Buffer.from(`m${i}`))
  sockets[0]._socket.uncork()
  await until('all', () => sockets.every(s => s.got.length === 202))
  const after = await counts()
  assert.equal(after.frames - before.frames, 4000)
  assert(after.writes - before.writes < 2000, `${after.writes - before.writes} writes for 4000 frames`)
  sockets.forEach(s => assert.equal(s.got[201].toString(), 'm199'))
  sockets.forEach(s => s.terminate())
  await until('all gone', async () => (await counts()).members === 0)
})

await test('a reader that stalls is refused, then drained; one far behind is closed with 1013', async () => {
  const slow = connect('/ws/slow')
  await until('open', () => slow.got.length === 2)
  slow._socket.pause()
  for (let i = 0; i < 20; i++) slow.send(Buffer.from('!flood 15 65536'))
  await until('refused', async () => (await counts()).refused > 0)
  slow._socket.resume()
  await until('drained', () => slow.got.some(m => /^drained after \d+ refused/.test(m.toString('latin1', 0, 40))))
  slow.terminate()

  const stuck = connect('/ws/stuck')
  await until('open', () => stuck.got.length === 2)
  stuck._socket.pause()
  stuck.send(Buffer.from('!insist 3 3000000')) // the third goes over the hard limit
  await new Promise(resolve => setTimeout(resolve, 200))
  stuck._socket.resume()
  assert.equal((await stuck.closed).code, 1013)
})

await test('a paused connection is not read, and goes on afterwards', async () => {
  const socket = connect('/ws/paused')
  await until('open', () => socket.got.length === 2)
  const from = Date.now()
  socket.send(Buffer.from('!pause'))
  await new Promise(resolve => setTimeout(resolve, 100))
  socket.send(Buffer.from('later'))
  await until('resumed', () => socket.got.length === 3)
  assert(Date.now() - from > 500)
  socket.close()
})

await test('what comes right behind the handshake is not lost', async () => {
  const key = 'dGhlIHNhbXBsZSBub25jZQ=='
  const frame = Buffer.from([0x82, 0x83, 1, 2, 3, 4, 0x61 ^ 1, 0x62 ^ 2, 0x63 ^ 3]).toString('latin1')
  const head = `GET /ws/early HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: keep-alive, Upgrade\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: ${key}\r\n`
  const echo = '\x82\x05early\x82\x00\x82\x03abc'
  const got = await raw(head + '\r\n' + frame, echo)
  assert.match(got, /^HTTP\/1.1 101 /)
  assert.match(got, /Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK\+xOo=/i)
  assert(got.endsWith(echo), JSON.stringify(got))
  const unmasked = await raw(head + '\r\n\x82\x01a', '\x82\x01a') // comes back: libwebsockets does not mind
  assert.match(unmasked, /^HTTP\/1.1 101 /)
  assert.match(await raw(head.replace('Version: 13', 'Version: 12') + '\r\n'), /^HTTP\/1.1 426 [^]*Sec-WebSocket-Version: 13/)
  assert.match(await raw(head.replace(key, 'short') + '\r\n'), /^HTTP\/1.1 400 /)
  const other = new WebSocket(`ws://127.0.0.1:${port}/other`)
  assert.equal(await new Promise(resolve => other.on('close', resolve)), 4400)
})

await test('requests: strict heads, bounded bodies, answers that fit', async () => {
  const status = async (text, code) => {
    const got = await raw(text)
    assert(got.startsWith(`HTTP/1.1 ${code} `), `${JSON.stringify(text.slice(0, 80))} -> ${JSON.stringify(got.slice(0, 80))}`)
    return got
  }
  const h = 'Host: 127.0.0.1\r\n'
  await status(`GET / HTTP/1.1\r\n${h}Connection: close\r\n\r\n`, 200)
  await status('GET / HTTP/1.0\r\n\r\n', 200)
  await status('GET / HTTP/1.1\r\n\r\n', 400)
  await status(`GET / HTTP/1.1\r\n${h}${h}\r\n`, 400)
  await status('GET / HTTP/1.1\r\nHost: evil.example\r\n\r\n', 421)
  await status(`GET / HTTP/2.0\r\n${h}\r\n`, 505)
  await status(`GET x HTTP/1.1\r\n${h}\r\n`, 400)
  await status(`GET / HTTP/1.1\r\n${h} folded: x\r\n\r\n`, 400)
  await status(`POST / HTTP/1.1\r\n${h}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n\r\n`, 411)
  await status(`POST / HTTP/1.1\r\n${h}Transfer-Encoding: chunked\r\nContent-Length: 1\r\n\r\na`, 400)
  await status(`POST / HTTP/1.1\r\n${h}Content-Length: 1\r\nContent-Length: 2\r\n\r\nab`, 400)
  await status(`POST / HTTP/1.1\r\n${h}Content-Length: -1\r\n\r\n`, 400)
  await status(`POST / HTTP/1.1\r\n${h}Content-Length: 1048577\r\n\r\n`, 413)
  await status(`GET / HTTP/1.1\r\n${h}X: ${'x'.repeat(17000)}\r\n\r\n`, 431)
  await status(`GET / HTTP/1.1\r\n${h}${'X: 1\r\n'.repeat(70)}\r\n`, 431)
  await status(`GET / HTTP/1.1\r\n${h}Upgrade: h2c\r\nConnection: Upgrade, close\r\n\r\n`, 200)
  const continued = await raw(`POST / HTTP/1.1\r\n${h}Expect: 100-continue\r\nContent-Length: 3\r\nConnection: close\r\n\r\n`, undefined, 'abc')
  assert.match(continued, /^HTTP\/1.1 100 Continue\r\n\r\nHTTP\/1.1 200 OK\r\n[^]*\r\n\r\nabc$/)
  const head = await raw(`HEAD /counts HTTP/1.1\r\n${h}Connection: close\r\n\r\n`)
  assert.match(head, /Content-Length: \d\d/)
  assert(head.endsWith('\r\n\r\n'))
})

await test('requests in a row and ahead of their answers are answered in order', async () => {
  const h = 'Host: 127.0.0.1\r\n'
  const one = n => `POST / HTTP/1.1\r\n${h}Content-Length: 2\r\n\r\n${n}.`
  const got = await raw(`GET /slow HTTP/1.1\r\n${h}\r\n` + one(1) + one(2) + `POST / HTTP/1.1\r\n${h}Connection: close\r\nContent-Length: 2\r\n\r\n3.`)
  const bodies = got.split(/HTTP\/1.1 200 OK[^]*?\r\n\r\n/).slice(1)
  assert.deepEqual(bodies, ['slow', '1.', '2.', '3.'])
})

await test('a peer that goes before its answer does no harm', async () => {
  const before = (await counts()).slow_asked
  const socket = net.connect(port, '127.0.0.1')
  socket.write('GET /slow HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n')
  await until('it is asked', async () => (await counts()).slow_asked > before)
  socket.destroy()
  await until('it is answered', async () => (await counts()).slow === 0)
  assert.equal(await (await fetch(`${origin}/slow`)).text(), 'slow')
})

await test('large bodies go both ways', async () => {
  const body = Buffer.alloc(1 << 20, 'cahier ')
  const back = Buffer.from(await (await fetch(origin + '/', { method: 'POST', body })).arrayBuffer())
  assert(back.equals(body))
})

await test('300 connections come and go', async () => {
  const sockets = Array.from({ length: 300 }, (_, i) => connect(`/ws/n${i % 30}`))
  await until('open', () => sockets.every(s => s.got.length === 2))
  for (let i = 0; i < 30; i++) sockets[i].send(Buffer.from('x'))
  await until('messages', () => sockets.every(s => s.got.length === 3))
  sockets.forEach((s, i) => i % 2 ? s.terminate() : s.close())
  await until('gone', async () => (await counts()).members === 0)
})

await test('SIGTERM closes with 1001 and the server ends well', async () => {
  const sockets = Array.from({ length: 5 }, () => connect('/ws/end'))
  await until('open', () => sockets.every(s => s.got.length === 2))
  server.kill('SIGTERM')
  for (const s of sockets) assert.equal((await s.closed).code, 1001)
  assert.equal(await Promise.race([exited, new Promise(resolve => setTimeout(resolve, 120_000, 'still there'))]), 0)
  await until('the last word', () => said.includes('members 0'))
})

console.log(`${passed} tests passed`)
process.exit(0)
