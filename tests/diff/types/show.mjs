// What our printers are to print for a yjs type: JSON with map keys in UTF-16 order, and bytes, undefined and big integers
// as {"$bytes": …} and so on.
import * as Y from 'yjs'

export function jsonOfValue(value) {
  if (value === undefined) return '{"$undefined":true}'
  if (typeof value === 'bigint') return `{"$bigint":"${value}"}`
  if (value instanceof Uint8Array) return `{"$bytes":"${Buffer.from(value).toString('base64')}"}`
  if (value instanceof Y.AbstractType) return jsonOfType(value)
  if (value instanceof Y.Doc) return '{}'
  if (Array.isArray(value)) return `[${value.map(jsonOfValue).join(',')}]`
  if (value !== null && typeof value === 'object') {
    return `{${Object.entries(value).map(([key, member]) => `${JSON.stringify(key)}:${jsonOfValue(member)}`).join(',')}}`
  }
  return JSON.stringify(value)
}

export function jsonOfType(type) {
  if (type instanceof Y.Map) {
    const keys = [...type.keys()].sort()
    return `{${keys.map((key) => `${JSON.stringify(key)}:${jsonOfValue(type.get(key))}`).join(',')}}`
  }
  if (type instanceof Y.Array) return `[${type.toArray().map(jsonOfValue).join(',')}]`
  return JSON.stringify(type.toString())
}

export function jsonOfDelta(text) {
  const ops = text.toDelta().map(({ insert, attributes }) => {
    const attrs = attributes ? `,"attributes":${jsonOfValue(attributes)}` : ''
    return `{"insert":${jsonOfValue(insert)}${attrs}}`
  })
  return `[${ops.join(',')}]`
}
