// Comparing a document with what an editor made of our output.
import assert from 'node:assert/strict'

const inlines = (node) => node.content?.some(({ type }) => type === 'text') && !/^code_?[bB]lock$/.test(node.type)

// HTML and Markdown know no spaces at the edges of a block.
function trimmed(content) {
  const trim = (node, text) => (node.type !== 'text' ? [node] : text === '' ? [] : [{ ...node, text }])
  const begun = content.flatMap((node, i) => (i === 0 ? trim(node, node.text?.trimStart()) : [node]))
  return begun.flatMap((node, i) => (i === begun.length - 1 ? trim(node, node.text?.trimEnd()) : [node]))
}

// A node as it is compared: `lost` gives the node, or the nodes, that remain of it.
export function remains(node, lost) {
  if (node.type === 'text') return [lost(node)].flat()
  const content = (node.content ?? []).flatMap((child) => remains(child, lost))
  const shown = { ...node, content: inlines({ ...node, content }) ? trimmed(content) : content }
  return [lost(shown)].flat()
}

// Attributes that say nothing are as none.
function withoutEmpty(value) {
  if (Array.isArray(value)) return value.map(withoutEmpty)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).map(([key, member]) => [key, withoutEmpty(member)])
  const empty = (member) => (member ?? '') === '' || (typeof member === 'object' && Object.keys(member).length === 0)
  return Object.fromEntries(entries.filter(([, member]) => !empty(member)))
}

// With the members of objects in one order.
function sorted(value) {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.keys(value).sort().map((key) => [key, sorted(value[key])]))
}

export function sameNodes(reopened, original, lost, message) {
  const normal = (node) => withoutEmpty(remains(node, lost))
  const [ours, theirs] = [reopened, original].map((node) => JSON.stringify(sorted(normal(node)), null, 1).split('\n'))
  const at = ours.findIndex((line, i) => line !== theirs[i])
  const near = (lines) => lines.slice(Math.max(0, at - 12), at + 6).join('\n')
  if (at >= 0 || ours.length !== theirs.length) {
    assert.fail(`${message}\n---- read\n${near(ours)}\n---- instead of\n${near(theirs)}`)
  }
}

// A line for each node of a ProseMirror document: what it is and says, and its words.
export function nodeLines(node, depth = 0) {
  const { type, attrs, marks, text, content } = withoutEmpty(node)
  const said = Object.entries(attrs ?? {}).map(([key, value]) => `${key}=${value}`)
  const formats = (marks ?? []).map((mark) => [mark.type, ...Object.values(mark.attrs ?? {})].join(':'))
  const line = [type, ...said, ...formats, ...(text === undefined ? [] : [JSON.stringify(text)])].join(' ')
  return [`${'  '.repeat(depth)}${line}`, ...(content ?? []).flatMap((child) => nodeLines(child, depth + 1))]
}
