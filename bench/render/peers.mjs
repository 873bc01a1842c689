// The peers of `cahier-bench render`: the editors' own converters on the same note, run as
//
//     node bench/render/peers.mjs (tiptap | blocknote) FILE BUDGET
//
// FILE holds the note as a Yjs update (v1), BUDGET is in milliseconds for each converter. Every conversion starts from
// the loaded Y.Doc, as ours does, and gives a line of JSON: {output, by, ms: [CPU milliseconds of a run], bytes, crc}.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import * as Y from 'yjs'

const [family, file, budget] = process.argv.slice(2)
const require = createRequire(import.meta.url)
// Packages do not export their manifests: the nearest one above the package's main file.
function versionOf(name) {
  const path = require.resolve.paths(name).map((folder) => `${folder}/${name}/package.json`)
  for (const manifest of path) {
    try {
      return `${name} ${JSON.parse(readFileSync(manifest)).version}`
    } catch {
      continue
    }
  }
  return name
}

async function tiptap(doc) {
  const { yXmlFragmentToProseMirrorRootNode, yDocToProsemirrorJSON } = await import('y-prosemirror')
  const { getSchema } = await import('@tiptap/core')
  const { default: StarterKit } = await import('@tiptap/starter-kit')
  const { TaskItem, TaskList } = await import('@tiptap/extension-list')
  const { TableKit } = await import('@tiptap/extension-table')
  const { Color, TextStyle } = await import('@tiptap/extension-text-style')
  const { generateHTML } = await import('@tiptap/html')
  const { renderToHTMLString } = await import('@tiptap/static-renderer/pm/html-string')
  const { MarkdownManager } = await import('@tiptap/markdown')
  const extensions = [StarterKit, TaskList, TaskItem, TableKit, TextStyle, Color]
  const schema = getSchema(extensions)
  const markdown = new MarkdownManager({ extensions })
  const json = () => yDocToProsemirrorJSON(doc, 'default')
  const node = () => yXmlFragmentToProseMirrorRootNode(doc.getXmlFragment('default'), schema)
  return [
    { output: 'html', by: '@tiptap/html', convert: () => generateHTML(json(), extensions) },
    {
      output: 'html',
      by: '@tiptap/static-renderer',
      convert: () => renderToHTMLString({ content: json(), extensions }),
    },
    { output: 'markdown', by: '@tiptap/markdown', convert: () => markdown.serialize(json()) },
    { output: 'json', by: 'y-prosemirror', convert: () => JSON.stringify(json()) },
    { output: 'text', by: '@tiptap/core', convert: () => node().textBetween(0, node().content.size, '\n\n') },
  ]
}

async function blocknote(doc) {
  const { ServerBlockNoteEditor } = await import('@blocknote/server-util')
  const editor = ServerBlockNoteEditor.create()
  const blocks = () => editor.yDocToBlocks(doc, 'document-store')
  const by = '@blocknote/server-util'
  return [
    { output: 'markdown', by, convert: () => editor.blocksToMarkdownLossy(blocks()) },
    { output: 'html', by, convert: () => editor.blocksToHTMLLossy(blocks()) },
    { output: 'json', by, convert: () => JSON.stringify(blocks()) },
  ]
}

// CRC-32 as zlib's, to name a result.
function crc32(bytes) {
  let crc = 0xffffffff
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return (crc ^ 0xffffffff) >>> 0
}

async function runOnce(convert) {
  const start = process.cpuUsage()
  const result = await convert()
  const { user, system } = process.cpuUsage(start)
  return { ms: (user + system) / 1000, result }
}

// Half of the budget warms the compiler up and does not count; what takes longer than the budget is measured once.
async function measure({ output, by, convert }) {
  const first = await runOnce(convert)
  const ms = first.ms > budget ? [first.ms] : []
  let result = first.result
  for (let spent = first.ms; ms.length < 400 && spent < budget * 1.5; ) {
    const run = await runOnce(convert)
    spent += run.ms
    if (spent > budget / 2) ms.push(run.ms)
    result = run.result
  }
  const bytes = Buffer.from(result)
  return { output, by: versionOf(by), ms, bytes: bytes.length, crc: crc32(bytes) }
}

const doc = new Y.Doc()
Y.applyUpdate(doc, readFileSync(file))
for (const converter of await { tiptap, blocknote }[family](doc)) {
  process.stdout.write(`${JSON.stringify(await measure(converter))}\n`)
}
process.exit(0) // the DOMs that converters bring keep node alive
