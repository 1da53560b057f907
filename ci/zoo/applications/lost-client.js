'use strict';
// A client that connects again and again and echoes: lost-client.js URL hang|leave
//   hang   computes for ever once a binary message begins with ff
//   leave  gives up behind a reset, and stays
const WebSocket = require('ws');

const [, , url, how] = process.argv;
setInterval(() => {}, 1000);

function connect() {
  const socket = new WebSocket(url);
  let failure;
  socket.on('error', (error) => { failure = error; });
  socket.on('message', (data, isBinary) => {
    while (how === 'hang' && isBinary && data[0] === 0xff) continue;
    socket.send(data, { binary: isBinary });
  });
  socket.on('close', () => {
    if (how !== 'leave' || !failure || failure.code !== 'ECONNRESET') connect();
  });
}
connect();
