// An echo server with Qt WebSockets.
#include <QCoreApplication>
#include <QWebSocket>
#include <QWebSocketServer>
#include <cstdlib>

int main(int argc, char** argv) {
  QCoreApplication application(argc, argv);
  if (argc != 2) return 2;
  QWebSocketServer server("echo", QWebSocketServer::NonSecureMode);
  server.setMaxPendingConnections(1024);
  QObject::connect(&server, &QWebSocketServer::newConnection, [&server] {
    while (QWebSocket* socket = server.nextPendingConnection()) {
      socket->setMaxAllowedIncomingFrameSize(64 * 1024 * 1024);
      socket->setMaxAllowedIncomingMessageSize(64 * 1024 * 1024);
      QObject::connect(socket, &QWebSocket::textMessageReceived, socket, &QWebSocket::sendTextMessage);
      QObject::connect(socket, &QWebSocket::binaryMessageReceived, socket, &QWebSocket::sendBinaryMessage);
      QObject::connect(socket, &QWebSocket::disconnected, socket, &QObject::deleteLater);
    }
  });
  if (!server.listen(QHostAddress::LocalHost, static_cast<quint16>(std::atoi(argv[1])))) return 1;
  return application.exec();
}
