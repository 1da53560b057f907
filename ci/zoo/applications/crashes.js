'use strict';
// An echo server with two mistakes that both end node with status 1. Further arguments name those that are mended.
const { WebSocketServer } = require('ws');

const mended = process.argv.slice(3);
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), perMessageDeflate: true });

function onText(text) {
  if (text.length === 0 && !mended.includes('text')) JSON.parse('{');
}

function onClose(code) {
  if (code === 3000 && !mended.includes('close')) throw new RangeError(`nobody knows ${code}, at ${Date.now()}`);
}

server.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('close', onClose);
  socket.on('message', (data, isBinary) => {
    if (!isBinary) onText(data.toString());
    socket.send(data, { binary: isBinary });
  });
});
