// The WebSocket that is built into Node; up to Node 21 it is behind --experimental-websocket.
'use strict';
const { protocols, headers, runStandard } = require('./driver');

runStandard(WebSocket, { protocols, headers });
