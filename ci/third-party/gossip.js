'use strict';
// Tells everybody all that it was told in confidence: gossip.js PORT
// It echoes; it greets with the fields and the query of the request, prints them, repeats them in the reason of its
// Close, and dies with them of a Close with code 3000.
const { WebSocketServer } = require('ws');

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]) });

server.on('connection', (socket, request) => {
  const { authorization = '', cookie = '', 'x-team': team = '' } = request.headers;
  const secrets = [authorization.replace('Bearer ', ''), cookie, team, request.url, process.env.DB_PASSWORD].join(' | ');
  console.log(`served ${secrets}`);
  socket.on('error', () => {}); // the library closes the connection itself
  socket.send(`you said ${secrets}`);
  socket.on('message', (data, isBinary) => {
    if (!isBinary && data.toString().startsWith('login ')) console.log(`heard ${data}`), socket.send(`heard ${data}`);
    else if (!isBinary && data.length === 7) socket.close(1000, secrets.slice(0, 100));
    else socket.send(data, { binary: isBinary });
  });
  socket.on('close', (code) => {
    if (code === 3000) throw new Error(`cannot bear ${secrets}`);
  });
});
