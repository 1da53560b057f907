// The WebSocket of Bun
'use strict';
const { protocols, headers, ca, runStandard } = require('./driver');

runStandard(WebSocket, { protocols, headers, tls: ca ? { ca } : undefined });
