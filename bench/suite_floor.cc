// The floor of the suite's wall time: the plainest Boost.Beast client that moves the messages of Autobahn's
// sections, one connection after the other, a write and a read at a time, without looking at what comes back
// but for its length.
//
//   suite_floor PORT SECTION [MESSAGES]     SECTION: handshake | 9 | 12 | 13; MESSAGES per case of 12 and 13
//
// What it is not: a tester. `handshake` stands for the sections of small cases (1 to 7, 10): an opening
// handshake, one echo and a close for each. Beast has no way to write a frame in chops, so 9.5 and 9.6 are
// plain writes here.
#include <sys/resource.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "script/functions.h"

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = beast::websocket;

struct Work {
  std::string kind = {};  // Of sample(); empty: fill().
  bool text = true;
  std::size_t octets = 0;
  std::size_t split = 0;  // Octets a frame; 0 = one frame.
  int messages = 1;
  bool deflate = false;
  bool no_takeover = false;
  int window = 15;
};

struct Size {
  std::size_t octets, split;
  int usual;  // Messages that the default run of wsspec sends (cases/autobahn-deflate.wire).
};
constexpr Size kSizes[] = {{16, 0, 256},      {64, 0, 16},       {256, 0, 16},     {1024, 0, 16},
                           {4096, 0, 8},      {8192, 0, 8},      {16384, 0, 6},    {32768, 0, 4},
                           {65536, 0, 3},     {131072, 0, 3},    {8192, 256, 6},   {16384, 256, 4},
                           {32768, 256, 3},   {65536, 256, 3},   {131072, 256, 2}, {131072, 1024, 2},
                           {131072, 4096, 2}, {131072, 32768, 2}};

std::vector<Work> small_cases() {
  return std::vector<Work>(247, Work{.octets = 64});
}

std::vector<Work> limits() {
  std::vector<Work> all;
  for (const bool text : {true, false}) {
    for (const std::size_t kib : {64, 256, 1024, 4096, 8192, 16384})
      all.push_back({.text = text, .octets = kib << 10});
    for (std::size_t split = 64; split <= 4U << 20; split *= 4)
      all.push_back({.text = text, .octets = 4U << 20, .split = split});
    for (int i = 0; i < 6; ++i) all.push_back({.text = text, .octets = 1U << 20});
    for (const std::size_t octets : {0, 16, 64, 256, 1024, 4096})
      all.push_back({.text = text, .octets = octets, .messages = 1000});
  }
  return all;
}

std::vector<Work> compressed(bool offers, int messages) {
  std::vector<Work> all;
  const auto add = [&](const Work& like) {
    for (const auto& size : kSizes) {
      Work work = like;
      work.octets = size.octets;
      work.split = size.split;
      work.messages = messages != 0 ? messages : size.usual;
      work.deflate = true;
      all.push_back(work);
    }
  };
  if (!offers) {
    for (const char* kind : {"json", "bitmap", "german", "html", "pdf"})
      add({.kind = kind, .text = std::string_view(kind) == "json" || std::string_view(kind) == "html"});
    return all;
  }
  add({.kind = "json"});
  add({.kind = "json", .no_takeover = true});
  add({.kind = "json", .window = 9});
  add({.kind = "json"});
  add({.kind = "json", .no_takeover = true, .window = 9});
  add({.kind = "json", .no_takeover = true});
  add({.kind = "json", .no_takeover = true, .window = 9});
  return all;
}

void play(asio::io_context& context, const asio::ip::tcp::endpoint& where, const Work& work) {
  websocket::stream<asio::ip::tcp::socket> stream(context);
  stream.next_layer().connect(where);
  stream.next_layer().set_option(asio::ip::tcp::no_delay(true));
  if (work.deflate) {
    websocket::permessage_deflate deflate;
    deflate.client_enable = true;
    deflate.client_no_context_takeover = true;
    deflate.server_no_context_takeover = work.no_takeover;
    deflate.server_max_window_bits = work.window;
    deflate.compLevel = 6;
    stream.set_option(deflate);
  }
  stream.handshake("127.0.0.1", "/");
  stream.text(work.text);
  stream.read_message_max(64U << 20);
  stream.auto_fragment(work.split != 0);
  if (work.split != 0) stream.write_buffer_bytes(work.split);
  beast::flat_buffer buffer;
  for (int i = 0; i < work.messages; ++i) {
    const std::string message = work.kind.empty()
                                    ? wsspec::fill(work.octets)
                                    : *wsspec::sample(work.kind, work.octets, static_cast<unsigned>(i));
    stream.write(asio::buffer(message));
    stream.read(buffer);
    if (buffer.size() != message.size()) throw std::runtime_error("the echo has another length");
    buffer.consume(buffer.size());
  }
  beast::error_code ignored;
  stream.close(websocket::close_code::normal, ignored);
}

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) * 1e-6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view section = argc > 2 ? argv[2] : "";
  const int messages = argc > 3 ? std::atoi(argv[3]) : 0;
  std::vector<Work> all;
  if (section == "handshake") all = small_cases();
  if (section == "9") all = limits();
  if (section == "12") all = compressed(false, messages);
  if (section == "13") all = compressed(true, messages);
  if (all.empty()) {
    std::fputs("usage: suite_floor PORT handshake|9|12|13 [MESSAGES]\n", stderr);
    return 2;
  }
  const asio::ip::tcp::endpoint where(asio::ip::address_v4::loopback(),
                                      static_cast<unsigned short>(std::atoi(argv[1])));
  try {
    asio::io_context context(1);
    const auto began = std::chrono::steady_clock::now();
    for (const Work& work : all) play(context, where, work);
    const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - began;
    std::printf("%.2f %.2f\n", wall.count(), cpu_seconds());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "suite_floor: %s\n", error.what());
    return 1;
  }
}
