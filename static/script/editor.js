/**
 * The Tiptap editor of one note: schema, collaboration, carets, placeholder.
 *
 * It adds no style element (`injectCSS`), so that the server can forbid inline styles; style/prose.css holds them.
 * While it runs, each change of others is looked through for parts the schema does not know before the binding sees
 * it (`foreign.js`); on the first such part the editor is destroyed and the caller told.
 */
import { Editor, getSchema } from '@tiptap/core'
import { Collaboration } from '@tiptap/extension-collaboration'
import { CollaborationCaret } from '@tiptap/extension-collaboration-caret'
import { Dropcursor, Gapcursor, Placeholder } from '@tiptap/extensions'
import { ySyncPluginKey } from '@tiptap/y-tiptap'
import { followCarets, renderCaret, renderSelection } from './carets.js'
import { foreignChanges, foreignParts, foreignRoots } from './foreign.js'
import { colours, identity } from './identity.js'
import { text } from './language.js'
import { noteExtensions } from './schema.js'

/** The root under which Tiptap's Collaboration keeps a note. */
const root = 'default'

/** @returns {{name: string, color: string}} what the others are told about us */
export function announcedUser() {
  const { name, colour } = identity()
  return { name, color: colours[colour] }
}

/**
 * @param {object} options
 * @param {import("./connection.js").Connection} options.connection
 * @param {HTMLElement} options.element where the text goes
 * @param {(names: string[]) => void} options.onForeign the note holds parts that editing here would delete: no editor
 * @returns {Editor|null} null when onForeign was called
 */
export function openEditor({ connection: { doc, provider }, element, onForeign }) {
  const schema = getSchema(noteExtensions())
  const fragment = doc.getXmlFragment(root)
  const foreign = [...foreignRoots(doc, fragment), ...foreignParts(fragment, schema)]

  if (foreign.length > 0) {
    onForeign(foreign)
    return null
  }
  const editor = new Editor({
    element,
    injectCSS: false,
    extensions: [...noteExtensions(), ...togetherExtensions(fragment, provider), placeholder(), Dropcursor, Gapcursor],
    editorProps: {
      attributes: {
        class: 'prose',
        role: 'textbox',
        'aria-multiline': 'true',
        'aria-label': text('note.label'),
        spellcheck: 'true',
      },
    },
  })
  guard({ doc, fragment, schema, editor, onForeign })
  followCarets(editor)
  return editor
}

/** Destroys the editor before it can meet what it would delete. */
function guard({ doc, fragment, schema, editor, onForeign }) {
  const look = (transaction) => {
    if (transaction.origin === ySyncPluginKey) {
      return
    }
    const foreign = foreignChanges(transaction, fragment, schema)
    if (foreign.length > 0) {
      editor.destroy()
      onForeign(foreign)
    }
  }
  doc.on('beforeObserverCalls', look)
  editor.on('destroy', () => doc.off('beforeObserverCalls', look))
}

function togetherExtensions(fragment, provider) {
  return [
    Collaboration.configure({ fragment }),
    CollaborationCaret.configure({
      provider,
      user: announcedUser(),
      render: renderCaret,
      selectionRender: renderSelection,
    }),
  ]
}

function placeholder() {
  return Placeholder.configure({
    placeholder: ({ node }) => text(node.type.name === 'heading' ? 'note.placeholder.heading' : 'note.placeholder'),
  })
}
