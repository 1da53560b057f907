'use strict';
const { url, WebSocket, say } = require('./common');
const Reconnecting = require('reconnecting-websocket');

const socket = new Reconnecting(url, [], { WebSocket });
socket.binaryType = 'arraybuffer';
socket.onmessage = (event) => socket.send(event.data);
socket.onclose = (event) => say(`closed: ${event.code}`);
socket.onerror = (event) => say(`error: ${event.message}`);
