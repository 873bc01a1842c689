// CodeMirror 6 through y-codemirror.next: what is typed into its view is in the Y.Text.
import './dom.mjs'

const { EditorState } = await import('@codemirror/state')
const { EditorView } = await import('@codemirror/view')
const { yCollab } = await import('y-codemirror.next')
const Y = await import('yjs')

export const name = 'codemirror'
export const example = '# pas un titre\n\n- ni *une* liste\n1. `ni` cela\n\nfin <b>'

export function toDocument() {
  const doc = new Y.Doc()
  const text = doc.getText('codemirror')
  const view = new EditorView({ state: EditorState.create({ extensions: [yCollab(text, null)] }) })
  view.dispatch({ changes: { from: 0, insert: `${example} oubli` } })
  view.dispatch({ changes: { from: example.length, to: example.length + 6 } })
  view.destroy()
  return doc
}
