#!/usr/bin/env python3
"""Does one connection get octets of another?  mixed.py PORT, while ci/zoo/start.sh libwebsockets PORT runs.

Two clients of their own send noise, compressed (so in stored blocks), and compare the echoes. Exits with 1 when an echo
holds 32 octets that only the other client has sent.
"""
import os
import socket
import struct
import sys
import threading
import zlib

REQUEST = ("GET / HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
           "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n").encode()
CONNECTIONS, MESSAGES, SIZE = 40, 60, 4096


class Client:
    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=5)
        self.socket.sendall(REQUEST)
        self.buffer = b""
        while b"\r\n\r\n" not in self.buffer:
            self.fill()
        self.buffer = self.buffer.split(b"\r\n\r\n", 1)[1]
        self.deflate = zlib.compressobj(6, zlib.DEFLATED, -15)
        self.inflate = zlib.decompressobj(-15)

    def fill(self):
        octets = self.socket.recv(65536)
        if not octets:
            raise EOFError
        self.buffer += octets

    def take(self, size):
        while len(self.buffer) < size:
            self.fill()
        taken, self.buffer = self.buffer[:size], self.buffer[size:]
        return taken

    def echo(self, data):
        payload = (self.deflate.compress(data) + self.deflate.flush(zlib.Z_SYNC_FLUSH))[:-4]
        self.socket.sendall(b"\xc2\xfe" + struct.pack(">H", len(payload)) + bytes(4) + payload)
        message, fin, compressed = b"", False, None
        while not fin:
            first, second = self.take(2)
            size = second & 127
            if size == 126:
                size = struct.unpack(">H", self.take(2))[0]
            if first & 15 == 8:
                raise EOFError
            compressed = first & 0x40 if compressed is None else compressed
            message += self.take(size)
            fin = first & 0x80
        return self.inflate.decompress(message + b"\0\0\xff\xff") if compressed else message


def main():
    port, sent, mixed = int(sys.argv[1]), ([], []), []

    def run(me):
        for _ in range(CONNECTIONS):
            try:
                client = Client(port)
                for _ in range(MESSAGES):
                    sent[me].append(os.urandom(SIZE))
                    got = client.echo(sent[me][-1])
                    at = next((i for i in range(min(len(got), SIZE)) if got[i] != sent[me][-1][i]), None)
                    if at is not None and any(got[at:at + 32] in other for other in list(sent[1 - me])):
                        mixed.append((me, at))
                        break
            except (EOFError, OSError, zlib.error):
                pass  # its inflater met what makes no sense to it

    threads = [threading.Thread(target=run, args=(me,)) for me in (0, 1)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    print(f"{len(mixed)} of {2 * CONNECTIONS} connections got octets of the other" +
          (f", first from octet {mixed[0][1]} of a message on" if mixed else ""))
    sys.exit(1 if mixed else 0)


main()
