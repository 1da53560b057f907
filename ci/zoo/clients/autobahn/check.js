// check.js NAME PORT: does this driver ask for all cases, play them and want the reports? Against the least of servers: its
// cases send a text, a binary message, and text that is none.
'use strict';
const { spawn } = require('child_process');
const path = require('path');
const { WebSocketServer } = require('ws');

const [name, port] = process.argv.slice(2);
const cases = [
  { id: '1.1.1', send: (socket) => socket.send('text') },
  { id: '1.2.1', send: (socket) => socket.send(Buffer.from([0, 255])) },
  { id: '6.3.1', send: (socket) => socket.send(Buffer.from([0xce, 0xba, 0xff]), { binary: false }), refuse: true },
  { id: '9.1.1', send: (socket) => socket.send('x'.repeat(1 << 20)) },
];
const played = new Map();
const faults = [];
let agents = new Set();
let reports = 0;

function control(socket, value) {
  socket.send(JSON.stringify(value), () => socket.close(1000));
}

function play(socket, number) {
  const chosen = cases[number];
  if (!chosen) {
    faults.push(`no case ${number}`);
    socket.close(1000);
    return;
  }
  let echoes = 0;
  socket.on('message', () => {
    echoes++;
    socket.close(1000);
  });
  socket.on('close', () => {
    if (echoes !== (chosen.refuse ? 0 : 1)) faults.push(`${chosen.id}: ${echoes} echoes`);
    played.set(chosen.id, (played.get(chosen.id) || 0) + 1);
  });
  chosen.send(socket);
}

const server = new WebSocketServer({ host: '127.0.0.1', port: Number(port), maxPayload: 1 << 26 }, () => {
  const url = `ws://127.0.0.1:${port}`;
  const child = spawn('bash', [path.join(__dirname, '..', 'start.sh'), `autobahn/${name}`, url], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const timer = setTimeout(() => child.kill('SIGKILL'), 60000);
  child.on('exit', (status) => {
    clearTimeout(timer);
    for (const { id } of cases) if (played.get(id) !== 1) faults.push(`${id} played ${played.get(id) || 0} times`);
    if (reports !== 1) faults.push(`${reports} requests for reports`);
    if (agents.size !== 1) faults.push(`${agents.size} agents`);
    if (status !== 0) faults.push(`exit status ${status}`);
    console.log(faults.length === 0 ? `OK; agent "${[...agents][0]}"` : `FAILED: ${faults.join('; ')}`);
    process.exit(faults.length === 0 ? 0 : 1);
  });
});
server.on('connection', (socket, request) => {
  socket.on('error', () => {});
  const { pathname, searchParams } = new URL(request.url, 'ws://localhost');
  const number = Number(searchParams.get('case')) - 1;
  if (pathname !== '/getCaseCount' && pathname !== '/getCaseInfo') agents.add(searchParams.get('agent'));
  if (pathname === '/getCaseCount') control(socket, cases.length);
  else if (pathname === '/getCaseInfo') control(socket, { id: cases[number].id, description: 'a case' });
  else if (pathname === '/getCaseStatus') control(socket, { behavior: 'OK' });
  else if (pathname === '/runCase') {
    const tuple = searchParams.get('casetuple');
    play(socket, tuple ? cases.findIndex(({ id }) => id === tuple) : number);
  } else if (pathname === '/updateReports') {
    reports++;
    socket.close(1000);
  } else {
    faults.push(`asked for ${pathname}`);
    socket.close(1000);
  }
});
