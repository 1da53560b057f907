import asyncio
import sys

import websockets


async def echo(websocket):
    async for message in websocket:
        await websocket.send(message)


async def main(port):
    async with websockets.serve(echo, "127.0.0.1", port, max_size=64 * 1024 * 1024, compression="deflate"):
        await asyncio.Future()  # until SIGTERM


asyncio.run(main(int(sys.argv[1])))
