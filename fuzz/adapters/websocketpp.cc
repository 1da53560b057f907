// A whole websocketpp server connection over its iostream transport, behind a handshake of ours.
#include <sstream>
#include <websocketpp/config/core.hpp>
#include <websocketpp/extensions/permessage_deflate/enabled.hpp>
#include <websocketpp/server.hpp>

#include "fuzz/adapter.h"
#include "fuzz/adapters/request.h"

namespace {

struct Config : websocketpp::config::core {
  using type = Config;
  struct permessage_deflate_config {};
  using permessage_deflate_type =
      websocketpp::extensions::permessage_deflate::enabled<permessage_deflate_config>;
};
using Server = websocketpp::server<Config>;
namespace close_status = websocketpp::close::status;

struct Parser {
  std::ostringstream out;
  Server::connection_ptr connection;
  wsspec_sink sink;
  void* user;
  bool over = false;
  std::size_t head_size = 0;  ///< Of the handshake's reply.

  void tell(wsspec_event_kind kind, unsigned code, const std::string& data) {
    if (over) return;
    over = kind == WSSPEC_FAIL || kind == WSSPEC_CLOSE;
    const wsspec_event event{kind, code, data.data(), data.size()};
    sink(user, &event);
  }
  // The state alone does not say whether a Close was taken as a good one; what the server answers does.
  void tell_end() {
    if (over || connection->get_state() == websocketpp::session::state::open) return;
    const std::string reply = sent_close();
    const unsigned code = reply.size() < 2 ? 0 : octet(reply[0]) << 8 | octet(reply[1]);
    const auto remote = connection->get_remote_close_code();
    const std::string reason = connection->get_remote_close_reason();
    if (remote == close_status::no_status && code == close_status::normal) return tell(WSSPEC_CLOSE, 0, {});
    if (reply.size() < 2 || code != remote || reply.substr(2) != reason) return tell(WSSPEC_FAIL, code, {});
    tell(WSSPEC_CLOSE, remote, reason);
  }
  static unsigned octet(char c) { return static_cast<unsigned char>(c); }
  // The body of the Close among the frames that the server sent; theirs are unmasked and never above 64 KiB
  // here.
  std::string sent_close() const {
    const std::string wire = out.str();
    for (std::size_t at = head_size; at + 2 <= wire.size();) {
      std::size_t size = octet(wire[at + 1]), head = 2;
      if (size == 126) {
        size = octet(wire[at + 2]) << 8 | octet(wire[at + 3]);
        head = 4;
      }
      if ((wire[at] & 15) == 8) return wire.substr(at + head, size);
      at += head + size;
    }
    return {};
  }
};

Server& server() {
  static Server one;
  static const bool quiet = [] {
    one.clear_access_channels(websocketpp::log::alevel::all);
    one.clear_error_channels(websocketpp::log::elevel::all);
    return true;
  }();
  (void)quiet;
  return one;
}

void* create(const wsspec_setting* s, wsspec_sink sink, void* user) {
  auto* p = new Parser{{}, server().get_connection(), sink, user};
  p->connection->register_ostream(&p->out);
  p->connection->set_max_message_size(s->message_limit);
  p->connection->set_message_handler([p](auto, Server::message_ptr m) {
    p->tell(m->get_opcode() == websocketpp::frame::opcode::text ? WSSPEC_TEXT : WSSPEC_BINARY, 0,
            m->get_payload());
  });
  p->connection->set_ping_handler([p](auto, const std::string& payload) {
    p->tell(WSSPEC_PING, 0, payload);
    return true;
  });
  p->connection->start();
  const std::string head = request_for(*s);
  p->connection->read_all(head.data(), head.size());
  p->head_size = p->out.str().size();
  const bool deflates = p->out.str().find("permessage-deflate") != std::string::npos;
  if (p->connection->get_state() == websocketpp::session::state::open && deflates == (s->deflate != 0))
    return p;
  p->connection->fatal_error();
  delete p;
  return nullptr;
}

void feed(void* handle, char* data, std::size_t size) {
  Parser& p = *static_cast<Parser*>(handle);
  for (std::size_t at = 0; at < size && !p.over;) {
    const std::size_t taken = p.connection->read_some(data + at, size - at);
    p.tell_end();
    if (taken == 0) break;
    at += taken;
  }
}

void destroy(void* handle) {
  auto* p = static_cast<Parser*>(handle);
  p->over = true;
  p->connection->fatal_error();
  delete p;
}

}  // namespace

const struct wsspec_adapter wsspec_adapter = {
    "websocketpp", WSSPEC_JUDGES_TEXT | WSSPEC_JUDGES_CLOSE | WSSPEC_INFLATES, create, feed, destroy};
