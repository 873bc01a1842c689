// A program under test that answers questions: each request and each answer is a frame on its standard input and
// output, u32 length (little-endian) and that many bytes; one answer per request, in order.
import { spawn } from 'node:child_process'

const MAX_FRAME = 1 << 30

export class Driver {
  #child
  #chunks = []
  #have = 0
  #waiting = []
  #ended = null
  #exited

  // `env` is added to this process's. What the program writes to standard error goes to ours.
  constructor(program, args = [], { env = {}, timeout = 300_000 } = {}) {
    this.name = program.split('/').pop()
    this.timeout = timeout
    this.#child = spawn(program, args, { stdio: ['pipe', 'pipe', 'inherit'], env: { ...process.env, ...env } })
    this.#child.stdout.on('data', (chunk) => this.#receive(chunk))
    this.#child.stdin.on('error', () => {}) // the exit below says more
    this.#exited = new Promise((resolve) => {
      const end = (why) => {
        this.#ended ??= new Error(`${this.name} ended: ${why}`)
        for (const { reject } of this.#waiting.splice(0)) reject(this.#ended)
        resolve()
      }
      this.#child.on('error', (error) => end(error.message))
      this.#child.on('close', (code, signal) => end(signal ?? `exit code ${code}`))
    })
  }

  // The answer to one request, as a Buffer.
  async ask(request) {
    if (this.#ended) throw this.#ended
    const length = Buffer.alloc(4)
    length.writeUInt32LE(request.length)
    this.#child.stdin.write(length)
    this.#child.stdin.write(request)
    let timer
    const answer = new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject })
      timer = setTimeout(() => this.#child.kill('SIGABRT'), this.timeout)
    })
    return answer.finally(() => clearTimeout(timer))
  }

  // Closes the program's input and waits until it has ended; throws unless its exit code is 0.
  async close() {
    this.#child.stdin.end()
    await this.#exited
    const { exitCode, signalCode } = this.#child
    if (exitCode !== 0) throw new Error(`${this.name} ended with ${signalCode ?? `exit code ${exitCode}`}`)
  }

  #receive(chunk) {
    this.#chunks.push(chunk)
    this.#have += chunk.length
    for (let frame = this.#take(); frame; frame = this.#take()) {
      const waiting = this.#waiting.shift()
      if (!waiting) throw new Error(`${this.name} answered without a question`)
      waiting.resolve(frame)
    }
  }

  // The first whole frame of what has come, or null.
  #take() {
    if (this.#have < 4) return null
    if (this.#chunks[0].length < 4) this.#chunks = [Buffer.concat(this.#chunks)]
    const length = this.#chunks[0].readUInt32LE(0)
    if (length > MAX_FRAME) throw new Error(`${this.name} announces a frame of ${length} bytes`)
    if (this.#have < 4 + length) return null
    const all = this.#chunks.length === 1 ? this.#chunks[0] : Buffer.concat(this.#chunks)
    const rest = all.subarray(4 + length)
    this.#chunks = rest.length ? [rest] : []
    this.#have = rest.length
    return all.subarray(4, 4 + length)
  }
}
