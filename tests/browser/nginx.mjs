// An nginx of the test's own as reverse proxy before the server, as schools have it: it collects answers, and lets
// WebSockets through or not.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { skip } from './people.mjs'

const program = process.env.NGINX ?? '/usr/sbin/nginx'
const patience = 120_000

export class Nginx {
  // `server`: its address.
  constructor(server) {
    if (!existsSync(program)) skip(`no ${program}; it is in Debian's package nginx`)
    this.server = server
    this.folder = mkdtempSync(path.join(tmpdir(), 'cahier-nginx-'))
    this.log = ''
  }

  get address() {
    return `http://127.0.0.1:${this.port}`
  }

  // `webSockets`: 'pass' or 'refuse'.
  // `holding`: it collects every answer to its end, against what the server asks.
  async start({ webSockets, holding = false }) {
    this.port ??= await freePort()
    writeFileSync(path.join(this.folder, 'nginx.conf'), this.configuration(webSockets, holding))
    const args = ['-p', this.folder, '-c', 'nginx.conf', '-e', 'stderr']
    this.process = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] })
    this.process.stderr.on('data', (text) => {
      this.log += text
    })
    for (const end = Date.now() + patience; !(await this.answers());) {
      if (this.process.exitCode !== null || Date.now() > end) throw new Error(`nginx did not start:\n${this.log}`)
      await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }

  configuration(webSockets, holding) {
    const upgrade = {
      pass: `proxy_pass ${this.server}; proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;`,
      refuse: 'return 403;',
    }[webSockets]
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    return `
daemon off;
master_process off;
pid nginx.pid;
events { worker_connections 256; }
http {
  access_log off;
  ${temporary.map((name) => `${name}_temp_path ${name};`).join('\n  ')}
  server {
    listen 127.0.0.1:${this.port};
    proxy_buffering on;
    ${holding ? 'proxy_ignore_headers X-Accel-Buffering; proxy_buffers 16 64k; postpone_output 65536;' : ''}
    proxy_set_header Host $http_host;
    location / { proxy_pass ${this.server}; }
    location /ws/ { ${upgrade} }
  }
}
`
  }

  async answers() {
    return fetch(`${this.address}/healthz`).then(
      (response) => response.ok,
      () => false,
    )
  }

  async stop() {
    if (!this.process || this.process.exitCode !== null || this.process.signalCode !== null) return
    const ended = once(this.process, 'exit')
    this.process.kill('SIGTERM')
    await ended
  }

  async remove() {
    await this.stop()
    rmSync(this.folder, { recursive: true, force: true })
  }
}

async function freePort() {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address()
  probe.close()
  await once(probe, 'close')
  return port
}
