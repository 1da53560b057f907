// npm stomp-server, over SockJS: plain WebSocket is at /stomp/websocket. Anybody may connect and subscribe.
// Usage: node stomp-server.js PORT
const { StompServer } = require('stomp-server');

const welcome = () => true;
new StompServer('stomp-server', '127.0.0.1', Number(process.argv[2]), '/stomp', welcome, welcome, false);
