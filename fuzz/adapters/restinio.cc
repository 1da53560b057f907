// RESTinio's parser and validator, joined as its ws_connection.hpp joins them: header, payload part by part,
// end of frame. Fragments are joined here, which RESTinio leaves to the application. No permessage-deflate.
#include <functional>
#include <memory>
#include <string>

#include <restinio/websocket/impl/ws_parser.hpp>
#include <restinio/websocket/impl/ws_protocol_validator.hpp>

#include "fuzz/adapter.h"

namespace {

namespace basic = restinio::websocket::basic;
namespace impl = restinio::websocket::basic::impl;
using State = impl::validation_state_t;

struct Parser {
  impl::ws_parser_t frames;
  impl::ws_protocol_validator_t validator{true};
  std::uint64_t left = 0;
  bool in_payload = false, over = false;
  std::string payload, message;
  int opcode = 0;
  std::uint64_t limit;
  wsspec_sink sink;
  void* user;

  void tell(wsspec_event_kind kind, unsigned code, const std::string& data) {
    over = kind == WSSPEC_FAIL || kind == WSSPEC_CLOSE;
    const wsspec_event event{kind, code, data.data(), data.size()};
    sink(user, &event);
  }
  bool good(State state) {
    using enum impl::validation_state_t;
    if (state == initial_state || state == frame_header_is_valid || state == payload_part_is_valid ||
        state == frame_is_valid)
      return true;
    tell(WSSPEC_FAIL, state == incorrect_utf8_data ? 1007 : 1002, {});
    return false;
  }
  bool begin() {
    const auto& header = frames.current_message();
    left = header.payload_len();
    in_payload = true;
    payload.clear();
    if (!good(validator.process_new_frame(header))) return false;
    if (left <= limit) return true;
    tell(WSSPEC_FAIL, 1009, {});
    return false;
  }
  bool end() {
    const auto header = frames.current_message();
    in_payload = false;
    frames.reset();
    if (!good(validator.finish_frame())) return false;
    switch (header.m_opcode) {
      case basic::opcode_t::ping_frame: tell(WSSPEC_PING, 0, payload); break;
      case basic::opcode_t::pong_frame: break;
      case basic::opcode_t::connection_close_frame: {
        const auto code = basic::status_code_from_bin(payload);
        tell(WSSPEC_CLOSE, payload.empty() ? 0 : static_cast<unsigned>(code),
             payload.size() < 2 ? std::string() : payload.substr(2));
        return false;
      }
      default:
        if (header.m_opcode != basic::opcode_t::continuation_frame)
          opcode = static_cast<int>(header.m_opcode);
        message += payload;
        if (!header.m_final_flag) break;
        tell(static_cast<wsspec_event_kind>(opcode), 0, message);
        message.clear();
    }
    return true;
  }
};

void* create(const wsspec_setting* s, wsspec_sink sink, void* user) {
  auto* parser = new Parser;
  parser->limit = s->message_limit;
  parser->sink = sink;
  parser->user = user;
  return parser;
}

void feed(void* handle, char* data, std::size_t size) {
  Parser& p = *static_cast<Parser*>(handle);
  while (size > 0 && !p.over) {
    if (!p.in_payload) {
      const std::size_t n = p.frames.parser_execute(data, size);
      data += n;
      size -= n;
      if (!p.frames.header_parsed()) return;
      if (!p.begin()) return;
    }
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(p.left, size));
    if (n > 0 && !p.good(p.validator.process_and_unmask_next_payload_part(data, n))) return;
    p.payload.append(data, n);
    p.left -= n;
    data += n;
    size -= n;
    if (p.left == 0 && !p.end()) return;
  }
}

void destroy(void* handle) {
  delete static_cast<Parser*>(handle);
}

}  // namespace

const struct wsspec_adapter wsspec_adapter = {"restinio", WSSPEC_JUDGES_TEXT | WSSPEC_JUDGES_CLOSE, create,
                                              feed, destroy};
