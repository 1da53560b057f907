'use strict';
const websocket = require('nodejs-websocket');

websocket.setMaxBufferLength(64 * 1024 * 1024);
websocket.createServer((connection) => {
  connection.on('text', (text) => connection.sendText(text));
  connection.on('binary', (input) => {
    const parts = [];
    input.on('data', (part) => parts.push(part));
    input.on('end', () => connection.sendBinary(Buffer.concat(parts)));
  });
  connection.on('error', () => {});
}).listen(Number(process.argv[2]), '127.0.0.1');
