// npm ws
'use strict';
const WebSocket = require('ws');
const { url, closes, protocols, headers, ca, limit, run } = require('./driver');

run((over) => {
  const socket = new WebSocket(url, protocols, { headers, ca, maxPayload: limit, maxFragments: 256 * 1024 });
  let failure;
  socket.on('message', (data, binary) => (closes ? socket.close(1000) : socket.send(data, { binary })));
  socket.on('error', (error) => { failure = error; });
  // As its documentation has a client of a server that pings do it: no ping for so long, and nobody is there.
  const patience = Number(process.env.IDLE_LIMIT || 0) * 1000;
  if (patience > 0) {
    let timer;
    const heard = () => {
      clearTimeout(timer);
      timer = setTimeout(() => socket.terminate(), patience);
    };
    for (const event of ['open', 'ping', 'message']) socket.on(event, heard);
    socket.on('close', () => clearTimeout(timer));
  }
  socket.on('close', () => over(failure));
});
