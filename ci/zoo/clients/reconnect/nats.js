// Waits for INFO of the server.
'use strict';
const { url, WebSocket, say } = require('./common');

globalThis.WebSocket = WebSocket;
const { connect } = require('nats.ws');

connect({ servers: url, waitOnFirstConnect: true, maxReconnectAttempts: -1, timeout: 5000 })
  .then(() => say('connected'))
  .catch((error) => say(`gave up: ${error.message}`));
