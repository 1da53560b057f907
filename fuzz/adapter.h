/* Makes anybody's WebSocket parser a fuzz target with the reference model as its oracle
 * (fuzz/differential.cc).
 *
 * Define one `struct wsspec_adapter wsspec_adapter` with three functions and link it with differential.cc:
 * the same octets go to your parser and to model/rules.h, and every disagreement on messages, pings,
 * failing or closing is a finding, printed as a case file. In C or C++; fuzz/adapters/ has examples.
 *
 * What it is not: a way to judge what your parser sends. Only the reading side is compared. */
#ifndef WSSPEC_FUZZ_ADAPTER_H
#define WSSPEC_FUZZ_ADAPTER_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

enum wsspec_event_kind {
  WSSPEC_TEXT = 1,   /* a whole message */
  WSSPEC_BINARY = 2, /* a whole message */
  WSSPEC_CLOSE = 8,  /* a Close that the parser took as a good one; data: the reason */
  WSSPEC_PING = 9,
  WSSPEC_FAIL = 16 /* the connection is failed; nothing may follow */
};

struct wsspec_event {
  enum wsspec_event_kind kind;
  unsigned code; /* CLOSE: the received code, 0 none; FAIL: the code that would be sent, 0 unknown */
  const char* data;
  size_t size;
};
typedef void (*wsspec_sink)(void* user, const struct wsspec_event* event);

enum wsspec_ability { /* what the layer under test judges; the rest is not held against it */
                      WSSPEC_JUDGES_TEXT = 1,
                      WSSPEC_JUDGES_CLOSE = 2,
                      WSSPEC_INFLATES = 4, /* create() may be asked for permessage-deflate */
                      WSSPEC_IS_CLIENT = 8 /* create() may be asked for a client, too */
};

struct wsspec_setting {
  int client;  /* the parser reads what a server sends */
  int deflate; /* permessage-deflate with default windows is agreed */
  int client_no_context_takeover, server_no_context_takeover;
  uint64_t message_limit; /* no message in the stream is larger unless the parser may refuse it */
};

struct wsspec_adapter {
  const char* name;   /* letters, digits, '-' */
  unsigned abilities; /* wsspec_ability */
  /* The parser behind a finished handshake; NULL when the setting is not supported. */
  void* (*create)(const struct wsspec_setting* setting, wsspec_sink sink, void* user);
  /* `data` is a copy and may be changed. Never called again after WSSPEC_FAIL or WSSPEC_CLOSE. */
  void (*feed)(void* parser, char* data, size_t size);
  void (*destroy)(void* parser);
};
extern const struct wsspec_adapter wsspec_adapter;

#ifdef __cplusplus
}
#endif
#endif
