// What the drivers here share. They run until they are killed; nothing that a library throws ends them.
'use strict';
process.on('uncaughtException', (error) => console.error(`uncaught: ${error.message}`));
process.on('unhandledRejection', (error) => console.error(`unhandled: ${error && error.message}`));
setInterval(() => {}, 1 << 30); // also where a library gives up: that it stays away can be seen

module.exports = { url: process.argv[2], WebSocket: require('ws'), say: (what) => console.error(what) };
