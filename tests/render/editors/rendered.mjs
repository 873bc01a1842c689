// Documents through the program render_doc: all of them in one process.
import { execFileSync } from 'node:child_process'
import * as Y from 'yjs'

function u32(n) {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(n)
  return bytes
}

// For each document an object with its text in every format: md, html, html+page, text, json…
export function renderAll(program, docs, formats) {
  const updates = docs.map((doc) => Buffer.from(Y.encodeStateAsUpdate(doc)))
  const input = Buffer.concat([u32(docs.length), ...updates.flatMap((update) => [u32(update.length), update])])
  const output = execFileSync(program, ['each', ...formats], { input, maxBuffer: 1 << 30 })
  let at = 0
  const next = () => {
    const end = at + 4 + output.readUInt32LE(at)
    const text = output.toString('utf8', at + 4, end)
    at = end
    return text
  }
  return docs.map(() => Object.fromEntries(formats.map((format) => [format, next()])))
}

export const render = (program, doc, format) => renderAll(program, [doc], [format])[0][format]
