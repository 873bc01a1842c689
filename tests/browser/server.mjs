// A running `cahier serve --open` with a data file of its own, that can be stopped and started again at the same place.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

const patience = 120_000
const portTaken = 3 // an exit code

export class Server {
  constructor(binary) {
    this.binary = binary
    this.folder = mkdtempSync(path.join(tmpdir(), 'cahier-page-'))
    this.log = ''
    this.port = 0
  }

  get runs() {
    return this.process !== undefined && this.process.exitCode === null && this.process.signalCode === null
  }

  // Starts it unless it runs; the port stays the same from the first start on. Resolves when it answers.
  async start() {
    const end = Date.now() + patience
    while (!this.runs) {
      const outcome = await this.#spawn()
      if (outcome === 'ready') return
      if (outcome !== portTaken || Date.now() > end) throw new Error(`the server did not start:\n${this.log}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  // 'ready', or the exit code.
  #spawn() {
    const data = path.join(this.folder, 'notes.db')
    this.process = spawn(this.binary, ['serve', '--open', '--listen', `127.0.0.1:${this.port}`, '--data', data])
    const ready = new Promise((resolve) => {
      let said = ''
      this.process.stdout.on('data', (text) => {
        const found = /http:\/\/127\.0\.0\.1:(\d+)\//.exec((said += text))
        if (!found) return
        this.port = Number(found[1])
        resolve('ready')
      })
    })
    this.process.stderr.on('data', (text) => {
      this.log += text
    })
    return Promise.race([ready, once(this.process, 'exit').then(([code]) => code)])
  }

  get address() {
    return `http://127.0.0.1:${this.port}`
  }

  // Ends the process and waits for it: SIGTERM to leave politely, which it must do well, SIGKILL to crash.
  async stop(signal = 'SIGTERM') {
    if (!this.runs) return
    const ended = once(this.process, 'exit')
    this.process.kill(signal)
    const [code, killedBy] = await ended
    if (signal === 'SIGTERM' && code !== 0) throw new Error(`the server ended with ${code ?? killedBy}:\n${this.log}`)
  }

  async remove() {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}
