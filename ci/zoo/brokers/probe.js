// Does a broker serve? Two clients of npm @stomp/stompjs: one subscribes, the other sends, the first gets it; some brokers
// send nobody what is its own. Prints the version, the server's name and the kind of its messages.
// Usage: node probe.js URL DESTINATION [LOGIN PASSCODE]
const WebSocket = require('ws');
const { Client } = require('@stomp/stompjs');

const [, , url, destination, login, passcode] = process.argv;
const end = (code, words) => {
  console.log(words);
  process.exit(code);
};
setTimeout(() => end(1, 'no message within 10 s'), 10000);
let kind;

const connect = (onConnect) => {
  const client = new Client({
    // Without a subprotocol, since not every broker selects one.
    webSocketFactory: () => {
      const socket = new WebSocket(url);
      socket.on('message', (data, binary) => {
        kind = binary ? 'binary' : 'text';
      });
      return socket;
    },
    reconnectDelay: 0,
    heartbeatIncoming: 0,
    heartbeatOutgoing: 0,
    connectHeaders: login ? { login, passcode } : {},
    onWebSocketError: (event) => end(1, event.message || 'no connection'),
    onStompError: (frame) => end(1, `ERROR ${frame.headers.message}: ${frame.body}`),
    onConnect: (frame) => onConnect(client, frame.headers),
  });
  client.activate();
};

connect((reader, about) => {
  reader.subscribe(destination, (message) => {
    if (message.body !== 'hello') end(1, `came back as '${message.body}'`);
    end(0, `STOMP ${about.version}, server '${about.server || ''}', heart-beat ${about['heart-beat'] || 'none'}, ${kind} messages`);
  });
  connect((writer) => setTimeout(() => writer.publish({ destination, body: 'hello' }), 200));
});
