// npm faye-websocket with permessage-deflate
'use strict';
const { Client } = require('faye-websocket');
const deflate = require('permessage-deflate');
const { url, protocols, headers, ca, limit, run } = require('./driver');

run((over) => {
  const socket = new Client(url, protocols, { headers, tls: { ca }, extensions: [deflate], maxLength: limit });
  let failure;
  socket.on('message', (event) => socket.send(event.data)); // a string stays text, a Buffer binary
  socket.on('error', (error) => { failure = error; });
  socket.on('close', () => over(failure));
});
