/**
 * The drawings of the page: one stroke on a 24 by 24 grid, in the colour of the text around them.
 */
const drawings = {
  back: 'M15 5l-7 7 7 7',
  undo: 'M8 5L4 9l4 4M4 9h10a6 6 0 010 12h-3',
  redo: 'M16 5l4 4-4 4M20 9H10a6 6 0 000 12h3',
  bold: 'M7 5h6a3.5 3.5 0 010 7H7zM7 12h7a3.5 3.5 0 010 7H7z',
  italic: 'M10 5h8M6 19h8M14 5l-4 14',
  underline: 'M7 4v7a5 5 0 0010 0V4M5 20h14',
  strike:
    'M4 12h16M17 7.5C16.500 5.500 14.500 4.500 12 4.500c-3 0-5 1.500-5 3.700 0 1.600 1 2.600 2.500 3.300M7 16.200c.5 2.200 2.500 3.300 5 3.300 3 0 5-1.500 5-3.700 0-.6-.1-1.100-.4-1.600',
  colour: 'M6 17L11.200 4h1.600L18 17M8 12.500h8',
  bullets: 'M9 6h11M9 12h11M9 18h11M4.500 6h.01M4.500 12h.01M4.500 18h.01',
  numbers:
    'M10 6h10M10 12h10M10 18h10M4 4.500l1.500-.8V9M4 14.500c.3-.7.9-1 1.500-1 .9 0 1.500.6 1.500 1.300C7 16.200 4 17.500 4 19.500h3',
  tasks: 'M3.500 6.500l1.700 1.700L8.500 5M3.500 16.500l1.700 1.700 3.300-3.200M12 7h8M12 17h8',
  quote: 'M10 7H5v6h5zM10 13c0 2.500-1.500 4-4 4M19 7h-5v6h5zM19 13c0 2.500-1.500 4-4 4',
  panel: 'M12 3.500a8.500 8.500 0 100 17 8.500 8.500 0 000-17zM12 11v5M12 7.800h.01',
  table: 'M4 5h16v14H4zM4 10h16M4 14.500h16M12 10v9',
  rule: 'M4 12h16M8 6h8M8 18h8',
  code: 'M9 7l-5 5 5 5M15 7l5 5-5 5',
  codeblock: 'M4 5h16v14H4zM10 9.500L7.500 12l2.500 2.500M14 9.500l2.500 2.500-2.500 2.500',
  link: 'M10 14a4 4 0 005.700 0l3-3A4 4 0 0013 5.300l-1 1M14 10a4 4 0 00-5.700 0l-3 3A4 4 0 0011 18.700l1-1',
  more: 'M5.500 12h.01M12 12h.01M18.500 12h.01',
  down: 'M7 10l5 5 5-5',
  search: 'M10.500 4a6.500 6.500 0 100 13 6.500 6.500 0 000-13zM15.500 15.500L20 20',
  plus: 'M12 5v14M5 12h14',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M5 12.500l4.500 4.500L19 7.500',
  saving: 'M12 4a8 8 0 108 8',
  offline: 'M4 4l16 16M7.500 8.600A5 5 0 006 18h10M10 6.500a5.500 5.500 0 017.700 4A4 4 0 0120 16.500',
  detour: 'M3 17h3c6 0 4-10 10-10h5M17.500 3.500L21 7l-3.500 3.500',
  lock: 'M6 11h12v9H6zM8.500 11V8a3.500 3.500 0 017 0v3',
  warning: 'M12 4L3 19.500h18zM12 10v4.500M12 17.200h.01',
  download: 'M12 4v11M7.500 11l4.500 4.500 4.500-4.500M5 20h14',
  copy: 'M9 9h11v11H9zM15 9V4H4v11h5',
  print: 'M7 9V4h10v5M7 17H4V9h16v8h-3M7 14h10v6H7z',
  person: 'M12 4a4 4 0 100 8 4 4 0 000-8zM5 20c.5-4 3.200-6 7-6s6.500 2 7 6',
}

/**
 * @param {string} name a drawing above
 * @returns {SVGElement} hidden from screen readers: what holds it carries the name
 */
export function icon(name) {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg')
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path')
  svg.setAttribute('viewBox', '0 0 24 24')
  svg.setAttribute('class', 'icon')
  svg.setAttribute('aria-hidden', 'true')
  path.setAttribute('d', drawings[name])
  svg.append(path)
  return svg
}
