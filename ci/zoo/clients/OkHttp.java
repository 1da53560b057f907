import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.WebSocket;
import okhttp3.WebSocketListener;
import okio.ByteString;

/** OkHttp */
public class OkHttp {
  static class Echo extends WebSocketListener {
    final CompletableFuture<Void> over = new CompletableFuture<>();
    private boolean opened;

    @Override
    public void onOpen(WebSocket socket, Response response) {
      opened = true;
    }

    @Override
    public void onMessage(WebSocket socket, String text) {
      socket.send(text);
    }

    @Override
    public void onMessage(WebSocket socket, ByteString octets) {
      socket.send(octets);
    }

    @Override
    public void onClosing(WebSocket socket, int code, String reason) {
      try {
        socket.close(code == 1005 ? 1000 : code, reason); // the library leaves the answer to the application
      } catch (IllegalArgumentException e) {
        System.err.println(e);
        socket.cancel();
      }
    }

    @Override
    public void onClosed(WebSocket socket, int code, String reason) {
      over.complete(null);
    }

    @Override
    public void onFailure(WebSocket socket, Throwable error, Response response) {
      System.err.println(error);
      if (opened) over.complete(null);
      else over.completeExceptionally(error);
    }
  }

  public static void main(String[] arguments) throws Exception {
    OkHttpClient.Builder builder = new OkHttpClient.Builder().readTimeout(0, TimeUnit.SECONDS);
    if (arguments[0].startsWith("wss:")) builder.sslSocketFactory(Driver.tls().getSocketFactory(), Driver.trust());
    OkHttpClient client = builder.build();
    Driver.run(() -> {
      Request.Builder request = new Request.Builder().url(arguments[0]);
      Driver.headers().forEach(request::addHeader);
      if (!Driver.protocols().isEmpty()) request.header("Sec-WebSocket-Protocol", String.join(", ", Driver.protocols()));
      Echo echo = new Echo();
      client.newWebSocket(request.build(), echo);
      return echo.over.get();
    });
  }
}
