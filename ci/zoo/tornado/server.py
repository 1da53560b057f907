import asyncio
import sys

import tornado.web
import tornado.websocket


class Echo(tornado.websocket.WebSocketHandler):
    def get_compression_options(self):
        return {}  # not None: offer permessage-deflate with default settings

    def check_origin(self, origin):
        return True

    async def on_message(self, message):
        await self.write_message(message, binary=isinstance(message, bytes))


async def main(port):
    application = tornado.web.Application([(r"/.*", Echo)], websocket_max_message_size=64 * 1024 * 1024)
    application.listen(port, "127.0.0.1")
    await asyncio.Future()  # until SIGTERM


asyncio.run(main(int(sys.argv[1])))
