import asyncio
import os
import sys

import websockets

# In seconds; what is not set is the library's default.
keep_alive = {
    name: float(os.environ[name.upper()]) for name in ("ping_interval", "ping_timeout") if name.upper() in os.environ
}


async def echo(websocket):
    async for message in websocket:
        await websocket.send(message)


async def main(port):
    async with websockets.serve(
        echo, "127.0.0.1", port, max_size=64 * 1024 * 1024, compression="deflate", **keep_alive
    ):
        await asyncio.Future()  # until SIGTERM


asyncio.run(main(int(sys.argv[1])))
