'use strict';
const { url, say } = require('./common');
const { Client } = require('rpc-websockets');

const client = new Client(url, { max_reconnects: 0 }); // 0: without end
client.on('close', (code) => say(`closed: ${code}`));
client.on('error', (error) => say(`error: ${error.message}`));
