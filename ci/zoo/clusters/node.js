'use strict';
// One node of a server of rooms: ws for its members, Redis pub/sub as the broker between the nodes.
// node node.js PORT BROKER [DEFECT]: '/join NAME' enters a room, '/leave' leaves it, what else a member says goes to the others
// there, at all nodes. SIGTERM drains it: nobody more is taken, members are told by a Close 1012, and it ends.
// DEFECT: deaf, repeats, forgets (to subscribe again), cuts (a frame, when it is drained).
const net = require('net');
const { WebSocket, WebSocketServer } = require('ws');

const [port, broker] = process.argv.slice(2, 4).map(Number);
const defect = process.argv[4] || '';
const rooms = new Map(); // by socket

// --- Redis (RESP2), as far as it is needed; it comes back when the broker does.
function connect(onMessage) {
  const link = { socket: null, ready: false };
  let times = 0;
  const dial = () => {
    let held = Buffer.alloc(0);
    link.socket = net.connect(broker, '127.0.0.1');
    link.socket.on('error', () => {});
    link.socket.on('connect', () => {
      link.ready = true;
      if (onMessage && !(defect === 'forgets' && times > 0)) link.socket.write(command('SUBSCRIBE', 'rooms'));
      ++times;
    });
    link.socket.on('close', () => {
      link.ready = false;
      setTimeout(dial, 100);
    });
    link.socket.on('data', (octets) => {
      held = Buffer.concat([held, octets]);
      for (let reply; (reply = parse(held, 0)); held = held.subarray(reply.end)) {
        const [kind, , payload] = Array.isArray(reply.value) ? reply.value : [];
        if (onMessage && String(kind) === 'message') onMessage(payload);
      }
    });
  };
  dial();
  return link;
}
const command = (...words) =>
  Buffer.concat([
    Buffer.from(`*${words.length}\r\n`),
    ...words.flatMap((word) => [Buffer.from(`$${Buffer.byteLength(word)}\r\n`), Buffer.from(word), Buffer.from('\r\n')]),
  ]);
function parse(octets, at) {
  const line = octets.indexOf('\r\n', at);
  if (line < 0) return null;
  const kind = String.fromCharCode(octets[at]);
  const text = octets.toString('latin1', at + 1, line);
  if (kind === '$') {
    const end = line + 2 + Number(text) + 2;
    return octets.length < end ? null : { value: octets.subarray(line + 2, end - 2), end };
  }
  if (kind !== '*') return { value: text, end: line + 2 };
  const value = [];
  let end = line + 2;
  for (let left = Number(text); left > 0; --left) {
    const item = parse(octets, end);
    if (!item) return null;
    value.push(item.value);
    end = item.end;
  }
  return { value, end };
}

// --- Rooms
const members = new Map(); // socket by number
let last = 0;
const out = connect(null);
connect((payload) => {
  const said = JSON.parse(payload);
  const data = Buffer.from(said.data, 'base64');
  if (defect === 'deaf' && said.node !== port) return;
  for (const [number, socket] of members) {
    if (rooms.get(socket) !== said.room || (said.node === port && said.from === number)) continue;
    if (socket.readyState !== WebSocket.OPEN) continue;
    socket.send(data, { binary: said.binary });
    if (defect === 'repeats' && said.node !== port) socket.send(data, { binary: said.binary });
  }
});

const server = new WebSocketServer({ host: '127.0.0.1', port, perMessageDeflate: true });
server.on('connection', (socket) => {
  const number = ++last;
  members.set(number, socket);
  socket.on('error', () => {});
  socket.on('close', () => {
    members.delete(number);
    rooms.delete(socket);
  });
  socket.on('message', (data, binary) => {
    const text = binary ? '' : data.toString();
    if (text.startsWith('/join ')) return void rooms.set(socket, text.slice(6));
    if (text === '/leave') return void rooms.delete(socket);
    const room = rooms.get(socket);
    if (room === undefined) return void socket.send(data, { binary });
    if (!out.ready) return; // At most once.
    out.socket.write(
      command('PUBLISH', 'rooms', JSON.stringify({ node: port, from: number, room, binary, data: data.toString('base64') })),
    );
  });
});

process.on('SIGTERM', () => {
  server.close();
  for (const socket of members.values()) {
    if (defect === 'cuts') {
      socket._socket.end(Buffer.from('817e0100', 'hex'));
    } else {
      socket.close(1012, 'restarting');
    }
  }
  setTimeout(() => process.exit(0), 500);
});
