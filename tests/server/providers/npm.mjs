// The packages under test, from tests/package.json; without them the program ends as skipped.
const SKIP = 77

async function load(name) {
  return import(name).catch((error) => {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error
    console.log(`SKIP: npm packages of tests/ are not installed (${name})`)
    process.exit(SKIP)
  })
}

// Node 18 keeps it in a module; the older providers look for it as browsers have it.
globalThis.crypto ??= (await import('node:crypto')).webcrypto

export const Y = await load('yjs')
export const { default: WebSocket } = await load('ws')
export const { WebsocketProvider } = await load('y-websocket')
export const encoding = await load('lib0/encoding')
export const decoding = await load('lib0/decoding')
export const awarenessProtocol = await load('y-protocols/awareness')
// By major version.
export const hocuspocus = {
  2: await load('hocuspocus-provider-2'),
  3: await load('hocuspocus-provider-3'),
  4: await load('@hocuspocus/provider'),
}
