/** Times as people say them: "just now", "5 minutes ago", "yesterday", then the date. */
import { text } from './language.js'

const steps = [
  ['minute', 60],
  ['hour', 3600],
  ['day', 86400],
]
const week = 7 * 86400

/**
 * @param {Date} then
 * @param {Date} now
 * @param {string} language
 * @returns {string} with small letters, to stand inside a sentence
 */
export function relativeTime(then, now, language) {
  const seconds = Math.min(0, Math.round((then - now) / 1000))
  if (-seconds >= week) {
    const year = then.getFullYear() === now.getFullYear() ? undefined : 'numeric'
    return new Intl.DateTimeFormat(language, { day: 'numeric', month: 'long', year }).format(then)
  }
  const step = steps.findLast(([, size]) => -seconds >= size)
  if (step === undefined) {
    return text('list.now')
  }
  const [unit, size] = step
  return new Intl.RelativeTimeFormat(language, { numeric: 'auto' }).format(Math.trunc(seconds / size), unit)
}
