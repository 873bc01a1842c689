/**
 * The page of one note, `/n/{id}`: joins connection, editor, toolbar and everything around them.
 */
import { alertBox, passingAlert, showSaving } from './save_view.js'
import { announcedUser, openEditor } from './editor.js'
import { ApiError, noteContent } from './api.js'
import { askIdentity } from './identity_dialog.js'
import { byId, make } from './dom.js'
import { chosenIdentity } from './identity.js'
import { connection as connectionTo } from './connection.js'
import { exportNote } from './export.js'
import { fillToolbar } from './toolbar.js'
import { icon } from './icons.js'
import { languageSwitch, onLanguage, text, translate } from './language.js'
import { noteTitle } from './note_title.js'
import { popover } from './popover.js'
import { showPeople } from './people.js'
import { workOffline } from './offline.js'

const waitingHint = 4000
const alerts = byId('alerts')
const connection = connectionTo(decodeURIComponent(location.pathname.slice('/n/'.length)))
let editor = null

/** @returns {string} what the tab and exported files are called */
function title() {
  return (editor && noteTitle(editor.state.doc)) || text('note.untitled')
}

function showTitle() {
  byId('title').textContent = title()
  document.title = `${title()} · Cahier`
}

/** The note holds parts that this editor would delete: show its words, edit nothing. */
async function showForeign(names) {
  editor = null
  byId('toolbar').hidden = true
  alerts.append(alertBox(text('alert.foreign', { names: names.join(', ') }), 'note'))
  const words = await noteContent(connection.id, 'text/plain').then(
    (response) => response.text(),
    (error) => error.message,
  )
  byId('sheet').replaceChildren(make('div', { class: 'prose prose-plain', tabindex: '0' }, words))
}

/** Follows what the server allows: an editor that cannot save does not take keys. */
function followRights() {
  connection.onChange(() => {
    const may = connection.ended === null && connection.state !== 'readonly'
    if (editor && !editor.isDestroyed && editor.isEditable !== may) {
      editor.setEditable(may, false)
      byId('toolbar').hidden = !may
    }
  })
}

function showEditor() {
  const sheet = byId('sheet')
  sheet.replaceChildren()
  editor = openEditor({ connection, element: sheet, onForeign: showForeign })
  if (editor === null) {
    return
  }
  fillToolbar(byId('toolbar'), editor)
  byId('toolbar').hidden = false
  editor.on('update', showTitle)
  editor.on('create', showTitle)
  onLanguage(() => editor?.view.dom.setAttribute('aria-label', text('note.label')))
  followRights()
  sheet.addEventListener('pointerdown', (event) => {
    if (event.target === sheet) {
      event.preventDefault()
      editor?.commands.focus('end')
    }
  })
}

/** Export, copy, print. */
function fillMenu() {
  const panel = byId('menu-panel')
  const menu = popover(byId('menu'), panel)
  const entry = (iconName, key, run) => {
    const button = make(
      'button',
      { type: 'button', class: 'entry', 'data-tool': key },
      icon(iconName),
      make('span', { 'data-text': key }),
    )
    button.addEventListener('click', () => {
      menu.close()
      run()
    })
    return button
  }
  panel.prepend(
    make('h2', { 'data-text': 'export.heading' }),
    entry('download', 'export.markdown', () => takeAway('markdown')),
    entry('download', 'export.html', () => takeAway('html')),
    entry('download', 'export.pdf', () => takeAway('pdf')),
    entry('print', 'note.print', () => window.print()),
    make('hr'),
    entry('copy', 'note.copy', copyAddress),
  )
}

async function takeAway(format) {
  const waiting = format === 'pdf' && passingAlert(alerts, text('export.making'), 'good')
  try {
    await exportNote(connection, format, title())
  } catch (error) {
    if (!(error instanceof ApiError)) {
      throw error
    }
    passingAlert(alerts, text('export.failed', { reason: error.message }), 'note')
  } finally {
    waiting && waiting.remove()
  }
}

async function copyAddress() {
  const address = location.origin + location.pathname
  try {
    await navigator.clipboard.writeText(address)
    passingAlert(alerts, text('note.copied'), 'good')
  } catch {
    // Clipboards are open to secure pages only: show it for copying by hand.
    passingAlert(alerts, address, 'good')
  }
}

/** While the note cannot be loaded, says why nothing appears; not when it will not come, which is said elsewhere. */
async function waitForNote(start) {
  const loading = byId('loading')
  const hint = setTimeout(() => {
    loading.textContent = text('note.waiting')
  }, waitingHint)
  connection.onChange(() => {
    loading.hidden = connection.ended !== null
  })
  await start
  clearTimeout(hint)
}

/** For good where the browser has no store, else until it answers. */
function warnThatNothingIsKept() {
  const box = alertBox(text('alert.nostore'), 'note')
  alerts.append(box)
  connection.onChange(() => {
    if (connection.kept) {
      box.remove()
    }
  })
}

function warnBeforeLoss() {
  window.addEventListener('beforeunload', (event) => {
    if (!connection.kept && connection.acknowledgements.pending) {
      event.preventDefault()
    }
  })
}

async function main() {
  fillMenu()
  languageSwitch()
  translate(document)
  showTitle()
  onLanguage(showTitle)
  showSaving({ connection, pill: byId('status'), spoken: byId('spoken'), alerts })
  warnBeforeLoss()
  await waitForNote(connection.start())
  if (!connection.kept) {
    warnThatNothingIsKept()
  }
  showEditor()
  showPeople({
    button: byId('people'),
    panel: byId('people-panel'),
    awareness: connection.provider.awareness,
    onIdentity: () => editor?.commands.updateUser(announcedUser()),
  })
  workOffline()
  if (chosenIdentity() === null) {
    await askIdentity()
    editor?.commands.updateUser(announcedUser())
  }
  editor?.commands.focus()
}

main()
