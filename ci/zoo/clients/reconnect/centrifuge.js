'use strict';
const { url, WebSocket, say } = require('./common');
const { Centrifuge } = require('centrifuge');

const client = new Centrifuge(url, { websocket: WebSocket });
client.on('connecting', (context) => say(`connecting: ${context.code}`));
client.on('disconnected', (context) => say(`gave up: ${context.code}`));
client.on('error', () => {});
client.connect();
