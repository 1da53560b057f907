// npm undici, whose WebSocket is that of Node itself from version 22 on
'use strict';
const { Agent, WebSocket } = require('undici');
const { protocols, headers, ca, limit, runStandard } = require('./driver');

const dispatcher = new Agent({ connect: { ca }, webSocket: { maxPayloadSize: limit } });
runStandard(WebSocket, { protocols, headers, dispatcher });
