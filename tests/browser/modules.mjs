// The page's modules that need no browser, each against a table of cases.
import assert from 'node:assert/strict'
import { existsSync, readFileSync } from 'node:fs'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'

if (!existsSync(new URL('../../static/node_modules/yjs', import.meta.url))) {
  console.log('SKIP: no static/node_modules; run npm ci in static/')
  process.exit(77)
}
// What the modules ask of a browser when they are loaded.
Object.defineProperty(globalThis, 'navigator', {
  value: { languages: ['fr-FR'], platform: 'Linux' },
  configurable: true,
})

const load = (name) => import(new URL(`../../static/script/${name}.js`, import.meta.url))
const { Acknowledgements } = await load('acknowledgements')
const { saveState } = await load('save_state')
const { foreignChanges, foreignParts, foreignRoots } = await load('foreign')
const { noteExtensions } = await load('schema')
const { languages, texts } = await load('texts')
const { safeColour } = await load('safe_colour')
const { linkAddress } = await load('link_dialog')
const { fileName } = await load('export')
const { nextPage } = await load('api')
const { EventStream } = await load('event_stream')
const { HeldSocket } = await load('held_socket')
const { Ways } = await load('ways')
const { relativeTime } = await load('relative_time')
const { colourOf, tidyName } = await load('identity')
const Y = await import(new URL('../../static/node_modules/yjs/dist/yjs.mjs', import.meta.url))

test('every text is there in every language, with the same values', () => {
  const values = (words) => (words.match(/\{\w+\}/g) ?? []).sort().join()
  for (const [key, row] of Object.entries(texts)) {
    assert.deepEqual(Object.keys(row).sort(), Object.keys(languages).sort(), key)
    assert.equal(new Set(Object.values(row).map(values)).size, 1, key)
  }
})

// A server that confirms what it is told to.
function acknowledged() {
  const sent = []
  const changes = []
  const acks = new Acknowledgements(
    (number) => sent.push(number),
    () => changes.push(acks?.pending),
  )
  return { acks, sent, changes }
}

test('a change is pending until its confirmation comes back', () => {
  const { acks, sent } = acknowledged()
  acks.opened()
  acks.confirmed(sent.at(-1))
  assert.equal(acks.pending, false)
  acks.changed()
  assert.equal(acks.pending, true)
  acks.confirmed(sent.at(-1))
  assert.equal(acks.pending, false)
})

test('changes while a confirmation is under way ask once more', () => {
  const { acks, sent } = acknowledged()
  acks.opened()
  acks.changed()
  acks.changed()
  acks.changed()
  assert.equal(sent.length, 1)
  acks.confirmed(sent[0])
  assert.equal(acks.pending, true)
  assert.equal(sent.length, 2)
  acks.confirmed(sent[1])
  assert.equal(acks.pending, false)
})

test('a confirmation of another connection, or of nothing, confirms nothing', () => {
  const { acks, sent } = acknowledged()
  acks.changed()
  acks.opened()
  const stale = sent.at(-1)
  acks.closed()
  acks.confirmed(stale)
  assert.equal(acks.pending, true)
  acks.opened()
  acks.confirmed(stale)
  acks.confirmed(77)
  assert.equal(acks.pending, true)
  acks.confirmed(sent.at(-1))
  assert.equal(acks.pending, false)
})

test('what was refused stays pending until the server has asked again and confirms', () => {
  const { acks, sent } = acknowledged()
  acks.opened()
  acks.changed()
  acks.refused('disk full')
  acks.confirmed(sent.at(-1))
  assert.equal(acks.pending, true)
  assert.equal(acks.refusal, 'disk full')
  acks.closed()
  acks.opened()
  acks.refused('disk full')
  acks.confirmed(sent.at(-1))
  assert.equal(acks.pending, true)
  acks.opened()
  assert.equal(acks.refusal, 'disk full')
  acks.confirmed(sent.at(-1))
  assert.equal(acks.refusal, null)
  assert.equal(acks.pending, false)
})

test('the state of saving follows from the connection', () => {
  const up = { tried: true, ended: null, provider: { wsconnected: true, synced: true } }
  const down = { tried: true, ended: null, provider: { wsconnected: false, synced: false } }
  const acks = (more) => ({ pending: false, open: true, refusal: null, ...more })
  for (const [connection, acknowledgements, state] of [
    [{ ...down, tried: false }, acks({ open: false }), 'connecting'],
    [up, acks({ open: false }), 'connecting'],
    [up, acks({ pending: true }), 'saving'],
    [{ ...up, provider: { wsconnected: true, synced: false } }, acks(), 'saving'],
    [up, acks(), 'saved'],
    [down, acks({ open: false }), 'offline'],
    [{ ...down, switching: true }, acks({ open: false, pending: true }), 'connecting'],
    [down, acks({ open: false, pending: true }), 'unsent'],
    [up, acks({ refusal: 'this note may be read, not edited' }), 'readonly'],
    [up, acks({ refusal: 'read-only' }), 'readonly'],
    [up, acks({ refusal: 'disk full', pending: true }), 'refused'],
    [{ ...down, ended: { code: 4404 } }, acks({ open: false }), 'closed'],
    [{ ...down, ended: { code: 4401 } }, acks({ open: false, pending: true }), 'refused'],
  ]) {
    assert.equal(saveState({ ...connection, acknowledgements }), state)
  }
})

test('only a colour and nothing more becomes a style', () => {
  for (const good of ['#fff', '#b3304a', 'red', 'rgb(1, 2, 3)', 'rgba(1,2,3,.5)', 'hsl(10 20% 30%)'])
    assert.ok(safeColour(good), good)
  for (const bad of [
    'red;position:fixed',
    'url(//x)',
    'var(--x)',
    'expression(1)',
    'rgb(1,2,3);',
    '',
    'red\n',
    null,
    7,
    {},
    '#ff',
  ]) {
    assert.ok(!safeColour(bad), String(bad))
  }
})

test('an address becomes a link when it is one', () => {
  for (const [typed, address] of [
    ['exemple.fr', 'https://exemple.fr/'],
    [' http://exemple.fr/a b ', 'http://exemple.fr/a%20b'],
    ['exemple.fr:8080/x', 'https://exemple.fr:8080/x'],
    ['ada@exemple.fr', 'mailto:ada@exemple.fr'],
    ['tel:+33123', 'tel:+33123'],
    ['javascript:alert(1)', null],
    [' JavaScript:alert(1)', null],
    ['data:text/html,x', null],
    ['', null],
    ['https://', null],
  ]) {
    assert.equal(linkAddress(typed), address, typed)
  }
})

test('a title becomes a file name that every system takes', () => {
  for (const [title, name] of [
    ['Plan: A/B', 'Plan A B'],
    ['../../etc/passwd', 'etc passwd'],
    ['  .caché. ', 'caché'],
    ['\u202Egnp.exe', 'gnp.exe'],
    ['é'.repeat(200), 'é'.repeat(80)],
    ['', 'Sans titre'],
    ['???', 'Sans titre'],
  ]) {
    assert.equal(fileName(title), name)
  }
})

test('the next page of a list is followed on this server only', () => {
  globalThis.location = new URL('http://ici.fr/')
  for (const [header, page] of [
    [null, null],
    ['</api/v1/notes?cursor=a>; rel="next"', '/api/v1/notes?cursor=a'],
    ['<http://ici.fr/x?y>; rel=next, </z>; rel="prev"', '/x?y'],
    ['<http://ailleurs.fr/x>; rel="next"', null],
    ['</z>; rel="prev"', null],
  ]) {
    assert.equal(nextPage(header), page)
  }
})

test('times are said as people say them', () => {
  const now = new Date('2026-03-10T12:00:00Z')
  for (const [then, fr] of [
    ['2026-03-10T12:00:30Z', 'à l’instant'],
    ['2026-03-10T11:59:30Z', 'à l’instant'],
    ['2026-03-10T11:55:00Z', 'il y a 5 minutes'],
    ['2026-03-10T10:00:00Z', 'il y a 2 heures'],
    ['2026-03-09T11:00:00Z', 'hier'],
    ['2026-02-01T12:00:00Z', '1 février'],
    ['2025-02-02T12:00:00Z', '2 février 2025'],
  ]) {
    assert.equal(relativeTime(new Date(then), now, 'fr'), fr)
  }
})

test('names and colours of others are tidied', () => {
  assert.equal(tidyName('  Ada \n Lovelace\u202e '), 'Ada Lovelace')
  assert.equal(tidyName('x'.repeat(99)).length, 40)
  for (const nothing of [undefined, null, 7, {}, '', ' \n ']) assert.equal(tidyName(nothing), 'Invité')
  assert.equal(colourOf('#2461b5', 0), 'blue')
  assert.match(colourOf('red;inset:0', 5), /^[a-z]+$/)
})

// ---- Notes that this editor must not touch ---------------------------------------------------------

const { getSchema } = await import(new URL('../../static/node_modules/@tiptap/core/dist/index.js', import.meta.url))
const schema = getSchema(noteExtensions())

// ['name', child…] becomes an element, a string a text, [text, marks] as {text, marks} a formatted text.
function build(shape) {
  if (typeof shape === 'string') return new Y.XmlText(shape)
  if (!Array.isArray(shape)) {
    const text = new Y.XmlText()
    text.insert(0, shape.text, shape.marks)
    return text
  }
  const [name, ...children] = shape
  const element = new Y.XmlElement(name)
  element.insert(0, children.map(build))
  return element
}

function note(...shapes) {
  const doc = new Y.Doc()
  const fragment = doc.getXmlFragment('default')
  fragment.insert(0, shapes.map(build))
  return { doc, fragment }
}

test('parts that the editor would delete are found', () => {
  for (const [shapes, foreign] of [
    [[], []],
    [[['paragraph', 'a'], ['heading']], []],
    [[['bulletList', ['listItem', ['heading', 'a'], ['paragraph', 'b']]]], []],
    [[['taskList', ['taskItem', ['paragraph', 'a']]]], []],
    [[['paragraph', { text: 'a', marks: { bold: {}, 'comment--Afz55Xrl': {} } }]], ['comment']],
    [[['paragraph', { text: 'a', marks: { 'link--Afz55Xrl': { href: 'x' } } }]], []],
    [[['callout', ['paragraph', 'a']]], ['callout']],
    [[['blockquote', ['mention']]], ['mention']],
    [[['listItem', ['paragraph', 'a']]], ['doc']],
    [[['bulletList', ['paragraph', 'a']]], ['bulletList']],
    [[['paragraph', ['paragraph', 'a']]], ['paragraph']],
    [[['blockquote']], []],
    [[['constructor', 'a']], ['constructor']],
  ]) {
    assert.deepEqual(foreignParts(note(...shapes).fragment, schema), foreign, JSON.stringify(shapes))
  }
})

test('a change by others is looked through before the editor sees it', () => {
  for (const [change, foreign] of [
    [(fragment) => fragment.insert(0, [build(['paragraph', 'b'])]), []],
    [(fragment) => fragment.insert(0, [build(['callout', 'b'])]), ['callout']],
    [(fragment) => fragment.get(0).get(0).format(0, 1, { sparkle: {} }), ['sparkle']],
    [(fragment) => fragment.get(0).insert(1, [build(['mention'])]), ['mention']],
    [(fragment) => fragment.delete(0, 1), []],
    [(fragment) => fragment.doc.getXmlFragment('other').insert(0, [build(['callout'])]), []],
  ]) {
    const { doc, fragment } = note(['paragraph', 'a'])
    const found = []
    doc.on('beforeObserverCalls', (transaction) => found.push(...foreignChanges(transaction, fragment, schema)))
    change(fragment)
    assert.deepEqual(found, foreign, String(change))
  }
})

test('a note kept under another root is not taken for an empty one', () => {
  const { doc, fragment } = note()
  assert.deepEqual(foreignRoots(doc, fragment), [])
  doc.getXmlFragment('document-store').insert(0, [build(['blockGroup'])])
  assert.deepEqual(foreignRoots(doc, fragment), ['document-store'])
  fragment.insert(0, [build(['paragraph', 'a'])])
  assert.deepEqual(foreignRoots(doc, fragment), [])
})

const fixtures = process.env.CAHIER_FIXTURES || fileURLToPath(new URL('../../../shared/fixtures', import.meta.url))

test('notes of real editors are opened only where nothing would be lost', { skip: !existsSync(fixtures) }, () => {
  for (const [name, roots, parts] of [
    ['blocknote', ['document-store'], []],
    ['codemirror', ['codemirror'], []],
    ['prosemirror-basic', ['prosemirror'], []],
    ['quill', ['quill'], []],
    ['tiptap-default', [], ['details', 'detailsContent', 'detailsSummary', 'emoji', 'inlineMath', 'mention']],
  ]) {
    const doc = new Y.Doc()
    Y.applyUpdate(doc, readFileSync(`${fixtures}/${name}.v1.bin`))
    const fragment = doc.getXmlFragment('default')
    assert.deepEqual([foreignRoots(doc, fragment), foreignParts(fragment, schema)], [roots, parts], name)
  }
})

// ---- Ways to the server --------------------------------------------------------------------------------------------

test('an event stream is read wherever it is cut', () => {
  const text = 'event: session\ndata: {"a":1}\n\n: comment\n\nid: s.1\ndata: AAA\ndata:BBB\r\n\r\nid: s.2\n\nretry: 5\ndata\n\n'
  const expected = [
    { type: 'session', id: '', data: '{"a":1}' },
    { type: 'message', id: 's.1', data: 'AAA\nBBB' },
    { type: 'message', id: 's.2', data: '' },
  ]
  for (let size = 1; size <= text.length; size++) {
    const events = []
    const stream = new EventStream((event) => events.push(event))
    for (let at = 0; at < text.length; at += size) stream.push(text.slice(at, at + size))
    assert.deepEqual(events, expected, `pieces of ${size}`)
  }
})

// A socket that does what the test says.
class FakeSocket {
  OPEN = 1
  readyState = 0
  sent = []

  open() {
    this.readyState = this.OPEN
    this.onopen?.({})
  }

  message(data = 'hello') {
    this.onmessage?.({ data })
  }

  close(code = 1006) {
    if (!this.closed) {
      this.closed = true
      this.readyState = 3
      this.onclose?.({ code })
    }
  }

  send(message) {
    this.sent.push(message)
  }
}

// Ways of a provider that tries again whenever its socket closes, as the real one does.
function ways(ready = Promise.resolve()) {
  const made = { direct: [], http: [] }
  const seen = []
  const make = (way) => () => {
    const socket = new FakeSocket()
    made[way].push(socket)
    return socket
  }
  const chosen = new Ways({ direct: make('direct'), http: make('http'), ready, changed: () => seen.push(chosen.way) })
  const Socket = chosen.socketClass()
  const connect = () => {
    const socket = new Socket('ws://x')
    socket.onclose = connect
  }
  connect()
  return { chosen, made, seen }
}

const settled = () => new Promise((resolve) => setImmediate(resolve))

test('two WebSockets that never worked lead to HTTP, one that works keeps its way', async () => {
  const { chosen, made } = ways()
  await settled()
  made.direct[0].close()
  await settled()
  assert.equal(chosen.way, 'direct')
  made.direct[1].open()
  made.direct[1].message()
  await settled()
  made.direct[1].close()
  await settled()
  made.direct[2].close()
  await settled()
  assert.equal(chosen.way, 'direct')
  made.direct[3].open() // open, but nothing comes through
  made.direct[3].close()
  await settled()
  assert.equal(chosen.way, 'http')
  assert.equal(made.http.length, 1)
  made.http[0].close()
  await settled()
  assert.equal(chosen.way, 'direct')
  made.direct[4].close()
  await settled()
  assert.equal(chosen.way, 'http')
  made.http[1].close()
  await settled()
})

test('a server that says no is no blocked network', async () => {
  const { chosen, made } = ways()
  await settled()
  for (let i = 0; i < 6; i++) {
    made.direct[i].close(1013)
    await settled()
  }
  assert.equal(chosen.way, 'direct')
  assert.equal(made.http.length, 0)
})

test('while on HTTP a WebSocket is tried again, less and less often, until one works', async (t) => {
  t.mock.timers.enable({ apis: ['setTimeout'] })
  const { chosen, made } = ways()
  await settled()
  made.direct[0].close()
  await settled()
  made.direct[1].close()
  await settled()
  made.http[0].open()
  made.http[0].message()
  await settled()
  for (const wait of [5000, 10000, 20000]) {
    const before = made.direct.length
    t.mock.timers.tick(wait - 1)
    assert.equal(made.direct.length, before)
    t.mock.timers.tick(1)
    assert.equal(made.direct.length, before + 1)
    made.direct.at(-1).close()
  await settled()
  }
  assert.equal(chosen.way, 'http')
  t.mock.timers.tick(40000)
  made.direct.at(-1).message()
  await settled()
  assert.equal(chosen.way, 'direct')
  assert(made.http[0].closed)
  assert.equal(chosen.switching, true)
  made.direct.at(-1).message()
  await settled()
  assert.equal(chosen.switching, false)
})

test('nothing reaches the provider before the page is ready, and then all in order', async () => {
  let release
  const inner = new FakeSocket()
  const held = new HeldSocket(inner, new Promise((resolve) => (release = resolve)), { worked() {}, failed() {} })
  const seen = []
  held.onopen = () => seen.push('open')
  held.onmessage = ({ data }) => seen.push(data)
  inner.open()
  inner.message(1)
  await null
  assert.deepEqual(seen, [])
  release()
  await settled()
  inner.message(2)
  assert.deepEqual(seen, ['open', 1, 2])
})

test('what waited comes as it would have come: event by event, whatever a handler does', async () => {
  let release
  const inner = new FakeSocket()
  const held = new HeldSocket(inner, { then: (run) => (release = run) }, { worked() {}, failed() {} })
  const seen = []
  const say = (words) => {
    seen.push(words)
    queueMicrotask(() => seen.push(`after ${words}`))
  }
  held.onopen = () => {
    say('open')
    throw new Error('a mistake')
  }
  held.onmessage = () => {
    say('message')
    held.send('to nobody')
  }
  held.onclose = () => say('close')
  inner.open()
  inner.message()
  inner.close()
  assert.throws(release, /a mistake/)
  await settled()
  assert.deepEqual(seen, ['open', 'after open', 'message', 'after message', 'close', 'after close'])
  assert.deepEqual(inner.sent, [])
})
