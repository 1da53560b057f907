import java.io.ByteArrayOutputStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.WebSocket;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** java.net.http of the JDK. */
public class JavaNetHttp {
  /** The library hands over messages in pieces, and allows one send at a time. */
  static class Echo implements WebSocket.Listener {
    final CompletableFuture<Void> over = new CompletableFuture<>();
    private CompletableFuture<?> sent = CompletableFuture.completedFuture(null);
    private final StringBuilder text = new StringBuilder();
    private final ByteArrayOutputStream binary = new ByteArrayOutputStream();

    @Override
    public void onOpen(WebSocket socket) {
      socket.request(Long.MAX_VALUE); // without demand the library does not notice the end of TCP
    }

    @Override
    public CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
      text.append(data);
      if (!last) return null;
      String whole = text.toString();
      text.setLength(0);
      sent = sent.thenCompose(before -> socket.sendText(whole, true));
      return null;
    }

    @Override
    public CompletionStage<?> onBinary(WebSocket socket, ByteBuffer data, boolean last) {
      byte[] part = new byte[data.remaining()];
      data.get(part);
      binary.writeBytes(part);
      if (!last) return null;
      ByteBuffer whole = ByteBuffer.wrap(binary.toByteArray());
      binary.reset();
      sent = sent.thenCompose(before -> socket.sendBinary(whole, true));
      return null;
    }

    @Override
    public CompletionStage<?> onPing(WebSocket socket, ByteBuffer data) {
      return null; // the library answers
    }

    @Override
    public CompletionStage<?> onPong(WebSocket socket, ByteBuffer data) {
      return null;
    }

    @Override
    public CompletionStage<?> onClose(WebSocket socket, int code, String reason) {
      // The library answers behind this; the output being closed tells that it has.
      CompletableFuture.runAsync(() -> {
        for (int i = 0; i < 100 && !socket.isOutputClosed(); ++i) pause();
        pause();
        over.complete(null);
      });
      return null;
    }

    private static void pause() {
      try {
        Thread.sleep(10);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }

    @Override
    public void onError(WebSocket socket, Throwable error) {
      System.err.println(error);
      CompletableFuture.runAsync(() -> {
        pause(); // the library sends its Close, if any, by itself
        over.complete(null);
      });
    }
  }

  public static void main(String[] arguments) throws Exception {
    HttpClient.Builder client = HttpClient.newBuilder();
    if (arguments[0].startsWith("wss:")) client.sslContext(Driver.tls());
    HttpClient built = client.build();
    Driver.run(() -> {
      WebSocket.Builder builder = built.newWebSocketBuilder();
      Driver.headers().forEach(builder::header);
      List<String> protocols = Driver.protocols();
      if (!protocols.isEmpty()) {
        builder.subprotocols(protocols.get(0), protocols.subList(1, protocols.size()).toArray(new String[0]));
      }
      Echo echo = new Echo();
      builder.buildAsync(URI.create(arguments[0]), echo).get();
      return echo.over.get();
    });
  }
}
