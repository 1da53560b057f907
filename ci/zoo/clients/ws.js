// npm ws
'use strict';
const WebSocket = require('ws');
const { url, protocols, headers, ca, limit, run } = require('./driver');

run((over) => {
  const socket = new WebSocket(url, protocols, { headers, ca, maxPayload: limit, maxFragments: 256 * 1024 });
  let failure;
  socket.on('message', (data, binary) => socket.send(data, { binary }));
  socket.on('error', (error) => { failure = error; });
  socket.on('close', () => over(failure));
});
