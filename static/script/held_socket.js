/**
 * A socket whose events wait until the page is ready for them. The connection is made meanwhile, so that a slow line
 * carries both at once: the note's state over HTTP, and the way for what comes after.
 *
 * It also tells whether a connection ever worked. An open one is not enough: some proxies accept a WebSocket and let
 * nothing through. The server speaks first, so the first message is the proof.
 *
 * Events that waited reach the page one by one, as they would have: between two of them the microtasks of the first run,
 * and one whose handler throws does not keep the others back. The connection may be gone by then, so what is said to one
 * that is not open is lost, without an error.
 */
export class HeldSocket {
  /**
   * @param {WebSocket|import("./http_socket.js").HttpSocket} inner
   * @param {Promise<void>} ready never rejects
   * @param {object} tell
   * @param {() => void} tell.worked the first message came
   * @param {(code: number) => void} tell.failed it ended before, and nobody here wanted that
   * @param {number} [patience] ms after which one that has not worked is closed; for ever when left out
   */
  constructor(inner, ready, { worked, failed }, patience) {
    this.inner = inner
    this.OPEN = inner.OPEN
    this.onopen = this.onmessage = this.onclose = this.onerror = null
    this.proven = false
    this.wanted = true
    this.waiting = []
    ready.then(() => this.release())
    const unproven = patience && setTimeout(() => inner.close(), patience)

    inner.binaryType = 'arraybuffer'
    inner.onopen = (event) => this.pass('onopen', event)
    inner.onerror = (event) => this.pass('onerror', event)
    inner.onmessage = (event) => {
      if (!this.proven) {
        this.proven = true
        clearTimeout(unproven)
        worked()
      }
      this.pass('onmessage', event)
    }
    inner.onclose = (event) => {
      clearTimeout(unproven)
      if (!this.proven && this.wanted) {
        failed(event.code)
      }
      this.pass('onclose', event)
    }
  }

  get readyState() {
    return this.inner.readyState
  }

  send(message) {
    if (this.readyState === this.OPEN) {
      this.inner.send(message)
    }
  }

  close() {
    this.wanted = false
    this.inner.close()
  }

  pass(handler, event) {
    if (this.waiting === null) {
      this[handler]?.(event)
    } else {
      this.waiting.push([handler, event])
    }
  }

  release() {
    const next = this.waiting.shift()
    if (next === undefined) {
      this.waiting = null
      return
    }
    try {
      this[next[0]]?.(next[1])
    } finally {
      queueMicrotask(() => this.release())
    }
  }
}
