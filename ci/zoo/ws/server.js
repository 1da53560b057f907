'use strict';
const { WebSocketServer } = require('ws');

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  perMessageDeflate: true,
  maxPayload: 64 * 1024 * 1024,
  maxFragments: 256 * 1024,
});

server.on('connection', (socket) => {
  socket.on('error', () => {}); // the library closes the connection itself
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
