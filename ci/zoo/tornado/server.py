import asyncio
import os
import sys

import tornado.web
import tornado.websocket

# In seconds; by default it does not ping.
keep_alive = {
    f"websocket_{name}": float(os.environ[name.upper()])
    for name in ("ping_interval", "ping_timeout")
    if name.upper() in os.environ
}


class Echo(tornado.websocket.WebSocketHandler):
    def get_compression_options(self):
        return {}  # not None: offer permessage-deflate with default settings

    def check_origin(self, origin):
        return True

    async def on_message(self, message):
        await self.write_message(message, binary=isinstance(message, bytes))


async def main(port):
    application = tornado.web.Application(
        [(r"/.*", Echo)], websocket_max_message_size=64 * 1024 * 1024, **keep_alive
    )
    application.listen(port, "127.0.0.1")
    await asyncio.Future()  # until SIGTERM


asyncio.run(main(int(sys.argv[1])))
