// y-websocket's own server as it comes, documents in memory: node y_websocket.mjs PORT
process.env.HOST = '127.0.0.1'
process.env.PORT = process.argv[2]
await import('./node_modules/@y/websocket-server/src/server.js') // the package exports no name for it
