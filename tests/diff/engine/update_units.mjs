// An update clock by clock, so that two updates that say the same in structs cut differently are equal.
import { inspect } from 'node:util'
import * as Y from 'yjs'

const DECODE = { 1: Y.decodeUpdate, 2: Y.decodeUpdateV2 }
// Half a surrogate pair is U+FFFD when a struct was cut there.
const oneUnit = (text, at) => (text.charCodeAt(at) >> 11 === 27 ? '\ufffd' : text[at])
const idText = (id) => (id ? `${id.client}:${id.clock}` : '-')

// Format v1 carries formats and embeds as JSON, which has no -0.
const valueText = (value) => inspect(value, { depth: 9 }).replace(/-0(?![.\d])/g, '0')

function contentUnit(content, at) {
  if (content instanceof Y.ContentString) return oneUnit(content.str, at)
  if (content instanceof Y.ContentAny || content instanceof Y.ContentJSON) return valueText(content.arr[at])
  if (content instanceof Y.ContentType) return content.type.constructor.name
  if (content instanceof Y.ContentFormat) return `${content.key}=${valueText(content.value)}`
  if (content instanceof Y.ContentEmbed) return valueText(content.embed)
  if (content instanceof Y.ContentDoc) return content.doc.guid
  return ''
}

function structUnits(struct, units) {
  const { client, clock } = struct.id
  for (let i = 0; i < struct.length; i++) {
    let text = struct.constructor.name
    if (struct instanceof Y.Item) {
      const origin = i ? Y.createID(client, clock + i - 1) : struct.origin
      const parent = origin || struct.rightOrigin ? '' : `${struct.parent?.clock !== undefined ? idText(struct.parent) : struct.parent}/${struct.parentSub}`
      text = [struct.content.constructor.name, contentUnit(struct.content, i), idText(origin), idText(struct.rightOrigin), parent].join(' ')
    }
    units.set(`${client}:${clock + i}`, text)
  }
}

// What the update says of each clock, and its delete set, joined.
function updateUnits(update, format) {
  const { structs, ds } = DECODE[format](update)
  const units = new Map()
  for (const struct of structs) if (!(struct instanceof Y.Skip)) structUnits(struct, units)
  const deletes = new Set()
  for (const [client, ranges] of ds.clients) for (const { clock, len } of ranges) for (let i = 0; i < len; i++) deletes.add(`${client}:${clock + i}`)
  return { units, deletes }
}

const GONE = /^(_?GC|_?ContentDeleted)/

// Also true where one update has the content of a clock and the other one knows only that it is deleted.
export function sameUnits(a, b, format) {
  const [x, y] = [updateUnits(a, format), updateUnits(b, format)]
  const agree = (s, t) => s === t || (t !== undefined && (GONE.test(s) || GONE.test(t)))
  return x.units.size === y.units.size && [...x.units].every(([id, text]) => agree(text, y.units.get(id))) &&
    x.deletes.size === y.deletes.size && [...x.deletes].every((id) => y.deletes.has(id))
}
