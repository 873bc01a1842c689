// ywasm (yrs, the Rust port of Yjs, as WebAssembly) behind the interface of bench/peers.mjs.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as Y from 'ywasm'

const manifest = createRequire(import.meta.url).resolve('ywasm/package.json')

export const peer = {
  version: JSON.parse(readFileSync(manifest)).version,
  memory: false,
  create(client, onUpdate = null) {
    const doc = { ydoc: new Y.YDoc({ clientID: client }), txn: null }
    doc.text = doc.ydoc.getText('text')
    if (onUpdate) doc.observer = doc.ydoc.onUpdate((update) => onUpdate(update))
    return doc
  },
  free(doc) {
    doc.observer?.free()
    doc.text.free()
    doc.ydoc.free()
  },
  transact(doc, work) {
    doc.txn = doc.ydoc.beginTransaction()
    try {
      work()
      doc.txn.commit()
    } finally {
      doc.txn.free()
      doc.txn = null
    }
  },
  insert: (doc, at, text) => doc.text.insert(at, text, null, doc.txn),
  delete: (doc, at, length) => doc.text.delete(at, length, doc.txn),
  text: (doc) => doc.text.toString(),
  apply: (doc, format, update) => (format === 1 ? Y.applyUpdate : Y.applyUpdateV2)(doc.ydoc, update, null),
  encode: (doc, format) => (format === 1 ? Y.encodeStateAsUpdate : Y.encodeStateAsUpdateV2)(doc.ydoc),
  merge: null,
}
