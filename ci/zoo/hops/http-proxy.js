// https://www.npmjs.com/package/http-proxy#proxying-websockets
'use strict';
const httpProxy = require('http-proxy');

const [front, back] = process.argv.slice(2).map(Number);
const proxy = httpProxy.createServer({ target: `ws://127.0.0.1:${back}`, ws: true });
// Without it an unreachable server ends the process. What it gives is a response, or the socket of an upgrade.
proxy.on('error', (error, request, response) => {
  if (response.writeHead) response.writeHead(502);
  response.end();
});
proxy.listen(front, '127.0.0.1');
