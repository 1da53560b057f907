#!/usr/bin/env python3
"""Broken and hostile WebSocket servers: server.py KIND PORT. What each does wrong stands beside its name in KINDS.

Standard library only, one thread a connection. The good part is a plain echo server that answers pings and closes.
"""
import base64
import hashlib
import os
import socket
import struct
import sys
import threading
import time

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
CLOSE, PING, PONG = 8, 9, 10


def frame(opcode, payload=b""):
    size = len(payload)
    if size < 126:
        head = bytes([0x80 | opcode, size])
    elif size < 65536:
        head = bytes([0x80 | opcode, 126]) + struct.pack(">H", size)
    else:
        head = bytes([0x80 | opcode, 127]) + struct.pack(">Q", size)
    return head + payload


class Fault(Exception):
    """The client broke the protocol."""


class Gone(Exception):
    """The connection has ended."""


class Echo:
    """Serves one connection; the kinds override what they do wrong."""

    chunk = 65536
    served = 0  # connections so far, in this process
    lock = threading.Lock()

    def __init__(self, sock):
        self.sock = sock
        self.buffer = b""
        with Echo.lock:
            Echo.served += 1
            self.number = Echo.served

    # --- octets

    def send(self, data):
        self.sock.sendall(data)

    def read(self):
        data = self.sock.recv(self.chunk)
        if not data:
            raise Gone
        self.buffer += data

    def take(self, size):
        while len(self.buffer) < size:
            self.read()
        data, self.buffer = self.buffer[:size], self.buffer[size:]
        return data

    # --- the handshake

    def reply(self, head):
        fields = {}
        for line in head.split(b"\r\n")[1:]:
            name, colon, value = line.partition(b":")
            if colon:
                fields[name.strip().lower()] = value.strip()
        key = fields.get(b"sec-websocket-key")
        wanted = (head.startswith(b"GET ") and b" HTTP/1.1" in head and key
                  and fields.get(b"upgrade", b"").lower() == b"websocket" and b"host" in fields
                  and b"upgrade" in fields.get(b"connection", b"").lower()
                  and fields.get(b"sec-websocket-version") == b"13")
        if not wanted:
            return b"HTTP/1.1 400 Bad Request\r\nSec-WebSocket-Version: 13\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        accept = base64.b64encode(hashlib.sha1(key + GUID).digest())
        return (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Accept: " + accept + b"\r\n\r\n")

    def open(self):
        while b"\r\n\r\n" not in self.buffer:
            self.read()
        head, _, self.buffer = self.buffer.partition(b"\r\n\r\n")
        answer = self.reply(head)
        self.send(answer)
        if b" 101 " not in answer[:20]:
            raise Gone

    # --- frames

    def next_frame(self):
        first, second = self.take(2)
        size = second & 0x7F
        if size == 126:
            size = struct.unpack(">H", self.take(2))[0]
        elif size == 127:
            size = struct.unpack(">Q", self.take(8))[0]
        opcode = first & 0x0F
        if first & 0x70 or not second & 0x80 or opcode not in (0, 1, 2, 8, 9, 10) or size > 64 << 20:
            raise Fault
        if opcode >= 8 and (size > 125 or not first & 0x80):
            raise Fault
        key = self.take(4)
        data = self.take(size)
        if size:
            pad = (key * (size // 4 + 1))[:size]
            data = (int.from_bytes(data, "big") ^ int.from_bytes(pad, "big")).to_bytes(size, "big")
        return first & 0x80, opcode, data

    def message(self, opcode, data):
        self.send(frame(opcode, data))

    def ping(self, data):
        self.send(frame(PONG, data))

    def close(self, data):
        self.send(frame(CLOSE, data))
        raise Gone

    def fault(self, code=1002):
        self.send(frame(CLOSE, struct.pack(">H", code)))

    def begin(self):
        pass

    def serve(self):
        self.open()
        self.begin()
        kind, parts = 0, []
        while True:
            fin, opcode, data = self.next_frame()
            if opcode == CLOSE:
                self.close(data)
            elif opcode == PING:
                self.ping(data)
            elif opcode < 8:
                if (opcode == 0) != bool(kind):
                    raise Fault
                kind = kind or opcode
                parts.append(data)
                if fin:
                    whole = b"".join(parts)
                    if kind == 1:
                        try:
                            whole.decode()
                        except UnicodeDecodeError:
                            return self.fault(1007)
                    self.message(kind, whole)
                    kind, parts = 0, []

    def run(self):
        try:
            self.serve()
        except Fault:
            try:
                self.fault()
            except OSError:
                pass
        except (Gone, OSError):
            pass
        try:
            self.sock.shutdown(socket.SHUT_WR)
            self.sock.settimeout(1)
            while self.sock.recv(65536):
                pass
        except OSError:
            pass
        self.sock.close()


class Silent(Echo):
    """accepts and never answers"""

    def serve(self):
        while True:
            self.read()


class DiesAtConnection(Echo):
    """ends with status 3 at every connection that says something"""

    def serve(self):
        self.read()
        print("unhandled: somebody spoke to me", flush=True)
        os._exit(3)


class DiesAtFault(Echo):
    """ends with status 3 at every fault of the client"""

    def fault(self, code=1002):
        print("unhandled: a fault", flush=True)
        os._exit(3)


class HangsAtFault(Echo):
    """serves nobody any more after the first fault of a client, but accepts"""

    hung = threading.Event()

    def fault(self, code=1002):
        self.hung.set()
        time.sleep(3600)

    def open(self):
        if self.hung.is_set():
            time.sleep(3600)
        super().open()


class ForgetsHandshakes(Echo):
    """answers the handshakes of its first twelve connections and no other"""

    def open(self):
        if self.number > 12:
            Silent.serve(self)
        super().open()


class NeverCloses(Echo):
    """answers no Close and ends no connection"""

    def close(self, data):
        pass

    def fault(self, code=1002):
        Silent.serve(self)


class SilentAtFault(Echo):
    """says nothing more on a connection with a fault, and keeps it open"""

    def fault(self, code=1002):
        Silent.serve(self)


class Drips(Echo):
    """sends one octet a second"""

    def send(self, data):
        for i in range(len(data)):
            self.sock.sendall(data[i:i + 1])
            time.sleep(1)


class DripsFrames(Drips):
    """sends the answer to the handshake in one piece, then one octet a second"""

    def open(self):
        self.send = self.sock.sendall
        super().open()
        del self.send


class EndlessHead(Echo):
    """answers with a head that does not end"""

    def open(self):
        self.sock.sendall(b"HTTP/1.1 101 Switching Protocols\r\n")
        while True:
            self.sock.sendall(b"X-Field: " + b"a" * 1000 + b"\r\n")


class EndlessFrames(Echo):
    """sends messages without end behind the handshake"""

    block = frame(1, b"x" * 100) * 600

    def begin(self):
        while True:
            self.sock.sendall(self.block)


class EndlessPayload(Echo):
    """begins one frame of 2^62 octets behind the handshake"""

    def begin(self):
        self.sock.sendall(bytes([0x82, 127]) + struct.pack(">Q", 1 << 62))
        while True:
            self.sock.sendall(b"x" * 65536)


class EndlessPings(Echo):
    """echoes, and sends a hundred pings a second"""

    def begin(self):
        def pester():
            try:
                while True:
                    self.sock.sendall(frame(PING, b"still there?"))
                    time.sleep(0.01)
            except OSError:
                pass

        threading.Thread(target=pester, daemon=True).start()


class LateEcho(Echo):
    """echoes after four seconds"""

    def message(self, opcode, data):
        time.sleep(4)
        super().message(opcode, data)


class LateEverything(Echo):
    """answers handshake, message, ping and Close after two seconds each"""

    def send(self, data):
        time.sleep(2)
        super().send(data)


class WrongPongs(Echo):
    """answers a ping with wrong pongs for ever"""

    def ping(self, data):
        while True:
            self.send(frame(PONG, b"wrong"))
            time.sleep(0.01)


class SwallowsLarge(Echo):
    """never answers a message of more than 4 KiB"""

    def message(self, opcode, data):
        if len(data) <= 4096:
            super().message(opcode, data)


class SlowReader(Echo):
    """reads 512 octets at a time, a hundred times a second, and writes 64"""

    chunk = 512

    def read(self):
        time.sleep(0.01)
        super().read()

    def send(self, data):
        for i in range(0, len(data), 64):
            self.sock.sendall(data[i:i + 64])


class OneAtATime(Echo):
    """serves one connection; the others wait until it ends"""

    turn = threading.Lock()

    def run(self):
        with self.turn:
            super().run()


class HangsUp(Echo):
    """ends every connection without a word, but for the first twelve"""

    def open(self):
        if self.number > 12:
            raise Gone
        super().open()


KINDS = {
    "silent": Silent, "dies-at-connection": DiesAtConnection, "dies-at-fault": DiesAtFault,
    "hangs-at-fault": HangsAtFault, "forgets-handshakes": ForgetsHandshakes, "never-closes": NeverCloses,
    "silent-at-fault": SilentAtFault, "drips": Drips, "drips-frames": DripsFrames, "endless-head": EndlessHead,
    "endless-frames": EndlessFrames, "endless-payload": EndlessPayload, "endless-pings": EndlessPings,
    "late-echo": LateEcho, "late-everything": LateEverything, "wrong-pongs": WrongPongs,
    "swallows-large": SwallowsLarge, "slow-reader": SlowReader, "one-at-a-time": OneAtATime, "hangs-up": HangsUp,
}


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in KINDS:
        sys.exit("usage: server.py KIND PORT\n" + "\n".join(f"{k:20} {c.__doc__}" for k, c in KINDS.items()))
    kind = KINDS[sys.argv[1]]
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    listener.bind(("127.0.0.1", int(sys.argv[2])))
    listener.listen(512)
    while True:
        sock, _ = listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        threading.Thread(target=lambda s=sock: kind(s).run(), daemon=True).start()


main()
