// The editors of the crash test: a process of its own, which lives on when the server is killed, and says what the
// server has acknowledged. Stock providers, reconnecting by themselves.
//
// Every edit is one transaction that writes at least one struct, so the clocks that an acknowledged message covers say
// which edits are safe. To the parent goes a list of [note, token, what], in the order in which things happened:
//
//   in      the token's insertion was acknowledged: it must be there from now on
//   try     its deletion is being sent: it may be there
//   out     its deletion was acknowledged: it must not be there
import { sleep } from '../providers/cahier.mjs'
import { Tally, YwebsocketPerson, HocuspocusLine, HocuspocusPerson } from '../providers/people.mjs'
import { Y } from '../providers/npm.mjs'
import { Rng } from '../../support/js/rng.mjs'

const [, , port, seed, notes] = process.argv
const NOTES = notes.split(',')
const server = { ws: `ws://127.0.0.1:${port}` }
const KINDS = ['y-websocket', 2, 3, 4]
const PERIOD_MS = 12
const OWED_MAX = 30 // an editor that waits for more types no further
const KEPT = 60 // tokens an editor leaves in the note

const rng = new Rng(seed)
const tally = new Tally()
const news = []
let tokens = 0
let counted = 0

// Clocks [from, to) that were acknowledged of one client, joined from the start.
class Covered {
  upto = 0
  later = []

  add(from, to) {
    this.later.push([from, to])
    for (let found = true; found; ) {
      found = false
      for (const [a, b] of this.later) {
        if (a <= this.upto && b > this.upto) {
          this.upto = b
          found = true
        }
      }
      this.later = this.later.filter(([, b]) => b > this.upto)
    }
  }
}

class Editor {
  waiting = [] // {upto, token, what}: acknowledged when the clocks before `upto` are
  mine = [] // tokens in the note for sure
  covered = new Covered()
  left = false

  constructor(kind, note) {
    this.kind = kind
    this.note = note
    const watcher = {
      onAck: (cover) => cover.forEach((message) => this.#acknowledged(message)),
      clock: () => this.#clock,
    }
    if (kind === 'y-websocket') {
      this.person = new YwebsocketPerson(server, note, tally, watcher)
    } else {
      this.line = new HocuspocusLine(server, kind, tally, watcher)
      this.person = new HocuspocusPerson(this.line, note, { token: 'anything' })
    }
    this.doc = this.person.doc
    this.person.awareness.setLocalStateField('user', { name: 'somebody' })
  }

  get idle() {
    return !this.person.synced || this.waiting.length > OWED_MAX
  }

  get #clock() {
    return this.doc ? Y.getState(this.doc.store, this.doc.clientID) : 0
  }

  #acknowledged({ update, upto }) {
    const { from, to } = Y.parseUpdateMeta(update)
    const id = this.doc.clientID
    if (upto !== undefined) this.covered.add(0, upto)
    if (to.has(id)) this.covered.add(from.get(id), to.get(id))
    while (this.waiting.length && this.waiting[0].upto <= this.covered.upto) {
      const { token, what } = this.waiting.shift()
      news.push([this.note, token, what])
      counted++
      if (what === 'in') this.mine.push(token)
    }
  }

  #insert() {
    const token = `${this.doc.clientID}.${tokens++}`
    this.doc.transact(() => {
      const list = this.doc.getArray('tokens')
      list.insert(rng.below(list.length + 1), [token])
      const text = this.doc.getText('text')
      text.insert(rng.below(text.length + 1), 'mot ')
      if (text.length > 20_000) text.delete(0, 5000)
    })
    return { token, what: 'in' }
  }

  #remove() {
    const token = this.mine.shift()
    news.push([this.note, token, 'try'])
    this.doc.transact(() => {
      const list = this.doc.getArray('tokens')
      list.delete(list.toArray().indexOf(token))
      this.doc.getMap('deletions').set('last', token)
    })
    return { token, what: 'out' }
  }

  edit() {
    const done = this.mine.length > KEPT ? this.#remove() : this.#insert()
    this.waiting.push({ ...done, upto: this.#clock })
  }

  async live() {
    while (!this.left) {
      if (!this.idle || (!this.person.online && rng.chance(2) && this.waiting.length < 100)) {
        for (let left = 1 + rng.below(3); left > 0; left--) this.edit()
        this.person.probe()
      } else if (this.person.synced && this.person.socket?.debt === 0) {
        this.person.probe() // what was written while there was no server went with the step 2
      }
      await sleep(rng.below(2 * PERIOD_MS))
    }
  }

  leave() {
    this.left = true
    this.person.destroy()
    this.line?.destroy()
  }
}

const editors = []

function hire(note, kind) {
  const editor = new Editor(kind, note)
  editors.push(editor)
  editor.live()
}

NOTES.forEach((note, i) => [0, 1, 2].forEach((j) => hire(note, KINDS[(i + j) % KINDS.length])))

// One in three is replaced by somebody with an empty document, who must get everything from the server.
function renew() {
  for (const editor of [...editors]) {
    if (!rng.chance(33)) continue
    editor.leave()
    editors.splice(editors.indexOf(editor), 1)
    hire(editor.note, editor.kind)
  }
}

process.on('message', async (what) => {
  if (what === 'renew') renew()
  if (what === 'end') process.exit(0)
  process.send({
    what,
    news: news.splice(0),
    counted,
    synced: editors.every((e) => e.person.synced),
    wrong: tally.wrong,
    refused: tally.refused,
    statuses: tally.statuses,
    echoes: tally.echoes,
  })
})
process.on('disconnect', () => process.exit(0))
