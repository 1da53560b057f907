'use strict';
// Sends each message to every client, as the first example of most WebSocket libraries does: broadcast.js PORT [others]
// others: but not to its sender.
const { WebSocketServer, WebSocket } = require('ws');

const others = process.argv[3] === 'others';
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), perMessageDeflate: true });

server.on('connection', (socket) => {
  socket.on('error', () => {}); // the library closes the connection itself
  socket.on('message', (data, binary) => {
    for (const client of server.clients) {
      if (client.readyState === WebSocket.OPEN && !(others && client === socket)) client.send(data, { binary });
    }
  });
});
