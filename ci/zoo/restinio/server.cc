// An echo server with RESTinio, whose WebSocket API is one frame at a time: fragments are put together here.
#include <cstdlib>
#include <map>
#include <restinio/all.hpp>
#include <restinio/websocket/websocket.hpp>

namespace ws = restinio::websocket::basic;

namespace {

struct Session {
  ws::ws_handle_t handle;
  ws::message_t open{ws::final_frame, ws::opcode_t::continuation_frame, ""};  // of a fragmented message
};
std::map<std::uint64_t, Session> sessions;

void on_frame(const ws::ws_handle_t& handle, const ws::message_handle_t& frame) {
  Session& session = sessions[handle->connection_id()];
  switch (frame->opcode()) {
    case ws::opcode_t::ping_frame: {
      ws::message_t pong = *frame;
      pong.set_opcode(ws::opcode_t::pong_frame);
      handle->send_message(pong);
      return;
    }
    case ws::opcode_t::pong_frame:
      return;
    case ws::opcode_t::connection_close_frame:
      sessions.erase(handle->connection_id());
      return;
    case ws::opcode_t::continuation_frame:
      session.open.payload() += frame->payload();
      break;
    default:
      session.open = ws::message_t(ws::final_frame, frame->opcode(), frame->payload());
  }
  if (frame->is_final()) handle->send_message(session.open);
}

restinio::request_handling_status_t serve(const restinio::request_handle_t& request) {
  if (request->header().connection() != restinio::http_connection_header_t::upgrade)
    return request->create_response(restinio::status_bad_request()).connection_close().done();
  auto handle = ws::upgrade<restinio::default_traits_t>(
      *request, ws::activation_t::immediate,
      [](auto handle, auto frame) { on_frame(handle, frame); });
  sessions[handle->connection_id()].handle = handle;
  return restinio::request_accepted();
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  restinio::run(restinio::on_this_thread<restinio::default_traits_t>()
                    .address("127.0.0.1")
                    .port(static_cast<std::uint16_t>(std::atoi(argv[1])))
                    .request_handler(serve));
}
