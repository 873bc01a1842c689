// Notes put into a server and taken out again, all in one archive.
import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'

const folder = mkdtempSync(path.join(os.tmpdir(), 'cahier-zip-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))

export const where = '/api/v1/notes.zip'

// `update`: Yjs format v1.
export async function putNote(server, note, update) {
  const response = await fetch(`${server.http}/api/v1/notes/${encodeURIComponent(note)}/content`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/vnd.yjs.update' },
    body: update,
  })
  assert.equal(response.status, 204, await response.text())
}

// The files in an archive, checked by Python: a Map from path to text.
function filesIn(bytes) {
  const file = path.join(folder, 'read.zip')
  writeFileSync(file, bytes)
  const script =
    'import json, sys, zipfile; z = zipfile.ZipFile(sys.argv[1]); assert z.testzip() is None; json.dump([[n, z.read(n).decode(errors="replace")] for n in z.namelist()], sys.stdout)'
  return new Map(JSON.parse(execFileSync('python3', ['-c', script, file], { maxBuffer: 1 << 30 }).toString()))
}

export async function archiveOf(server, query = '') {
  const response = await server.get(where + query)
  assert.equal(response.status, 200, response.ok ? '' : await response.text())
  return { response, files: filesIn(Buffer.from(await response.arrayBuffer())) }
}
