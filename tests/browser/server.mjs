// A running `cahier serve --open` with a data file of its own, that can be stopped and started again at the same place.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

const patience = 15000

// A port nobody listens on now.
async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return port
}

export class Server {
  constructor(binary) {
    this.binary = binary
    this.folder = mkdtempSync(path.join(tmpdir(), 'cahier-page-'))
    this.log = ''
  }

  get runs() {
    return this.process !== undefined && this.process.exitCode === null && this.process.signalCode === null
  }

  // Starts it unless it runs; the port stays the same from the first start on. Resolves when it answers.
  async start() {
    if (this.runs) return
    this.port ??= await freePort()
    const listen = `127.0.0.1:${this.port}`
    const data = path.join(this.folder, 'notes.db')
    this.process = spawn(this.binary, ['serve', '--open', '--listen', listen, '--data', data])
    for (const stream of [this.process.stdout, this.process.stderr]) {
      stream.on('data', (text) => {
        this.log += text
      })
    }
    for (const end = Date.now() + patience; !(await this.answers());) {
      if (!this.runs || Date.now() > end) throw new Error(`the server did not start:\n${this.log}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  get address() {
    return `http://127.0.0.1:${this.port}`
  }

  async answers() {
    return fetch(`${this.address}/api/v1/notes`).then(
      (response) => response.ok,
      () => false,
    )
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
