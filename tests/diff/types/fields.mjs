// Requests to types_driver: a letter and fields. types_driver.c says which letter wants what.
import * as encoding from 'lib0/encoding'

export function message(letter, ...writers) {
  const encoder = encoding.createEncoder()
  encoding.writeUint8(encoder, letter.charCodeAt(0))
  for (const write of writers) write(encoder)
  return encoding.toUint8Array(encoder)
}
export const uint = (n) => (e) => encoding.writeVarUint(e, n)
export const byte = (n) => (e) => encoding.writeUint8(e, n)
export const string = (s) => (e) => encoding.writeVarString(e, s)
export const bytes = (b) => (e) => encoding.writeVarUint8Array(e, b)
export const any = (v) => (e) => encoding.writeAny(e, v)
export const path = ({ root, kind, steps }) => (e) => {
  encoding.writeVarString(e, root)
  encoding.writeUint8(e, kind)
  encoding.writeVarUint(e, steps.length)
  for (const step of steps) {
    if (typeof step === 'number') [byte(0), uint(step)].forEach((write) => write(e))
    else [byte(1), string(step)].forEach((write) => write(e))
  }
}
export const attrsField = (attrs) => (e) => {
  encoding.writeUint8(e, attrs ? 1 : 0)
  if (!attrs) return
  encoding.writeVarUint(e, Object.keys(attrs).length)
  for (const [key, value] of Object.entries(attrs)) [string(key), any(value)].forEach((write) => write(e))
}
export const values = (list) => (e) => {
  const inner = encoding.createEncoder()
  for (const value of list) encoding.writeAny(inner, value)
  encoding.writeVarUint8Array(e, encoding.toUint8Array(inner))
}
