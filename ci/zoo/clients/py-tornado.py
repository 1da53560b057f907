import asyncio

import driver
from tornado.httpclient import HTTPRequest
from tornado.httputil import HTTPHeaders
from tornado.websocket import WebSocketClosedError, websocket_connect


async def connect():
    headers = HTTPHeaders()
    for name, value in driver.HEADERS:
        headers.add(name, value)
    socket = await websocket_connect(
        HTTPRequest(driver.URL, headers=headers, ca_certs=driver.CA),
        compression_options={},
        max_message_size=driver.LIMIT,
        subprotocols=driver.PROTOCOLS or None,
    )
    try:
        while (message := await socket.read_message()) is not None:
            await socket.write_message(message, binary=isinstance(message, bytes))
    except WebSocketClosedError:
        pass
    finally:
        if not driver.LOOP:
            await asyncio.sleep(0.5)  # for what is still to be written


driver.run_async(connect)
