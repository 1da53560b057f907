// Qt WebSockets
#include <QCoreApplication>
#include <QFile>
#include <QSslCertificate>
#include <QSslConfiguration>
#include <QTimer>
#include <QWebSocket>
#include <QWebSocketHandshakeOptions>

#include "driver.h"

int main(int argc, char** argv) {
  QCoreApplication application(argc, argv);
  driver_url url;
  if (argc != 2 || driver_parse(argv[1], &url) != 0) return 2;
  const QUrl address = QUrl::fromEncoded(argv[1]);
  do {
    QWebSocket socket;
    QEventLoop loop;
    bool opened = false;
    socket.setMaxAllowedIncomingFrameSize(driver_limit);
    socket.setMaxAllowedIncomingMessageSize(driver_limit);
    if (const char* ca = driver_setting("WSSPEC_CA")) {
      QSslConfiguration tls = socket.sslConfiguration();
      tls.setCaCertificates(QSslCertificate::fromPath(ca));
      socket.setSslConfiguration(tls);
    }
    QObject::connect(&socket, &QWebSocket::connected, [&] { opened = true; });
    QObject::connect(&socket, &QWebSocket::textMessageReceived, &socket, &QWebSocket::sendTextMessage);
    QObject::connect(&socket, &QWebSocket::binaryMessageReceived, &socket, &QWebSocket::sendBinaryMessage);
    QObject::connect(&socket, QOverload<QAbstractSocket::SocketError>::of(&QWebSocket::error), [&] { fprintf(stderr, "%s\n", qPrintable(socket.errorString())); });
    QObject::connect(&socket, &QWebSocket::stateChanged, &loop, [&](QAbstractSocket::SocketState state) {
      if (state == QAbstractSocket::UnconnectedState) QTimer::singleShot(0, &loop, &QEventLoop::quit);
    });
    QNetworkRequest request(address);
    const char* next = driver_setting("WSSPEC_HEADERS");
    char name[256], value[4096];
    while (driver_header(&next, name, sizeof name, value, sizeof value)) request.setRawHeader(name, value);
    QWebSocketHandshakeOptions options;
    if (const char* protocols = driver_setting("WSSPEC_PROTOCOLS")) options.setSubprotocols(QString(protocols).split(','));
    socket.open(request, options);
    if (socket.state() != QAbstractSocket::UnconnectedState) loop.exec();
    if (!driver_again(opened, url.port)) break;
  } while (true);
}
