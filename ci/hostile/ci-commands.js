// A server that tries to command the CI system that reads our log: in its header, its close reasons and what it prints.
// node ci-commands.js PORT. It dies of a reserved bit, so that its log is shown, too.
'use strict';
const { createHash } = require('node:crypto');
const net = require('node:net');

const close = (reason) => {
  const text = Buffer.from(reason);
  return Buffer.concat([Buffer.from([0x88, text.length + 2, 0x03, 0xea]), text]);
};

net.createServer((socket) => {
  let head = '', open = false;
  socket.on('error', () => {});
  socket.on('data', (data) => {
    if (open) {
      if (data[0] & 0x40) {
        process.stdout.write('::stop-commands::tok\n  ::add-mask::x\nplain ##[set-output name=deploy]true\n##vso[task.setvariable variable=a]b\n##teamcity[x]\n',
          () => process.exit(1));
        return;
      }
      socket.end(close('##[stop-commands]tok ##vso[task.complete]x'));
      return;
    }
    head += data.toString('latin1');
    if (!head.includes('\r\n\r\n')) return;
    open = true;
    const key = (/^sec-websocket-key: *(\S+)/im.exec(head) || [])[1] || '';
    const accept = createHash('sha1').update(key + '258EAFA5-E914-47DA-95CA-C5AB0DC85B11').digest('base64');
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n`
      + 'Server: x##[set-output name=deploy]true ##vso[task.x]y ##teamcity[z]\r\n\r\n');
  });
}).listen(Number(process.argv[2]), '127.0.0.1', () => console.log('listening'));
