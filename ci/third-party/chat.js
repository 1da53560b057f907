'use strict';
// A chat that greets, wants a login, answers in its own words and closes for nothing: chat.js PORT
// A request without `Authorization: Bearer CHAT_TOKEN` is refused; a client without a login is told so.
const http = require('http');
const { WebSocketServer } = require('ws');

const token = process.env.CHAT_TOKEN;
const server = http.createServer((request, response) => response.writeHead(426).end());
const chat = new WebSocketServer({ noServer: true, perMessageDeflate: true });

server.on('upgrade', (request, socket, head) => {
  socket.on('error', () => {});
  if (request.headers.authorization !== `Bearer ${token}`) {
    console.log(`refused ${request.headers.authorization}`);
    socket.end('HTTP/1.1 401 Unauthorized\r\nConnection: close\r\nContent-Length: 0\r\n\r\n');
    return;
  }
  chat.handleUpgrade(request, socket, head, (client) => chat.emit('connection', client));
});

chat.on('connection', (socket) => {
  const say = (message) => socket.send(JSON.stringify(message));
  let name = null;
  socket.on('error', () => {}); // the library closes the connection itself
  socket.on('message', (data) => {
    let message;
    try {
      message = JSON.parse(data);
    } catch {
      return say({ type: 'error', reason: 'not JSON' });
    }
    if (message?.type === 'login') {
      name = message.name;
      return say({ type: 'welcome', name, password: message.password });
    }
    if (name === null) return say({ type: 'error', reason: 'who are you?' });
    return say({ type: 'error', reason: 'unknown message' });
  });
  say({ type: 'hello' });
});

server.listen(Number(process.argv[2]), '127.0.0.1');
