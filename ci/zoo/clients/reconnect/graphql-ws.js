// Asks for graphql-transport-ws, sends connection_init and waits for connection_ack.
'use strict';
const { url, WebSocket, say } = require('./common');
const { createClient } = require('graphql-ws');

createClient({
  url,
  webSocketImpl: WebSocket,
  lazy: false,
  retryAttempts: Infinity,
  shouldRetry: () => true,
  onNonLazyError: (error) => say(`gave up: ${error.code || error.message}`),
  on: { closed: (event) => say(`closed: ${event.code}`), error: () => say('error') },
});
