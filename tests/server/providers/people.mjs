// Stock providers on watched sockets. A watched socket reads along what goes out and comes in, and so knows which
// edits were acknowledged: by one SyncStatus for each step 2 or update, in order (Hocuspocus), or by message 102 coming
// back unchanged (y-websocket). It does not change a byte.
import * as wire from './wire.mjs'
import { Y, WebSocket, WebsocketProvider, encoding, hocuspocus } from './npm.mjs'

const PATH = '/hocuspocus'
const OPEN = 1

const bytesOf = (data) => (data instanceof Uint8Array ? data : new Uint8Array(data))

// What all sockets of a test have seen together.
export class Tally {
  acknowledged = 0 // messages with an edit that a SyncStatus(1) or a 102 covers
  statuses = 0
  echoes = 0
  refused = 0
  caughtUp = 0 // SyncStatus(1) that came for what had been refused before
  abandoned = 0 // owed when the socket went
  wrong = [] // sentences: what must never happen
}

// A class to give to a provider as its WebSocket. `watcher.onAck(cover)` is told what has been acknowledged: a list of
// {note, update, upto}, the updates in the order in which they were sent. A step 2 says that the server then has all the
// document holds, whoever brought it: `upto` is what `watcher.clock()` gave when it was sent, for an update undefined.
export function watchedSocket(tally, watcher = {}) {
  return class WatchedSocket extends WebSocket {
    refused = new Map() // address -> how many; a later step 2 that makes up for them is answered for them too
    owed = new Map() // address ('' for y-websocket) -> oldest first: {bytes?, cover}
    since = [] // y-websocket: sent after the last 102

    constructor(url, protocols) {
      super(url, protocols ?? [])
      const path = new URL(url).pathname
      this.multiplexed = path === PATH
      this.note = decodeURIComponent(path.slice('/ws/'.length))
      this.on('message', (data) => this.#received(bytesOf(data)))
      this.on('close', () => {
        for (const queue of this.owed.values()) tally.abandoned += queue.length
        watcher.sockets?.delete(this)
      })
      this.on('error', () => {}) // a provider may have taken its own listener away
      watcher.sockets?.add(this)
    }

    #covered(note, { sub, payload }) {
      return { note, update: payload, upto: sub === wire.STEP2 ? watcher.clock?.() : undefined }
    }

    get debt() {
      let sum = 0
      for (const queue of this.owed.values()) sum += queue.length
      return sum
    }

    send(data, ...rest) {
      const bytes = bytesOf(data)
      if (this.readyState === OPEN) {
        if (this.multiplexed) this.#sentHocuspocus(wire.readHocuspocus(bytes))
        else this.#sentYwebsocket(wire.readYwebsocket(bytes))
      }
      super.send(data, ...rest)
    }

    // As a cable that is pulled: no close frame.
    cut() {
      this._socket?.destroy()
    }

    #owe(address, debt) {
      if (!this.owed.has(address)) this.owed.set(address, [])
      this.owed.get(address).push(debt)
    }

    #sentHocuspocus(m) {
      if ((m.type === wire.SYNC || m.type === wire.SYNC_REPLY) && m.sub !== wire.STEP1) {
        this.#owe(m.address, { cover: [this.#covered(m.address.split('\0')[0], m)] })
      }
      if (m.type === wire.CLOSE) {
        tally.abandoned += this.owed.get(m.address)?.length ?? 0
        this.owed.delete(m.address)
      }
    }

    #sentYwebsocket(m) {
      if (m.type === wire.SYNC && m.sub !== wire.STEP1) this.since.push(this.#covered(this.note, m))
      if (m.type === wire.ACK) {
        this.#owe('', { bytes: m.payload, cover: this.since })
        this.since = []
      }
    }

    #received(bytes) {
      const m = this.multiplexed ? wire.readHocuspocus(bytes) : wire.readYwebsocket(bytes)
      if (m.type === wire.SYNC_STATUS) this.#status(m)
      else if (m.type === wire.ACK) this.#echo(m)
      else if (m.type === wire.AUTH && m.sub === 0) tally.wrong.push(`permission denied: ${m.text}`)
    }

    #status(m) {
      tally.statuses++
      if (!this.owed.has(m.address)) return // of a note that was closed meanwhile
      const debt = this.owed.get(m.address).shift()
      const refused = this.refused.get(m.address) ?? 0
      if (debt && m.status === 1) {
        this.#acknowledged(debt)
      } else if (debt) {
        tally.refused++
        this.refused.set(m.address, refused + 1)
      } else if (m.status === 1 && refused > 0) {
        tally.caughtUp++
        this.refused.set(m.address, refused - 1)
      } else {
        tally.wrong.push('a SyncStatus for nothing')
      }
    }

    #echo(m) {
      const debt = this.owed.get('')?.shift()
      tally.echoes++
      if (!debt || Buffer.compare(debt.bytes, m.payload) !== 0) tally.wrong.push('a 102 that was not due')
      else this.#acknowledged(debt)
    }

    #acknowledged(debt) {
      tally.acknowledged += debt.cover.length
      watcher.onAck?.(debt.cover)
    }
  }
}

let nextProbe = 0

// One editor of one note through y-websocket's provider.
export class YwebsocketPerson {
  kind = 'y-websocket'
  sockets = new Set()

  constructor(server, note, tally, { doc = new Y.Doc(), onAck, clock, connect = true } = {}) {
    this.note = note
    this.doc = doc
    this.onAck = onAck
    this.clock = clock
    this.provider = new WebsocketProvider(`${server.ws}/ws`, encodeURIComponent(note), doc, {
      WebSocketPolyfill: watchedSocket(tally, this),
      disableBc: true,
      maxBackoffTime: 300,
      connect,
    })
    this.provider.messageHandlers[wire.ACK] = () => {} // its socket has read it
    this.awareness = this.provider.awareness
  }

  get socket() {
    return this.provider.ws
  }

  get online() {
    return this.provider.wsconnected
  }

  get synced() {
    return this.provider.synced
  }

  get settled() {
    return this.synced && this.socket.debt === 0 && this.socket.since.length === 0
  }

  get state() {
    return `online ${this.online}, synced ${this.synced}, owed ${this.socket?.debt}`
  }

  // Asks for an acknowledgement of all that was sent.
  probe() {
    if (this.online && this.socket?.readyState === OPEN) {
      const encoder = encoding.createEncoder()
      encoding.writeVarUint(encoder, nextProbe++)
      encoding.writeVarString(encoder, 'anything')
      this.socket.send(wire.ackMessage(encoding.toUint8Array(encoder)))
    }
  }

  goOffline() {
    this.provider.disconnect()
  }

  goOnline() {
    this.provider.connect()
  }

  cut() {
    this.socket?.cut()
  }

  destroy() {
    this.provider.destroy()
    this.awareness.destroy()
  }
}

// A Hocuspocus connection that several notes may share.
export class HocuspocusLine {
  sockets = new Set()

  constructor(server, version, tally, { onAck, clock } = {}) {
    this.version = version
    this.onAck = onAck
    this.clock = clock
    this.socketProvider = new hocuspocus[version].HocuspocusProviderWebsocket({
      url: server.ws + PATH,
      WebSocketPolyfill: watchedSocket(tally, this),
      delay: 50,
      minDelay: 20,
      maxDelay: 200,
    })
  }

  get socket() {
    return this.socketProvider.webSocket
  }

  cut() {
    this.socket?.cut()
  }

  destroy() {
    this.socketProvider.destroy()
  }
}

// One editor of one note through @hocuspocus/provider 2, 3 or 4.
export class HocuspocusPerson {
  constructor(line, note, { doc = new Y.Doc(), token = '' } = {}) {
    this.line = line
    this.kind = `hocuspocus ${line.version}`
    this.note = note
    this.doc = doc
    this.provider = new hocuspocus[line.version].HocuspocusProvider({
      websocketProvider: line.socketProvider,
      name: note,
      document: doc,
      token,
    })
    if (line.version > 2) this.provider.attach()
    this.awareness = this.provider.awareness
  }

  get socket() {
    return this.line.socket
  }

  get online() {
    return this.line.socketProvider.status === 'connected'
  }

  get synced() {
    return this.provider.isSynced
  }

  get settled() {
    return this.synced && this.socket !== null && this.socket.debt === 0 && !this.provider.hasUnsyncedChanges
  }

  get state() {
    const { isSynced, isAuthenticated, unsyncedChanges } = this.provider
    return `online ${this.online}, synced ${isSynced}, in ${isAuthenticated}, unsynced ${unsyncedChanges}, owed ${this.socket?.debt}`
  }

  probe() {}

  goOffline() {
    this.line.socketProvider.disconnect()
  }

  goOnline() {
    this.line.socketProvider.connect()
  }

  cut() {
    this.line.cut()
  }

  // The note only; the line stays for the others on it.
  destroy() {
    this.provider.destroy()
  }
}
