import driver
import websockets


# By default it pings every 20 s, and waits for a pong as long.
keep_alive = {"ping_interval": driver.PING_INTERVAL, "ping_timeout": driver.PING_TIMEOUT}


async def connect():
    async with websockets.connect(
        driver.URL,
        ssl=driver.tls(),
        max_size=driver.LIMIT,
        subprotocols=driver.PROTOCOLS or None,
        extra_headers=driver.HEADERS,
        **{name: time for name, time in keep_alive.items() if time is not None},
    ) as socket:
        try:
            async for message in socket:
                if driver.CLOSES:
                    break  # the end of the block closes
                await socket.send(message)
        except websockets.ConnectionClosed:
            pass


driver.run_async(connect)
