// check.js NAME KIND FRONT BACK: does a WebSocket go through the hop? Listens on BACK with npm ws, behind the PROXY protocol where
// NAME ends with its version, and connects to FRONT as KIND asks for: messages, a ping and a Close have to arrive as they were.
'use strict';
const assert = require('assert');
const http = require('http');
const net = require('net');
const WebSocket = require('ws');

const [name, kind, front, back] = process.argv.slice(2).map((word) => (/^\d+$/.test(word) ? Number(word) : word));
const proxyVersion = (/-v([12])$/.exec(name) || [])[1];
const signature = Buffer.from('0d0a0d0a000d0a515549540a', 'hex');
const sent = [
  { data: Buffer.from('text: κόσμε €'), binary: false },
  { data: Buffer.from([0, 255, 128, 10, 13]), binary: true },
  { data: Buffer.alloc(1 << 20, 0xa5), binary: true },
];

function fail(error) {
  console.error(error.message);
  process.exit(1);
}
setTimeout(() => fail(new Error('nothing more for 10 s')), 10000).unref();

// The length of the PROXY header, 0 while it is not complete; throws for one that does not tell who connected to FRONT.
function proxyHeader(data) {
  if (proxyVersion === '1') {
    const line = /^PROXY TCP4 127\.0\.0\.1 127\.0\.0\.1 \d+ (\d+)\r\n/.exec(data.toString('latin1'));
    if (line) assert.strictEqual(Number(line[1]), front);
    else assert.ok(data.length < 108, `no PROXY line: ${data.toString('latin1').slice(0, 60)}`);
    return line ? line[0].length : 0;
  }
  if (data.length < 28) return 0;
  assert.ok(data.subarray(0, 12).equals(signature), 'no PROXY signature');
  assert.strictEqual(data.readUInt16BE(26), front);
  return 16 + data.readUInt16BE(14);
}

const web = http.createServer();
new WebSocket.Server({ server: web }).on('connection', (socket) => {
  socket.on('message', (data, binary) => socket.send(data, { binary }));
});
const listener = net.createServer((socket) => {
  socket.on('error', () => {});
  if (!proxyVersion) {
    web.emit('connection', socket);
    return;
  }
  let seen = Buffer.alloc(0);
  socket.on('data', function more(data) {
    seen = Buffer.concat([seen, data]);
    try {
      const length = proxyHeader(seen);
      if (length === 0 || seen.length < length) return;
      socket.removeListener('data', more);
      socket.pause();
      socket.unshift(seen.subarray(length));
      web.emit('connection', socket);
      socket.resume();
    } catch (error) {
      fail(error);
    }
  });
});

function converse(stream) {
  const url = kind === 'connect' ? `ws://127.0.0.1:${back}/` : `${kind === 'tls' ? 'wss' : 'ws'}://127.0.0.1:${front}/`;
  const socket = new WebSocket(url, { rejectUnauthorized: false, ...(stream && { createConnection: () => stream }) });
  let next = 0;
  let pong = false;
  const end = () => {
    if (pong && next === sent.length) socket.close(4999, 'done');
  };
  socket.on('open', () => {
    sent.forEach(({ data, binary }) => socket.send(data, { binary }));
    socket.ping('hop');
  });
  socket.on('pong', (data) => {
    pong = String(data) === 'hop';
    end();
  });
  socket.on('message', (data, binary) => {
    const wanted = sent[next++];
    if (binary !== wanted.binary || !data.equals(wanted.data)) fail(new Error(`message ${next} came back changed`));
    end();
  });
  socket.on('close', (code) => {
    if (code !== 4999) fail(new Error(`closed with ${code} after ${next} messages`));
    process.exit(0);
  });
  socket.on('error', fail);
}

listener.on('error', fail);
listener.listen(back, '127.0.0.1', () => {
  if (kind !== 'connect') {
    converse();
    return;
  }
  http.request({ host: '127.0.0.1', port: front, method: 'CONNECT', path: `127.0.0.1:${back}`, agent: false })
    .on('connect', (response, stream) => (response.statusCode === 200 ? converse(stream) : fail(new Error(`CONNECT: ${response.statusCode}`))))
    .on('error', fail)
    .end();
});
