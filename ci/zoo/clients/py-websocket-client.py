import driver
import websocket
from websocket import ABNF


def connect():
    socket = websocket.create_connection(
        driver.URL,
        subprotocols=driver.PROTOCOLS or None,
        header=[f"{name}: {value}" for name, value in driver.HEADERS],
        sslopt={"ca_certs": driver.CA} if driver.CA else None,
    )
    try:
        while True:
            opcode, data = socket.recv_data()
            if opcode == ABNF.OPCODE_CLOSE:  # the library has answered it
                break
            socket.send(data, opcode)
    finally:
        socket.shutdown()  # close() would send a second Close


driver.run(connect)
