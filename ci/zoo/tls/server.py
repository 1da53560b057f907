# Python's websockets over TLS: server.py PORT CERTIFICATE KEY
import asyncio
import ssl
import sys

import websockets


async def echo(peer):
    async for message in peer:
        await peer.send(message)


async def main(port, certificate, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    async with websockets.serve(echo, "127.0.0.1", port, ssl=context, max_size=1 << 26):
        await asyncio.Future()  # until SIGTERM


asyncio.run(main(int(sys.argv[1]), sys.argv[2], sys.argv[3]))
