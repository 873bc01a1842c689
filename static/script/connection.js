/**
 * One note's way to the server and to this device's disk.
 *
 * The stock y-websocket provider carries the document, over a WebSocket or, where the network blocks those, over plain
 * HTTP (ways.js); y-indexeddb keeps a copy on the device, so that writing goes on without a network and survives closing
 * the page. Other tabs are reached through the server, never directly:
 * "saved" is then about every letter the page shows.
 *
 * What is on the device is loaded before connecting. The other way round the provider would take it for fresh typing
 * and send all of it again. A note that the device does not have is fetched over HTTP while the connection is made, and
 * the provider hears of the connection only then: it asks for what is new since.
 */
import * as decoding from 'lib0/decoding'
import * as encoding from 'lib0/encoding'
import * as authProtocol from 'y-protocols/auth'
import { IndexeddbPersistence } from 'y-indexeddb'
import { WebsocketProvider, messageAuth, messageSync } from 'y-websocket'
import * as Y from 'yjs'
import { Acknowledgements } from './acknowledgements.js'
import { firstState } from './first_state.js'
import { HttpSocket } from './http_socket.js'
import { saveState } from './save_state.js'
import { hasUnsent, rememberUnsent } from './unsent.js'
import { Ways } from './ways.js'

const messageCommitted = 102
const deviceTimeout = 3000

/** What `connect()` gives: the document, its provider, and what is known about both. */
class Connection {
  /**
   * @param {string} id the note
   */
  constructor(id) {
    this.id = id
    this.doc = new Y.Doc()
    /** @type {boolean} whether this browser keeps the note on the device */
    this.kept = false
    /** @type {{code: number, reason: string}|null} why the server wants no further attempt */
    this.ended = null
    /** @type {{code: number, reason: string}|null} the server's words when it last closed a connection */
    this.lastClose = null
    /** @type {boolean} whether a first attempt to connect has ended, well or not */
    this.tried = false
    this.listeners = new Set()
    const loaded = new Promise((resolve) => {
      this.allowSync = resolve
    })
    this.ways = new Ways({
      direct: (address) => new WebSocket(address),
      http: () => new HttpSocket(`/api/v1/notes/${encodeURIComponent(id)}/sync`),
      ready: loaded,
      changed: () => this.tell(),
    })
    this.provider = new WebsocketProvider(serverAddress(), encodeURIComponent(id), this.doc, {
      connect: false,
      disableBc: true,
      WebSocketPolyfill: this.ways.socketClass(),
    })
    this.acknowledgements = new Acknowledgements(
      (number) => this.sendCommitRequest(number),
      () => this.tell(),
    )
    this.acknowledgements.pending = hasUnsent(id)
    this.remembered = this.acknowledgements.pending
    this.handleMessages()
    this.watch()
  }

  /** @returns {string} one of save_state.js */
  get state() {
    return saveState(this)
  }

  /** @returns {boolean} changing from one way to the other: not connected for a moment, and nothing is wrong */
  get switching() {
    return this.ways.switching
  }

  /** @param {() => void} listener called when anything about saving changes */
  onChange(listener) {
    this.listeners.add(listener)
  }

  tell() {
    const { pending } = this.acknowledgements
    if (pending !== this.remembered) {
      rememberUnsent(this.id, pending)
      this.remembered = pending
    }
    this.listeners.forEach((listener) => listener())
  }

  /**
   * Loads what the device has, then connects. Resolves when the first of both brought the note. A device that takes long
   * is not waited for before the connection is made.
   */
  async start() {
    const fromDevice = this.loadFromDevice()
    await Promise.race([fromDevice, new Promise((resolve) => setTimeout(resolve, deviceTimeout))])
    this.doc.on('update', (_update, origin) => {
      if (origin !== this.provider && origin !== this.store && origin !== this) {
        this.acknowledgements.changed()
      }
    })
    const synced = new Promise((resolve) => this.provider.once('sync', resolve))
    this.provider.connect()
    if (this.isEmpty) {
      await this.fetchFirst()
    }
    this.allowSync()
    if (this.isEmpty) {
      await Promise.race([synced, fromDevice.then(() => (this.isEmpty ? synced : null))])
    }
  }

  get isEmpty() {
    return this.doc.store.clients.size === 0
  }

  async fetchFirst() {
    const state = await firstState(this.id)
    if (state !== null) {
      Y.applyUpdateV2(this.doc, state, this)
    }
  }

  /** Leaves and enters again, so that the server asks for everything it lacks. */
  retry() {
    this.provider.disconnect()
    this.provider.connect()
  }

  async loadFromDevice() {
    if (!(await deviceStoreWorks())) {
      return
    }
    this.store = new IndexeddbPersistence(`cahier:${this.id}`, this.doc)
    await this.store.whenSynced
    this.kept = true
    this.tell()
  }

  /** @param {number} number */
  sendCommitRequest(number) {
    const encoder = encoding.createEncoder()
    encoding.writeVarUint(encoder, messageCommitted)
    encoding.writeVarUint(encoder, number)
    this.provider.ws.send(encoding.toUint8Array(encoder))
  }

  /** Adds to the provider what it leaves open: refusals, confirmations, and the moment our part of the sync is sent. */
  handleMessages() {
    const handlers = this.provider.messageHandlers
    const sync = handlers[messageSync]

    handlers[messageSync] = (encoder, decoder, provider, emitSynced, type) => {
      const asksForOurs = decoding.peekVarUint(decoder) === 0
      sync(encoder, decoder, provider, emitSynced, type)
      if (asksForOurs) {
        // The provider sends the answer when this handler has returned; the microtask runs just after.
        queueMicrotask(() => this.acknowledgements.opened())
      }
    }
    handlers[messageAuth] = (_encoder, decoder) => {
      authProtocol.readAuthMessage(decoder, this.doc, (_doc, reason) => this.acknowledgements.refused(reason))
    }
    handlers[messageCommitted] = (_encoder, decoder) => {
      this.acknowledgements.confirmed(decoding.readVarUint(decoder))
    }
  }

  watch() {
    this.provider.on('status', ({ status }) => {
      this.tried ||= status !== 'connecting'
      if (status === 'disconnected') {
        this.acknowledgements.closed()
      }
      this.tell()
    })
    this.provider.on('connection-close', (event) => {
      this.tried = true
      this.lastClose = event && { code: event.code, reason: event.reason }
      this.tell()
    })
    this.provider.on('closed', (ended) => {
      this.ended = ended
      this.tell()
    })
    this.provider.on('sync', () => this.tell())
    window.addEventListener('online', () => {
      this.ways.networkChanged()
      this.provider.connect()
    })
  }
}

/**
 * @param {string} id
 * @returns {Connection} not started yet
 */
export function connection(id) {
  return new Connection(id)
}

/** @returns {string} where the WebSockets of this server are */
function serverAddress() {
  return `${location.protocol === 'https:' ? 'wss:' : 'ws:'}//${location.host}/ws`
}

/** @returns {Promise<boolean>} whether IndexedDB can be opened: some browsers' private windows refuse */
function deviceStoreWorks() {
  return new Promise((resolve) => {
    try {
      const request = indexedDB.open('cahier')
      request.onsuccess = () => {
        request.result.close()
        resolve(true)
      }
      request.onerror = () => resolve(false)
    } catch {
      resolve(false)
    }
  })
}
