import os
import sys

from aiohttp import WSMsgType, web


# In seconds; by default it does not ping. It waits for a pong half as long.
heartbeat = float(os.environ["PING_INTERVAL"]) if "PING_INTERVAL" in os.environ else None


async def echo(request):
    socket = web.WebSocketResponse(max_msg_size=64 * 1024 * 1024, compress=True, heartbeat=heartbeat)
    await socket.prepare(request)
    async for message in socket:
        if message.type is WSMsgType.TEXT:
            await socket.send_str(message.data)
        elif message.type is WSMsgType.BINARY:
            await socket.send_bytes(message.data)
    return socket


application = web.Application()
application.router.add_get("/{path:.*}", echo)
web.run_app(application, host="127.0.0.1", port=int(sys.argv[1]), print=None, shutdown_timeout=0.1)
