/**
 * The toolbar: buttons and menus that run editor commands and show what holds at the caret.
 *
 * One stop for the Tab key; the arrow keys move inside (ARIA's toolbar pattern); Alt+F10 comes here from the text and
 * Escape goes back. Which buttons there are is toolbar_items.js.
 */
import { iconButton, make } from './dom.js'
import { icon } from './icons.js'
import { onLanguage, setLabel, text } from './language.js'
import { popover } from './popover.js'
import { toolbarGroups } from './toolbar_items.js'

const onMac = navigator.platform.startsWith('Mac')

/**
 * @param {HTMLElement} bar an empty element with role toolbar
 * @param {import("@tiptap/core").Editor} editor
 */
export function fillToolbar(bar, editor) {
  const refreshers = []
  for (const group of toolbarGroups) {
    const box = make('div', { class: 'tool-group' })
    for (const item of group) {
      const made = item.menu ? menuButton(item, editor) : commandButton(item, editor)
      box.append(...made.elements)
      refreshers.push(made.refresh)
    }
    bar.append(box)
  }
  keepCurrent(editor, () => refreshers.forEach((refresh) => refresh()))
  rovingFocus(bar, editor)
}

/** Runs `refresh` at most once a frame while the editor lives. */
function keepCurrent(editor, refresh) {
  let waiting = false
  const soon = () => {
    if (!waiting) {
      waiting = true
      requestAnimationFrame(() => {
        waiting = false
        if (!editor.isDestroyed) {
          refresh()
        }
      })
    }
  }
  editor.on('transaction', soon)
  onLanguage(soon)
  soon()
}

/** @returns {string} how the shortcut is written on this machine's keyboard */
function shortcutText(shortcut) {
  return onMac
    ? shortcut.replace('Mod', '⌘').replace('Shift', '⇧').replaceAll('+', '')
    : shortcut.replace('Mod', 'Ctrl')
}

/** A press on a button must not take the selection away from the text. */
function keepSelection(button) {
  button.addEventListener('mousedown', (event) => event.preventDefault())
}

function commandButton(item, editor) {
  const button = iconButton(item.icon, item.label, {
    'data-tool': item.name,
    'data-shortcut': item.shortcut ? shortcutText(item.shortcut) : null,
    'aria-keyshortcuts': item.shortcut ? item.shortcut.replace('Mod', onMac ? 'Meta' : 'Control') : null,
  })
  keepSelection(button)
  button.addEventListener('click', () => item.run(editor))
  return { elements: [button], refresh: () => showState(button, item, editor) }
}

/** Pressed while the format holds at the caret; unavailable, but still reachable, where it cannot be used. */
function showState(button, item, editor) {
  if (item.active) {
    button.setAttribute('aria-pressed', String(item.active(editor)))
  }
  if (item.can) {
    button.setAttribute('aria-disabled', String(!item.can(editor)))
  }
}

function menuButton(item, editor) {
  const button = iconButton(item.icon ?? 'down', item.label, { 'data-tool': item.name })
  const panel = make('div', { class: `popover ${item.layout ?? 'menu'}`, role: 'group', 'data-label': item.label })
  const entries = item.menu.map((entry) => menuEntry(entry, editor, () => menu.close()))
  const menu = popover(button, panel, () => entries.forEach(({ refresh }) => refresh()))

  keepSelection(button)
  setLabel(panel, item.label)
  panel.append(...entries.map(({ element }) => element))
  if (item.shows) {
    button.classList.add('tool-wide')
    button.prepend(make('span', { class: 'tool-text' }))
  } else {
    button.classList.add('tool-menu')
    button.append(icon('down'))
  }
  return { elements: [button, panel], refresh: () => refreshMenuButton(button, item, editor) }
}

function refreshMenuButton(button, item, editor) {
  if (item.shows) {
    const shown = text(item.shows(editor))
    button.querySelector('.tool-text').textContent = shown
    button.setAttribute('aria-label', `${text(item.label)} : ${shown}`)
  }
  if (item.active) {
    button.classList.toggle('tool-on', item.active(editor))
  }
  if (item.paint) {
    item.paint(button, editor)
  }
}

function menuEntry(entry, editor, close) {
  const words = make('span', {})
  const button = make('button', {
    type: 'button',
    class: 'entry',
    'data-tool': entry.name,
    'data-look': entry.look ?? null,
  })
  if (entry.colour) {
    const swatch = make('span', { class: 'swatch' })
    swatch.style.setProperty('--swatch', entry.colour)
    button.append(swatch)
  }
  button.append(words)
  keepSelection(button)
  button.addEventListener('click', () => {
    close()
    entry.run(editor)
  })
  const refresh = () => {
    words.textContent = text(entry.label)
    button.title = entry.colour ? text(entry.label) : ''
    button.hidden = entry.when ? !entry.when(editor) : false
    if (entry.active) {
      button.setAttribute('aria-pressed', String(entry.active(editor)))
    }
  }
  refresh()
  return { element: button, refresh }
}

function rovingFocus(bar, editor) {
  const tools = [...bar.querySelectorAll('.tool')]
  const enter = (tool) => {
    tools.forEach((other) => other.setAttribute('tabindex', other === tool ? '0' : '-1'))
  }
  enter(tools[0])
  bar.addEventListener('focusin', ({ target }) => {
    if (tools.includes(target)) {
      enter(target)
    }
  })
  bar.addEventListener('keydown', (event) => {
    const next = nextTool(tools, event)
    if (next) {
      next.focus()
      event.preventDefault()
    } else if (event.key === 'Escape') {
      editor.commands.focus()
    }
  })
  editor.view.dom.addEventListener('keydown', (event) => {
    if (event.altKey && event.key === 'F10') {
      tools.find((tool) => tool.tabIndex === 0).focus()
      event.preventDefault()
    }
  })
}

/** @returns {HTMLElement|undefined} where this key leads from the tool that has the focus */
function nextTool(tools, { key, target }) {
  const at = tools.indexOf(target)
  const last = tools.length - 1
  const to = { ArrowRight: at === last ? 0 : at + 1, ArrowLeft: at === 0 ? last : at - 1, Home: 0, End: last }[key]
  return at === -1 ? undefined : tools[to]
}
