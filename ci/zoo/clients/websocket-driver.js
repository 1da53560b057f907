// npm websocket-driver on a TCP or TLS socket of our own
'use strict';
const net = require('net');
const tls = require('tls');
const websocket = require('websocket-driver');
const deflate = require('permessage-deflate');
const { url, protocols, headers, ca, limit, run } = require('./driver');

run((over) => {
  const { protocol, hostname, port } = new URL(url);
  const secure = protocol === 'wss:';
  const host = hostname.replace(/^\[|\]$/g, '');
  const driver = websocket.client(url, { protocols, maxLength: limit });
  const stream = (secure ? tls : net).connect({
    host,
    port: Number(port || (secure ? 443 : 80)),
    ca,
    servername: secure && !net.isIP(host) ? host : undefined,
  });
  let failure;
  for (const [name, value] of Object.entries(headers)) driver.setHeader(name, value);
  driver.addExtension(deflate);
  driver.messages.on('data', (message) => driver.messages.write(message));
  driver.on('error', (error) => { failure = error; });
  driver.on('close', () => stream.end());
  stream.on(secure ? 'secureConnect' : 'connect', () => driver.start());
  stream.on('error', (error) => { failure = error; });
  stream.on('close', () => over(failure));
  stream.pipe(driver.io).pipe(stream);
});
