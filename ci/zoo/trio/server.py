import sys

import trio
from trio_websocket import ConnectionClosed, serve_websocket


async def echo(request):
    try:
        socket = await request.accept()
        while True:
            await socket.send_message(await socket.get_message())
    except ConnectionClosed:  # also while the handshake is being answered
        return


async def main(port):
    await serve_websocket(echo, "127.0.0.1", port, ssl_context=None, max_message_size=64 * 1024 * 1024)


trio.run(main, int(sys.argv[1]))
