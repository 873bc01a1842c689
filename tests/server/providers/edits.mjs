// Random edits as editors make them, on all shared types.
import { Y } from './npm.mjs'

const WORDS = ['la ', 'note ', 'été', '😀', 'a', '\n', 'écrire ', 'x', '漢字 ', 'ok. ']
const MARKS = [{ bold: true }, { italic: true }, { bold: null }, { color: '#c00' }]

// The place at a unit, or before the character that it is inside of. Inside a surrogate pair yjs puts U+FFFD for both
// halves, and where it only looked (a mark that is there already) it tells nobody.
function boundary(string, at) {
  const unit = string.charCodeAt(at)
  return unit >= 0xdc00 && unit < 0xe000 ? at - 1 : at
}

const place = (rng, string) => boundary(string, rng.below(string.length + 1))

// One character or more, of a string of two units or more: [from, length].
function stretch(rng, string) {
  const from = boundary(string, rng.below(string.length - 1))
  const end = boundary(string, Math.min(from + 2 + rng.below(19), string.length))
  return [from, end - from]
}

function text(rng, doc) {
  const t = doc.getText('text')
  const string = t.toString()
  if (rng.chance(70) || string.length < 30) {
    t.insert(place(rng, string), rng.pick(WORDS))
  } else {
    t.delete(...stretch(rng, string))
  }
}

function format(rng, doc) {
  const t = doc.getText('text')
  const string = t.toString()
  if (string.length < 30) return text(rng, doc)
  t.format(...stretch(rng, string), rng.pick(MARKS))
}

function list(rng, doc) {
  const a = doc.getArray('list')
  if (rng.chance(70) || a.length === 0) a.insert(rng.below(a.length + 1), [rng.pick([rng.below(1000), 'é', { k: [null, 1.5] }, true])])
  else a.delete(rng.below(a.length), 1)
}

function map(rng, doc) {
  const m = doc.getMap('map')
  const key = `k${rng.below(12)}`
  if (rng.chance(80)) m.set(key, rng.below(1 << 30))
  else m.delete(key)
}

function prose(rng, doc) {
  const root = doc.getXmlFragment('prosemirror')
  if (root.length === 0 || rng.chance(25)) {
    const node = new Y.XmlElement(rng.pick(['paragraph', 'heading', 'blockquote']))
    if (node.nodeName === 'heading') node.setAttribute('level', 1 + rng.below(3))
    node.insert(0, [new Y.XmlText(rng.pick(WORDS))])
    root.insert(rng.below(root.length + 1), [node])
  } else if (rng.chance(15)) {
    root.delete(rng.below(root.length), 1)
  } else {
    const inner = root.get(rng.below(root.length)).get(0)
    inner?.insert(place(rng, inner.toString()), rng.pick(WORDS))
  }
}

const KINDS = [text, text, text, prose, prose, list, map, format]

// One transaction of one to four edits.
export function randomEdit(rng, doc) {
  doc.transact(() => {
    for (let left = 1 + (rng.chance(30) ? rng.below(4) : 0); left > 0; left--) rng.pick(KINDS)(rng, doc)
  })
}

// Every value, in a form that assert can compare.
export function values(doc) {
  return {
    text: doc.getText('text').toDelta(),
    list: doc.getArray('list').toJSON(),
    map: doc.getMap('map').toJSON(),
    prose: doc.getXmlFragment('prosemirror').toString(),
  }
}

// A document made from an update of either format.
export function load(update, version = 1) {
  const doc = new Y.Doc()
  if (version === 2) Y.applyUpdateV2(doc, update)
  else Y.applyUpdate(doc, update)
  return doc
}

// Equal structs and deletes: they hold the same, down to the last clock.
export const sameState = (a, b) => Y.equalSnapshots(Y.snapshot(a), Y.snapshot(b))
