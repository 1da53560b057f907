'use strict';
const { WebSocketServer } = require('ws');

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(process.argv[2]),
  perMessageDeflate: true,
  maxPayload: 64 * 1024 * 1024,
  maxFragments: 256 * 1024,
});

// ws does not ping by itself. This is how its documentation has an application do it: once in an interval, who has not
// answered the last ping is let go.
const interval = Number(process.env.PING_INTERVAL || 0);
if (interval > 0) {
  setInterval(() => {
    for (const socket of server.clients) {
      if (!socket.isAlive) {
        socket.terminate();
        continue;
      }
      socket.isAlive = false;
      socket.ping();
    }
  }, interval * 1000);
}

server.on('connection', (socket) => {
  socket.isAlive = true;
  socket.on('pong', () => { socket.isAlive = true; });
  socket.on('error', () => {}); // the library closes the connection itself
  socket.on('message', (data, isBinary) => socket.send(data, { binary: isBinary }));
});
