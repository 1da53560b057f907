'use strict';
// An echo server that computes for ever once a binary message begins with ff.
const { WebSocketServer } = require('ws');

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), perMessageDeflate: true });

server.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('message', (data, isBinary) => {
    while (isBinary && data[0] === 0xff) continue;
    socket.send(data, { binary: isBinary });
  });
});
