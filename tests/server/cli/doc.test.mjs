// `cahier doc` against yjs, and what it does when something is wrong. Exits 77 when the npm packages are not installed.
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import assert from 'node:assert/strict'

let Y
try {
  Y = await import('yjs')
} catch {
  console.log('SKIP: npm packages of tests/ are not installed')
  process.exit(77)
}

const folder = mkdtempSync(path.join(os.tmpdir(), 'cahier-doc-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
let files = 0
const file = bytes => {
  const name = path.join(folder, `${files++}.bin`)
  writeFileSync(name, Buffer.from(bytes))
  return name
}

const doc = (...args) => spawnSync(process.env.CAHIER, ['doc', ...args.filter(a => !Buffer.isBuffer(a))], {
  input: args.find(a => Buffer.isBuffer(a)),
  maxBuffer: 1 << 26
})
// Standard output of a call that must succeed.
const good = (...args) => {
  const { status, stdout, stderr } = doc(...args)
  assert.equal(status, 0, `${args.join(' ')}: ${stderr}`)
  assert.equal(stderr.length, 0)
  return stdout
}
const same = (actual, expected) => assert(Buffer.from(actual).equals(Buffer.from(expected)))

let passed = 0
const test = (name, body) => {
  try {
    body()
    passed++
    console.log(`ok ${name}`)
  } catch (error) {
    console.log(`not ok ${name}\n`, error)
    process.exit(1)
  }
}

// One document of every type, as the updates of its transactions in both formats.
const v1 = [], v2 = []
const source = new Y.Doc({ gc: true })
source.clientID = 7
source.on('update', update => v1.push(update))
source.on('updateV2', update => v2.push(update))
const text = source.getText('text')
text.insert(0, 'Hello 😀 world')
text.format(0, 5, { bold: true })
text.insertEmbed(5, { image: 'x' })
source.getArray('array').push([1, 'two', null, [undefined, 10n], true, 1e21, new Uint8Array([1, 2, 255])])
const map = source.getMap('map')
map.set('b', { z: 1, a: [1, 2] })
map.set('a', 'x')
map.set('ü', new Y.Array())
map.get('ü').push(['nested'])
const xml = source.getXmlFragment('xml')
const paragraph = new Y.XmlElement('Paragraph')
xml.insert(0, [paragraph])
paragraph.setAttribute('level', 2)
paragraph.insert(0, [new Y.XmlText('in <xml>')])
text.delete(0, 3)
const before = Y.encodeSnapshot(Y.snapshot(source))
text.insert(0, 'later ')
const files1 = v1.map(file), files2 = v2.map(file)
const whole1 = Y.encodeStateAsUpdate(source), whole2 = Y.encodeStateAsUpdateV2(source)

test('apply writes the bytes of yjs, in each direction', () => {
  same(good('apply', ...files1), whole1)
  same(good('apply', '--from', 'v2', ...files2), whole2)
  same(good('apply', '--to', 'v2', ...files1), whole2)
  same(good('apply', '--from=v2', '--to=v1', ...files2), whole1)
  same(good('apply', '-', Buffer.from(whole1)), whole1)
})

test('apply keeps what waits for others', () => {
  const target = new Y.Doc()
  for (const update of v1.slice(1)) Y.applyUpdate(target, update)
  same(good('apply', ...files1.slice(1)), Y.encodeStateAsUpdate(target))
})

test('apply --no-gc keeps deleted content', () => {
  const target = new Y.Doc({ gc: false })
  for (const update of v1) Y.applyUpdate(target, update)
  same(good('apply', '--no-gc', ...files1), Y.encodeStateAsUpdate(target))
})

test('merge, diff and sv give the bytes of yjs', () => {
  same(good('merge', ...files1), Y.mergeUpdates(v1))
  same(good('merge', '--from', 'v2', ...files2), Y.mergeUpdatesV2(v2))
  const half = Y.mergeUpdates(v1.slice(0, 4)), sv = Y.encodeStateVectorFromUpdate(half)
  same(good('sv', file(half)), sv)
  same(good('sv', '--from', 'v2', file(whole2)), Y.encodeStateVectorFromUpdateV2(whole2))
  same(good('diff', '--sv', file(sv), file(whole1)), Y.diffUpdate(whole1, sv))
  same(good('diff', '--from', 'v2', '--sv', file(sv), file(whole2)), Y.diffUpdateV2(whole2, sv))
  same(good('diff', '--to', 'v2', '--sv', file(sv), file(whole1)), Y.convertUpdateFormatV1ToV2(Y.diffUpdate(whole1, sv)))
})

test('snapshot gives the bytes of yjs', () => {
  const target = new Y.Doc()
  for (const update of v1) Y.applyUpdate(target, update)
  same(good('snapshot', ...files1), Y.encodeSnapshot(Y.snapshot(target)))
})

test('show prints every kind of root', () => {
  const shown = JSON.parse(good('show', ...files1))
  assert.deepEqual(Object.keys(shown), ['array', 'map', 'text', 'xml'])
  assert.deepEqual(shown.text, text.toDelta())
  assert.deepEqual(shown.array, [1, 'two', null, [{ $undefined: true }, { $bigint: '10' }], true, 1e21, { $bytes: 'AQL/' }])
  assert.deepEqual(shown.map, { a: 'x', b: { a: [1, 2], z: 1 }, ü: ['nested'] })
  assert.deepEqual(Object.keys(shown.map), ['a', 'b', 'ü'])
  assert.equal(shown.xml, xml.toString())
  const asked = good('show', '--root', 'text:string', '--root', 'none:array', '--root', 'also:xml', '--root', 'm:map', '--root', 't:text', ...files1)
  assert.equal(asked.toString(), `{"also":"","m":{},"none":[],"t":[],"text":${JSON.stringify(text.toString())}}\n`)
})

test('show --at prints the document as it was', () => {
  const keeping = new Y.Doc({ gc: false })
  for (const update of v1) Y.applyUpdate(keeping, update)
  const then = Y.createDocFromSnapshot(keeping, Y.decodeSnapshot(before))
  const shown = JSON.parse(good('show', '--at', file(before), '--root', 'text:text', ...files1))
  assert.deepEqual(shown.text, then.getText('text').toDelta())
  assert.notDeepEqual(shown.text, text.toDelta())
})

test('stat counts', () => {
  const stat = JSON.parse(good('stat', ...files1))
  assert.equal(stat.clients, 1)
  assert.equal(stat.pendingStructs, 0)
  assert.equal(stat.bytesV1, whole1.length)
  assert.equal(stat.bytesV2, whole2.length)
  assert(stat.structs > 5 && stat.textLength > 10 && stat.memory > 100)
  assert(JSON.parse(good('stat', ...files1.slice(1))).pendingStructs > 0)
})

test('render writes the note in each form', () => {
  const note = new Y.Doc(), root = note.getXmlFragment('default'), heading = new Y.XmlElement('heading')
  heading.setAttribute('level', 2)
  heading.insert(0, [new Y.XmlText('Title')])
  root.insert(0, [heading])
  const bytes = file(Y.encodeStateAsUpdate(note))
  assert.equal(good('render', '--to', 'md', bytes).toString(), '## Title\n')
  assert.match(good('render', '--to', 'html', bytes).toString(), /<h2[^>]*>Title<\/h2>/)
  assert.equal(good('render', '--to', 'text', '--root', 'default', bytes).toString(), 'Title\n')
  assert.equal(JSON.parse(good('render', '--to', 'json', bytes)).type, 'doc')
})

test('an empty update is a document without anything', () => {
  const empty = file(Y.encodeStateAsUpdate(new Y.Doc()))
  assert.equal(good('show', empty).toString(), '{}\n')
  same(good('apply', empty), [0, 0])
})

test('what is wrong is said in one line, with nothing on standard output', () => {
  const fine = file(whole1)
  for (const args of [
    ['apply', file(whole1.subarray(0, 20))], ['apply', file([])], ['apply', fine, file([255])], ['apply', path.join(folder, 'none')],
    ['merge', fine, file([1])], ['diff', '--sv', file([9]), fine], ['diff', '--sv', path.join(folder, 'none'), fine],
    ['sv', file([1, 2])], ['snapshot', file([5])], ['show', file([5])], ['show', '--root', 'text:map', fine, file([5])],
    ['show', '--at', file([7]), fine], ['stat', file([5])], ['render', '--to', 'md', file([5])],
    ['render', '--to', 'md', '--root', 'none', fine], ['apply', '--from', 'v2', fine], ['apply', folder]
  ]) {
    const { status, stdout, stderr } = doc(...args)
    assert.equal(status, 1, args.join(' '))
    assert.equal(stdout.length, 0, args.join(' '))
    assert.match(stderr.toString(), /^cahier doc \w+: .+\n$/, args.join(' '))
  }
  for (const args of [[], ['what'], ['apply'], ['apply', '--what', fine], ['diff', fine], ['render', fine], ['show', '--root', 'x', fine]]) {
    const { status, stdout, stderr } = doc(...args)
    assert.equal(status, 1, args.join(' '))
    assert.equal(stdout.length, 0, args.join(' '))
    assert.match(stderr.toString(), /^cahier doc: .+\n$/, args.join(' '))
  }
})

console.log(`${passed} tests passed`)
process.exit(0)
