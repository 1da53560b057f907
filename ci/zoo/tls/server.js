// npm ws over node's https: server.js PORT CERTIFICATE KEY
'use strict';
const fs = require('fs');
const https = require('https');
const { WebSocketServer } = require('ws');

const [port, cert, key] = process.argv.slice(2);
const web = https.createServer({ cert: fs.readFileSync(cert), key: fs.readFileSync(key) });
const server = new WebSocketServer({ server: web, perMessageDeflate: true, maxPayload: 1 << 26 });
server.on('connection', (peer) => {
  peer.on('error', () => {});
  peer.on('message', (data, binary) => peer.send(data, { binary }));
});
web.listen(Number(port), '127.0.0.1');
