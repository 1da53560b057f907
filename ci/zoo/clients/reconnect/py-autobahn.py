import sys

from autobahn.twisted.websocket import WebSocketClientFactory, WebSocketClientProtocol, connectWS
from twisted.internet import reactor
from twisted.internet.protocol import ReconnectingClientFactory


class Echo(WebSocketClientProtocol):
    def onConnect(self, response):
        self.factory.resetDelay()

    def onMessage(self, payload, isBinary):
        self.sendMessage(payload, isBinary)


class Factory(WebSocketClientFactory, ReconnectingClientFactory):
    protocol = Echo

    def clientConnectionFailed(self, connector, reason):
        self.retry(connector)

    def clientConnectionLost(self, connector, reason):
        self.retry(connector)


connectWS(Factory(sys.argv[1]))
reactor.run()
