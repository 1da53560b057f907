import os
import sys

from autobahn.twisted.websocket import WebSocketServerFactory, WebSocketServerProtocol
from autobahn.websocket.compress import PerMessageDeflateOffer, PerMessageDeflateOfferAccept
from twisted.internet import reactor


class Echo(WebSocketServerProtocol):
    def onMessage(self, payload, isBinary):
        self.sendMessage(payload, isBinary)


def accept(offers):
    for offer in offers:
        if isinstance(offer, PerMessageDeflateOffer):
            return PerMessageDeflateOfferAccept(offer)


port = int(sys.argv[1])
factory = WebSocketServerFactory(f"ws://127.0.0.1:{port}")
factory.protocol = Echo
factory.setProtocolOptions(
    failByDrop=False,
    # In seconds; by default it does not ping.
    autoPingInterval=float(os.environ.get("PING_INTERVAL", 0)),
    autoPingTimeout=float(os.environ.get("PING_TIMEOUT", 0)),
    maxFramePayloadSize=64 * 1024 * 1024,
    maxMessagePayloadSize=64 * 1024 * 1024,
    perMessageCompressionAccept=accept,
)
reactor.listenTCP(port, factory, interface="127.0.0.1")
reactor.run()
