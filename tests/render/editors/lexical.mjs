// Lexical, headless, through its own binding.
import { CodeHighlightNode, CodeNode, $createCodeNode } from '@lexical/code'
import { createHeadlessEditor } from '@lexical/headless'
import { HashtagNode } from '@lexical/hashtag'
import { $generateHtmlFromNodes, $generateNodesFromDOM } from '@lexical/html'
import { AutoLinkNode, LinkNode, $createLinkNode } from '@lexical/link'
import { ListItemNode, ListNode, $createListItemNode, $createListNode } from '@lexical/list'
import { MarkNode } from '@lexical/mark'
import { $convertFromMarkdownString, $convertToMarkdownString, CHECK_LIST, TRANSFORMERS } from '@lexical/markdown'
import { HeadingNode, QuoteNode, $createHeadingNode, $createQuoteNode } from '@lexical/rich-text'
import {
  TableCellNode,
  TableNode,
  TableRowNode,
  $createTableCellNode,
  $createTableNode,
  $createTableRowNode,
} from '@lexical/table'
import { createBinding, syncLexicalUpdateToYjs } from '@lexical/yjs'
import { $createLineBreakNode, $createParagraphNode, $createTextNode, $getRoot } from 'lexical'
import * as Y from 'yjs'

export const name = 'lexical'
const nodes = [HeadingNode, QuoteNode, ListNode, ListItemNode, TableNode, TableRowNode, TableCellNode]
nodes.push(LinkNode, AutoLinkNode, CodeNode, CodeHighlightNode, MarkNode, HashtagNode)

const editorOf = () =>
  createHeadlessEditor({
    nodes,
    onError: (error) => {
      throw error
    },
  })
const updated = (editor, change) => new Promise((resolve) => editor.update(change, { discrete: true, onUpdate: resolve }))

// A document as the binding writes it while the editor runs `change`; and the editor's own forms of it.
export async function written(change) {
  const doc = new Y.Doc()
  const editor = editorOf()
  const nothing = () => {}
  const awareness = { getLocalState: () => null, setLocalState: nothing, getStates: () => new Map(), on: nothing, off: nothing }
  const provider = { awareness, connect: nothing, disconnect: nothing, on: nothing, off: nothing }
  const binding = createBinding(editor, provider, 'note', doc, new Map([['note', doc]]))
  editor.registerUpdateListener(({ prevEditorState, editorState, dirtyElements, dirtyLeaves, normalizedNodes, tags }) =>
    syncLexicalUpdateToYjs(binding, provider, prevEditorState, editorState, dirtyElements, dirtyLeaves, normalizedNodes, tags),
  )
  const { warn } = console
  console.warn = nothing // the binding asks types for their content before they are in the document, and yjs says so
  await updated(editor, change)
  console.warn = warn
  const ownMarkdown = editor.read(() => $convertToMarkdownString(transformers))
  const ownHtml = editor.read(() => $generateHtmlFromNodes(editor))
  return { doc, json: jsonOf(editor), lines: linesOf(editor), ownMarkdown, ownHtml }
}

const jsonOf = (editor) => editor.getEditorState().toJSON().root
const transformers = [CHECK_LIST, ...TRANSFORMERS]

// A line for each node: what it is, and its words.
function linesOf(editor) {
  const said = ({ type, tag, listType, checked, format, style, url, title, language, headerState, text }) =>
    [type, tag, listType, checked, format, style, url, title, language, headerState, text && JSON.stringify(text)]
  const lines = (node, depth) => {
    const words = said(node).filter((word) => word !== undefined && word !== null && word !== '' && word !== 0)
    return [`${'  '.repeat(depth)}${words.join(' ')}`, ...(node.children ?? []).flatMap((child) => lines(child, depth + 1))]
  }
  return lines(editor.getEditorState().toJSON().root, 0)
}

// What an editor makes of HTML or Markdown.
export const opened = async (format, text, dom) => linesOf(await reader(format, text, dom))
export const openedJson = async (format, text, dom) => jsonOf(await reader(format, text, dom))

async function reader(format, text, dom) {
  const editor = editorOf()
  await updated(editor, () => {
    if (format === 'md') return $convertFromMarkdownString(text, transformers)
    const isBlock = (node) => node.getType() !== 'text' // the line feeds between blocks
    $getRoot().clear().append(...$generateNodesFromDOM(editor, dom).filter(isBlock))
  })
  return editor
}

const text = (value, ...formats) => {
  const node = $createTextNode(value)
  for (const format of formats) node.toggleFormat(format)
  return node
}
const styled = (value, style) => {
  const node = $createTextNode(value)
  node.setStyle(style)
  return node
}
const item = (...children) => $createListItemNode().append(...children)
const task = (checked, value) => {
  const node = item(text(value))
  node.setChecked(checked)
  return node
}
const cell = (state, value) => $createTableCellNode(state).append($createParagraphNode().append(text(value)))

export const example = () =>
  written(() => {
    const centred = $createParagraphNode().append(text('au centre'))
    centred.setFormat('center')
    $getRoot().append(
      $createHeadingNode('h2').append(text('Titre '), text('gras', 'bold')),
      $createParagraphNode().append(
        text('a '),
        text('b', 'bold', 'italic'),
        text(' '),
        text('c', 'strikethrough'),
        text(' '),
        text('d', 'underline'),
        text(' '),
        text('e', 'code'),
        text(' '),
        text('f', 'subscript'),
        text('g', 'superscript'),
        $createLineBreakNode(),
        styled('rouge', 'color: #ff0000; font-size: 20px;'),
        text(' '),
        $createLinkNode('https://example.org', { title: 't' }).append(text('un '), text('lien', 'bold')),
        text('.'),
      ),
      centred,
      $createQuoteNode().append(text('cité')),
      $createListNode('bullet').append(
        item(text('un')),
        item($createListNode('number').append(item(text('un un')), item(text('un deux')))),
        item(text('deux')),
      ),
      $createListNode('check').append(task(true, 'fait'), task(false, 'à faire')),
      $createCodeNode('c').append(text('int x;'), $createLineBreakNode(), text('return;')),
      $createTableNode().append(
        $createTableRowNode().append(cell(1, 'A'), cell(1, 'B')),
        $createTableRowNode().append(cell(0, '1'), cell(0, '2')),
      ),
    )
  })
export const toDocument = async () => (await example()).doc
