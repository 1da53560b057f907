import asyncio
import signal
import sys

import websockets


async def echo(websocket):
    async for message in websocket:
        await websocket.send(message)


async def main(port):
    stop = asyncio.get_running_loop().create_future()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set_result, None)
    async with websockets.serve(echo, "127.0.0.1", port, max_size=64 * 1024 * 1024, compression="deflate"):
        await stop


asyncio.run(main(int(sys.argv[1])))
