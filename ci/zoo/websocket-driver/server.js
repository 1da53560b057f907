// websocket-driver straight on a TCP socket: the library reads the HTTP request too.
'use strict';
const net = require('net');
const websocket = require('websocket-driver');
const deflate = require('permessage-deflate');

const server = net.createServer((stream) => {
  const driver = websocket.server({ maxLength: 64 * 1024 * 1024 });
  driver.addExtension(deflate);
  driver.on('connect', () => {
    if (websocket.isWebSocket(driver)) driver.start();
    else stream.end('HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n');
  });
  driver.messages.on('data', (message) => driver.messages.write(message));
  driver.on('close', () => stream.end());
  stream.on('error', () => stream.destroy());
  stream.pipe(driver.io).pipe(stream);
});

server.listen(Number(process.argv[2]), '127.0.0.1');
