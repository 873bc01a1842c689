// Random Yjs documents that edit every shared type with every kind of content, and the updates they send.
import * as Y from 'yjs'

const WORDS = ['a', 'note', ' ', 'été', '😀', '👩‍🏫🎉', '漢字', '\n', 'x'.repeat(40), '𝒜𝒷𝒸', 'ABC', '�']
const KEYS = ['a', 'title', 'été', '😀', '10', '2', '']

export function randomValue(rng, depth = 0) {
  switch (rng.below(depth > 2 ? 9 : 12)) {
    case 0: return null
    case 1: return rng.chance(50)
    case 2: return rng.below(200) - 100
    case 3: return (rng.below(1 << 30) * 8 - (1 << 32)) // some beyond 31 bits
    case 4: return rng.below(1000) / 8
    case 5: return rng.pick([0.1, -0, 1e21, 1e-7, 5e-324, 1.7976931348623157e308, 123456789.123, 2147483647, 2147483648, -2147483648])
    case 6: return rng.pick(WORDS)
    case 7: return ''
    case 8: return 'word'.repeat(rng.below(60))
    case 9: return Array.from({ length: rng.below(4) }, () => randomValue(rng, depth + 1))
    case 10: return Object.fromEntries(Array.from({ length: rng.below(4) }, () => [rng.pick(KEYS), randomValue(rng, depth + 1)]))
    default: return { [rng.pick(KEYS)]: randomValue(rng, depth + 1), 7: 1, b: [] }
  }
}

// Values that only format v2 and lib0's any carry.
function randomAny(rng) {
  switch (rng.below(12)) {
    case 0: return undefined
    case 1: return { big: BigInt(rng.below(1 << 20)) * 1234567890123n % (1n << 62n) }
    case 2: return new Uint8Array(Array.from({ length: rng.below(9) }, () => rng.below(256)))
    case 3: return { u: undefined, n: NaN, i: -Infinity }
    default: return randomValue(rng)
  }
}

function attributes(rng) {
  return { [rng.pick(['bold', 'link', 'é', 'comment'])]: rng.pick([true, null, { href: 'x' }, 'red', 1.5, [1, null]]) }
}

function editText(rng, text) {
  const length = text.length
  const at = rng.chance(25) ? 0 : rng.below(length + 1)
  switch (rng.below(9)) {
    case 0: return text.insertEmbed(at, { embed: randomValue(rng) }, rng.chance(30) ? attributes(rng) : {})
    case 1: return length && text.format(rng.below(length), 1 + rng.below(4), attributes(rng))
    case 2: case 3: return length && text.delete(rng.below(length), 1)
    case 4: return text.delete(at, rng.below(length - at + 1))
    case 5: return text.insert(at, rng.pick(WORDS), attributes(rng))
    default: return text.insert(at, rng.pick(WORDS))
  }
}

function newType(rng, xml) {
  switch (rng.below(xml ? 4 : 6)) {
    case 0: return new Y.XmlElement(rng.pick(['p', 'heading', 'é']))
    case 1: { const t = new Y.XmlText(); t.insert(0, rng.pick(WORDS)); return t }
    case 2: return new Y.XmlHook(rng.pick(['hook', 'other']))
    case 3: return xml ? new Y.XmlElement('td') : new Y.XmlFragment()
    case 4: return rng.chance(50) ? new Y.Text(rng.pick(WORDS)) : new Y.Array()
    default: return new Y.Map()
  }
}

let docs = 0
function newDoc(rng) {
  const options = { guid: `doc-${rng.pick(KEYS)}-${docs++ % 10}` }
  if (rng.chance(30)) options.gc = false
  if (rng.chance(30)) options.autoLoad = true
  if (rng.chance(30)) options.meta = randomValue(rng)
  return new Y.Doc(options)
}

// Old documents have ContentJSON, which no API writes any more.
function insertJson(rng, array) {
  const doc = array.doc
  const values = Array.from({ length: 1 + rng.below(4) }, () => (rng.chance(15) ? undefined : randomValue(rng)))
  Y.transact(doc, () => {
    let left = null
    let right = array._start
    for (let skip = rng.below(4); right && skip > 0; skip--) {
      left = right
      right = right.right
    }
    const id = Y.createID(doc.clientID, Y.getState(doc.store, doc.clientID))
    const item = new Y.Item(id, left, left && left.lastId, right, right && right.id, array, null, new Y.ContentJSON(values))
    item.integrate(doc._transaction, 0)
    array._searchMarker = array._searchMarker && []
  })
}

function editArray(rng, array) {
  const length = array.length
  const at = rng.below(length + 1)
  switch (rng.below(9)) {
    case 0: return array.insert(at, [new Uint8Array([1, 2, rng.below(256)])])
    case 1: return array.insert(at, [newType(rng, false)])
    case 2: return array.insert(at, [newDoc(rng)])
    case 3: case 4: return length && array.delete(rng.below(length), 1)
    case 5: {
      const from = rng.below(length + 1)
      return array.delete(from, rng.below(length - from + 1))
    }
    case 6: return insertJson(rng, array)
    default: return array.insert(at, Array.from({ length: 1 + rng.below(4) }, () => randomAny(rng) ?? { u: undefined }))
  }
}

function editMap(rng, map) {
  const key = rng.pick(KEYS)
  switch (rng.below(7)) {
    case 0: return map.delete(key)
    case 1: return map.set(key, newType(rng, false))
    case 2: return map.set(key, new Uint8Array([rng.below(256)]))
    case 3: return map.set(key, newDoc(rng))
    default: return map.set(key, randomAny(rng))
  }
}

function editXml(rng, xml) {
  const length = xml.length
  if (xml instanceof Y.XmlElement && rng.chance(30)) return xml.setAttribute(rng.pick(KEYS), rng.pick(WORDS))
  if (length && rng.chance(35)) {
    const at = rng.below(length)
    return xml.delete(at, 1)
  }
  return xml.insert(rng.below(length + 1), [newType(rng, true)])
}

// A random type of the document, nested ones included.
function pickType(rng, doc) {
  const roots = [doc.getText('text'), doc.getArray('array'), doc.getMap('map'), doc.getXmlFragment('xml'), doc.getText('😀')]
  let type = rng.pick(roots)
  for (let depth = 0; depth < 4 && rng.chance(50); depth++) {
    const inner = []
    for (let item = type._start; item; item = item.right) if (!item.deleted && item.content instanceof Y.ContentType) inner.push(item.content.type)
    for (const item of type._map.values()) if (!item.deleted && item.content instanceof Y.ContentType) inner.push(item.content.type)
    if (!inner.length) break
    type = rng.pick(inner)
  }
  return type
}

export function edit(rng, doc) {
  const type = pickType(rng, doc)
  if (type instanceof Y.Text) return editText(rng, type)
  if (type instanceof Y.Array) return editArray(rng, type)
  if (type instanceof Y.XmlHook || type instanceof Y.Map) return editMap(rng, type)
  return editXml(rng, type)
}

// Documents of `count` clients after random edits and exchanges, with what each transaction sent in v1 and v2.
export function randomDocs(rng, count, steps) {
  const sent = []
  const docs = Array.from({ length: count }, () => {
    const doc = new Y.Doc({ gc: rng.chance(70) })
    // Small, 32-bit and 53-bit client ids.
    doc.clientID = rng.pick([() => rng.below(200), () => rng.below(2 ** 32), () => rng.below(2 ** 53)])()
    return doc
  })
  if (new Set(docs.map((doc) => doc.clientID)).size !== docs.length) return randomDocs(rng, count, steps)
  for (const doc of docs) {
    let v1
    doc.on('update', (update) => { v1 = update })
    doc.on('updateV2', (update) => sent.push({ v1, v2: update }))
  }
  for (let i = 0; i < steps; i++) {
    const doc = rng.pick(docs)
    if (rng.chance(20)) {
      const from = rng.pick(docs)
      if (from !== doc) Y.applyUpdate(doc, Y.encodeStateAsUpdate(from, Y.encodeStateVector(doc)))
    } else if (rng.chance(15)) {
      const some = rng.pick(sent.length ? sent : [null])
      if (some) Y.applyUpdateV2(doc, some.v2)
    } else {
      doc.transact(() => {
        for (let n = 1 + rng.below(3); n > 0; n--) edit(rng, doc)
      })
    }
  }
  return { docs, sent }
}
