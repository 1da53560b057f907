'use strict';
const { url, WebSocket, say } = require('./common');
const Reconnecting = require('partysocket/ws').default;

const socket = new Reconnecting(url, [], { WebSocket });
socket.binaryType = 'arraybuffer';
socket.addEventListener('message', (event) => socket.send(event.data));
socket.addEventListener('close', (event) => say(`closed: ${event.code}`));
socket.addEventListener('error', (event) => say(`error: ${event.message}`));
