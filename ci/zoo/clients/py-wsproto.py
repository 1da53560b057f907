"""wsproto keeps the state of the protocol; the socket is this driver's."""

import socket as sockets

import driver
from wsproto import ConnectionType, WSConnection
from wsproto.connection import ConnectionState
from wsproto.events import BytesMessage, CloseConnection, Ping, RejectConnection, Request, TextMessage
from wsproto.extensions import PerMessageDeflate


def connect():
    host, port, target = driver.address()
    socket = sockets.create_connection((host, port))
    socket.setsockopt(sockets.IPPROTO_TCP, sockets.TCP_NODELAY, 1)
    if driver.SECURE:
        socket = driver.tls().wrap_socket(socket, server_hostname=host)
    with socket:
        talk(socket, f"[{host}]:{port}" if ":" in host else f"{host}:{port}", target)


def talk(socket, authority, target):
    protocol = WSConnection(ConnectionType.CLIENT)
    request = Request(
        host=authority,
        target=target,
        extensions=[PerMessageDeflate()],
        subprotocols=driver.PROTOCOLS,
        extra_headers=[(name.encode(), value.encode()) for name, value in driver.HEADERS],
    )
    socket.sendall(protocol.send(request))
    parts = []  # of the message that is being received
    while protocol.state != ConnectionState.CLOSED:
        data = socket.recv(65536)
        protocol.receive_data(data or None)
        for event in protocol.events():
            if isinstance(event, (TextMessage, BytesMessage)):
                parts.append(event.data)
                if event.message_finished:
                    whole = ("" if isinstance(event, TextMessage) else b"").join(parts)
                    socket.sendall(protocol.send(type(event)(data=whole)))
                    parts = []
            elif isinstance(event, Ping):
                socket.sendall(protocol.send(event.response()))
            elif isinstance(event, CloseConnection):
                if protocol.state == ConnectionState.REMOTE_CLOSING:
                    socket.sendall(protocol.send(event.response()))
                elif protocol.state == ConnectionState.OPEN:  # its own: a violation was seen
                    socket.sendall(protocol.send(event))
            elif isinstance(event, RejectConnection):
                raise RuntimeError(f"status {event.status_code}")
        if not data:
            return


driver.run(connect)
