// What a yjs document contains, written as the engine writes it (crdt_type_to_json and its siblings): the keys of Y.Map in
// UTF-16 order, those of plain objects as JavaScript orders them; what JSON does not know under a key of its own.
import * as Y from 'yjs'

const list = (items) => `[${items.join(',')}]`
const object = (entries) => `{${entries.map(([key, text]) => `${JSON.stringify(key)}:${text}`).join(',')}}`

// A Y.Text's toJSON is its string; XML nodes are their XML, fragments too.
function typeText(type) {
  if (type instanceof Y.Map) {
    const keys = [...type.keys()].sort()
    return object(keys.map((key) => [key, valueText(type.get(key))]))
  }
  return type instanceof Y.Array ? list(type.toArray().map(valueText)) : JSON.stringify(type.toJSON())
}

export function valueText(value) {
  if (value instanceof Y.AbstractType) return typeText(value)
  if (value instanceof Y.Doc) return '{}' // another document's business
  if (value === undefined) return '{"$undefined":true}'
  if (typeof value === 'bigint') return `{"$bigint":"${value}"}`
  if (value instanceof Uint8Array) return `{"$bytes":"${Buffer.from(value).toString('base64')}"}`
  if (Array.isArray(value)) return list(value.map(valueText))
  if (value === null || typeof value !== 'object') return JSON.stringify(value)
  return object(Object.entries(value).map(([key, inner]) => [key, valueText(inner)]))
}

export function deltaText(text) {
  return list(text.toDelta().map((op) => object(Object.entries(op).map(([key, inner]) => [key, valueText(inner)]))))
}
