// Servers that do harm, one for each way: server.js HOW PORT. They echo as npm ws does, and
//   aborts   the process aborts at the first frame that breaks the protocol
//   hangs    the process stops doing anything at the first such frame
//   leaks    each ping costs 1 MiB for ever, until 1 GiB is gone, to spare the machine
//   burns    each fragment of one octet is copied together with all before it, forty times over
// ci/harmful.sh shows that each is found out, by the right case and for the right reason.
'use strict';
const { WebSocketServer } = require('ws');

const [how, port] = [process.argv[2], Number(process.argv[3])];
const leaked = [];

const harm = {
  aborts: { error: () => process.abort() },
  hangs: { error: () => { for (;;); } },
  leaks: { ping: () => leaked.length < 1024 && leaked.push(Buffer.alloc(1 << 20, 1)) },
  burns: { fragments: true },
}[how];
if (!harm) throw new Error(`unknown harm '${how}'`);

/** Counts the one-octet fragments in what a client sends, and wastes time that grows with their number. */
function burn(socket) {
  let rest = Buffer.alloc(0);
  let seen = Buffer.alloc(0);
  socket.on('data', (octets) => {
    rest = Buffer.concat([rest, octets]);
    while (rest.length >= 7 && (rest[0] & 0x8f) <= 2 && rest[1] === 0x81) {
      seen = Buffer.concat([seen, rest.subarray(6, 7)]);
      for (let i = 0; i < 40; ++i) seen = Buffer.from(seen);
      rest = rest.subarray(7);
    }
  });
}

const server = new WebSocketServer({ port, host: '127.0.0.1', perMessageDeflate: true, maxPayload: 1 << 26 });
server.on('connection', (peer, request) => {
  peer.on('message', (data, binary) => peer.send(data, { binary }));
  peer.on('error', harm.error ?? (() => {}));
  if (harm.ping) peer.on('ping', harm.ping);
  if (harm.fragments) burn(request.socket);
});
