// Another Yjs editor on the same server, that knows nodes ours does not, or means harm: the stock provider in Node.
import { WebSocket } from 'ws'
import { WebsocketProvider } from 'y-websocket'
import * as Y from 'yjs'

export class Stranger {
  constructor(address, id) {
    this.doc = new Y.Doc()
    this.fragment = this.doc.getXmlFragment('default')
    this.provider = new WebsocketProvider(`${address.replace('http', 'ws')}/ws`, encodeURIComponent(id), this.doc, {
      WebSocketPolyfill: WebSocket,
      disableBc: true,
    })
    this.synced = new Promise((resolve) => this.provider.once('sync', resolve))
  }

  // Appends <name attributes><text, with these marks></name>.
  append(name, text, { attributes = {}, marks } = {}) {
    const element = new Y.XmlElement(name)
    const words = new Y.XmlText()
    words.insert(0, text, marks)
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value)
    element.insert(0, [words])
    this.fragment.push([element])
  }

  announce(user) {
    this.provider.awareness.setLocalStateField('user', user)
    const start = Y.createRelativePositionFromTypeIndex(this.fragment, 0)
    this.provider.awareness.setLocalStateField('cursor', { anchor: start, head: start })
  }

  leave() {
    this.provider.destroy()
    this.doc.destroy()
  }
}
