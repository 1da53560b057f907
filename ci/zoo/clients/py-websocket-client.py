from urllib.parse import urlsplit

import driver
import websocket
from websocket import ABNF


proxy = {}
if driver.PROXY:
    at = urlsplit(driver.PROXY)
    proxy = {
        "http_proxy_host": at.hostname,
        "http_proxy_port": at.port,
        "http_proxy_auth": (at.username, at.password) if at.username else None,
        "http_no_proxy": ["nowhere.invalid"],  # by default this machine
        "proxy_type": "http",
    }


def connect():
    socket = websocket.create_connection(
        driver.URL,
        subprotocols=driver.PROTOCOLS or None,
        header=[f"{name}: {value}" for name, value in driver.HEADERS],
        sslopt={"ca_certs": driver.CA} if driver.CA else None,
        **proxy,
    )
    try:
        while True:
            opcode, data = socket.recv_data()
            if opcode == ABNF.OPCODE_CLOSE:  # the library has answered it
                break
            if driver.CLOSES:
                socket.close()
                return
            socket.send(data, opcode)
    finally:
        socket.shutdown()  # close() would send a second Close


driver.run(connect)
