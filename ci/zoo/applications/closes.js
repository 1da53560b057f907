'use strict';
// A server that knows no message at all, and closes with the code of its second argument.
const { WebSocketServer } = require('ws');

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), perMessageDeflate: true });

server.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', () => socket.close(Number(process.argv[3] || 4000), 'unknown message'));
});
