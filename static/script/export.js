/** Taking the note away as a file. The server writes it, from what is on its disk. */
import { ApiError, noteContent } from './api.js'
import { text } from './language.js'

const formats = {
  markdown: { type: 'text/markdown', ending: 'md' },
  html: { type: 'text/html', ending: 'html' },
  pdf: { type: 'application/pdf', ending: 'pdf' },
}
const patience = 5000

/**
 * @param {import("./connection.js").Connection} connection
 * @param {"markdown"|"html"|"pdf"} format
 * @param {string} title becomes the file's name
 * @returns {Promise<void>} ApiError when the server cannot give all that the page shows
 */
export async function exportNote(connection, format, title) {
  const { type, ending } = formats[format]
  if (!(await savedSoon(connection))) {
    throw new ApiError(text('export.unsaved'))
  }
  const response = await noteContent(connection.id, type)
  download(await response.blob(), `${fileName(title)}.${ending}`)
}

/** @returns {Promise<boolean>} whether everything was on the server's disk within a few seconds */
function savedSoon(connection) {
  return new Promise((resolve) => {
    const look = () => connection.state === 'saved' && resolve(true)
    connection.onChange(look)
    setTimeout(resolve, patience, false)
    look()
  })
}

/**
 * @param {string} title
 * @returns {string} the same without what file systems mistake for something else
 */
export function fileName(title) {
  const safe = title
    .replace(/[\p{Cc}\p{Cf}\\/:*?"<>|]+/gu, ' ')
    .replace(/\s+/g, ' ')
    .replace(/^[. ]+|[. ]+$/g, '')
  return Array.from(safe).slice(0, 80).join('') || text('note.untitled')
}

function download(blob, name) {
  const link = document.createElement('a')
  link.href = URL.createObjectURL(blob)
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(link.href), 60000)
}
