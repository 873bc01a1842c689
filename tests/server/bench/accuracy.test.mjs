// The generator against servers of known behaviour: what it tells of a delay, of losses and of its own lateness is true.
// $CAHIER_BENCH: the program.
import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { createServer, connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { test } from 'node:test'

const program = process.env.CAHIER_BENCH
const folder = mkdtempSync(join(tmpdir(), 'cahier-bench-'))
const children = new Set()

process.on('exit', () => {
  for (const child of children) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

function start(args, stdio = ['ignore', 'pipe', 'pipe']) {
  const child = spawn(program, args, { stdio })
  children.add(child)
  child.output = ''
  child.stdout?.on('data', (data) => (child.output += data))
  child.stderr?.on('data', (data) => (child.output += data))
  child.over = new Promise((resolve) => child.on('exit', (code) => (children.delete(child), resolve(code))))
  return child
}

const freePort = () =>
  new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address()
      server.close(() => resolve(port))
    })
  })

async function listening(port) {
  for (let i = 0; i < 3000; i++) {
    const there = await new Promise((resolve) => {
      const socket = connect(port, '127.0.0.1', () => resolve(true)).on('error', () => resolve(false))
      socket.on('connect', () => socket.destroy())
    })
    if (there) return
    await sleep(10)
  }
  assert.fail('the relay does not listen')
}

// Runs `class` with four editors against a relay; gives its part of the JSON and the exit code.
async function measure(relayArgs, benchArgs, disturb = async () => {}) {
  const port = await freePort()
  const relay = start(['relay', '--port', String(port), ...relayArgs], 'ignore')
  await listening(port)
  const file = join(folder, `${port}.json`)
  const bench = start(['editors', '--url', `ws://127.0.0.1:${port}`, '--protocol', 'bare', '--pid', String(relay.pid),
    '--cores', 'none', '--editors', '4', '--rate', '20', '--warm-up', '0.2', '--json', file, '--html', `${file}.html`,
    ...benchArgs, 'class'])
  await disturb(bench)
  const code = await bench.over
  relay.kill('SIGKILL')
  await relay.over
  const [server] = JSON.parse(readFileSync(file)).scenarios[0].servers
  const page = readFileSync(`${file}.html`, 'utf8')
  return { code, server, figures: server.figures, output: bench.output, page }
}

test('a delay of 60 ms is measured as at least that and not much more', { timeout: 600_000 }, async () => {
  const { code, server, figures, output, page } = await measure(['--delay', '60'], ['--seconds', '3'])
  assert.equal(code, 0, output)
  const least = server.latency_ms[0][1]
  console.log(`${server.counts.delivered} deliveries: ${least} ms at 1 %, ${figures.p50_ms} ms at 50 %`)
  assert.ok(server.counts.delivered > 200)
  assert.ok(least >= 60 * (1 - 1 / 256), `the fastest took ${least} ms`)
  assert.ok(least < 180, `the fastest took ${least} ms`)
  assert.match(page, /<polyline[^>]*points="[\d., ]+"/)
  assert.doesNotMatch(page, /[", ]-?(nan|inf)|<script/)
  assert.ok(figures.cpu_us > 0 && figures.memory_mb > 0.5)
})

test('what a server loses is missed, and the run has failed', { timeout: 600_000 }, async () => {
  const { code, server, output } = await measure(['--lose', '10'], ['--seconds', '1', '--patience', '1'])
  assert.equal(code, 1, output)
  assert.ok(server.counts.missing > 0)
  assert.ok(server.counts.gaps > 0)
  assert.ok(!server.good)
  assert.match(output, /WRONG: \d+ missing/)
})

test('a generator that is late says so', { timeout: 600_000 }, async () => {
  const { figures } = await measure([], ['--seconds', '6'], async (bench) => {
    while (children.has(bench)) { // one of the stops falls into what is measured
      await sleep(800)
      bench.kill('SIGSTOP')
      await sleep(700)
      bench.kill('SIGCONT')
    }
  })
  console.log(`it says that it was ${figures.lag_max_ms} ms late`)
  assert.ok(figures.lag_max_ms >= 500)
})
