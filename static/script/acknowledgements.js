/**
 * Which local changes the server has confirmed to be on its disk.
 *
 * After a change the page sends message 102 with a number; the server sends it back once all that came before it is
 * committed. At most one number is under way: changes made meanwhile ask again when it returns.
 *
 *   closed --opened()--> asking --confirmed(n)--> settled --changed()--> asking …
 *
 * `pending` is true while any local change is unconfirmed, also across `closed()`: the sync of the next connection
 * brings the change to the server, and `opened()` asks about it. After a refusal nothing counts as confirmed until the
 * server has asked for everything once more and confirms that: a server that can store again asks by itself.
 *
 * Knows no socket and no editor: `send` is given, so the tests have their own.
 */
export class Acknowledgements {
  /**
   * @param {(number: number) => void} send sends message 102 with this number on the open connection
   * @param {() => void} changed called whenever `pending`, `open` or `refusal` may have changed
   */
  constructor(send, changed) {
    this.send = send
    this.notify = changed
    this.pending = false
    this.open = false
    /** @type {string|null} why the server refused changes that it has not taken since */
    this.refusal = null
    this.last = 0
    this.asked = null
    this.again = false
    this.refusedSinceOpened = false
  }

  /** The reader changed the note. Call after the change was handed to the connection. */
  changed() {
    this.pending = true
    if (this.asked !== null) {
      this.again = true
    } else if (this.open) {
      this.ask()
    }
    this.notify()
  }

  /** All that the server lacked has been handed to it: on a new connection, or because it asked again. */
  opened() {
    this.open = true
    this.refusedSinceOpened = false
    this.ask()
    this.notify()
  }

  closed() {
    this.open = false
    this.asked = null
    this.again = false
    this.notify()
  }

  /**
   * @param {number} number what the server sent back in a message 102
   */
  confirmed(number) {
    if (number !== this.asked || this.refusedSinceOpened) {
      return
    }
    this.asked = null
    this.refusal = null
    if (this.again) {
      this.ask()
    } else {
      this.pending = false
    }
    this.notify()
  }

  /**
   * @param {string} reason the server's words
   */
  refused(reason) {
    this.refusal = reason
    this.refusedSinceOpened = true
    this.notify()
  }

  /** Asks the server to confirm everything sent so far. */
  ask() {
    this.last += 1
    this.asked = this.last
    this.again = false
    this.send(this.last)
  }
}
