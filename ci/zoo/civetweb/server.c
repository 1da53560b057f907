/* An echo server with CivetWeb. It hands over frames, so fragments are put together, and text is checked, here. */
#include <civetweb.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../utf8.h"

enum { max_message = 64 * 1024 * 1024 };

struct message {
  char *data;
  size_t len;
  int opcode; /* 0: none open */
};

static int on_connect(const struct mg_connection *connection, void *user) {
  (void)connection, (void)user;
  return 0;
}

static void on_ready(struct mg_connection *connection, void *user) {
  (void)user;
  mg_set_user_connection_data(connection, calloc(1, sizeof(struct message)));
}

static int fail(struct mg_connection *connection, int code) {
  char payload[2] = {(char)(code >> 8), (char)code};
  mg_websocket_write(connection, MG_WEBSOCKET_OPCODE_CONNECTION_CLOSE, payload, sizeof payload);
  return 0; /* CivetWeb ends the connection */
}

/* CivetWeb hands over Close frames as they came; what they may say is for its user to check and to answer. */
static int on_close_frame(struct mg_connection *connection, int bits, const char *data, size_t len) {
  int code = len >= 2 ? (unsigned char)data[0] << 8 | (unsigned char)data[1] : 1000;
  int known = (code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006) || (code >= 3000 && code <= 4999);
  if (!(bits & 0x80) || (bits & 0x70) || len == 1 || len > 125 || !known) return fail(connection, 1002);
  if (len > 2 && !is_utf8(data + 2, len - 2)) return fail(connection, 1007);
  mg_websocket_write(connection, MG_WEBSOCKET_OPCODE_CONNECTION_CLOSE, data, len >= 2 ? 2 : 0);
  return 0;
}

static int on_data(struct mg_connection *connection, int bits, char *data, size_t len, void *user) {
  (void)user;
  struct message *m = mg_get_user_connection_data(connection);
  int opcode = bits & 0x0f, final = bits & 0x80;
  if (!m) return 0;
  if (opcode == MG_WEBSOCKET_OPCODE_CONNECTION_CLOSE) return on_close_frame(connection, bits, data, len);
  if (opcode > MG_WEBSOCKET_OPCODE_CONNECTION_CLOSE) return 1; /* pings are answered by CivetWeb */
  if (opcode > MG_WEBSOCKET_OPCODE_BINARY || (bits & 0x70)) return fail(connection, 1002);
  if ((opcode == MG_WEBSOCKET_OPCODE_CONTINUATION) != (m->opcode != 0)) return fail(connection, 1002);
  if (m->len + len > max_message) return fail(connection, 1009);
  char *joined = realloc(m->data, m->len + len + 1);
  if (!joined) return fail(connection, 1011);
  m->data = joined;
  memcpy(m->data + m->len, data, len);
  m->len += len;
  if (opcode) m->opcode = opcode;
  if (!final) return 1;
  if (m->opcode == MG_WEBSOCKET_OPCODE_TEXT && !is_utf8(m->data, m->len)) return fail(connection, 1007);
  int sent = mg_websocket_write(connection, m->opcode, m->data, m->len);
  free(m->data);
  *m = (struct message){0};
  return sent > 0;
}

static void on_close(const struct mg_connection *connection, void *user) {
  (void)user;
  struct message *m = mg_get_user_connection_data(connection);
  if (m) free(m->data);
  free(m);
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  char port[32];
  snprintf(port, sizeof port, "127.0.0.1:%s", argv[1]);
  const char *options[] = {"listening_ports", port, "num_threads", "64", "enable_websocket_ping_pong", "yes",
                           "websocket_timeout_ms", "60000", "tcp_nodelay", "1", NULL};
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGTERM);
  sigprocmask(SIG_BLOCK, &signals, NULL); /* inherited by CivetWeb's threads */
  mg_init_library(0);
  struct mg_context *context = mg_start(NULL, NULL, options);
  if (!context) return 1;
  mg_set_websocket_handler(context, "/", on_connect, on_ready, on_data, on_close, NULL);
  int number;
  sigwait(&signals, &number);
  _Exit(0); /* mg_stop would wait for open connections */
}
