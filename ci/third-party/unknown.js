'use strict';
// Closes for every message that is none of its application: unknown.js PORT
const { WebSocketServer } = require('ws');

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), perMessageDeflate: true });

server.on('connection', (socket) => {
  socket.on('error', () => {}); // the library closes the connection itself
  socket.on('message', (data, binary) => {
    if (binary) socket.close(1003, 'text only');
    else if (data.length % 2) socket.close(1008, 'unknown message');
    else socket.close(4400, 'unknown message');
  });
});
