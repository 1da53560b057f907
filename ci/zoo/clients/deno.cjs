// The WebSocket of Deno
'use strict';
const { protocols, headers, runStandard } = require('./driver');

runStandard(WebSocket, { protocols, headers });
