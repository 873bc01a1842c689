/**
 * The language of the page: the reader's choice, else the browser's, else French.
 *
 * `data-text`, `data-label` and `data-placeholder` attributes name rows of texts.js; `translate()` fills them in, again
 * whenever the language changes. Code that makes elements later listens with `onLanguage()`.
 */
import { languages, texts } from './texts.js'
import { remember, recall } from './storage.js'

const listeners = new Set()
let current = firstSpoken()

/** @returns {string} the first language that we speak among the chosen one and the browser's */
function firstSpoken() {
  const wanted = [recall('language') ?? '', ...navigator.languages.map((tag) => tag.slice(0, 2))]
  return wanted.find((tag) => Object.hasOwn(languages, tag)) ?? 'fr'
}

/** @returns {string} "fr" or "en" */
export function language() {
  return current
}

/**
 * A text of the table in the current language.
 * @param {string} key row of texts.js
 * @param {Object<string, string|number>} [values] what stands for each {name}
 */
export function text(key, values = {}) {
  return texts[key][current].replace(/\{(\w+)\}/g, (_, name) => String(values[name]))
}

/** @param {string} next the language to speak from now on, also at the next visit */
export function setLanguage(next) {
  current = Object.hasOwn(languages, next) ? next : current
  remember('language', current)
  translate(document)
  listeners.forEach((listener) => listener())
}

/**
 * @param {() => void} listener called after every change of language
 */
export function onLanguage(listener) {
  listeners.add(listener)
}

/** @param {ParentNode} root fills in every text that root's elements ask for */
export function translate(root) {
  document.documentElement.lang = current
  for (const element of root.querySelectorAll('[data-text]')) {
    element.textContent = text(element.dataset.text)
  }
  for (const element of root.querySelectorAll('[data-label]')) {
    setLabel(element, element.dataset.label)
  }
  for (const element of root.querySelectorAll('[data-placeholder-text]')) {
    element.placeholder = text(element.dataset.placeholderText)
  }
}

/**
 * Names an element that shows no text: for screen readers, and as a hint under the mouse with its shortcut.
 * @param {HTMLElement} element
 * @param {string} key row of texts.js
 */
export function setLabel(element, key) {
  const shortcut = element.dataset.shortcut
  element.setAttribute('aria-label', text(key))
  element.title = shortcut ? `${text(key)} (${shortcut})` : text(key)
}

/** Fills a `<select data-language>` with the languages and lets it switch. */
export function languageSwitch() {
  for (const select of document.querySelectorAll('select[data-language]')) {
    for (const [tag, name] of Object.entries(languages)) {
      select.append(new Option(name, tag, false, tag === current))
    }
    select.addEventListener('change', () => setLanguage(select.value))
  }
}
