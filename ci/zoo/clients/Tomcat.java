import jakarta.websocket.ClientEndpointConfig;
import jakarta.websocket.CloseReason;
import jakarta.websocket.ContainerProvider;
import jakarta.websocket.Endpoint;
import jakarta.websocket.EndpointConfig;
import jakarta.websocket.Extension;
import jakarta.websocket.MessageHandler;
import jakarta.websocket.Session;
import jakarta.websocket.WebSocketContainer;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** The client of Tomcat, by the interface of Jakarta WebSocket. */
public class Tomcat {
  static class Echo extends Endpoint {
    final CompletableFuture<Void> over = new CompletableFuture<>();

    @Override
    public void onOpen(Session session, EndpointConfig config) {
      session.addMessageHandler(String.class, (MessageHandler.Whole<String>) text -> {
        try {
          session.getBasicRemote().sendText(text);
        } catch (IOException e) {
          System.err.println(e);
        }
      });
      session.addMessageHandler(ByteBuffer.class, (MessageHandler.Whole<ByteBuffer>) octets -> {
        try {
          session.getBasicRemote().sendBinary(octets);
        } catch (IOException e) {
          System.err.println(e);
        }
      });
    }

    @Override
    public void onClose(Session session, CloseReason reason) {
      // The answering Close leaves behind this.
      CompletableFuture.delayedExecutor(50, java.util.concurrent.TimeUnit.MILLISECONDS).execute(() -> over.complete(null));
    }

    @Override
    public void onError(Session session, Throwable error) {
      System.err.println(error);
    }
  }

  static class Deflate implements Extension {
    @Override
    public String getName() {
      return "permessage-deflate";
    }

    @Override
    public List<Extension.Parameter> getParameters() {
      return Collections.emptyList();
    }
  }

  public static void main(String[] arguments) throws Exception {
    WebSocketContainer container = ContainerProvider.getWebSocketContainer();
    container.setDefaultMaxTextMessageBufferSize(Driver.LIMIT / 4);
    container.setDefaultMaxBinaryMessageBufferSize(Driver.LIMIT / 4);
    Driver.run(() -> {
      ClientEndpointConfig.Builder builder = ClientEndpointConfig.Builder.create()
          .preferredSubprotocols(Driver.protocols())
          .extensions(Collections.singletonList(new Deflate()))
          .configurator(new ClientEndpointConfig.Configurator() {
            @Override
            public void beforeRequest(Map<String, List<String>> headers) {
              Driver.headers().forEach((name, value) -> headers.put(name, Collections.singletonList(value)));
            }
          });
      if (arguments[0].startsWith("wss:")) builder.sslContext(Driver.tls());
      Echo echo = new Echo();
      container.connectToServer(echo, builder.build(), URI.create(arguments[0]));
      return echo.over.get();
    });
  }
}
