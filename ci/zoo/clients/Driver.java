import java.io.FileInputStream;
import java.net.ConnectException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;

/** What the Java drivers share: what they are asked for, and the loop round one connection. */
final class Driver {
  static final int LIMIT = 64 * 1024 * 1024;

  private Driver() {}

  static String setting(String name) {
    return System.getenv().getOrDefault("WSSPEC_" + name, "");
  }

  static List<String> protocols() {
    return Stream.of(setting("PROTOCOLS").split(",")).map(String::trim).filter(s -> !s.isEmpty()).collect(Collectors.toList());
  }

  static Map<String, String> headers() {
    Map<String, String> all = new LinkedHashMap<>();
    for (String line : setting("HEADERS").split("\n")) {
      int colon = line.indexOf(':');
      if (colon > 0) all.put(line.substring(0, colon).trim(), line.substring(colon + 1).trim());
    }
    return all;
  }

  /** Of the authority in WSSPEC_CA, or those of the system. */
  static X509TrustManager trust() throws Exception {
    KeyStore store = null;
    if (!setting("CA").isEmpty()) {
      store = KeyStore.getInstance(KeyStore.getDefaultType());
      store.load(null, null);
      try (FileInputStream file = new FileInputStream(setting("CA"))) {
        store.setCertificateEntry("ca", CertificateFactory.getInstance("X.509").generateCertificate(file));
      }
    }
    TrustManagerFactory factory = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    factory.init(store);
    return (X509TrustManager) factory.getTrustManagers()[0];
  }

  static SSLContext tls() throws Exception {
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, new TrustManager[] {trust()}, null);
    return context;
  }

  private static boolean isRefusal(Throwable error) {
    for (Throwable at = error; at != null; at = at.getCause()) {
      if (at instanceof ConnectException || String.valueOf(at.getMessage()).contains("refused")) return true;
    }
    return false;
  }

  /** connect is one connection, to its end; it throws what kept it from coming about. Ends the process. */
  static void run(Callable<?> connect) throws Exception {
    for (int refused = 0; refused < 3; ) {
      Throwable error = null;
      try {
        connect.call();
      } catch (Exception thrown) {
        error = thrown;
        System.err.println(thrown);
      }
      if (!setting("ACTION").equals("loop")) break;
      refused = isRefusal(error) || error instanceof IllegalArgumentException ? refused + 1 : 0;
      if (refused > 0) Thread.sleep(100);
    }
    Thread.sleep(200); // for what is still to be written
    System.exit(0);
  }
}
