// yjs behind the interface of bench/peers.mjs.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as Y from 'yjs'

const manifest = createRequire(import.meta.url).resolve('yjs/package.json')

export const peer = {
  version: JSON.parse(readFileSync(manifest)).version,
  memory: true,
  create(client, onUpdate = null) {
    const doc = new Y.Doc()
    doc.clientID = client
    if (onUpdate) doc.on('update', onUpdate)
    doc.getText('text')
    return doc
  },
  free() {},
  transact: (doc, work) => doc.transact(work),
  insert: (doc, at, text) => doc.getText('text').insert(at, text),
  delete: (doc, at, length) => doc.getText('text').delete(at, length),
  text: (doc) => doc.getText('text').toString(),
  apply: (doc, format, update) => (format === 1 ? Y.applyUpdate : Y.applyUpdateV2)(doc, update),
  encode: (doc, format) => (format === 1 ? Y.encodeStateAsUpdate : Y.encodeStateAsUpdateV2)(doc),
  merge: (format, updates) => (format === 1 ? Y.mergeUpdates : Y.mergeUpdatesV2)(updates),
}
