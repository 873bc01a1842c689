// CodeMirror 6 through y-codemirror.next: what is typed into its view is in the Y.Text.
import './dom.mjs'

const { EditorState } = await import('@codemirror/state')
const { EditorView } = await import('@codemirror/view')
const { yCollab } = await import('y-codemirror.next')
const Y = await import('yjs')

export const name = 'codemirror'
export const example = '# pas un titre\n\n- ni *une* liste\n1. `ni` cela\n\nfin <b>'

// A change may cut a character in two; each half is then one that nobody can read.
const halves = /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g

// The document while these changes are made in the editor, each a function of its text; and the text at the end.
export function written(changes) {
  const doc = new Y.Doc()
  const text = doc.getText('codemirror')
  const view = new EditorView({ state: EditorState.create({ extensions: [yCollab(text, null)] }) })
  for (const change of changes) view.dispatch({ changes: change(view.state.doc) })
  view.destroy()
  return { doc, text: text.toString().replace(halves, '\ufffd') }
}

export function toDocument() {
  const write = () => ({ from: 0, insert: `${example} oubli` })
  return written([write, () => ({ from: example.length, to: example.length + 6 })]).doc
}
