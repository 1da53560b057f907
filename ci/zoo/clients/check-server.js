// check-server.js NAME PORT [AUTHORITY CERTIFICATE KEY]: does this client of the zoo echo, and end? It is started `once`; as a
// `loop`, where its second handshake is refused and its third connection dropped; with a certificate, once over TLS; and once
// for a message of 16 MiB, which need not come back. Prints one line; exit status 1 for what the contract of start.sh asks for
// and was not seen.
'use strict';
const { spawn } = require('child_process');
const fs = require('fs');
const http = require('http');
const https = require('https');
const path = require('path');
const { WebSocketServer } = require('ws');

const [name, port, caFile, certFile, keyFile] = process.argv.slice(2);
const protocol = 'zoo.wsspec';
const header = 'x-zoo';
const sent = [
  { data: Buffer.from('hello'), binary: false },
  { data: Buffer.from([0, 255, 128, 10, 13]), binary: true },
  { data: Buffer.from('κόσμε '.repeat(6000)).subarray(0, 70000), binary: false },
];
// Not in the midst of a character.
while ((sent[2].data[sent[2].data.length - 1] & 0x80) !== 0) sent[2].data = sent[2].data.subarray(0, -1);
sent[2].data = Buffer.concat([sent[2].data, Buffer.alloc(70000 - sent[2].data.length, '.')]);

const big = [{ data: Buffer.alloc(1 << 24, 'wsspec.'), binary: true }];

// One connection: sends all, wants all back and a pong, closes with 1000; resolves to what was seen, or to a fault.
function converse(socket, request, list) {
  return new Promise((resolve) => {
    const seen = {
      deflate: /permessage-deflate/.test(request.headers['sec-websocket-extensions'] || ''),
      protocol: (request.headers['sec-websocket-protocol'] || '').split(/,\s*/).includes(protocol),
      header: request.headers[header] === 'seen',
    };
    let next = 0;
    let pong = false;
    let fault;
    const timer = setTimeout(() => {
      fault = `silent after ${next} echoes${pong ? '' : ', without a pong'}`;
      socket.terminate();
    }, list === big ? 20000 : 8000);
    const finish = () => {
      if (next === list.length && pong) socket.close(1000, 'done');
    };
    socket.on('error', (error) => {
      // What is wrong with its Close is no matter of the driver's.
      if (next === list.length && pong) seen.odd = error.message;
      else fault = fault || error.message;
    });
    socket.on('pong', (data) => {
      pong = String(data) === 'zoo';
      finish();
    });
    socket.on('message', (data, binary) => {
      const wanted = list[next];
      if (!wanted) fault = 'an echo too many';
      else if (binary !== wanted.binary) fault = `echo ${next} has the wrong type`;
      else if (!data.equals(wanted.data)) fault = `echo ${next} has the wrong content`;
      next++;
      if (fault) socket.terminate();
      else finish();
    });
    socket.on('close', (code) => {
      clearTimeout(timer);
      if (!fault && (next !== list.length || !pong)) fault = `left after ${next} echoes${pong ? '' : ', without a pong'}`;
      if (!fault && !seen.odd && code !== 1000 && code !== 1005) seen.odd = `Close answered with ${code}`;
      resolve({ fault, ...seen });
    });
    list.forEach(({ data, binary }, index) => {
      if (index === list.length - 1) socket.ping('zoo');
      socket.send(data, { binary });
    });
  });
}

// Starts the client in that mode against a listener of its own.
function play(mode, secure) {
  const conversations = [];
  const options = secure ? { cert: fs.readFileSync(certFile), key: fs.readFileSync(keyFile) } : {};
  const web = (secure ? https : http).createServer(options);
  const server = new WebSocketServer({
    noServer: true,
    perMessageDeflate: true,
    maxPayload: 1 << 26,
    handleProtocols: (asked) => (asked.has(protocol) ? protocol : false),
  });
  let upgrades = 0;
  const log = fs.openSync(path.join(process.env.ZOO_LOGS || '.', `${name}-${secure ? 'tls' : mode}.log`), 'w');
  return new Promise((resolve) => {
    let child;
    let begun;
    const timer = setTimeout(() => child.kill('SIGKILL'), 60000);
    web.on('upgrade', (request, stream, head) => {
      upgrades++;
      stream.on('error', () => {});
      if (mode === 'loop' && upgrades === 2) {
        stream.end('HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\nConnection: close\r\n\r\n');
        return;
      }
      server.handleUpgrade(request, stream, head, (socket) => {
        if (mode === 'loop' && upgrades === 3) {
          socket.on('error', () => {});
          socket.terminate();
          return;
        }
        conversations.push(converse(socket, request, mode === 'big' ? big : sent).then((result) => {
          begun = Date.now();
          if (mode === 'loop' && conversations.length === 3) web.close();
          return result;
        }));
        if (mode === 'loop' && conversations.length === 3) web.close();
      });
    });
    web.listen(Number(port), '127.0.0.1', () => {
      const env = { ...process.env, http_proxy: 'http://127.0.0.1:9/', ALL_PROXY: 'http://127.0.0.1:9/' };
      env.WSSPEC_PROTOCOLS = `other,${protocol}`;
      env.WSSPEC_HEADERS = 'X-Zoo: seen\nX-Other: of no interest';
      if (secure) env.WSSPEC_CA = caFile;
      const url = `${secure ? 'wss' : 'ws'}://127.0.0.1:${port}/?zoo=1`;
      child = spawn('bash', [path.join(__dirname, 'start.sh'), name, url, mode === 'loop' ? 'loop' : 'once'], { env, stdio: ['ignore', log, log] });
      child.on('exit', async (status, signal) => {
        clearTimeout(timer);
        web.close();
        web.closeAllConnections();
        const ended = Date.now();
        const results = await Promise.all(conversations);
        const wanted = mode === 'loop' ? 3 : 1;
        let fault = (results.find((result) => result.fault) || {}).fault;
        if (!fault && results.length < wanted) fault = `${results.length} of ${wanted} connections`;
        if (!fault && mode !== 'loop' && results.length > 1) fault = 'connected again';
        if (signal) fault = `${fault || 'echoes'}, but had to be killed`;
        else if (!fault && status !== 0) fault = `exit status ${status}`;
        resolve({ fault, unable: status === 127, took: ended - (begun || ended), ...results[0] && { ...results[0], fault } });
      });
    });
  });
}

(async () => {
  const columns = [];
  let bad = false;
  const note = (label, result) => {
    if (label === 'tls' && result.unable) {
      columns.push('tls none');
      return;
    }
    columns.push(`${label} ${result.fault ? `FAILED: ${result.fault}` : 'OK'}`);
    bad = bad || Boolean(result.fault);
  };
  const once = await play('once', false);
  note('once', once);
  note('loop', await play('loop', false));
  if (caFile) note('tls', await play('once', true));
  once.big = !(await play('big', false)).fault;
  const can = ['deflate', 'protocol', 'header', 'big'].map((what) => `${what}=${once[what] ? 'yes' : 'no'}`);
  if (once.odd) can.push(once.odd);
  console.log([...columns, ...can, `ends after ${Math.max(0, once.took)} ms`].join('; '));
  process.exit(bad ? 1 : 0);
})();
