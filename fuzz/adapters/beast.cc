// A whole Boost.Beast server stream over its in-memory transport, behind a handshake of ours.
#include <boost/asio/io_context.hpp>
#include <boost/beast/_experimental/test/stream.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket.hpp>
#include <memory>
#include <new>
#include <optional>
#include <string>

#include "fuzz/adapter.h"
#include "fuzz/adapters/request.h"

namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;
using Stream = websocket::stream<beast::test::stream>;

// operator new refuses absurd sizes by an exception, which AddressSanitizer's does not: it ends the program.
// So the refusal, of which Beast is in need (docs/parser-findings.md), is made here.
template <typename T>
struct RefusingAllocator {
  using value_type = T;
  RefusingAllocator() = default;
  template <typename Other>
  RefusingAllocator(const RefusingAllocator<Other>& /*other*/) {}
  T* allocate(std::size_t count) {
    if (count > (std::size_t{1} << 30) / sizeof(T)) throw std::bad_alloc();
    return std::allocator<T>().allocate(count);
  }
  void deallocate(T* at, std::size_t count) { std::allocator<T>().deallocate(at, count); }
  bool operator==(const RefusingAllocator&) const = default;
};

struct Parser {
  boost::asio::io_context context;
  beast::test::stream far{context};  // Where we write; what Beast answers stays there unread.
  std::optional<Stream> near;
  beast::basic_flat_buffer<RefusingAllocator<char>> message;
  bool open = false, over = false;
  wsspec_sink sink;
  void* user;

  void tell(wsspec_event_kind kind, unsigned code, std::string_view data) {
    if (over) return;
    over = kind == WSSPEC_FAIL || kind == WSSPEC_CLOSE;
    const wsspec_event event{kind, code, data.data(), data.size()};
    sink(user, &event);
  }
  void read() {
    near->async_read(message, [this](beast::error_code error, std::size_t) {
      if (!error) {
        const auto data = message.cdata();
        tell(near->got_text() ? WSSPEC_TEXT : WSSPEC_BINARY, 0,
             {static_cast<const char*>(data.data()), data.size()});
        message.clear();
        return read();
      }
      if (error == boost::asio::error::operation_aborted) return;
      if (error != websocket::error::closed) return tell(WSSPEC_FAIL, 0, {});
      const auto& reason = near->reason();
      const bool none =
          reason.code == websocket::close_code::none || reason.code == websocket::close_code::no_status;
      tell(WSSPEC_CLOSE, none ? 0 : reason.code, {reason.reason.data(), reason.reason.size()});
    });
  }
  void write(std::string_view octets) {
    far.write_some(boost::asio::buffer(octets.data(), octets.size()));
    context.restart();
    try {
      context.poll();
    } catch (const std::bad_alloc&) {
      // A compressed frame that declares an absurd length (docs/parser-findings.md); whoever runs the context
      // without catching this loses the whole server.
      tell(WSSPEC_FAIL, 0, {});
    }
  }
};

void* create(const wsspec_setting* s, wsspec_sink sink, void* user) {
  auto* p = new Parser;
  p->sink = sink;
  p->user = user;
  p->near.emplace(p->context);
  p->near->next_layer().connect(p->far);
  websocket::permessage_deflate deflate;
  deflate.server_enable = s->deflate != 0;
  p->near->set_option(deflate);
  p->near->read_message_max(s->message_limit);
  p->near->control_callback([p](websocket::frame_type kind, beast::string_view payload) {
    if (kind == websocket::frame_type::ping) p->tell(WSSPEC_PING, 0, {payload.data(), payload.size()});
  });
  p->near->async_accept([p](beast::error_code error) {
    p->open = !error;
    if (!error) p->read();
  });
  p->write(request_for(*s));
  if (p->open) return p;
  delete p;
  return nullptr;
}

void feed(void* handle, char* data, std::size_t size) {
  static_cast<Parser*>(handle)->write({data, size});
}

void destroy(void* handle) {
  auto* p = static_cast<Parser*>(handle);
  p->over = true;
  p->near->next_layer().close();
  p->context.restart();
  p->context.poll();
  p->near.reset();
  delete p;
}

}  // namespace

const struct wsspec_adapter wsspec_adapter = {
    "beast", WSSPEC_JUDGES_TEXT | WSSPEC_JUDGES_CLOSE | WSSPEC_INFLATES, create, feed, destroy};
