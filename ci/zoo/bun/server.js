Bun.serve({
  hostname: '127.0.0.1',
  port: Number(process.argv[2]),
  fetch(request, server) {
    if (server.upgrade(request)) return undefined;
    return new Response(null, { status: 400 });
  },
  websocket: {
    perMessageDeflate: true,
    ...(process.env.IDLE_LIMIT ? { idleTimeout: Number(process.env.IDLE_LIMIT), sendPings: false } : {}), // seconds
    maxPayloadLength: 64 * 1024 * 1024,
    backpressureLimit: 256 * 1024 * 1024,
    message: (socket, message) => { socket.send(message, true); },
  },
});
