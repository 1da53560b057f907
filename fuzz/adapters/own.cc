/* wsspec's own message layer (protocol/message.h): the shortest example, and a check on the oracle, which
 * must find nothing here. */
#include "fuzz/adapter.h"
#include "protocol/message.h"

namespace {

using namespace wsspec;

struct Parser {
  MessageDecoder decoder;
  wsspec_sink sink;
  void* user;
};

void* create(const wsspec_setting* s, wsspec_sink sink, void* user) {
  std::optional<DeflateSettings> deflate;
  if (s->deflate != 0)
    deflate = DeflateSettings{s->server_no_context_takeover != 0, s->client_no_context_takeover != 0, 15, 15};
  const Role role = s->client != 0 ? Role::client : Role::server;
  return new Parser{MessageDecoder(role, deflate, {s->message_limit, s->message_limit}), sink, user};
}

void feed(void* handle, char* data, std::size_t size) {
  Parser& parser = *static_cast<Parser*>(handle);
  parser.decoder.feed({data, size}, [&](Incoming&& in) {
    using Kind = Incoming::Kind;
    if (in.kind == Kind::pong) return;
    wsspec_event event{WSSPEC_FAIL, 0, in.payload.data(), in.payload.size()};
    if (in.kind == Kind::text) event.kind = WSSPEC_TEXT;
    if (in.kind == Kind::binary) event.kind = WSSPEC_BINARY;
    if (in.kind == Kind::ping) event.kind = WSSPEC_PING;
    if (in.kind == Kind::fault) event.code = in.code;
    const CloseBody body = in.kind == Kind::close ? parse_close(in.payload) : CloseBody{};
    if (in.kind == Kind::close)
      event = {WSSPEC_CLOSE, body.code.value_or(0), body.reason.data(), body.reason.size()};
    parser.sink(parser.user, &event);
  });
}

void destroy(void* handle) {
  delete static_cast<Parser*>(handle);
}

}  // namespace

const struct wsspec_adapter wsspec_adapter = {
    "own", WSSPEC_JUDGES_TEXT | WSSPEC_JUDGES_CLOSE | WSSPEC_INFLATES | WSSPEC_IS_CLIENT, create, feed,
    destroy};
