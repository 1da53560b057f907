/* Whole messages of a connection of libwebsockets, sent back in their order: of the server here and of the client. */
#pragma once
#include <libwebsockets.h>
#include <stdlib.h>
#include <string.h>

enum { max_message = 64 * 1024 * 1024 };

struct message {
  struct message *next;
  unsigned char *data; /* LWS_PRE octets of room come first */
  size_t len, size;
  int binary;
};

struct session {
  struct message *first, **last; /* complete, to be sent */
  struct message *open;          /* being received */
  struct message *sent;          /* lws compresses out of it until the next writable callback */
};

static void free_message(struct message *m) {
  if (!m) return;
  free(m->data);
  free(m);
}

static void begin_session(struct session *s) {
  memset(s, 0, sizeof *s);
  s->last = &s->first;
}

static void free_session(struct session *s) {
  free_message(s->open);
  free_message(s->sent);
  while (s->first) {
    struct message *next = s->first->next;
    free_message(s->first);
    s->first = next;
  }
}

static int append(struct message *m, const void *in, size_t len) {
  if (m->len + len > max_message) return -1;
  if (m->len + len > m->size || !m->data) {
    size_t size = (m->len + len) * 2;
    unsigned char *data = realloc(m->data, LWS_PRE + size);
    if (!data) return -1;
    m->data = data;
    m->size = size;
  }
  if (len) memcpy(m->data + LWS_PRE + m->len, in, len);
  m->len += len;
  return 0;
}

static int on_receive(struct lws *wsi, struct session *s, const void *in, size_t len) {
  if (!s->open) {
    s->open = calloc(1, sizeof *s->open);
    if (!s->open) return -1;
    s->open->binary = lws_frame_is_binary(wsi);
  }
  if (append(s->open, in, len)) {
    lws_close_reason(wsi, LWS_CLOSE_STATUS_MESSAGE_TOO_LARGE, NULL, 0);
    return -1;
  }
  if (!lws_is_final_fragment(wsi) || lws_remaining_packet_payload(wsi)) return 0;
  *s->last = s->open;
  s->last = &s->open->next;
  s->open = NULL;
  lws_rx_flow_control(wsi, 0); /* no more until this one is sent */
  lws_callback_on_writable(wsi);
  return 0;
}

static int on_writeable(struct lws *wsi, struct session *s) {
  struct message *m = s->first;
  free_message(s->sent);
  s->sent = m;
  if (!m) {
    lws_rx_flow_control(wsi, 1);
    return 0;
  }
  s->first = m->next;
  if (!s->first) s->last = &s->first;
  int n = lws_write(wsi, m->data + LWS_PRE, m->len, m->binary ? LWS_WRITE_BINARY : LWS_WRITE_TEXT);
  lws_callback_on_writable(wsi);
  return n < 0 ? -1 : 0;
}
