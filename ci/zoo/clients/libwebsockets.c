/* libwebsockets: whole messages, UTF-8 validation and permessage-deflate on. */
#include <libwebsockets.h>

#include "../libwebsockets/echo.h"
#include "driver.h"

static int opened, over;

static int add_headers(struct lws *wsi, unsigned char **at, size_t room) {
  const char *next = driver_setting("WSSPEC_HEADERS");
  char name[256], value[4096];
  while (driver_header(&next, name, sizeof name - 1, value, sizeof value)) {
    strcat(name, ":");
    if (lws_add_http_header_by_name(wsi, (unsigned char *)name, (unsigned char *)value, (int)strlen(value), at, *at + room))
      return -1;
  }
  return 0;
}

static int echo(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len) {
  struct session *s = user;
  switch (reason) {
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
      return add_headers(wsi, in, len);
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
      begin_session(s);
      opened = 1;
      return 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
      return on_receive(wsi, s, in, len);
    case LWS_CALLBACK_CLIENT_WRITEABLE:
      return on_writeable(wsi, s);
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
      fprintf(stderr, "%.*s\n", (int)len, in ? (const char *)in : "not connected");
      over = 1;
      return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
      free_session(s);
      over = 1;
      return 0;
    default:
      return lws_callback_http_dummy(wsi, reason, user, in, len);
  }
}

static const struct lws_protocols protocols[] = {
    {.name = "echo", .callback = echo, .per_session_data_size = sizeof(struct session)},
    {.name = NULL},
};

static const struct lws_extension extensions[] = {
    {"permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate; client_max_window_bits"},
    {NULL, NULL, NULL},
};

int main(int argc, char **argv) {
  struct driver_url url;
  if (argc != 2 || driver_parse(argv[1], &url)) return 2;
  struct lws_context_creation_info info = {
      .port = CONTEXT_PORT_NO_LISTEN,
      .protocols = protocols,
      .extensions = extensions,
      .options = LWS_SERVER_OPTION_VALIDATE_UTF8 | LWS_SERVER_OPTION_DO_SSL_GLOBAL_INIT,
      .client_ssl_ca_filepath = driver_setting("WSSPEC_CA"),
  };
  lws_set_log_level(LLL_ERR, NULL);
  struct lws_context *context = lws_create_context(&info);
  if (!context) return 1;
  do {
    struct lws_client_connect_info connect = {
        .context = context,
        .address = url.host,
        .port = atoi(url.port),
        .ssl_connection = url.secure ? LCCSCF_USE_SSL : 0,
        .path = url.target,
        .host = url.authority,
        .protocol = driver_setting("WSSPEC_PROTOCOLS"),
        .local_protocol_name = "echo",
    };
    opened = over = 0;
    if (!lws_client_connect_via_info(&connect)) over = 1;
    while (!over && lws_service(context, 0) >= 0) continue;
  } while (driver_again(opened, url.port));
  lws_context_destroy(context);
  return 0;
}
