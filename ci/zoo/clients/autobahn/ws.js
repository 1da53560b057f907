// npm ws: reads the number of cases as an integer and closes right then; the cases one after another; the reports at the end.
'use strict';
const WebSocket = require('ws');

const base = process.argv[2].replace(/\/+$/, '');
const agent = encodeURIComponent(process.env.WSSPEC_AGENT || 'zoo-ws');

function caseCount() {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${base}/getCaseCount`);
    socket.on('error', reject);
    socket.on('message', (data) => {
      resolve(parseInt(data, 10));
      socket.close();
    });
  });
}

function runCase(number) {
  return new Promise((resolve) => {
    const socket = new WebSocket(`${base}/runCase?case=${number}&agent=${agent}`, {
      maxPayload: 64 * 1024 * 1024,
      maxFragments: 256 * 1024,
    });
    socket.on('message', (data, binary) => socket.send(data, { binary }));
    socket.on('error', () => {});
    socket.on('close', resolve);
  });
}

function updateReports() {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(`${base}/updateReports?agent=${agent}`);
    socket.on('error', reject);
    socket.on('close', resolve);
  });
}

(async () => {
  const count = await caseCount();
  for (let number = 1; number <= count; ++number) await runCase(number);
  await updateReports();
  console.log(`${count} cases`);
})().catch((error) => {
  console.error(error.message);
  process.exit(1);
});
