// A document for editors that want a browser: jsdom's. Import this before the editors.
import { JSDOM, VirtualConsole } from 'jsdom'

const silent = new VirtualConsole() // drawing on a canvas is not implemented, and nobody here needs it
const { window } = new JSDOM('<!DOCTYPE html><body></body>', { virtualConsole: silent, pretendToBeVisual: true })
const names = ['document', 'navigator', 'Node', 'Element', 'HTMLElement', 'Text', 'DOMParser', 'MutationObserver', 'Range']
names.push('HTMLParagraphElement', 'getComputedStyle', 'getSelection', 'requestAnimationFrame', 'cancelAnimationFrame', 'Event', 'Document')
for (const [name, value] of [['window', window], ...names.map((name) => [name, window[name]])]) {
  Object.defineProperty(globalThis, name, { value, configurable: true, writable: true })
}

// jsdom has no layout, and so no innerText; what editors ask for it is text without any.
Object.defineProperty(window.HTMLElement.prototype, 'innerText', {
  get() {
    return this.textContent
  },
  set(text) {
    this.textContent = text
  },
  configurable: true,
})

export const parse = (html) => new window.DOMParser().parseFromString(html, 'text/html')
