// `cahier serve` from outside: exit codes, HTTP, and that what was answered is there after a restart.
// Exits 77 when the npm packages are not installed.
import { spawn } from 'node:child_process'
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import net from 'node:net'
import os from 'node:os'
import path from 'node:path'
import { gunzipSync } from 'node:zlib'
import assert from 'node:assert/strict'

let Y, WebSocket
try {
  Y = await import('yjs')
  WebSocket = (await import('ws')).default
} catch {
  console.log('SKIP: npm packages of tests/ are not installed')
  process.exit(77)
}

const cahier = process.env.CAHIER
const folder = mkdtempSync(path.join(os.tmpdir(), 'cahier-serve-'))
const data = path.join(folder, 'notes.db')
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

// Runs to its end.
const run = (args, options = {}) => new Promise(resolve => {
  const child = spawn(cahier, args, options)
  let out = '', err = ''
  child.stdout.on('data', d => { out += d })
  child.stderr.on('data', d => { err += d })
  child.on('close', (code, signal) => resolve({ code: signal ?? code, out, err }))
})

// Starts a server and waits until it is ready.
const running = new Set()
const start = async (args = []) => {
  const child = spawn(cahier, ['serve', '--open', '--listen', '127.0.0.1:0', '--data', data, '--log-level', 'warn', ...args])
  running.add(child)
  let out = ''
  child.stderr.pipe(process.stderr)
  const exited = new Promise(resolve => child.on('exit', (code, signal) => { running.delete(child); resolve(signal ?? code) }))
  const url = await new Promise((resolve, reject) => {
    child.stdout.on('data', d => {
      out += d
      const found = /(http:\/\/127\.0\.0\.1:\d+)\//.exec(out)
      if (found) resolve(found[1])
    })
    exited.then(code => reject(new Error(`ended with ${code}`)))
  })
  return { child, url, exited, stop: async () => { child.kill('SIGTERM'); return exited } }
}
process.on('exit', () => running.forEach(child => child.kill('SIGKILL')))

let passed = 0
const test = async (name, body) => {
  try {
    await body()
    passed++
    console.log(`ok ${name}`)
  } catch (error) {
    console.log(`not ok ${name}\n`, error)
    process.exit(1)
  }
}

// An update as a yjs client would send it.
const update = edit => {
  const doc = new Y.Doc()
  edit(doc)
  return Y.encodeStateAsUpdate(doc)
}
const note = (...blocks) => update(doc => {
  const root = doc.getXmlFragment('default')
  root.insert(0, blocks.map(([name, text]) => {
    const element = new Y.XmlElement(name)
    if (name === 'heading') element.setAttribute('level', 1)
    element.insert(0, [new Y.XmlText(text)])
    return element
  }))
})
const yjs = { 'Content-Type': 'application/vnd.yjs.update' }

await test('the command line says what is wrong, with its code', async () => {
  for (const [args, code, says] of [
    [['--version'], 0, /^cahier \d+\.\d+\.\d+\n$/], [['--help'], 0, /cahier serve/], [['help', 'serve'], 0, /--listen/],
    [['serve', '--help'], 0, /--listen/], [['help', 'doc'], 0, /snapshot/], [[], 2, /help/], [['what'], 2, /no such command/],
    [['help', 'what'], 2, /no such command/], [['serve'], 2, /accounts do not exist yet/],
    [['serve', '--open', '--listen', '0.0.0.0:0'], 2, /--i-know/], [['serve', '--what'], 2, /no such option/],
    [['serve', '--open', '--listen', 'nonsense'], 2, /ADDR:PORT/], [['serve', '--open', '--log-level', 'x'], 2, /log-level/],
    [['serve', '--open', '--workers', '0'], 2, /from 1 to 64/],
    [['serve', '--open', '--queue-soft', '2M', '--queue-hard', '1M'], 2, /more than/],
    [['serve', '--open', '--listen', '192.0.2.1:80', '--i-know', '--data', data], 3, /not an address of this machine/],
    [['serve', '--open', '--listen', '127.0.0.1:0', '--data', '/nonexistent/folder/x.db'], 1, /\/nonexistent/]
  ]) {
    const done = await run(args)
    assert.equal(done.code, code, `${args.join(' ')}: ${done.err}`)
    assert.match(code ? done.err : done.out, says, args.join(' '))
    if (code) assert.equal(done.out, '')
    if (code && args.length > 0 && code !== 2) assert.equal(done.err.trim().split('\n').length, 1)
  }
  const none = path.join(folder, 'no-data')
  writeFileSync(none, 'this is no data file, but it is a file '.repeat(100))
  assert.equal((await run(['serve', '--open', '--listen', '127.0.0.1:0', '--data', none])).code, 5)
})

await test('a port and a data file are for one server', async () => {
  const server = await start()
  const other = path.join(folder, 'other.db')
  assert.equal((await run(['serve', '--open', '--listen', server.url.slice(7), '--data', other])).code, 3)
  assert.deepEqual(readdirSync(folder).filter(name => name.startsWith('other')), [], 'nothing is left behind')
  assert.equal((await run(['serve', '--open', '--listen', '127.0.0.1:0', '--data', data])).code, 4)
  assert.equal(await server.stop(), 0)
})

let server = await start()
const get = (where, headers = {}, options = {}) => fetch(server.url + where, { headers, ...options })
const problem = async (response, status, code) => {
  assert.equal(response.status, status)
  assert.equal(response.headers.get('content-type'), 'application/problem+json')
  const body = await response.json()
  assert.equal(body.status, status)
  assert.equal(body.code, code)
  assert(body.title.length > 0)
}

await test('it is healthy, ready, and describes itself', async () => {
  assert.deepEqual(await (await get('/healthz')).json(), { status: 'pass' })
  assert.deepEqual(await (await get('/readyz')).json(), { status: 'pass' })
  assert.match((await (await get('/version')).json()).version, /^\d+\.\d+\.\d+$/)
  const metrics = await (await get('/metrics')).text()
  for (const name of ['open_notes', 'connections', 'updates_total', 'commit_seconds_count', 'durable_lag_seconds', 'bytes']) {
    assert.match(metrics, new RegExp(`^cahier_${name} `, 'm'))
  }
  for (const line of metrics.trim().split('\n')) assert.match(line, /^(# (HELP|TYPE) cahier_\w+ .+|cahier_\w+(\{[^}]+\})? [-\d.e+]+)$/)
})

await test('every route of the description answers, and only with what it says', async () => {
  const guards = [['x-content-type-options', /^nosniff$/], ['cross-origin-resource-policy', /^same-origin$/],
    ['content-security-policy', /default-src 'none'; frame-ancestors 'none'; .*sandbox/], ['referrer-policy', /^same-origin$/]]
  const api = await (await get('/api/openapi.json')).json()
  assert.equal(api.openapi, '3.1.0')
  assert(Object.keys(api.paths).length >= 8)
  for (const [where, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      const response = await get(where.replace('{id}', 'none'), {}, { method: method.toUpperCase() })
      assert(operation.responses[response.status], `${method} ${where} -> ${response.status}`)
      for (const [name, value] of guards) assert.match(response.headers.get(name) ?? '', value, `${method} ${where}: ${name}`)
    }
    const other = await get(where.replace('{id}', 'none'), {}, { method: 'PATCH' })
    await problem(other, 405, 'method-not-allowed')
    assert(other.headers.get('allow').length > 0)
  }
})

await test('every body of the description has its schema, and answers are as it says', async () => {
  const api = await (await get('/api/openapi.json')).json()
  const schemas = api.components.schemas
  const resolve = schema => schema.$ref ? schemas[schema.$ref.slice('#/components/schemas/'.length)] : schema
  const isA = (value, type) => type === 'array' ? Array.isArray(value) : type === 'null' ? value === null
    : type === 'integer' ? Number.isInteger(value) : typeof value === type && value !== null && !Array.isArray(value)
  const check = (value, given, where) => {
    const schema = resolve(given)
    assert(schema, `${where}: no such schema ${given.$ref}`)
    if (schema.type) assert([schema.type].flat().some(type => isA(value, type)), `${where}: ${JSON.stringify(value)}`)
    if (schema.enum) assert(schema.enum.includes(value), `${where}: ${value}`)
    for (const name of schema.required ?? []) assert(name in value, `${where}: no ${name}`)
    for (const [name, inner] of Object.entries(schema.properties ?? {})) if (name in value) check(value[name], inner, `${where}.${name}`)
    if (schema.items) value.forEach((item, i) => check(item, schema.items, `${where}[${i}]`))
  }
  let described = 0
  for (const [where, methods] of Object.entries(api.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      for (const { content = {} } of [operation.requestBody ?? {}, ...Object.values(operation.responses)]) {
        for (const [type, { schema }] of Object.entries(content)) {
          assert(schema ? resolve(schema) : !/json|text/.test(type), `${method} ${where}: ${type}`)
          described += schema ? 1 : 0
        }
      }
    }
  }
  assert(described > 30)
  assert.equal((await get('/api/v1/notes/described/content', yjs, { method: 'POST', body: note(['heading', 'Titre'], ['paragraph', 'x']) })).status, 204)
  for (const [where, headers] of [
    ['/healthz'], ['/readyz'], ['/version'], ['/api/openapi.json'], ['/api/v1/notes'], ['/api/v1/notes/described'],
    ['/api/v1/notes/nobody'], ['/api/v1/notes/described/content', { Accept: 'application/json' }],
    ['/api/v1/notes/described/export?format=json'],
  ]) {
    const response = await get(where, headers)
    const type = response.headers.get('content-type').split(';')[0]
    const operation = api.paths[where.split('?')[0].replace(/described|nobody/, '{id}')].get
    check(await response.json(), operation.responses[response.status].content[type].schema, where)
  }
  const made = await get('/api/v1/notes', { 'Content-Type': 'application/json' }, { method: 'POST', body: '{}' })
  check(await made.json(), schemas.MadeNote, 'POST /api/v1/notes')
})

await test('a note that is asked for twice with one key is made once', async () => {
  const make = (key, title) => get('/api/v1/notes', { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    { method: 'POST', body: JSON.stringify({ title }) })
  const first = await make('k1', 'Once'), again = await make('k1', 'Once'), other = await make('k2', 'Once')
  for (const response of [first, again, other]) assert.equal(response.status, 201)
  const id = (await first.json()).id
  assert.deepEqual(await again.json(), { id, title: 'Once' })
  assert.equal(again.headers.get('location'), `/api/v1/notes/${id}`)
  assert.notEqual((await other.json()).id, id)
  await problem(await make('k1', 'Twice'), 422, 'idempotency-key-reused')
  await problem(await make('k'.repeat(201), 'Long'), 400, 'malformed')
  const both = await Promise.all([make('k3', 'Race'), make('k3', 'Race')])
  assert(both.every(r => r.status === 201 || r.status === 409), both.map(r => r.status).join())
  assert.equal((await (await get('/api/v1/notes?limit=200')).json()).notes.filter(n => n.title === 'Race').length, 1)
})

await test('unknown notes are 404 and are not made by reading', async () => {
  await problem(await get('/api/v1/notes/nobody'), 404, 'not-found')
  await problem(await get('/api/v1/notes/nobody/content'), 404, 'not-found')
  await problem(await get('/api/v1/other'), 404, 'not-found')
  await problem(await get('/api/v1/notes/%00'), 400, 'malformed')
  assert(!(await (await get('/api/v1/notes')).json()).notes.some(n => n.id === 'nobody'))
})

await test('an update becomes a note that can be had in every format', async () => {
  const sent = note(['heading', 'Été & <b>'], ['paragraph', 'Bonjour le monde'])
  const posted = await get('/api/v1/notes/caf%C3%A9%2F1/content', yjs, { method: 'POST', body: sent })
  assert.equal(posted.status, 204)
  const content = async (type, where = '') => {
    const response = await get('/api/v1/notes/caf%C3%A9%2F1/content' + where, { Accept: type })
    assert.equal(response.status, 200)
    assert(response.headers.get('content-type').startsWith(type))
    return response
  }
  assert.equal(await (await content('text/plain')).text(), 'Été & <b>\n\nBonjour le monde\n')
  assert.match(await (await content('text/markdown')).text(), /^# Été & \\?<b>\n\nBonjour le monde\n$/)
  const html = await content('text/html')
  assert.match(html.headers.get('content-security-policy'), /default-src 'none'/)
  assert.match(await html.text(), /<h1[^>]*>Été &amp; &lt;b&gt;<\/h1>/)
  assert.equal((await (await content('application/json')).json()).content[0].type, 'heading')
  const bytes = new Uint8Array(await (await content('application/vnd.yjs.update')).arrayBuffer())
  assert.deepEqual(bytes, sent)
  const v2 = new Uint8Array(await (await content('application/vnd.yjs.update', '?v=2')).arrayBuffer())
  assert.deepEqual(v2, Y.convertUpdateFormatV1ToV2(sent))
  const sv = Buffer.from(Y.encodeStateVectorFromUpdate(sent)).toString('base64url')
  const diff = new Uint8Array(await (await content('application/vnd.yjs.update', `?sv=${sv}`)).arrayBuffer())
  assert.deepEqual(diff, Y.diffUpdate(sent, Y.encodeStateVectorFromUpdate(sent)))
  const listed = (await (await get('/api/v1/notes')).json()).notes
  assert.equal(listed[0].id, 'café/1')
})

await test('tags save sending, and change with the note', async () => {
  const first = await get('/api/v1/notes/caf%C3%A9%2F1/content', { Accept: 'text/plain' })
  const tag = first.headers.get('etag')
  assert.match(tag, /^"[^"]+"$/)
  const again = await get('/api/v1/notes/caf%C3%A9%2F1/content', { Accept: 'text/plain', 'If-None-Match': tag })
  assert.equal(again.status, 304)
  assert.equal(await again.text(), '')
  assert.notEqual((await get('/api/v1/notes/caf%C3%A9%2F1/content', { Accept: 'text/html' })).headers.get('etag'), tag)
  await get('/api/v1/notes/caf%C3%A9%2F1/content', yjs, { method: 'POST', body: note(['paragraph', 'more']) })
  assert.equal((await get('/api/v1/notes/caf%C3%A9%2F1/content', { Accept: 'text/plain', 'If-None-Match': tag })).status, 200)
})

// What stands on the wire: fetch would unpack it.
const raw = (where, headers) => new Promise((resolve, reject) => {
  http.get(server.url + where, { headers, agent: false }, response => {
    const parts = []
    response.on('data', part => parts.push(part))
    response.on('end', () => resolve({ status: response.statusCode, headers: response.headers, body: Buffer.concat(parts) }))
  }).on('error', reject)
})

await test('gzip is another representation, with another tag', async () => {
  const long = Array.from({ length: 800 }, (_, i) => ['paragraph', `Encore une phrase, la ${i}e`])
  for (const [id, blocks] of [['short', [['paragraph', 'Court.']]], ['long', long]]) {
    assert.equal((await get(`/api/v1/notes/gzip-${id}/content`, yjs, { method: 'POST', body: note(...blocks) })).status, 204)
  }
  const places = ['short', 'long'].flatMap(id => ['application/vnd.yjs.update', 'text/markdown', 'text/html', 'application/json']
    .map(Accept => [`/api/v1/notes/gzip-${id}/content?v=2`, { Accept }]))
  for (const [where, headers] of [...places, ['/api/v1/notes/gzip-long/export?format=md', {}], ['/', {}]]) {
    const plain = await raw(where, headers)
    assert.equal(plain.headers['content-encoding'], undefined)
    for (let i = 0; i < 2; i++) { // made, then kept
      const packed = await raw(where, { ...headers, 'Accept-Encoding': 'br, gzip' })
      assert.equal(packed.status, 200)
      assert.equal(packed.headers['content-encoding'], 'gzip')
      assert.match(packed.headers.vary, /Accept-Encoding/)
      assert.deepEqual(gunzipSync(packed.body), plain.body)
      assert.notEqual(packed.headers.etag, plain.headers.etag)
      const same = tag => raw(where, { ...headers, 'Accept-Encoding': 'gzip', 'If-None-Match': tag })
      const unchanged = await same(packed.headers.etag)
      assert.equal(unchanged.status, 304)
      assert.equal(unchanged.body.length, 0)
      assert.equal(unchanged.headers.vary, packed.headers.vary)
      assert.equal((await same(plain.headers.etag)).status, 200)
      assert.equal((await raw(where, { ...headers, 'If-None-Match': packed.headers.etag })).status, 200)
    }
    assert.equal((await raw(where, { ...headers, 'Accept-Encoding': 'gzip;q=0' })).headers['content-encoding'], undefined)
  }
  const zip = await raw('/api/v1/notes/gzip-long/export?format=zip', { 'Accept-Encoding': 'gzip' })
  assert.equal(zip.headers['content-encoding'], undefined)
  const before = await raw(places[4][0], { ...places[4][1], 'Accept-Encoding': 'gzip' })
  assert(before.body.length * 2 < (await raw(...places[4])).body.length)
  await get('/api/v1/notes/gzip-long/content', yjs, { method: 'POST', body: note(['paragraph', 'plus']) })
  const after = await raw(places[4][0], { ...places[4][1], 'Accept-Encoding': 'gzip' })
  assert.notEqual(after.headers.etag, before.headers.etag)
  assert.notDeepEqual(after.body, before.body)
})

await test('what cannot be is refused with a reason', async () => {
  const where = '/api/v1/notes/x/content'
  await problem(await get('/api/v1/notes/caf%C3%A9%2F1/content', { Accept: 'image/png' }), 406, 'not-acceptable')
  await problem(await get('/api/v1/notes/caf%C3%A9%2F1/content?v=3', { Accept: 'application/vnd.yjs.update' }), 400, 'malformed')
  await problem(await get('/api/v1/notes/caf%C3%A9%2F1/content?sv=!', { Accept: 'application/vnd.yjs.update' }), 400, 'malformed')
  await problem(await get('/api/v1/notes/caf%C3%A9%2F1/content?sv=_w', { Accept: 'application/vnd.yjs.update' }), 400, 'malformed')
  await problem(await get(where, yjs, { method: 'POST', body: 'no update' }), 422, 'invalid')
  await problem(await get(where, {}, { method: 'POST', body: 'text' }), 415, 'unsupported-media-type')
  await problem(await get(where, { ...yjs, Origin: 'https://evil.example' }, { method: 'POST', body: note(['paragraph', 'x']) }), 403, 'foreign-origin')
  await problem(await get('/api/v1/notes?limit=0'), 400, 'malformed')
  await problem(await get('/api/v1/notes?cursor=x'), 400, 'malformed')
  await problem(await get('/api/v1/notes/x'), 404, 'not-found')
})

await test('notes are created, with a title as their first heading', async () => {
  const create = (body, headers = { 'Content-Type': 'application/json' }) =>
    get('/api/v1/notes', headers, { method: 'POST', body: typeof body === 'string' ? body : JSON.stringify(body) })
  const empty = await create({})
  assert.equal(empty.status, 201)
  const made = await create({ title: '  Compte rendu "1" ' })
  assert.equal(made.status, 201)
  const { id, title } = await made.json()
  assert.equal(title, 'Compte rendu "1"')
  assert.equal(made.headers.get('location'), `/api/v1/notes/${id}`)
  const doc = new Y.Doc()
  Y.applyUpdate(doc, new Uint8Array(await (await get(`/api/v1/notes/${id}/content`, { Accept: 'application/vnd.yjs.update' })).arrayBuffer()))
  assert.equal(doc.getXmlFragment('default').toString(), '<heading level="1">Compte rendu "1"</heading>')
  assert.equal((await (await get(`/api/v1/notes/${id}`)).json()).title, 'Compte rendu "1"')
  await problem(await create({ title: 'a\nb' }), 422, 'invalid')
  await problem(await create({ title: 7 }), 422, 'invalid')
  await problem(await create({ title: 'x'.repeat(513) }), 422, 'invalid')
  await problem(await create('[]'), 400, 'malformed')
  await problem(await create('{'), 400, 'malformed')
  await problem(await create({ title: 'x', content: { markdown: '#' } }), 501, 'not-implemented')
  await problem(await create('title=x', { 'Content-Type': 'text/plain' }), 415, 'unsupported-media-type')
})

await test('the list comes in pages', async () => {
  for (let i = 0; i < 7; i++) {
    assert.equal((await get(`/api/v1/notes/page${i}/content`, yjs, { method: 'POST', body: note(['paragraph', `n ${i}`]) })).status, 204)
  }
  const all = (await (await get('/api/v1/notes?limit=200')).json()).notes.map(n => n.id)
  const seen = []
  for (let where = '/api/v1/notes?limit=3'; where;) {
    const response = await get(where)
    const page = (await response.json()).notes
    assert(page.length <= 3)
    seen.push(...page.map(n => n.id))
    where = /<([^>]+)>; rel="next"/.exec(response.headers.get('link') ?? '')?.[1]
  }
  assert.deepEqual(seen, all)
  assert.equal(all[0], 'page6')
})

await test('a large note is rendered too', async () => {
  const blocks = Array.from({ length: 3000 }, (_, i) => ['paragraph', `Phrase numéro ${i}`])
  assert.equal((await get('/api/v1/notes/large/content', yjs, { method: 'POST', body: note(...blocks) })).status, 204)
  const texts = await Promise.all(Array.from({ length: 8 }, async () => (await get('/api/v1/notes/large/content', { Accept: 'text/plain' })).text()))
  for (const text of texts) assert.equal(text, blocks.map(([, t]) => t).join('\n\n') + '\n')
})

await test('pages are served with their headers', async () => {
  for (const where of ['/', '/n/anything', '/n/caf%C3%A9%2F1']) {
    const page = await get(where)
    assert.equal(page.status, 200)
    assert.match(page.headers.get('content-type'), /^text\/html/)
    assert.match(page.headers.get('content-security-policy'), /default-src 'self'/)
    const again = await get(where, { 'If-None-Match': page.headers.get('etag') })
    assert.equal(again.status, 304)
    const script = /src="([^"]+\.js)"/.exec(await page.text())?.[1]
    if (script) {
      const asset = await get(new URL(script, server.url + where).pathname)
      assert.equal(asset.status, 200)
      assert.match(asset.headers.get('cache-control'), /immutable/)
    }
  }
})

await test('a page of elsewhere gets nothing: foreign Host, foreign Origin', async () => {
  const [host, port] = server.url.slice(7).split(':')
  const got = await new Promise(resolve => {
    const socket = net.connect(Number(port), host, () => socket.write('GET /api/v1/notes HTTP/1.1\r\nHost: evil.example\r\n\r\n'))
    socket.once('data', d => { resolve(d.toString()); socket.destroy() })
  })
  assert.match(got, /^HTTP\/1.1 421 [^]*"code":"misdirected"/)
  const foreign = new WebSocket(`${server.url.replace('http', 'ws')}/ws/x`, { headers: { origin: 'https://evil.example' } })
  assert.equal(await new Promise(resolve => foreign.on('close', resolve)), 4403)
  const local = new WebSocket(`${server.url.replace('http', 'ws')}/ws/x`, { headers: { origin: 'http://localhost:5173' } })
  await new Promise((resolve, reject) => { local.on('message', resolve); local.on('close', code => reject(new Error(code))) })
  local.close()
})

await test('what was answered is there after a restart, and after kill -9', async () => {
  const before = (await (await get('/api/v1/notes?limit=200')).json()).notes
  assert.equal(await server.stop(), 0)
  server = await start()
  assert.deepEqual((await (await get('/api/v1/notes?limit=200')).json()).notes.map(n => n.id), before.map(n => n.id))
  const last = note(['paragraph', 'the last word'])
  assert.equal((await get('/api/v1/notes/last/content', yjs, { method: 'POST', body: last })).status, 204)
  server.child.kill('SIGKILL')
  await server.exited
  server = await start()
  assert.equal(await (await get('/api/v1/notes/last/content', { Accept: 'text/plain' })).text(), 'the last word\n')
})

await test('SIGINT ends it well while editors are connected', async () => {
  const sockets = Array.from({ length: 5 }, (_, i) => new WebSocket(`${server.url.replace('http', 'ws')}/ws/end${i}`))
  await Promise.all(sockets.map(s => new Promise(resolve => s.on('message', resolve))))
  const closed = sockets.map(s => new Promise(resolve => s.on('close', resolve)))
  server.child.kill('SIGINT')
  assert.deepEqual(await Promise.all(closed), [1001, 1001, 1001, 1001, 1001])
  assert.equal(await server.exited, 0)
})

console.log(`${passed} tests passed`)
process.exit(0)
