import driver
import trio
from trio_websocket import ConnectionClosed, open_websocket_url


async def connect():
    async with open_websocket_url(
        driver.URL,
        driver.tls(),
        subprotocols=driver.PROTOCOLS or None,
        extra_headers=[(name.encode(), value.encode()) for name, value in driver.HEADERS],
        message_queue_size=16,
        max_message_size=driver.LIMIT,
    ) as socket:
        try:
            while True:
                await socket.send_message(await socket.get_message())
        except ConnectionClosed:
            pass


driver.run(lambda: trio.run(connect))
