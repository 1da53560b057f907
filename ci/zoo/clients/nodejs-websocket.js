// npm nodejs-websocket
'use strict';
const websocket = require('nodejs-websocket');
const { url, protocols, headers, ca, limit, run } = require('./driver');

websocket.setMaxBufferLength(limit);
run((over) => {
  const connection = websocket.connect(url, { protocols, extraHeaders: headers, ca });
  let failure;
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
  connection.on('error', (error) => { failure = error; });
  connection.on('close', () => over(failure));
});
