import jakarta.websocket.OnMessage;
import jakarta.websocket.Session;
import jakarta.websocket.server.ServerContainer;
import jakarta.websocket.server.ServerEndpointConfig;
import jakarta.websocket.server.ServerEndpoint;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.catalina.Context;
import org.apache.catalina.connector.Connector;
import org.apache.catalina.servlets.DefaultServlet;
import org.apache.catalina.startup.Tomcat;
import org.apache.tomcat.websocket.server.WsContextListener;

public class Server {
  static final int LIMIT = 4 * 1024 * 1024; // Tomcat allocates three times as much for each connection

  @ServerEndpoint("/")
  public static class Echo {
    @OnMessage(maxMessageSize = LIMIT)
    public void text(Session session, String message) throws IOException {
      session.getBasicRemote().sendText(message);
    }

    @OnMessage(maxMessageSize = LIMIT)
    public void binary(Session session, ByteBuffer message) throws IOException {
      session.getBasicRemote().sendBinary(message);
    }
  }

  /** Registers the endpoint once the container is there. */
  public static class Endpoints extends WsContextListener {
    @Override
    public void contextInitialized(jakarta.servlet.ServletContextEvent event) {
      super.contextInitialized(event);
      ServerContainer container =
          (ServerContainer) event.getServletContext().getAttribute(ServerContainer.class.getName());
      container.setDefaultMaxTextMessageBufferSize(LIMIT);
      container.setDefaultMaxBinaryMessageBufferSize(LIMIT);
      try {
        container.addEndpoint(ServerEndpointConfig.Builder.create(Echo.class, "/").build());
      } catch (jakarta.websocket.DeploymentException error) {
        throw new IllegalStateException(error);
      }
    }
  }

  public static void main(String[] arguments) throws Exception {
    Logger.getLogger("").setLevel(Level.SEVERE);
    Tomcat tomcat = new Tomcat();
    String base = Files.createTempDirectory("tomcat").toString();
    tomcat.setBaseDir(base);
    Connector connector = new Connector();
    connector.setProperty("address", "127.0.0.1");
    connector.setPort(Integer.parseInt(arguments[0]));
    tomcat.setConnector(connector);
    Context context = tomcat.addContext("", base);
    context.addApplicationListener(Endpoints.class.getName());
    Tomcat.addServlet(context, "default", new DefaultServlet());
    context.addServletMappingDecoded("/", "default");
    tomcat.start();
    if (!context.getState().isAvailable()) System.exit(1);
    tomcat.getServer().await();
  }
}
