import aiohttp
import driver
from aiohttp import WSMsgType


async def connect():
    async with aiohttp.ClientSession() as session:
        async with session.ws_connect(
            driver.URL,
            protocols=driver.PROTOCOLS,
            headers=driver.HEADERS,
            proxy=driver.PROXY,
            ssl=driver.tls(),
            compress=15,
            max_msg_size=driver.LIMIT,
            heartbeat=driver.PING_INTERVAL,  # a pong may take half as long
        ) as socket:
            async for message in socket:
                if driver.CLOSES:
                    await socket.close()
                elif message.type == WSMsgType.TEXT:
                    await socket.send_str(message.data)
                elif message.type == WSMsgType.BINARY:
                    await socket.send_bytes(message.data)


driver.run_async(connect)
