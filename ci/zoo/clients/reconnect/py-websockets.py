import asyncio
import sys

import websockets


async def main():
    async for socket in websockets.connect(sys.argv[1]):
        try:
            async for message in socket:
                await socket.send(message)
        except websockets.ConnectionClosed as error:
            print(error, file=sys.stderr)


asyncio.run(main())
