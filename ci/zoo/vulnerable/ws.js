// ws.js PACKAGE PORT: an echo server with one of the old releases of ws.
'use strict';
const [, , release, port] = process.argv;
const { Server } = require(release);

const server = new Server({
  host: '127.0.0.1',
  port: Number(port),
  perMessageDeflate: true,
  maxPayload: 64 * 1024 * 1024,
});

server.on('connection', (socket) => {
  socket.on('error', () => {});
  // ws 3 tells text by the type of the data, ws 8 by a second argument.
  socket.on('message', (data, isBinary = typeof data !== 'string') => socket.send(data, { binary: isBinary }));
});
