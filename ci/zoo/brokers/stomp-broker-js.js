// npm stomp-broker-js on 127.0.0.1, with its defaults: WebSocket is at /stomp. Usage: node stomp-broker-js.js PORT
const http = require('http');
const StompServer = require('stomp-broker-js');

const server = http.createServer();
new StompServer({ server, path: '/stomp' });
server.listen(Number(process.argv[2]), '127.0.0.1');
