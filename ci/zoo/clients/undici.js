// npm undici, whose WebSocket is that of Node itself from version 22 on
'use strict';
const { Agent, ProxyAgent, WebSocket } = require('undici');
const { proxy, protocols, headers, ca, limit, runStandard } = require('./driver');

const settings = { connect: { ca }, webSocket: { maxPayloadSize: limit } };
const dispatcher = proxy ? new ProxyAgent({ uri: proxy, ...settings }) : new Agent(settings);
runStandard(WebSocket, { protocols, headers, dispatcher });
