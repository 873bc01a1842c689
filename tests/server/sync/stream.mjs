// The raw wire of /api/v1/notes/{note}/sync: one session of one client, every step by hand.
import http from 'node:http'
import { until } from '../providers/cahier.mjs'
import { readYwebsocket } from '../providers/wire.mjs'

// Messages as the body of a POST: each behind its length.
export function bodyOf(...messages) {
  const parts = []
  for (const message of messages) {
    const length = []
    let n = message.length
    for (; n > 127; n >>>= 7) length.push((n & 127) | 128)
    parts.push(Buffer.from([...length, n]), Buffer.from(message))
  }
  return Buffer.concat(parts)
}

export class Stream {
  session = null
  received = 0 // posts that the server said it has
  last = null // id of the last event
  got = [] // messages that were not taken yet
  close = null // what the close event said
  answers = 0
  number = 0

  constructor(server, note, { query = '', headers = {} } = {}) {
    this.address = `${server.http}/api/v1/notes/${encodeURIComponent(note)}/sync`
    this.query = query
    this.headers = headers
  }

  static async open(server, note, options) {
    const stream = new Stream(server, note, options)
    await stream.listen()
    await until('the session', () => stream.session)
    return stream
  }

  // Begins an answer; gives its status. Events are read as they come until `cut`.
  listen(headers = {}) {
    return new Promise((resolve, reject) => {
      const all = { Accept: 'text/event-stream', ...this.headers, ...headers }
      this.request = http.get(this.address + this.query, { headers: all, agent: false }, (response) => {
        let text = ''
        this.response = response
        this.head = response.headers
        this.body = ''
        this.answers++
        this.ended = false
        response.setEncoding('latin1')
        response.on('data', (piece) => {
          this.body += piece
          const events = (text += piece).split('\n\n')
          text = events.pop()
          if (response.statusCode === 200) events.forEach((event) => this.#take(event))
        })
        response.on('error', () => {})
        response.on('close', () => {
          this.ended = true
        })
        resolve(response.statusCode)
      })
      this.request.on('error', reject)
    })
  }

  // Goes on where the last answer ended.
  again(last = this.last) {
    return this.listen({ 'Last-Event-ID': last })
  }

  #take(event) {
    const field = (name) =>
      event
        .split('\n')
        .filter((line) => line.startsWith(`${name}: `))
        .map((line) => line.slice(name.length + 2))
    const [type = 'message'] = field('event')
    const data = field('data')
    if (type === 'session') {
      const said = JSON.parse(data)
      this.session = said.session
      this.received = said.received
      this.last ??= `${said.session}.0`
    } else if (type === 'close') {
      this.close = JSON.parse(data)
    } else if (data.length > 0) {
      this.last = field('id')[0]
      this.got.push(readYwebsocket(new Uint8Array(Buffer.from(data.join(''), 'base64'))))
    }
  }

  // The next message of a type (and step) that was not taken yet.
  async take(type, sub) {
    const wanted = (m) => m.type === type && (sub === undefined || m.sub === sub)
    const found = await until(`message ${type}/${sub}`, () => this.got.find(wanted))
    this.got.splice(this.got.indexOf(found), 1)
    return found
  }

  // As a cable that is pulled.
  cut() {
    this.request.destroy()
  }

  async post(messages, { number = ++this.number, body = bodyOf(...messages), headers = {} } = {}) {
    return fetch(this.address, {
      method: 'POST',
      body,
      headers: {
        'Content-Type': 'application/octet-stream',
        'Sync-Session': this.session,
        'Sync-Number': String(number),
        ...headers,
      },
    })
  }

  async leave(after = 0) {
    return fetch(this.address, {
      method: 'DELETE',
      headers: { 'Sync-Session': this.session, 'Sync-Number': String(after) },
    })
  }
}
