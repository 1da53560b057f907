/* wslay's event API, as a server or client. It answers a fault by queueing a Close itself, so what it would
 * send is read back for the code. No permessage-deflate in wslay. */
#include <stdlib.h>
#include <string.h>
#include <wslay/wslay.h>

#include "fuzz/adapter.h"

struct parser {
  wslay_event_context_ptr context;
  wsspec_sink sink;
  void* user;
  const char* data;
  size_t size;
  int over;
};

static void tell(struct parser* p, enum wsspec_event_kind kind, unsigned code, const void* data,
                 size_t size) {
  const struct wsspec_event event = {kind, code, data, size};
  p->over = kind == WSSPEC_FAIL || kind == WSSPEC_CLOSE;
  p->sink(p->user, &event);
}

static ssize_t on_recv(wslay_event_context_ptr ws, uint8_t* out, size_t room, int flags, void* user) {
  struct parser* p = user;
  size_t n = p->size < room ? p->size : room;
  (void)flags;
  if (n == 0) {
    wslay_event_set_error(ws, WSLAY_ERR_WOULDBLOCK);
    return -1;
  }
  memcpy(out, p->data, n);
  p->data += n;
  p->size -= n;
  return (ssize_t)n;
}

static ssize_t on_send(wslay_event_context_ptr ws, const uint8_t* data, size_t size, int flags, void* user) {
  (void)ws, (void)data, (void)flags, (void)user;
  return (ssize_t)size;
}

static int on_mask(wslay_event_context_ptr ws, uint8_t* out, size_t size, void* user) {
  (void)ws, (void)user;
  memset(out, 7, size);
  return 0;
}

static void on_message(wslay_event_context_ptr ws, const struct wslay_event_on_msg_recv_arg* m, void* user) {
  struct parser* p = user;
  (void)ws;
  if (p->over) return;
  if (m->opcode == WSLAY_CONNECTION_CLOSE) {
    unsigned code = m->status_code == WSLAY_CODE_NO_STATUS_RCVD ? 0 : m->status_code;
    if (m->msg_length < 2)
      tell(p, WSSPEC_CLOSE, code, "", 0);
    else
      tell(p, WSSPEC_CLOSE, code, m->msg + 2, m->msg_length - 2);
  } else if (m->opcode != WSLAY_PONG) {
    tell(p, (enum wsspec_event_kind)m->opcode, 0, m->msg, m->msg_length);
  }
}

static void* create(const struct wsspec_setting* s, wsspec_sink sink, void* user) {
  static const struct wslay_event_callbacks callbacks = {on_recv, on_send, on_mask,   NULL,
                                                         NULL,    NULL,    on_message};
  struct parser* p = calloc(1, sizeof *p);
  p->sink = sink;
  p->user = user;
  if (s->client)
    wslay_event_context_client_init(&p->context, &callbacks, p);
  else
    wslay_event_context_server_init(&p->context, &callbacks, p);
  wslay_event_config_set_max_recv_msg_length(p->context, s->message_limit);
  return p;
}

static void feed(void* handle, char* data, size_t size) {
  struct parser* p = handle;
  p->data = data;
  p->size = size;
  int status = wslay_event_recv(p->context);
  while (wslay_event_want_write(p->context) && wslay_event_send(p->context) == 0) {
  }
  if (!p->over && (status != 0 || !wslay_event_want_read(p->context)))
    tell(p, WSSPEC_FAIL, wslay_event_get_status_code_sent(p->context), "", 0);
}

static void destroy(void* handle) {
  struct parser* p = handle;
  wslay_event_context_free(p->context);
  free(p);
}

const struct wsspec_adapter wsspec_adapter = {
    "wslay", WSSPEC_JUDGES_TEXT | WSSPEC_JUDGES_CLOSE | WSSPEC_IS_CLIENT, create, feed, destroy};
