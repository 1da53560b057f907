from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol, connectWS
from autobahn.websocket.compress import (
    PerMessageDeflateOffer,
    PerMessageDeflateResponse,
    PerMessageDeflateResponseAccept,
)
from twisted.internet import reactor, ssl

import driver

rounds = driver.Rounds()


class Echo(WebSocketClientProtocol):
    def onMessage(self, payload, isBinary):
        self.sendMessage(payload, isBinary)


class Factory(WebSocketClientFactory):
    protocol = Echo

    def clientConnectionFailed(self, connector, reason):
        self.again(connector, reason.value)

    def clientConnectionLost(self, connector, reason):
        self.again(connector, None)

    @staticmethod
    def again(connector, error):
        if rounds.again(error):
            reactor.callLater(rounds.pause(), connector.connect)
        else:
            reactor.callLater(0, reactor.stop)


def accept(response):
    if isinstance(response, PerMessageDeflateResponse):
        return PerMessageDeflateResponseAccept(response)
    return None


def context():
    if not driver.SECURE:
        return None
    with open(driver.CA, "rb") as file:
        authority = ssl.Certificate.loadPEM(file.read())
    return ssl.optionsForClientTLS(driver.address()[0], authority)


factory = Factory(driver.URL, protocols=driver.PROTOCOLS, headers=dict(driver.HEADERS))
factory.setProtocolOptions(
    failByDrop=False,
    autoPingInterval=driver.PING_INTERVAL or 0,
    autoPingTimeout=driver.PING_TIMEOUT or 0,
    maxMessagePayloadSize=driver.LIMIT,
    maxFramePayloadSize=driver.LIMIT,
    perMessageCompressionOffers=[PerMessageDeflateOffer()],
    perMessageCompressionAccept=accept,
)
connectWS(factory, context())
reactor.run()
