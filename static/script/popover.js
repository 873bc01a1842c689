/**
 * A panel that opens under its button: the toolbar's menus, the list of people, the export menu.
 *
 * One is open at a time. Escape, a click elsewhere or leaving with the keyboard closes it. Opened by keyboard it takes
 * the focus and Escape gives it back to the button; opened by pointer it leaves the focus, and with it the selection
 * and a phone's keyboard, to the text. Arrow keys move between its buttons.
 */
let openNow = null

/**
 * @param {HTMLButtonElement} button
 * @param {HTMLElement} panel hidden until the button is used; positioned by style sheets next to the button
 * @param {() => void} [beforeOpen] brings the panel up to date
 * @returns {{close: () => void}}
 */
export function popover(button, panel, beforeOpen = () => {}) {
  const self = { close }

  function open(byKeyboard) {
    openNow?.close()
    beforeOpen()
    panel.hidden = false
    button.setAttribute('aria-expanded', 'true')
    place(button, panel)
    openNow = self
    if (byKeyboard) {
      focusable(panel)[0]?.focus({ preventScroll: true })
    }
  }

  function close() {
    panel.hidden = true
    button.setAttribute('aria-expanded', 'false')
    openNow = null
  }

  panel.hidden = true
  button.setAttribute('aria-haspopup', 'true')
  button.setAttribute('aria-expanded', 'false')
  button.addEventListener('click', ({ detail }) => (panel.hidden ? open(detail === 0) : close()))
  panel.addEventListener('keydown', (event) => moveInside(event, panel))
  document.addEventListener(
    'keydown',
    (event) => {
      if (event.key === 'Escape' && !panel.hidden) {
        if (panel.contains(document.activeElement)) {
          button.focus()
        }
        close()
        event.stopPropagation()
      }
    },
    true,
  )
  document.addEventListener('pointerdown', ({ target }) => {
    if (!panel.hidden && !panel.contains(target) && !button.contains(target)) {
      close()
    }
  })
  panel.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget !== null && !panel.contains(relatedTarget) && !button.contains(relatedTarget)) {
      close()
    }
  })
  return self
}

function moveInside(event, panel) {
  const step = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 }[event.key]
  if (step !== undefined && event.target.tagName === 'BUTTON') {
    const all = focusable(panel)
    all[(all.indexOf(event.target) + step + all.length) % all.length].focus()
    event.preventDefault()
    event.stopPropagation()
  }
}

function focusable(panel) {
  return [...panel.querySelectorAll('button:not([disabled]), input, select, a[href]')].filter(
    (item) => item.offsetParent !== null,
  )
}

/** Under the button, moved left as far as the window's edge asks. */
function place(button, panel) {
  const margin = 8
  const anchor = button.getBoundingClientRect()
  const left = Math.min(anchor.left, window.innerWidth - panel.offsetWidth - margin)
  panel.style.setProperty('left', `${Math.max(margin, left)}px`)
  panel.style.setProperty('top', `${anchor.bottom + 6}px`)
}
