'use strict';
// Rooms with the ws library: '/join NAME' enters one, '/leave' leaves it, what else a member says goes to the others there.
// node room.js PORT [DEFECT]: loses, repeats, reorders, crosses, echoes, forgets, kind, awaits: what it then does wrong.
const { WebSocket, WebSocketServer } = require('ws');

const defect = process.argv[3] || '';
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(process.argv[2]), perMessageDeflate: true });
const rooms = new Map(); // by socket
let count = 0;
let held = null;

function members(of) {
  const all = [...rooms].filter(([, room]) => defect === 'crosses' || room === rooms.get(of)).map(([socket]) => socket);
  return all.filter((one) => one.readyState === WebSocket.OPEN && (defect === 'echoes' || one !== of));
}

async function say(from, data, binary) {
  const to = members(from);
  ++count;
  if (defect === 'reorders' && count % 8 === 5) return void (held = [to, data, binary]);
  for (const [i, one] of to.entries()) {
    if (defect === 'loses' && count % 16 === 11 && i === 1) continue;
    const sent = new Promise((done) => one.send(data, { binary: defect === 'kind' ? !binary : binary }, done));
    if (defect === 'repeats' && count % 10 === 7) one.send(data, { binary });
    if (defect === 'awaits') await sent;
  }
  if (held === null) return;
  const [late, words, kind] = held;
  held = null;
  for (const one of late) one.send(words, { binary: kind });
}

let before = Promise.resolve();
server.on('connection', (socket) => {
  socket.on('error', () => {});
  socket.on('close', () => rooms.delete(socket));
  socket.on('message', (data, binary) => {
    const text = binary ? '' : data.toString();
    if (text.startsWith('/join ')) rooms.set(socket, text.slice(6));
    else if (text === '/leave') defect === 'forgets' || rooms.delete(socket);
    else if (!rooms.has(socket)) socket.send(data, { binary });
    else if (defect === 'awaits') before = before.then(() => say(socket, data, binary));
    else say(socket, data, binary);
  });
});
