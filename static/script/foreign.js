/**
 * Finds what a note holds and this editor cannot.
 *
 * The binding between Yjs and ProseMirror deletes, for everybody, each node that the schema forbids. A note written by
 * an editor that knows more would lose those parts by merely being opened here. So the page looks first, at the whole
 * note before the editor starts and at each change of others before the editor sees it, and gives the note up to
 * reading when it finds any.
 *
 * Nodes that the schema forbids although it knows their name are left to the binding when they hold no text: they are
 * leftovers of two people deleting at once.
 */
import * as Y from 'yjs'

const overlappingMark = /--[a-zA-Z0-9+/=]{8}$/
const internalMark = 'ychange'

/**
 * @param {Y.XmlFragment} fragment
 * @param {import("@tiptap/pm/model").Schema} schema
 * @returns {string[]} names of the nodes and marks that would be lost, each once, sorted; empty when all is well
 */
export function foreignParts(fragment, schema) {
  const found = new Set()
  const waiting = [fragment]

  while (waiting.length > 0) {
    const type = waiting.pop()
    if (type instanceof Y.XmlText) {
      foreignMarks(type, schema, found)
    } else if (type instanceof Y.XmlFragment) {
      foreignNode(type, schema, found)
      waiting.push(...type.toArray())
    } else {
      found.add('embed')
    }
  }
  return [...found].sort()
}

/**
 * The same for what one transaction changed: called with every change of others, so it looks at nothing else.
 * @param {Y.Transaction} transaction
 * @param {Y.XmlFragment} fragment
 * @param {import("@tiptap/pm/model").Schema} schema
 * @returns {string[]}
 */
export function foreignChanges(transaction, fragment, schema) {
  const found = new Set()
  for (const type of transaction.changed.keys()) {
    if (belongs(type, fragment)) {
      foreignParts(type, schema).forEach((name) => found.add(name))
    }
  }
  return [...found].sort()
}

/**
 * @param {Y.Doc} doc
 * @param {Y.XmlFragment} fragment the root this editor shows
 * @returns {string[]} names of the roots where another kind of editor keeps the text, when ours is empty
 */
export function foreignRoots(doc, fragment) {
  const filled = [...doc.share].filter(([, root]) => root !== fragment && (root._length > 0 || root._map.size > 0))
  return fragment.length > 0 ? [] : filled.map(([name]) => name).sort()
}

/**
 * @param {Y.AbstractType} type
 * @param {Y.XmlFragment} fragment
 * @returns {boolean} whether it is a living part of this fragment
 */
function belongs(type, fragment) {
  let above = type
  while (above !== fragment && above._item !== null && !above._item.deleted) {
    above = above._item.parent
  }
  return above === fragment
}

/**
 * @param {Y.XmlText} ytext
 * @param {import("@tiptap/pm/model").Schema} schema
 * @param {Set<string>} found
 */
function foreignMarks(ytext, schema, found) {
  for (const { insert, attributes = {} } of ytext.toDelta()) {
    if (typeof insert !== 'string') {
      found.add('embed')
    }
    for (const mark of Object.keys(attributes)) {
      const name = mark.replace(overlappingMark, '')
      if (!Object.hasOwn(schema.marks, name) && name !== internalMark) {
        found.add(name)
      }
    }
  }
}

/**
 * @param {Y.XmlFragment} element
 * @param {import("@tiptap/pm/model").Schema} schema
 * @param {Set<string>} found
 */
function foreignNode(element, schema, found) {
  const name = element instanceof Y.XmlElement ? element.nodeName : schema.topNodeType.name
  if (!Object.hasOwn(schema.nodes, name)) {
    found.add(name)
  } else if (!fits(element, schema, schema.nodes[name]) && holdsText(element)) {
    found.add(name)
  }
}

/**
 * @param {Y.XmlFragment} element
 * @param {import("@tiptap/pm/model").Schema} schema
 * @param {import("@tiptap/pm/model").NodeType} type
 * @returns {boolean} whether the schema allows these children in this order; unknown ones are reported by themselves
 */
function fits(element, schema, type) {
  const children = element.toArray().filter((child) => !(child instanceof Y.XmlText) || child.length > 0)
  const types = children.map((child) => schema.nodes[child instanceof Y.XmlText ? 'text' : child.nodeName])
  let match = type.contentMatch
  for (const childType of types) {
    match = childType && match?.matchType(childType)
  }
  return types.length === 0 || types.includes(undefined) || Boolean(match?.validEnd)
}

/**
 * @param {Y.XmlFragment} element
 * @returns {boolean} whether any text would go with it
 */
function holdsText(element) {
  const waiting = [element]
  while (waiting.length > 0) {
    const type = waiting.pop()
    if (type instanceof Y.XmlText && type.length > 0) {
      return true
    }
    if (type instanceof Y.XmlFragment) {
      waiting.push(...type.toArray())
    }
  }
  return false
}
