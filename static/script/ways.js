/**
 * Which way a note's messages take: a WebSocket where the network lets it through, else plain HTTP.
 *
 *   direct ── two WebSockets in a row that never worked ──► http ── a WebSocket works again ──► direct
 *     ▲                                                      │
 *     └───────────── it does not work either ────────────────┘
 *
 * While on HTTP it tries a WebSocket from time to time, beside the connection that works. What it has found out is
 * remembered for an hour on this device, so that the next note need not wait for two failures.
 *
 * Knows no provider: sockets are made by the functions given, so the tests have their own.
 */
import { HeldSocket } from './held_socket.js'
import { recall, remember } from './storage.js'

const failuresMost = 2
const openTime = 8000
const firstProbe = 5000
const lastProbe = 300000
const memory = 3600000
const key = 'way'
const lost = 1006

export class Ways {
  /**
   * @param {object} options
   * @param {(address: string) => WebSocket} options.direct
   * @param {() => import("./http_socket.js").HttpSocket} options.http
   * @param {Promise<void>} options.ready until then no event reaches the provider
   * @param {() => void} options.changed `way` or `switching` has changed
   */
  constructor({ direct, http, ready, changed }) {
    this.direct = direct
    this.http = http
    this.ready = ready
    this.changed = changed
    /** @type {"direct"|"http"} */
    this.way = Date.now() - Number(recall(key) ?? 0) < memory ? 'http' : 'direct'
    /** @type {boolean} on the way back from HTTP to a WebSocket: not connected, but nothing is wrong */
    this.switching = false
    this.failures = 0
    this.current = null
  }

  /** @returns {Function} what the provider takes for the class WebSocket */
  socketClass() {
    const open = (address) => this.open(address)
    return function Socket(address) {
      return open(address)
    }
  }

  open(address) {
    const { way } = this
    this.address = address
    const tell = { worked: () => this.worked(way), failed: (code) => this.failed(way, code) }
    this.current =
      way === 'direct'
        ? new HeldSocket(this.direct(address), this.ready, tell, openTime)
        : new HeldSocket(this.http(), this.ready, tell)
    return this.current
  }

  worked(way) {
    this.failures = 0
    this.switching = false
    remember(key, way === 'http' ? String(Date.now()) : null)
    if (way === 'http') {
      this.probeLater(firstProbe)
    }
    this.changed()
  }

  failed(way, code) {
    this.switching = false
    if (code !== lost) {
      this.failures = 0 // the server's own word, which came through
    } else if (way === 'http') {
      this.take('direct', failuresMost - 1)
    } else if (navigator.onLine !== false) {
      this.failures += 1
      if (this.failures >= failuresMost) {
        this.take('http', 0)
      }
    }
  }

  take(way, failures) {
    this.way = way
    this.failures = failures
    clearTimeout(this.timer)
    this.changed()
  }

  /** The device has joined a network, perhaps another. */
  networkChanged() {
    this.failures = 0
    if (this.way === 'http') {
      this.probeLater(firstProbe)
    }
  }

  probeLater(wait) {
    clearTimeout(this.timer)
    this.timer = setTimeout(() => this.probe(wait), wait)
  }

  /** Tries a WebSocket beside the connection that works. */
  probe(wait) {
    const tell = {
      worked: () => {
        probe.close()
        this.comeBack()
      },
      failed: () => this.probeLater(Math.min(2 * wait, lastProbe)),
    }
    const probe = new HeldSocket(this.direct(this.address), Promise.resolve(), tell, openTime)
  }

  comeBack() {
    if (this.way === 'http') {
      this.switching = true
      remember(key, null)
      this.take('direct', 0)
      this.current.inner.close()
    }
  }
}
