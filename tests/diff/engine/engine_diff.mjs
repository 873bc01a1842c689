// The engine against yjs 13.6: see engine_world.mjs for what happens in a run. Each run is a seed; $CAHIER_SEED repeats one,
// $CAHIER_DIFF_SECONDS says how long to go on. Usage: node engine_diff.mjs DRIVER off|on
//
// `off`: yjs's cleaning up of formats after remote changes is off, and every byte is compared at every step (DESIGN.md,
// "Formatting clean-up belongs to local edits"). `on`: as yjs comes, compared when all have exchanged their states.
import * as Y from 'yjs'
import { Counters } from '../../support/js/counters.mjs'
import { Driver } from '../../support/js/driver.mjs'
import { Rng, testSeed } from '../../support/js/rng.mjs'
import { STEP_COUNTERS, World, WORLD_COUNTERS } from './engine_world.mjs'

const [program, cleaning] = process.argv.slice(2)
const seconds = Number(process.env.CAHIER_DIFF_SECONDS || 20)
const seed = testSeed(20240901)
const quiescent = cleaning === 'on'

if (!quiescent) Object.defineProperty(Y.Transaction.prototype, '_needFormattingCleanup', { get: () => false, set() {} })

const driver = new Driver(program)
const met = new Counters(['run', 'step', ...WORLD_COUNTERS, ...(quiescent ? [] : STEP_COUNTERS)])
let freed = 0

function stepsOf(rng) {
  const count = rng.pick([5, 20, 60, 150])
  return Array.from({ length: count }, () => rng.next())
}

async function play(runSeed, steps, counters) {
  const world = new World(driver, runSeed, counters, { quiescent })
  try {
    for (const step of steps) await world.step(step)
    world.last = null
    await world.finish()
  } catch (error) {
    error.world = world
    throw error
  }
  for (const mirror of world.mirrors) freed += mirror.freed
}

const uncounted = { add() {} }

// The error of a run, or null.
async function failure(runSeed, steps) {
  try {
    await play(runSeed, steps, uncounted)
    return null
  } catch (error) {
    return error
  }
}

// Leaves out steps as long as the same thing fails.
async function shrink(runSeed, steps, error) {
  for (let size = Math.ceil(steps.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < steps.length;) {
      const fewer = [...steps.slice(0, at), ...steps.slice(at + size)]
      const found = await failure(runSeed, fewer)
      if (found && found.message === error.message) [steps, error] = [fewer, found]
      else at += size
    }
  }
  return { steps, error }
}

function report(runSeed, steps, error) {
  const { world } = error
  console.error(`run of seed ${runSeed}, ${steps.length} steps: ${error.stack}`)
  if (world.last) console.error(`update v${world.last.format}: ${Buffer.from(world.last.update).toString('hex')}`)
  for (const name of ['expected', 'got']) if (error[name] !== undefined) console.error(`${name}: ${error[name]}\n  ${error.details?.[name] ?? ''}`)
  for (const mirror of world.mirrors) {
    console.error(`a mirror${mirror.gc ? '' : ' that keeps deleted content'} got`)
    for (const { format, update } of mirror.log) console.error(`  v${format} ${Buffer.from(update).toString('hex')}`)
  }
}

const end = Date.now() + seconds * 1000
// A slow machine takes longer, but it proves no less. Who says how long it may take wants just that.
const fewest = process.env.CAHIER_DIFF_SECONDS ? 1n : 50n
for (let run = seed; run < seed + fewest || Date.now() < end; run++) {
  const steps = stepsOf(new Rng(run))
  try {
    await play(run, steps, met)
    met.add('run')
    met.add('step', steps.length)
  } catch (error) {
    console.error(`failed: ${error.message}; repeat with CAHIER_SEED=${run}`)
    if (process.env.CAHIER_SHRINK === '0') throw error
    const small = await shrink(run, steps, error)
    report(run, small.steps, small.error)
    process.exit(1)
  }
}
await driver.close()
console.log(`known deviation: yjs kept waiting what it could integrate ${freed} times`)
if (met.get('run') >= 50) met.finish()
