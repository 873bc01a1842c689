// The messages of both protocols as plain objects: {address?, type, sub?, payload?}.
import { decoding, encoding } from './npm.mjs'

export const SYNC = 0
export const AWARENESS = 1
export const AUTH = 2
export const QUERY_AWARENESS = 3
export const SYNC_REPLY = 4
export const CLOSE = 7
export const SYNC_STATUS = 8
export const PING = 9
export const PONG = 10
export const ACK = 102

export const STEP1 = 0
export const STEP2 = 1
export const UPDATE = 2

function readBody(decoder, hocuspocus) {
  const type = decoding.readVarUint(decoder)
  switch (type) {
    case SYNC:
    case SYNC_REPLY:
      return { type, sub: decoding.readVarUint(decoder), payload: decoding.readVarUint8Array(decoder) }
    case AWARENESS:
      return { type, payload: decoding.readVarUint8Array(decoder) }
    case AUTH:
      return { type, sub: decoding.readVarUint(decoder), text: decoding.readVarString(decoder) }
    case SYNC_STATUS:
      return { type, status: decoding.readVarUint(decoder) }
    case CLOSE:
      return { type, text: decoding.hasContent(decoder) ? decoding.readVarString(decoder) : '' }
    default:
      return { type, payload: hocuspocus ? undefined : decoding.readTailAsUint8Array(decoder) }
  }
}

export function readYwebsocket(bytes) {
  return readBody(decoding.createDecoder(bytes), false)
}

export function readHocuspocus(bytes) {
  if (bytes.length === 1) return { type: bytes[0], address: '' }
  const decoder = decoding.createDecoder(bytes)
  const address = decoding.readVarString(decoder)
  return { address, ...readBody(decoder, true) }
}

function build(write) {
  const encoder = encoding.createEncoder()
  write(encoder)
  return encoding.toUint8Array(encoder)
}

// `address` undefined: y-websocket's framing.
export function syncMessage(sub, payload, address, type = SYNC) {
  return build((e) => {
    if (address !== undefined) encoding.writeVarString(e, address)
    encoding.writeVarUint(e, type)
    encoding.writeVarUint(e, sub)
    encoding.writeVarUint8Array(e, payload)
  })
}

export function awarenessMessage(payload, address) {
  return build((e) => {
    if (address !== undefined) encoding.writeVarString(e, address)
    encoding.writeVarUint(e, AWARENESS)
    encoding.writeVarUint8Array(e, payload)
  })
}

export function queryAwarenessMessage(address) {
  return build((e) => {
    if (address !== undefined) encoding.writeVarString(e, address)
    encoding.writeVarUint(e, QUERY_AWARENESS)
  })
}

export function ackMessage(payload) {
  return build((e) => {
    encoding.writeVarUint(e, ACK)
    encoding.writeUint8Array(e, payload)
  })
}

export function tokenMessage(address, token, version) {
  return build((e) => {
    encoding.writeVarString(e, address)
    encoding.writeVarUint(e, AUTH)
    encoding.writeVarUint(e, 0)
    encoding.writeVarString(e, token)
    if (version !== undefined) encoding.writeVarString(e, version)
  })
}

export function closeMessage(address) {
  return build((e) => {
    encoding.writeVarString(e, address)
    encoding.writeVarUint(e, CLOSE)
  })
}

// An awareness update with one state (null: gone).
export function awarenessUpdate(client, clock, state) {
  return build((e) => {
    encoding.writeVarUint(e, 1)
    encoding.writeVarUint(e, client)
    encoding.writeVarUint(e, clock)
    encoding.writeVarString(e, JSON.stringify(state))
  })
}

// The states in an awareness update: client -> {clock, state}.
export function readAwareness(payload) {
  const decoder = decoding.createDecoder(payload)
  const states = new Map()
  for (let left = decoding.readVarUint(decoder); left > 0; left--) {
    const client = decoding.readVarUint(decoder)
    const clock = decoding.readVarUint(decoder)
    states.set(client, { clock, state: JSON.parse(decoding.readVarString(decoder)) })
  }
  return states
}
