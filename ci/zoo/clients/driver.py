"""What the Python drivers share: what they are asked for, and the loop round one connection."""

import asyncio
import errno
import os
import ssl
import sys
import time
from urllib.parse import urlsplit

URL = sys.argv[1]
LOOP = os.environ.get("WSSPEC_ACTION") == "loop"
CLOSES = os.environ.get("WSSPEC_ACTION") == "close"  # in place of sending back a message
PROTOCOLS = [name.strip() for name in os.environ.get("WSSPEC_PROTOCOLS", "").split(",") if name.strip()]
HEADERS = [
    (name.strip(), value.strip())
    for name, colon, value in (line.partition(":") for line in os.environ.get("WSSPEC_HEADERS", "").split("\n"))
    if colon and name.strip()
]
# Seconds, where they are set.
PING_INTERVAL, PING_TIMEOUT = (
    float(os.environ[name]) if name in os.environ else None for name in ("PING_INTERVAL", "PING_TIMEOUT")
)
PROXY = os.environ.get("WSSPEC_PROXY") or None
CA = os.environ.get("WSSPEC_CA") or None
LIMIT = 64 * 1024 * 1024
SECURE = URL.lower().startswith("wss:")


def tls():
    """The context for a wss: URL, or None."""
    return ssl.create_default_context(cafile=CA) if SECURE else None


def address():
    """Host and port of the URL, and the target of the request."""
    parts = urlsplit(URL)
    target = (parts.path or "/") + ("?" + parts.query if parts.query else "")
    return parts.hostname, parts.port or (443 if SECURE else 80), target


def is_refusal(error):
    """Did nobody listen? Also where the library has wrapped the reason."""
    if error is None:
        return False
    if getattr(error, "errno", None) == errno.ECONNREFUSED or "refused" in str(error).lower():
        return True
    return any(map(is_refusal, getattr(error, "exceptions", ()))) or is_refusal(error.__cause__ or error.__context__)


class Rounds:
    """Says after each connection whether there is to be another one, and how long to wait before it."""

    def __init__(self):
        self.refused = 0

    def again(self, error):
        if error is not None:
            print(f"{type(error).__name__}: {error}", file=sys.stderr)
        # A URL that the library does not take would be asked for without end.
        self.refused = self.refused + 1 if isinstance(error, ValueError) or is_refusal(error) else 0
        return LOOP and self.refused < 3

    def pause(self):
        return 0.1 if self.refused else 0


def run(connect):
    """connect() is one connection, to its end."""
    rounds = Rounds()
    while True:
        error = None
        try:
            connect()
        except Exception as thrown:  # whatever a library makes of a refused handshake
            error = thrown
        if not rounds.again(error):
            return
        time.sleep(rounds.pause())


def run_async(connect):
    """The same for a coroutine function."""

    async def all_rounds():
        rounds = Rounds()
        while True:
            error = None
            try:
                await connect()
            except Exception as thrown:
                error = thrown
            if not rounds.again(error):
                return
            await asyncio.sleep(rounds.pause())

    asyncio.run(all_rounds())
