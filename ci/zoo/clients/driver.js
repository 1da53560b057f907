// What the JavaScript drivers share: what they are asked for, and the loop round one connection.
'use strict';
const fs = require('fs');

const setting = (name) => process.env[`WSSPEC_${name}`] || '';
const loop = setting('ACTION') === 'loop';
const closes = setting('ACTION') === 'close'; // in place of sending back a message
const url = process.argv[2];
const protocols = setting('PROTOCOLS').split(',').map((name) => name.trim()).filter(Boolean);
const headers = {};
for (const line of setting('HEADERS').split('\n')) {
  const colon = line.indexOf(':');
  if (colon > 0) headers[line.slice(0, colon).trim()] = line.slice(colon + 1).trim();
}
const proxy = setting('PROXY');
const ca = setting('CA') ? fs.readFileSync(setting('CA')) : undefined;

// Does nobody listen where the URL points? For libraries whose errors do not say it. Linux, loopback.
function nobodyListens() {
  const { port, protocol } = new URL(url);
  const wanted = `:${Number(port || (protocol === 'wss:' ? 443 : 80)).toString(16).toUpperCase().padStart(4, '0')}`;
  return !['/proc/net/tcp', '/proc/net/tcp6'].some((file) =>
    fs.readFileSync(file, 'utf8').split('\n').some((line) => {
      const [, local, , state] = line.trim().split(/\s+/);
      return state === '0A' && local.endsWith(wanted);
    }));
}

const isRefusal = (error) =>
  Boolean(error) && (error.code === 'ECONNREFUSED' || /ECONNREFUSED|refused/.test(String(error.message)) ||
    isRefusal(error.cause) || (error.errors || []).some(isRefusal));

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

// connect(over) opens one connection; it calls over(error) when that has ended or has not come about.
async function run(connect) {
  for (let refused = 0; refused < 3;) {
    const error = await new Promise((resolve) => {
      try {
        connect(resolve);
      } catch (thrown) {
        resolve({ code: 'ECONNREFUSED', message: `not tried: ${thrown.message}` });
      }
    });
    if (error && error.message) console.error(error.message);
    if (!loop) break;
    refused = isRefusal(error) ? refused + 1 : 0;
    if (refused > 0) await pause(100);
  }
  setTimeout(() => process.exit(), 1000).unref(); // what is still to be written has a second
}

// run() for a class with the interface of browsers.
function runStandard(Class, argument) {
  run((over) => {
    const socket = argument === undefined ? new Class(url) : new Class(url, argument);
    let opened = false;
    let error;
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => { opened = true; };
    socket.onmessage = (event) => (closes ? socket.close(1000) : socket.send(event.data));
    socket.onclose = () => over(error && !opened && nobodyListens() ? { code: 'ECONNREFUSED', message: 'refused' } : error);
    socket.onerror = (event) => {
      error = event.error || { message: event.message || 'failed' };
      setTimeout(socket.onclose, opened ? 3000 : 20); // Node 20 leaves the close event out
    };
  });
}

module.exports = { url, closes, proxy, protocols, headers, ca, run, runStandard, limit: 64 * 1024 * 1024 };
