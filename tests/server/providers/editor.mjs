// Somebody with one note open over a bare socket of y-websocket's protocol, who knows when an edit is committed.
import { until } from './cahier.mjs'
import { WebSocket, Y } from './npm.mjs'
import * as wire from './wire.mjs'

export class Editor {
  constructor(server, note) {
    this.doc = new Y.Doc()
    this.acks = 0
    this.has = false
    this.socket = new WebSocket(`${server.ws}/ws/${note}`, { perMessageDeflate: false })
    this.socket.on('message', (bytes) => this.#read(new Uint8Array(bytes)))
    this.open = new Promise((resolve, reject) => {
      this.socket.on('open', resolve)
      this.socket.on('error', reject)
    })
    this.gone = new Promise((resolve) => this.socket.on('close', resolve))
    this.doc.on('update', (update, origin) => {
      if (origin !== this) this.socket.send(wire.syncMessage(wire.UPDATE, update))
    })
  }

  #read(bytes) {
    const m = wire.readYwebsocket(bytes)
    if (m.type === wire.ACK) this.acks++
    if (m.type !== wire.SYNC || m.sub === wire.STEP1) return
    this.has ||= m.sub === wire.STEP2
    Y.applyUpdate(this.doc, m.payload, this)
  }

  async join() {
    await this.open
    this.socket.send(wire.syncMessage(wire.STEP1, Y.encodeStateVector(this.doc)))
    this.socket.send(wire.awarenessMessage(wire.awarenessUpdate(this.doc.clientID, 1, { name: 'somebody' })))
    await until('the note is here', () => this.has)
  }

  // Written and committed.
  async type(text) {
    const want = this.acks + 1
    this.doc.getText('t').insert(this.doc.getText('t').length, text)
    this.socket.send(wire.ackMessage(new Uint8Array([1])))
    await until('it is committed', () => this.acks >= want)
  }

  async leave(rudely) {
    if (rudely) this.socket.terminate()
    else this.socket.close()
    await this.gone
  }
}
