'use strict';
const http = require('http');
const WebSocket = require('faye-websocket');
const deflate = require('permessage-deflate');

const server = http.createServer((request, response) => {
  response.writeHead(426, { Upgrade: 'websocket', Connection: 'Upgrade' });
  response.end();
});

server.on('upgrade', (request, stream, body) => {
  stream.on('error', () => stream.destroy()); // before the library has taken over
  if (!WebSocket.isWebSocket(request)) {
    stream.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
    return;
  }
  const socket = new WebSocket(request, stream, body, [], {
    extensions: [deflate],
    maxLength: 64 * 1024 * 1024,
  });
  socket.on('message', (event) => socket.send(event.data)); // a string stays text, a Buffer binary
});

server.listen(Number(process.argv[2]), '127.0.0.1');
