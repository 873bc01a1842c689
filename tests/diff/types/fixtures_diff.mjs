// Documents of real editors, which declare nothing: the kind of each root is inferred, and its value is yjs's.
// Usage: node fixtures_diff.mjs DRIVER
import * as decoding from 'lib0/decoding'
import * as Y from 'yjs'
import { Driver } from '../../support/js/driver.mjs'
import { sharedBytes } from '../../support/js/shared_data.mjs'
import { byte, bytes, message, path, uint } from './fields.mjs'
import { jsonOfDelta, jsonOfType } from './show.mjs'

const TEXT = 2
const FRAGMENT = 4
const UNKNOWN = 7
const FILES = [
  ['tiptap-default.v1.bin', 1, 'default', FRAGMENT],
  ['tiptap-default.v2.bin', 2, 'default', FRAGMENT],
  ['blocknote.v1.bin', 1, 'document-store', FRAGMENT],
  ['blocknote.v2.bin', 2, 'document-store', FRAGMENT],
  ['prosemirror-basic.v1.bin', 1, 'prosemirror', FRAGMENT],
  ['quill.v1.bin', 1, 'quill', TEXT],
  ['codemirror.v1.bin', 1, 'codemirror', TEXT]
]

const driver = new Driver(process.argv[2])

async function ask(request) {
  const answer = await driver.ask(Buffer.from(request))
  if (answer[0] !== 0) throw new Error(`return code ${-answer[0]}`)
  return answer.subarray(1)
}

for (const [file, format, name, kind] of FILES) {
  const update = sharedBytes('fixtures', file)
  const doc = new Y.Doc()
  format === 1 ? Y.applyUpdate(doc, update) : Y.applyUpdateV2(doc, update)
  await ask(message('N', uint(0), uint(1), byte(0)))
  await ask(message('A', uint(0), uint(format), bytes(update)))
  const root = path({ root: name, kind: 255, steps: [] })
  const facts = decoding.createDecoder(await ask(message('I', uint(0), root)))
  const declared = decoding.readVarUint(facts)
  const inferred = decoding.readVarUint(facts)
  if (declared !== UNKNOWN || inferred !== kind) throw new Error(`${file}: kind ${declared}, inferred ${inferred}, expected ${kind}`)
  const type = kind === TEXT ? doc.getText(name) : doc.getXmlFragment(name)
  const shows = kind === TEXT ? [['d', jsonOfDelta(type)], ['s', type.toString()]] : [['x', type.toString()], ['j', jsonOfType(type)]]
  for (const [how, expected] of shows) {
    const got = (await ask(message('V', uint(0), byte(how.charCodeAt(0)), root))).toString()
    if (got !== expected) throw new Error(`${file}: '${how}' differs\n ours: ${got}\n yjs:  ${expected}`)
    console.log(`${file}: ${how}, ${expected.length} characters`)
  }
}
await driver.close()
