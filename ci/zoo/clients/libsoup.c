/* libsoup 3 */
#include <libsoup/soup.h>

#include "driver.h"

static GMainLoop *loop;
static SoupSession *session;
static const char *address;
static struct driver_url url;

static void connect_to_it(void);

static gboolean once_more(gpointer opened) {
  if (driver_again(GPOINTER_TO_INT(opened), url.port)) connect_to_it();
  else g_main_loop_quit(loop);
  return G_SOURCE_REMOVE;
}

static void on_message(SoupWebsocketConnection *connection, gint type, GBytes *message, gpointer user) {
  (void)user;
  if (soup_websocket_connection_get_state(connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_send_message(connection, (SoupWebsocketDataType)type, message);
}

static void on_closed(SoupWebsocketConnection *connection, gpointer user) {
  (void)user;
  g_object_unref(connection);
  g_idle_add(once_more, GINT_TO_POINTER(1));
}

static void on_connected(GObject *source, GAsyncResult *result, gpointer user) {
  GError *error = NULL;
  SoupWebsocketConnection *connection = soup_session_websocket_connect_finish(SOUP_SESSION(source), result, &error);
  (void)user;
  if (!connection) {
    g_printerr("%s\n", error->message);
    g_error_free(error);
    g_idle_add(once_more, GINT_TO_POINTER(0));
    return;
  }
  soup_websocket_connection_set_max_incoming_payload_size(connection, driver_limit);
  g_signal_connect(connection, "message", G_CALLBACK(on_message), NULL);
  g_signal_connect(connection, "closed", G_CALLBACK(on_closed), NULL);
}

static void connect_to_it(void) {
  SoupMessage *message = soup_message_new("GET", address);
  const char *asked = driver_setting("WSSPEC_PROTOCOLS"), *next = driver_setting("WSSPEC_HEADERS");
  char **protocols = asked ? g_strsplit(asked, ",", -1) : NULL;
  char name[256], value[4096];
  if (!message) {
    g_printerr("libsoup does not take this URL\n");
    g_main_loop_quit(loop);
    return;
  }
  while (driver_header(&next, name, sizeof name, value, sizeof value))
    soup_message_headers_append(soup_message_get_request_headers(message), name, value);
  soup_session_websocket_connect_async(session, message, NULL, protocols, G_PRIORITY_DEFAULT, NULL, on_connected, NULL);
  g_strfreev(protocols);
  g_object_unref(message);
}

int main(int argc, char **argv) {
  if (argc != 2 || driver_parse(argv[1], &url)) return 2;
  address = argv[1];
  loop = g_main_loop_new(NULL, FALSE);
  session = soup_session_new();
  soup_session_add_feature_by_type(session, SOUP_TYPE_WEBSOCKET_EXTENSION_MANAGER);
  const char *ca = driver_setting("WSSPEC_CA");
  GTlsDatabase *authorities = ca ? g_tls_file_database_new(ca, NULL) : NULL;
  if (authorities) soup_session_set_tls_database(session, authorities);
  connect_to_it();
  g_main_loop_run(loop);
  return 0;
}
