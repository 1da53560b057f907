// check.js NAME PORT SECONDS: does it come back? Each connection is dropped 50 ms after it was opened.
'use strict';
const { spawn } = require('child_process');
const path = require('path');
const { WebSocketServer } = require('ws');

const [name, port, seconds] = process.argv.slice(2);
const delays = [];
let ended;
const handleProtocols = (asked) => [...asked][0];
const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port), handleProtocols }, () => {
  const child = spawn('bash', [path.join(__dirname, '..', 'start.sh'), `reconnect/${name}`, `ws://127.0.0.1:${port}/`], {
    stdio: ['ignore', 'ignore', process.env.ZOO_VERBOSE ? 'inherit' : 'ignore'],
  });
  let exited = false;
  const finish = () => {
    const sound = delays.length > 0 && !exited;
    const first = delays.slice(0, 10).map((delay) => (delay / 1000).toFixed(2)).join(' ');
    const seen = delays.length > 0 ? `came back ${delays.length} times, first after ${first} s` : 'did not come back';
    console.log(`${sound ? 'OK' : 'FAILED'}; ${seen}${exited ? '; ended by itself' : ''}`);
    child.kill('SIGKILL');
    process.exit(sound ? 0 : 1);
  };
  child.on('exit', () => { exited = true; finish(); });
  setTimeout(finish, seconds * 1000);
});
server.on('connection', (socket) => {
  if (ended) delays.push(Date.now() - ended);
  socket.on('error', () => {});
  setTimeout(() => {
    socket.terminate();
    ended = Date.now();
  }, 50);
});
