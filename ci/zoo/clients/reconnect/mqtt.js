// Asks for the subprotocol mqtt, sends CONNECT and waits for CONNACK.
'use strict';
const { url, say } = require('./common');
const { connect } = require('mqtt');

const client = connect(url);
client.on('close', () => say('closed'));
client.on('error', (error) => say(`error: ${error.message}`));
