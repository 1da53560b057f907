// faye.js PORT: an echo server with an old faye-websocket, whose header parser can be made to run for seconds.
'use strict';
const http = require('http');
const WebSocket = require('faye-websocket');

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
  const socket = new WebSocket(request, stream, body, [], { maxLength: 64 * 1024 * 1024 });
  socket.on('message', (event) => socket.send(event.data));
});

server.listen(Number(process.argv[2]), '127.0.0.1');
