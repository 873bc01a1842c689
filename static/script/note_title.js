/** The title of a note: its first heading, else its first words. The server lists notes by the same rule. */

const longest = 120

/**
 * @param {import("@tiptap/pm/model").Node} doc
 * @returns {string} empty while the note has no text
 */
export function noteTitle(doc) {
  let heading = ''
  let words = ''
  doc.descendants((node) => {
    if (heading === '' && node.isTextblock) {
      const line = node.textContent.replace(/\s+/g, ' ').trim()
      heading = node.type.name === 'heading' ? line : ''
      words ||= line
    }
    return heading === ''
  })
  return Array.from(heading || words)
    .slice(0, longest)
    .join('')
}
