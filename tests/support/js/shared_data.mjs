// Data that is too large for the repository: tests/support/shared_data.h says where it is looked for.
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gunzipSync } from 'node:zlib'

const SKIP = 77
const root = fileURLToPath(new URL('../../..', import.meta.url))

// The path of a file of the folder ('traces', 'fixtures'); without it the program says so and ends as skipped.
export function sharedPath(folder, name) {
  const path = `${process.env[`CAHIER_${folder.toUpperCase()}`] || `${root}../shared/${folder}`}/${name}`
  if (!existsSync(path)) {
    console.log(`SKIP: no ${path}; the shared data stands beside the sources or where $CAHIER_${folder.toUpperCase()} says`)
    process.exit(SKIP)
  }
  return path
}

// Its bytes, unpacked when its name ends in .gz.
export function sharedBytes(folder, name) {
  const bytes = readFileSync(sharedPath(folder, name))
  return name.endsWith('.gz') ? gunzipSync(bytes) : bytes
}

// The updates of a file NAME.updates.v1.gz: u32 count, then per update u32 length and bytes, little-endian.
export function sharedUpdates(name) {
  const bytes = sharedBytes('traces', name)
  const updates = []
  let at = 4
  for (let left = bytes.readUInt32LE(0); left > 0; left--) {
    const end = at + 4 + bytes.readUInt32LE(at)
    updates.push(bytes.subarray(at + 4, end))
    at = end
  }
  return updates
}
