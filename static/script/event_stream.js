/**
 * Reads an event stream (HTML Living Standard, "Server-sent events") piece by piece, as it comes.
 *
 * `EventSource` would do this too, but it hides why a request was refused and cannot send a token in a header.
 */
export class EventStream {
  /**
   * @param {(event: {type: string, id: string, data: string}) => void} onEvent called for each whole event
   */
  constructor(onEvent) {
    this.onEvent = onEvent
    this.rest = ''
    this.id = ''
    this.clear()
  }

  clear() {
    this.type = 'message'
    this.data = []
  }

  /** @param {string} text the next piece; it may end anywhere */
  push(text) {
    const lines = (this.rest + text).split('\n')
    this.rest = lines.pop()
    lines.forEach((line) => this.line(line.replace(/\r$/, '')))
  }

  line(line) {
    if (line === '') {
      this.dispatch()
      return
    }
    const [, field, value = ''] = /^([^:]*)(?:: ?(.*))?$/.exec(line)
    if (field === 'data') {
      this.data.push(value)
    } else if (field === 'event') {
      this.type = value
    } else if (field === 'id') {
      this.id = value
    }
  }

  dispatch() {
    const { type, id, data } = this
    this.clear()
    if (data.length > 0) {
      this.onEvent({ type, id, data: data.join('\n') })
    }
  }
}
