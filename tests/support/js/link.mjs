// A slow, long or unreliable line to a server on this machine: a TCP proxy in user space.
//
//     client ─► [ delay, rate ] ─► server       one direction; all connections share the line
//     client ◄─ [ delay, rate ] ◄─ server       the other
//
// Bytes leave a direction one packet after the other at its rate, each arriving `delayMs` later. A sender is not read
// while more than `windowBytes` of his wait, as a full buffer would stop him.
import { once } from 'node:events'
import net from 'node:net'

const packetBytes = 1500
const windowBytes = 65536

// One direction of the line.
class Direction {
  free = 0 // when the line has sent all it was given
  bytes = 0 // that went through

  constructor(bitsPerSecond, delayMs) {
    this.msPerByte = bitsPerSecond === Infinity ? 0 : 8000 / bitsPerSecond
    this.delayMs = delayMs
  }

  // When a packet given now arrives, in ms from now.
  carry(bytes) {
    const now = performance.now()
    this.free = Math.max(this.free, now) + bytes * this.msPerByte
    this.bytes += bytes
    return this.free - now + this.delayMs
  }

  join(from, to) {
    let waiting = 0
    let last = 0
    const later = (ms, run) => {
      if (ms <= 0 && last === 0) return run()
      last++
      setTimeout(() => (last--, run()), ms)
    }
    from.on('data', (data) => {
      waiting += data.length
      if (waiting > windowBytes) from.pause()
      for (let at = 0; at < data.length; at += packetBytes) {
        const packet = data.subarray(at, at + packetBytes)
        later(this.carry(packet.length), () => {
          waiting -= packet.length
          if (waiting <= windowBytes) from.resume()
          if (!to.destroyed) to.write(packet)
        })
      }
    })
    from.on('end', () => later(this.carry(0), () => to.end()))
  }
}

export class Link {
  sockets = new Set()
  connections = 0

  // `port`: of the server. `allowed`: whether connections are made at all.
  constructor(port, { bitsPerSecond = Infinity, delayMs = 0 } = {}) {
    this.target = port
    this.up = new Direction(bitsPerSecond, delayMs)
    this.down = new Direction(bitsPerSecond, delayMs)
    this.listener = net.createServer((client) => this.#connect(client))
  }

  async open() {
    this.listener.listen(0, '127.0.0.1')
    await once(this.listener, 'listening')
    this.port = this.listener.address().port
    return this
  }

  #connect(client) {
    const server = net.connect(this.target, '127.0.0.1')
    this.connections++
    for (const [socket, other] of [[client, server], [server, client]]) {
      this.sockets.add(socket)
      socket.setNoDelay(true)
      socket.on('error', () => other.destroy())
      socket.on('close', () => {
        this.sockets.delete(socket)
        other.destroySoon()
      })
    }
    this.up.join(client, server)
    this.down.join(server, client)
  }

  // Pulls the cable: every connection breaks.
  cut() {
    this.sockets.forEach((socket) => socket.destroy())
  }

  async close() {
    this.cut()
    this.listener.close()
    await once(this.listener, 'close')
  }
}
