// A running `cahier serve --open` with a data file of its own, which can be stopped, killed and started again.
import { spawn } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const PATIENCE_MS = 120_000
const LISTEN_FAILED = 3 // exit code: the port is still held

export const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms))

// Waits until `condition` gives something true, and gives it.
export async function until(what, condition, ms = PATIENCE_MS) {
  for (const end = Date.now() + ms; ; await sleep(10)) {
    const value = await condition()
    if (value) return value
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain: ${what}`)
  }
}

const running = new Set()
process.setMaxListeners(0) // each provider adds one
process.on('exit', () => running.forEach((server) => server.remove()))

export class Cahier {
  // `args`: more arguments; `env`: more environment.
  constructor({ args = [], env = {} } = {}) {
    this.args = args
    this.env = env
    this.port = 0
    this.folder = mkdtempSync(path.join(os.tmpdir(), 'cahier-test-'))
    this.data = path.join(this.folder, 'notes.db')
    this.log = ''
    running.add(this)
  }

  get http() {
    return `http://127.0.0.1:${this.port}`
  }

  get ws() {
    return `ws://127.0.0.1:${this.port}`
  }

  // Starts it; later starts listen on the first one's port unless `port` says another. Resolves when it is ready.
  async start({ port = this.port } = {}) {
    for (const end = Date.now() + PATIENCE_MS; ; await sleep(20)) {
      const code = await this.#run(port)
      if (code === 'ready') return this
      if (code !== LISTEN_FAILED || Date.now() > end) throw new Error(`the server ended with ${code}:\n${this.log}`)
    }
  }

  // 'ready', or how the process ended instead.
  #run(port) {
    const args = ['serve', '--open', '--listen', `127.0.0.1:${port}`, '--data', this.data, ...this.args]
    const child = spawn(process.env.CAHIER, args, {
      env: { ...process.env, ...this.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let said = ''
    this.child = child
    this.exited = new Promise((resolve) => child.on('exit', (code, signal) => resolve(signal ?? code)))
    child.stderr.on('data', (text) => {
      this.log = (this.log + text).slice(-20_000)
    })
    const ready = new Promise((resolve) => {
      child.stdout.on('data', (text) => {
        const found = /http:\/\/127\.0\.0\.1:(\d+)\//.exec((said += text))
        if (!found) return
        this.port = Number(found[1])
        resolve('ready')
      })
    })
    return Promise.race([ready, this.exited])
  }

  // Sends a signal and gives how the process ended.
  async end(signal = 'SIGTERM') {
    this.child.kill(signal)
    return this.exited
  }

  async get(where, headers = {}) {
    return fetch(this.http + where, { headers })
  }

  // The content of a note: bytes of a Yjs update, or null when it is unknown.
  async update(note, version = 1) {
    const where = `/api/v1/notes/${encodeURIComponent(note)}/content?v=${version}`
    const response = await this.get(where, { Accept: 'application/vnd.yjs.update' })
    if (response.status === 404) return null
    if (!response.ok) throw new Error(`${where}: ${response.status} ${await response.text()}`)
    return new Uint8Array(await response.arrayBuffer())
  }

  // One figure of /metrics.
  async metric(name) {
    const text = await (await this.get('/metrics')).text()
    const line = text.split('\n').find((l) => l.startsWith(`cahier_${name} `))
    if (!line) throw new Error(`no metric cahier_${name}`)
    return Number(line.slice(line.lastIndexOf(' ')))
  }

  remove() {
    running.delete(this)
    this.child?.kill('SIGKILL')
    rmSync(this.folder, { recursive: true, force: true })
  }
}

// Tests in order, each a sentence; the first that fails ends the program.
export class Suite {
  passed = 0

  constructor(what) {
    this.what = what
  }

  async test(name, body) {
    const began = Date.now()
    try {
      await body()
    } catch (error) {
      console.log(`not ok ${name}\n`, error)
      process.exit(1)
    }
    this.passed++
    console.log(`ok ${name} (${Date.now() - began} ms)`)
  }

  finish() {
    console.log(`${this.what}: ${this.passed} tests passed`)
    process.exit(0)
  }
}
