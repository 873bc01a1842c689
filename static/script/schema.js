/**
 * What a note may hold: Tiptap's nodes and marks, under the names DOCUMENT_MODEL knows.
 *
 * Wider than the toolbar, because notes come from other editors too. Items of lists take any blocks: two people who
 * move paragraphs out of one item at the same time must not leave something the schema forbids, since the binding
 * between Yjs and the editor deletes what it forbids.
 */
import { Node, mergeAttributes } from '@tiptap/core'
import { Blockquote } from '@tiptap/extension-blockquote'
import { Bold } from '@tiptap/extension-bold'
import { Code } from '@tiptap/extension-code'
import { CodeBlock } from '@tiptap/extension-code-block'
import { Document } from '@tiptap/extension-document'
import { HardBreak } from '@tiptap/extension-hard-break'
import { Heading } from '@tiptap/extension-heading'
import { Highlight } from '@tiptap/extension-highlight'
import { HorizontalRule } from '@tiptap/extension-horizontal-rule'
import { Image } from '@tiptap/extension-image'
import { Italic } from '@tiptap/extension-italic'
import { Link } from '@tiptap/extension-link'
import { BulletList, ListItem, OrderedList, TaskItem, TaskList } from '@tiptap/extension-list'
import { Paragraph } from '@tiptap/extension-paragraph'
import { Strike } from '@tiptap/extension-strike'
import { Subscript } from '@tiptap/extension-subscript'
import { Superscript } from '@tiptap/extension-superscript'
import { Table, TableCell, TableHeader, TableRow } from '@tiptap/extension-table'
import { Text } from '@tiptap/extension-text'
import { Color, TextStyle } from '@tiptap/extension-text-style'
import { Underline } from '@tiptap/extension-underline'
import { text } from './language.js'
import { colourName } from './identity.js'
import { safeColour } from './safe_colour.js'

/** Kinds of panels, and what they are called: their colours alone say nothing to many. */
const panelNames = {
  info: 'tool.panel.info',
  note: 'tool.panel.info',
  success: 'tool.panel.success',
  warning: 'tool.panel.warning',
  error: 'tool.panel.error',
}

/** A framed passage: information, warning … Attribute and name are those of the pilot's notes. */
const Panel = Node.create({
  name: 'panel',
  group: 'block',
  content: 'block+',
  defining: true,

  addAttributes() {
    return {
      panelType: {
        default: 'info',
        parseHTML: (element) => element.dataset.panelType,
        renderHTML: ({ panelType }) => {
          const kind = Object.hasOwn(panelNames, panelType) ? panelType : 'info'
          return { 'data-panel-type': kind, 'aria-label': text(panelNames[kind]) }
        },
      },
    }
  },
  parseHTML() {
    return [{ tag: 'aside[data-panel-type]' }]
  },
  renderHTML({ HTMLAttributes }) {
    return ['aside', mergeAttributes(HTMLAttributes, { class: 'panel', role: 'note' }), 0]
  },
  addCommands() {
    return {
      setPanel:
        (panelType) =>
        ({ commands, editor }) =>
          editor.isActive('panel')
            ? commands.updateAttributes('panel', { panelType })
            : commands.wrapIn('panel', { panelType }),
      unsetPanel:
        () =>
        ({ commands }) =>
          commands.lift('panel'),
    }
  },
})

/**
 * Colours come from other people's editors: only what is a colour and nothing else becomes a style. Those of our own
 * palette are named too, so that the style sheet can lighten them on dark paper.
 */
const SafeColor = Color.extend({
  addGlobalAttributes() {
    const [{ types, attributes }] = this.parent()
    const renderHTML = ({ color }) =>
      safeColour(color) ? { style: `color: ${color}`, 'data-colour': colourName(color) } : {}
    return [{ types, attributes: { color: { ...attributes.color, renderHTML } } }]
  },
})

const SafeHighlight = Highlight.extend({
  addAttributes() {
    const parseHTML = (element) => element.style.backgroundColor || null
    const renderHTML = ({ color }) => (safeColour(color) ? { style: `background-color: ${color}` } : {})
    return { color: { default: null, parseHTML, renderHTML } }
  },
})

/** @returns {import("@tiptap/core").Extensions} nodes and marks of a note, without what makes it collaborative */
export function noteExtensions() {
  return [
    Document,
    Paragraph,
    Text,
    Heading.configure({ levels: [1, 2, 3, 4, 5, 6] }),
    BulletList,
    OrderedList,
    ListItem.extend({ content: 'block+' }),
    TaskList,
    TaskItem.extend({ content: 'block+' }).configure({
      nested: true,
      a11y: { checkboxLabel: () => text('tool.task') },
    }),
    Blockquote,
    CodeBlock,
    HorizontalRule,
    HardBreak,
    Panel,
    Image,
    Table.configure({ resizable: true, cellMinWidth: 60 }),
    TableRow,
    TableHeader,
    TableCell,
    Bold,
    Italic,
    Underline,
    Strike,
    Code,
    Subscript,
    Superscript,
    TextStyle,
    SafeColor,
    SafeHighlight,
    Link.configure({
      openOnClick: false,
      defaultProtocol: 'https',
      HTMLAttributes: { rel: 'noopener noreferrer nofollow' },
    }),
  ]
}
