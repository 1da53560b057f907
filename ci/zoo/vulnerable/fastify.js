// fastify.js PORT: an echo server with an old @fastify/websocket, which leaves errors of the socket unhandled.
'use strict';
const fastify = require('fastify')();

fastify.register(require('@fastify/websocket'), {
  options: { perMessageDeflate: true, maxPayload: 64 * 1024 * 1024 },
});
fastify.register(async (scope) => {
  scope.get('/*', { websocket: true }, (connection) => {
    connection.socket.on('message', (data, isBinary) => connection.socket.send(data, { binary: isBinary }));
  });
});
fastify.listen({ host: '127.0.0.1', port: Number(process.argv[2]) });
