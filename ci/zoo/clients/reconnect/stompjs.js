// Speaks STOMP: CONNECT goes out, CONNECTED is waited for.
'use strict';
const { url, WebSocket, say } = require('./common');
const { Client } = require('@stomp/stompjs');

const client = new Client({
  webSocketFactory: () => new WebSocket(url, ['v12.stomp', 'v11.stomp', 'v10.stomp']),
  onWebSocketClose: (event) => say(`closed: ${event.code}`),
  onWebSocketError: (event) => say(`error: ${event.message}`),
});
client.activate();
