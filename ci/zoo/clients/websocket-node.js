// npm websocket
'use strict';
const { client: Client } = require('../websocket-node/node_modules/websocket');
const { url, protocols, headers, ca, limit, run } = require('./driver');

run((over) => {
  const client = new Client({
    maxReceivedFrameSize: limit,
    maxReceivedMessageSize: limit,
    tlsOptions: { ca },
  });
  client.on('connectFailed', over);
  client.on('connect', (connection) => {
    connection.on('message', (message) => {
      if (message.type === 'utf8') connection.sendUTF(message.utf8Data);
      else connection.sendBytes(message.binaryData);
    });
    connection.on('error', () => {});
    connection.on('close', () => over());
  });
  client.connect(url, protocols, null, headers);
});
