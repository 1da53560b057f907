import driver
import websockets


async def connect():
    async with websockets.connect(
        driver.URL,
        ssl=driver.tls(),
        max_size=driver.LIMIT,
        subprotocols=driver.PROTOCOLS or None,
        extra_headers=driver.HEADERS,
    ) as socket:
        try:
            async for message in socket:
                await socket.send(message)
        except websockets.ConnectionClosed:
            pass


driver.run_async(connect)
