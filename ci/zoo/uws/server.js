'use strict';
const uWS = require('@trufflesuite/uws-js-unofficial');

uWS.App().ws('/*', {
  compression: uWS.SHARED_COMPRESSOR,
  maxPayloadLength: 64 * 1024 * 1024,
  maxBackpressure: 256 * 1024 * 1024,
  idleTimeout: 120,
  message: (socket, message, isBinary) => { socket.send(message, isBinary, true); },
}).listen('127.0.0.1', Number(process.argv[2]), (listener) => {
  if (!listener) process.exit(1);
});
