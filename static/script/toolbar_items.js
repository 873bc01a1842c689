/**
 * The toolbar as a table: groups of buttons and menus, each with what it runs and when it holds.
 *
 *   name      stable, for tests and style sheets          label     row of texts.js
 *   run       does it                                      active    whether it holds at the caret
 *   can       whether it may be used here                  menu      entries instead of `run`
 *   shows     row of texts.js to write on a menu's button  when      whether an entry is offered
 */
import { colours } from './identity.js'
import { editLink } from './link_dialog.js'

const chain = (editor) => editor.chain().focus()

/** @returns {object} a button that switches a mark on and off */
function mark(name, { icon = name, type = name, shortcut }) {
  return {
    name,
    icon,
    shortcut,
    label: `tool.${name}`,
    run: (editor) => chain(editor).toggleMark(type).run(),
    active: (editor) => editor.isActive(type),
  }
}

/** @returns {object} a button that turns blocks into lists, quotes … and back */
function block(name, type, toggle, shortcut) {
  return {
    name,
    shortcut,
    icon: name,
    label: `tool.${name}`,
    run: (editor) => toggle(chain(editor)).run(),
    active: (editor) => editor.isActive(type),
  }
}

/** @returns {object} an entry of the styles menu */
function headingEntry(level) {
  return {
    name: `heading${level}`,
    label: `tool.heading${level}`,
    look: `heading${level}`,
    run: (editor) => chain(editor).setHeading({ level }).run(),
    active: (editor) => editor.isActive('heading', { level }),
  }
}

function colourEntry(colour) {
  return {
    name: `colour-${colour}`,
    label: `colour.${colour}`,
    colour: colours[colour],
    run: (editor) => chain(editor).setColor(colours[colour]).run(),
    active: (editor) => editor.isActive('textStyle', { color: colours[colour] }),
  }
}

function panelEntry(kind) {
  return {
    name: `panel-${kind}`,
    label: `tool.panel.${kind}`,
    look: `panel-${kind}`,
    run: (editor) => chain(editor).setPanel(kind).run(),
    active: (editor) => editor.isActive('panel', { panelType: kind }),
  }
}

/** @returns {object} an entry that is offered inside a table only */
function tableEntry(name, command) {
  return {
    name: `table-${name.replace('.', '-')}`,
    label: `tool.table.${name}`,
    run: (editor) => chain(editor)[command]().run(),
    when: (editor) => editor.isActive('table'),
  }
}

const styles = {
  name: 'style',
  label: 'tool.style',
  shows: (editor) => styleAt(editor),
  menu: [
    {
      name: 'paragraph',
      label: 'tool.paragraph',
      look: 'paragraph',
      run: (editor) => chain(editor).setParagraph().run(),
      active: (editor) => editor.isActive('paragraph'),
    },
    headingEntry(1),
    headingEntry(2),
    headingEntry(3),
    {
      name: 'codeblock',
      label: 'tool.codeblock',
      look: 'codeblock',
      run: (editor) => chain(editor).toggleCodeBlock().run(),
      active: (editor) => editor.isActive('codeBlock'),
    },
  ],
}

/** @returns {string} row of texts.js for the style at the caret */
function styleAt(editor) {
  const level = [1, 2, 3].find((each) => editor.isActive('heading', { level: each }))
  if (level !== undefined) {
    return `tool.heading${level}`
  }
  return editor.isActive('codeBlock') ? 'tool.codeblock' : 'tool.paragraph'
}

const colour = {
  name: 'colour',
  icon: 'colour',
  label: 'tool.colour',
  layout: 'swatches',
  paint: (button, editor) => {
    const now = editor.getAttributes('textStyle').color
    button.style.setProperty('--swatch', Object.values(colours).includes(now) ? now : 'currentColor')
  },
  menu: [
    ...['red', 'orange', 'green', 'teal', 'blue', 'violet', 'pink', 'grey'].map(colourEntry),
    {
      name: 'colour-none',
      label: 'tool.colour.none',
      run: (editor) => chain(editor).unsetColor().run(),
    },
  ],
}

const panel = {
  name: 'panel',
  icon: 'panel',
  label: 'tool.panel',
  active: (editor) => editor.isActive('panel'),
  menu: [
    ...['info', 'success', 'warning'].map(panelEntry),
    {
      name: 'panel-none',
      label: 'tool.panel.none',
      run: (editor) => chain(editor).unsetPanel().run(),
      when: (editor) => editor.isActive('panel'),
    },
  ],
}

const table = {
  name: 'table',
  icon: 'table',
  label: 'tool.table',
  active: (editor) => editor.isActive('table'),
  menu: [
    {
      name: 'table-insert',
      label: 'tool.table.insert',
      run: (editor) => chain(editor).insertTable({ rows: 3, cols: 3, withHeaderRow: true }).run(),
      when: (editor) => !editor.isActive('table'),
    },
    tableEntry('row.above', 'addRowBefore'),
    tableEntry('row.below', 'addRowAfter'),
    tableEntry('column.before', 'addColumnBefore'),
    tableEntry('column.after', 'addColumnAfter'),
    tableEntry('header', 'toggleHeaderRow'),
    tableEntry('merge', 'mergeOrSplit'),
    tableEntry('row.delete', 'deleteRow'),
    tableEntry('column.delete', 'deleteColumn'),
    tableEntry('delete', 'deleteTable'),
  ],
}

const history = ['undo', 'redo'].map((name) => ({
  name,
  icon: name,
  label: `tool.${name}`,
  shortcut: name === 'undo' ? 'Mod+Z' : 'Mod+Shift+Z',
  run: (editor) => chain(editor)[name]().run(),
  can: (editor) => editor.can()[name](),
}))

export const toolbarGroups = [
  [styles],
  [
    mark('bold', { shortcut: 'Mod+B' }),
    mark('italic', { shortcut: 'Mod+I' }),
    mark('underline', { shortcut: 'Mod+U' }),
    mark('strike', { shortcut: 'Mod+Shift+S' }),
    colour,
  ],
  [
    block('bullets', 'bulletList', (to) => to.toggleBulletList(), 'Mod+Shift+8'),
    block('numbers', 'orderedList', (to) => to.toggleOrderedList(), 'Mod+Shift+7'),
    block('tasks', 'taskList', (to) => to.toggleTaskList(), 'Mod+Shift+9'),
  ],
  [
    block('quote', 'blockquote', (to) => to.toggleBlockquote(), 'Mod+Shift+B'),
    panel,
    table,
    { name: 'rule', icon: 'rule', label: 'tool.rule', run: (editor) => chain(editor).setHorizontalRule().run() },
  ],
  [
    mark('code', { shortcut: 'Mod+E' }),
    {
      name: 'link',
      icon: 'link',
      label: 'tool.link',
      shortcut: 'Mod+K',
      run: (editor) => editLink(editor),
      active: (editor) => editor.isActive('link'),
    },
  ],
  history,
]
