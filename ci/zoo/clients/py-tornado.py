import asyncio
import logging
import sys

import driver
from tornado.httpclient import HTTPRequest
from tornado.httputil import HTTPHeaders
from tornado.websocket import WebSocketClosedError, websocket_connect


class Failures(logging.Handler):
    """What the library's own reader dies of is only logged; read_message() then waits without end, and TCP stays open.

    That is left as it is where there is one connection; a loop goes on.
    """

    seen = None

    def emit(self, record):
        print(record.getMessage(), record.exc_info, file=sys.stderr)
        if self.seen:
            self.seen.set()


failures = Failures()
for name in ("tornado.application", "asyncio"):
    logging.getLogger(name).addHandler(failures)


async def echo(socket):
    try:
        while (message := await socket.read_message()) is not None:
            await socket.write_message(message, binary=isinstance(message, bytes))
    except WebSocketClosedError:
        pass


async def connect():
    failures.seen = asyncio.Event()
    headers = HTTPHeaders()
    for name, value in driver.HEADERS:
        headers.add(name, value)
    socket = await websocket_connect(
        HTTPRequest(driver.URL, headers=headers, ca_certs=driver.CA),
        compression_options={},
        max_message_size=driver.LIMIT,
        ping_interval=driver.PING_INTERVAL,
        ping_timeout=driver.PING_TIMEOUT,
        subprotocols=driver.PROTOCOLS or None,
    )
    if not driver.LOOP:
        await echo(socket)
        await asyncio.sleep(0.5)  # for what is still to be written
        return
    tasks = [asyncio.ensure_future(echo(socket)), asyncio.ensure_future(failures.seen.wait())]
    await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    if not tasks[0].done():
        socket.protocol.stream.close()
    for task in tasks:
        task.cancel()


driver.run_async(connect)
