// The channels of Phoenix; the path becomes PATH/websocket?vsn=2.0.0
'use strict';
const { url, WebSocket, say } = require('./common');
const { Socket } = require('phoenix');

const socket = new Socket(url, { transport: WebSocket });
socket.onClose((event) => say(`closed: ${event.code}`));
socket.onError((event) => say(`error: ${event.message}`));
socket.connect();
