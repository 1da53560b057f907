/* An echo server with libwebsockets: whole messages, UTF-8 validation and permessage-deflate on. */
#include <signal.h>

#include "echo.h"

static volatile sig_atomic_t ended;

static int echo(struct lws *wsi, enum lws_callback_reasons reason, void *user, void *in, size_t len) {
  struct session *s = user;
  switch (reason) {
    case LWS_CALLBACK_ESTABLISHED:
      begin_session(s);
      return 0;
    case LWS_CALLBACK_RECEIVE:
      return on_receive(wsi, s, in, len);
    case LWS_CALLBACK_SERVER_WRITEABLE:
      return on_writeable(wsi, s);
    case LWS_CALLBACK_CLOSED:
      free_session(s);
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
    {"permessage-deflate", lws_extension_callback_pm_deflate, "permessage-deflate"},
    {NULL, NULL, NULL},
};

static void on_signal(int number) {
  (void)number;
  ended = 1;
}

int main(int argc, char **argv) {
  if (argc != 2) return 2;
  struct lws_context_creation_info info = {
      .port = atoi(argv[1]),
      .iface = "127.0.0.1",
      .protocols = protocols,
      .extensions = extensions,
      .options = LWS_SERVER_OPTION_VALIDATE_UTF8,
  };
  signal(SIGTERM, on_signal);
  lws_set_log_level(LLL_ERR, NULL);
  struct lws_context *context = lws_create_context(&info);
  if (!context) return 1;
  while (!ended && lws_service(context, 0) >= 0) continue;
  lws_context_destroy(context);
  return 0;
}
