'use strict';
const websocket = require('nodejs-websocket');

websocket.setMaxBufferLength(64 * 1024 * 1024);
websocket.createServer((connection) => {
  // Binary messages come as streams that end later than the event; answers wait for those before them.
  let ready = Promise.resolve();
  const answer = (send) => {
    ready = ready.then(send).catch(() => {});
  };
  connection.on('text', (text) => answer(() => connection.sendText(text)));
  connection.on('binary', (input) => {
    const parts = [];
    const whole = new Promise((resolve) => input.on('end', resolve));
    input.on('data', (part) => parts.push(part));
    answer(() => whole.then(() => connection.sendBinary(Buffer.concat(parts))));
  });
  connection.on('error', () => {});
}).listen(Number(process.argv[2]), '127.0.0.1');
