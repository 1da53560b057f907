// echo-check.js URL: a third-party client (npm ws) sends text and binary, and demands both back as they were.
'use strict';
const assert = require('assert');
const WebSocket = require('ws');

const url = process.argv[2];
const socket = new WebSocket(url, { perMessageDeflate: true, maxPayload: 0 });
const sent = [
  { data: Buffer.from('text: κόσμε €'), binary: false },
  { data: Buffer.from([0, 255, 128, 10, 13]), binary: true },
  { data: Buffer.alloc(70000, 'wsspec '), binary: false },
  { data: Buffer.alloc(1 << 20, 0xa5), binary: true },
];
const timer = setTimeout(() => fail(new Error('no echo within 20 s')), 20000);
let next = 0;

function fail(error) {
  console.error(`${url}: ${error.message}`);
  process.exit(1);
}

socket.on('open', () => sent.forEach(({ data, binary }) => socket.send(data, { binary })));
socket.on('message', (data, binary) => {
  try {
    assert.strictEqual(binary, sent[next].binary, `message ${next}: wrong type`);
    assert.ok(data.equals(sent[next].data), `message ${next}: wrong content`);
  } catch (error) {
    fail(error);
  }
  if (++next === sent.length) socket.close(1000);
});
socket.on('close', (code) => {
  clearTimeout(timer);
  if (next !== sent.length) fail(new Error(`closed with ${code} after ${next} echoes`));
  console.log(`extensions="${socket.extensions}" close=${code}`);
});
socket.on('error', fail);
