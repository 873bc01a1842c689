/** Which strings may become a CSS colour. Everything else could carry further declarations. */
const grammar = /^(#[0-9a-f]{3,8}|[a-z]{3,20}|(rgb|hsl)a?\([\d\s.,%/]{1,40}\))$/i

/**
 * @param {unknown} value
 * @returns {boolean} whether it is a hexadecimal, named, rgb() or hsl() colour and nothing more
 */
export function safeColour(value) {
  return typeof value === 'string' && grammar.test(value)
}
