/**
 * What a WebSocket does, over plain HTTP, for networks that block WebSockets: messages come as an event stream and go
 * as POSTs (server/net/sse.h tells how). It has the part of the WebSocket interface that the y-websocket provider uses,
 * so that the provider does not know the difference.
 *
 *   GET  ──── session ─ message ─ message ─ … cut ─► GET that names the last event ─ message ─ …
 *   POST ─ 1 ─► POST ─ 2 ─► …        one at a time: what is sent meanwhile leaves together in the next
 *
 * A POST without an answer is sent again under its number, and the server applies it once. When the server cannot go
 * on with the session this socket closes as a WebSocket does, and the provider begins anew.
 *
 * A proxy that holds answers back until they end lets no event through: then each answer is to end behind its first
 * messages (`poll`).
 */
import { EventStream } from './event_stream.js'

const batchMost = 256 * 1024
const keepaliveMost = 32 * 1024
const firstEventTime = 5000
const answerTime = 30000
const quietTime = 25000
const retryTimes = [0, 500, 1000, 2000, 4000, 8000]
const closeCodes = { 401: 4401, 403: 4403, 404: 4404, 413: 1009 }
const lost = 1006

export class HttpSocket {
  /** @param {string} address of the note's `sync` */
  constructor(address) {
    this.address = address
    this.CONNECTING = 0
    this.OPEN = 1
    this.CLOSED = 3
    this.readyState = this.CONNECTING
    this.onopen = this.onmessage = this.onclose = this.onerror = null
    /** @type {string|null} */
    this.session = null
    this.lastEvent = null
    this.poll = false
    /** @type {Uint8Array[]} */
    this.queue = []
    this.number = 0
    this.posting = false
    this.leaving = false
    this.ended = new AbortController()
    this.leave = () => this.close()
    globalThis.addEventListener?.('pagehide', this.leave)
    this.listen()
  }

  /** @param {Uint8Array} message */
  send(message) {
    this.queue.push(message)
    this.post()
  }

  /** What was sent before still leaves, as on a WebSocket. */
  close(code = 1000, reason = '') {
    if (this.readyState === this.OPEN) {
      this.leaving = true
      if (this.queue.length === 0) {
        this.sayGoodbye()
      }
    }
    this.end(code, reason)
  }

  end(code, reason = '') {
    if (this.readyState === this.CLOSED) {
      return
    }
    this.readyState = this.CLOSED
    clearTimeout(this.quiet)
    globalThis.removeEventListener?.('pagehide', this.leave)
    this.ended.abort()
    this.onclose?.({ code, reason, wasClean: code !== lost })
  }

  // ---- Down ------------------------------------------------------------------------------------------------------

  /** Answer after answer, until one of them says the end or the server knows nothing of the session. */
  async listen() {
    for (let failures = 0; failures < retryTimes.length; failures += 1) {
      await this.pause(retryTimes[failures])
      if (await this.hear()) {
        failures = -1
      }
      if (this.readyState === this.CLOSED || (this.session === null && failures > 0)) {
        break
      }
    }
    this.end(lost)
  }

  /** One answer, to its end. @returns {Promise<boolean>} whether an event came */
  async hear() {
    const giveUp = new AbortController()
    const abort = () => giveUp.abort()
    const timer = setTimeout(() => this.stuck(giveUp), this.poll ? answerTime : firstEventTime)
    let heard = false
    const stream = new EventStream((event) => {
      heard = true
      clearTimeout(timer)
      this.take(event)
    })
    this.ended.signal.addEventListener('abort', abort)
    try {
      await this.read(await this.ask(giveUp.signal), stream)
    } catch (error) {
      this.onerror?.(error)
    }
    clearTimeout(timer)
    this.ended.signal.removeEventListener('abort', abort)
    return heard
  }

  ask(signal) {
    const headers = { Accept: 'text/event-stream' }
    if (this.session !== null) {
      headers['Last-Event-ID'] = this.lastEvent
    }
    return fetch(this.address + (this.poll ? '?poll=1' : ''), { headers, cache: 'no-store', signal })
  }

  async read(response, stream) {
    if (!response.ok || !response.headers.get('Content-Type')?.startsWith('text/event-stream')) {
      this.refused(response)
      return
    }
    const reader = response.body.getReader()
    const decoder = new TextDecoder()
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      stream.push(decoder.decode(piece.value, { stream: true }))
    }
  }

  /** No event in time: something on the way holds the answer back until it ends. */
  stuck(answer) {
    this.poll = true
    answer.abort()
  }

  take({ type, id, data }) {
    if (this.readyState === this.CLOSED) {
      return
    }
    if (type === 'session') {
      this.begin(JSON.parse(data).session)
    } else if (type === 'close') {
      const { code, reason } = JSON.parse(data)
      this.end(code, reason)
    } else {
      this.lastEvent = id
      this.onmessage?.({ data: fromBase64(data).buffer })
    }
  }

  begin(session) {
    if (this.session === null) {
      this.session = session
      this.lastEvent = `${session}.0`
      this.readyState = this.OPEN
      this.stayHeard()
      this.onopen?.({})
    }
  }

  // ---- Up --------------------------------------------------------------------------------------------------------

  async post() {
    if (this.posting) {
      return
    }
    this.posting = true
    while (this.queue.length > 0 && (this.readyState === this.OPEN || this.leaving)) {
      this.number += 1
      await this.deliver(takeBatch(this.queue))
    }
    this.posting = false
    this.stayHeard()
    this.sayGoodbye()
  }

  /** Sends a body until the server has it, or closes. */
  async deliver(body) {
    for (const wait of retryTimes) {
      if (wait > 0) {
        await this.pause(wait)
      }
      const response = await this.request('POST', body).catch(() => null)
      if (response?.ok) {
        return
      }
      if (this.readyState === this.CLOSED || (response !== null && response.status < 500)) {
        this.leaving = false
        this.refused(response)
        return
      }
    }
    this.end(lost)
  }

  /** The server ends the session behind the last post, which may still be under way. */
  sayGoodbye() {
    if (this.leaving) {
      this.leaving = false
      this.request('DELETE', null).catch(() => {})
    }
  }

  /** Small ones outlive the page (`keepalive`), so that closing it loses nothing that was on its way. */
  async request(method, body) {
    const giveUp = new AbortController()
    const timer = setTimeout(() => giveUp.abort(), answerTime)
    const headers = { 'Sync-Session': this.session, 'Sync-Number': String(this.number) }
    if (body !== null) {
      headers['Content-Type'] = 'application/octet-stream'
    }
    const keepalive = body === null || body.length <= keepaliveMost
    return fetch(this.address, { method, headers, body, keepalive, signal: giveUp.signal }).finally(() =>
      clearTimeout(timer),
    )
  }

  /** The server drops a session that says nothing for long. */
  stayHeard() {
    clearTimeout(this.quiet)
    if (this.readyState !== this.CLOSED) {
      this.quiet = setTimeout(() => this.sayNothing(), quietTime)
    }
  }

  async sayNothing() {
    if (!this.posting && this.readyState === this.OPEN) {
      this.posting = true
      this.number += 1
      await this.deliver(new Uint8Array(0))
      this.posting = false
      this.post()
    }
  }

  /** Only our server's own word ends a session for good; a proxy's does not. */
  refused(response) {
    const ours = response?.headers.get('Content-Type')?.startsWith('application/problem+json')
    this.end((ours && closeCodes[response.status]) || lost)
  }

  /** @param {number} ms; ends early when the socket does */
  pause(ms) {
    const { signal } = this.ended
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        signal.removeEventListener('abort', done)
        resolve()
      }
      const timer = setTimeout(done, ms)
      signal.addEventListener('abort', done)
    })
  }
}

/** Takes the oldest messages off a queue: one at least, more while they are small. Each stands behind its length. */
function takeBatch(queue) {
  const parts = []
  let size = 0
  while (queue.length > 0 && (parts.length === 0 || size + queue[0].byteLength <= batchMost)) {
    const message = new Uint8Array(queue.shift())
    const length = varuint(message.length)
    parts.push(length, message)
    size += length.length + message.length
  }
  const body = new Uint8Array(size)
  parts.reduce((at, part) => (body.set(part, at), at + part.length), 0)
  return body
}

/** @returns {number[]} a number as lib0 writes it: seven bits a byte, the lowest first */
function varuint(number) {
  const bytes = []
  for (; number > 127; number = Math.floor(number / 128)) {
    bytes.push((number % 128) | 128)
  }
  return [...bytes, number]
}

function fromBase64(text) {
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0))
}
