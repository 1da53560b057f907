'use strict';
// A server that does not echo: it greets, and answers what it does not know in its own words.
const { WebSocketServer } = require('ws');

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), perMessageDeflate: true });

const answer = (text) => {
  try {
    const said = JSON.parse(text);
    return said && said.type === 'say' ? { type: 'said', text: said.text } : { type: 'error', reason: 'unknown type' };
  } catch {
    return { type: 'error', reason: 'not JSON' };
  }
};

server.on('connection', (socket) => {
  socket.on('error', () => {}); // the library closes the connection itself
  socket.send(JSON.stringify({ type: 'hello' }));
  socket.on('message', (data) => socket.send(JSON.stringify(answer(data.toString()))));
});
