/* An echo server with libsoup 3; it accepts permessage-deflate by itself. */
#include <glib-unix.h>
#include <libsoup/soup.h>
#include <stdlib.h>

static void on_message(SoupWebsocketConnection *connection, gint type, GBytes *message, gpointer user) {
  (void)user;
  if (soup_websocket_connection_get_state(connection) == SOUP_WEBSOCKET_STATE_OPEN)
    soup_websocket_connection_send_message(connection, (SoupWebsocketDataType)type, message);
}

static void on_closed(SoupWebsocketConnection *connection, gpointer user) {
  (void)user;
  g_object_unref(connection);
}

static void on_websocket(SoupServer *server, SoupServerMessage *request, const char *path,
                         SoupWebsocketConnection *connection, gpointer user) {
  (void)server, (void)request, (void)path, (void)user;
  g_object_ref(connection);
  soup_websocket_connection_set_max_incoming_payload_size(connection, 64 * 1024 * 1024);
  g_signal_connect(connection, "message", G_CALLBACK(on_message), NULL);
  g_signal_connect(connection, "closed", G_CALLBACK(on_closed), NULL);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  GMainLoop *loop = g_main_loop_new(NULL, FALSE);
  GError *error = NULL;
  SoupServer *server = soup_server_new(NULL, NULL);
  soup_server_add_websocket_handler(server, NULL, NULL, NULL, on_websocket, NULL, NULL);
  if (!soup_server_listen_local(server, (guint)atoi(argv[1]), SOUP_SERVER_LISTEN_IPV4_ONLY, &error)) {
    g_printerr("%s\n", error->message);
    return 1;
  }
  g_unix_signal_add(SIGTERM, G_SOURCE_FUNC(g_main_loop_quit), loop);
  g_main_loop_run(loop);
  return 0;
}
