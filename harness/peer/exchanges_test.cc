#include <utility>

#include "peer/edits.h"
#include "peer/exchanges.h"

namespace wsspec::scripted {
namespace {

using std::chrono::seconds;

const std::string kVersion = "Sec-WebSocket-Version", kKeyField = "Sec-WebSocket-Key";
const std::string kProtocol = "Sec-WebSocket-Protocol", kExtensions = "Sec-WebSocket-Extensions";

void add_requests(Collection& add) {
  add.request(request(), "plain");
  for (const char* line : {"POST / HTTP/1.1", "PUT / HTTP/1.1", "get / HTTP/1.1", "GETS / HTTP/1.1",
                           "GET / HTTP/1.0", "GET / http/1.1", "GET / HTTP/2.0", "GET http://h/ HTTP/1.1",
                           "GET /?q HTTP/1.1", "GET /?%zz HTTP/1.1", "GET /none HTTP/1.1"}) {
    add.start(line);
  }
  add.start("GET /?" + std::string(5000, 'q') + " HTTP/1.1");
  for (const auto& [name, value] : std::initializer_list<std::pair<std::string, std::string>>{
           {"Host", "-"},
           {"Host", ""},
           {"Upgrade", "-"},
           {"Upgrade", "h2c"},
           {"Upgrade", "websocketx"},
           {"Upgrade", "WebSocket"},
           {"Connection", "-"},
           {"Connection", "close"},
           {"Connection", "Upgraded"},
           {"Connection", "UPGRADE"},
           {"Connection", "keep-alive, Upgrade"},
           {"Connection", "Upgrade,keep-alive"},
           {kKeyField, "-"},
           {kKeyField, ""},
           {kKeyField, "AAAA"},
           {kKeyField, "!!!!!!!!!!!!!!!!!!!!!!=="},
           {kKeyField, "dGhlIHNhbXBsZSBub25jZQ"},
           {kKeyField, "AQIDBAUGBwgJCgsMDQ4PEC=="},
           {kKeyField, "++++IHNhbXBsZSBub25jZQ=="},
           {kVersion, "-"},
           {kVersion, "8"},
           {kVersion, "14"},
           {kVersion, "13a"},
           {kVersion, "013"},
           {kVersion, "-13"},
           {kVersion, "8, 13"},
           {"Cookie", "a=b"},
           {"X-Long", std::string(100, 'x')},
           {"Origin", "http://evil.example"},
           {"Origin", "http://good.example"},
           {"Origin", "http://good.example.evil"},
           {"Origin", "http://evil-good.example"},
           {"Origin", "null"},
           {"Origin", "http://evil/?http://good.example"},
           {"Origin", "https://good.example"},
           {"X-Nul", std::string("a\0b", 3)},
           {kProtocol, "chat"},
           {kProtocol, "CHAT"},
           {kProtocol, "nope"},
           {kProtocol, "nope, chat"},
           {kProtocol, "chatter"},
           {kProtocol, "__proto__"},
           {kProtocol, "a" + std::string(1000, ' ') + "b"},
           {kProtocol, "a" + std::string(900, ' ') + "b"},
           {kExtensions, "x; a=\"" + std::string(900, '\\')},
           {kExtensions, "x; a=\"" + std::string(10000, '\\')},
           {"Connection", "Upgrade, hasOwnProperty"},
           {"Connection", "Upgrade" + std::string(10000, ',')},
           {kKeyField, std::string(1000, '"')},
           {"Origin", "%n"},
           {"Content-Length", "9"}}) {
    add.field(name, value);
  }
  add.two_fields("Host", "a", "b");
  add.two_fields("Connection", "keep-alive", "Upgrade");
  add.two_fields(kKeyField, std::string(kKey), std::string(kKey));
  add.two_fields(kProtocol, "nope", "chat");
  add.two_fields("Origin", "http://good.example", "http://evil.example");
  const Bytes plain = request();
  const auto replaced = [&](const std::string& from, const std::string& to) {
    Bytes head = plain;
    return head.replace(head.find(from), from.size(), to);
  };
  add.request(replaced(kKeyField, "sec-websocket-key"), "names in lower case");
  add.request(replaced("ZQ==\r\n", "ZQ== \t\r\n"), "blanks behind the key");
  add.request(replaced("Key: ", "Key:"), "no blank before the key");
  add.request(replaced("Host:", "Host :"), "blank before a colon");
  add.request(replaced("Upgrade: websocket\r\n", "Upgrade: websocket\r\nnonsense\r\n"),
              "line without a colon");
  auto fields = usual_fields();
  std::ranges::reverse(fields);
  add.request(request(fields), "reverse order");
  for (int i = 0; i < 45; ++i) fields.push_back({"X-" + std::to_string(i), "x"});
  add.request(request(fields), "50 fields");
  auto last = usual_fields();
  for (int i = 0; i < 65; ++i) last.insert(last.begin(), {"X-" + std::to_string(i), "x"});
  add.request(request(last), "70 fields");
  add.request(request_with("Transfer-Encoding", "chunked") + text("smuggled"), "chunked body");
}

void add_offers(Collection& add) {
  for (const char* offer : {"permessage-deflate",
                            "x-other, permessage-deflate",
                            "x-other",
                            "\"permessage-deflate",
                            "a=b=c",
                            "permessage-deflate2",
                            "permessage-deflate; what",
                            "permessage-deflate; server_no_context_takeover; server_no_context_takeover",
                            "permessage-deflate; server_max_window_bits=9; server_max_window_bits=10",
                            "permessage-deflate; server_no_context_takeover=1",
                            "permessage-deflate; client_no_context_takeover=1",
                            "permessage-deflate; server_max_window_bits=16",
                            "permessage-deflate; server_max_window_bits=7",
                            "permessage-deflate; server_max_window_bits=010",
                            "permessage-deflate; server_max_window_bits=9x",
                            "permessage-deflate; server_max_window_bits=x",
                            "permessage-deflate; server_max_window_bits",
                            "permessage-deflate; client_max_window_bits=99",
                            "permessage-deflate; server_max_window_bits=10",
                            "permessage-deflate; server_max_window_bits=8",
                            "permessage-deflate; server_max_window_bits=9",
                            "permessage-deflate; server_no_context_takeover",
                            "permessage-deflate; client_max_window_bits=9",
                            "permessage-deflate; client_max_window_bits=13",
                            "permessage-deflate; client_no_context_takeover",
                            "permessage-deflate; server_max_window_bits=10, permessage-deflate",
                            "permessage-deflate, permessage-deflate; server_max_window_bits=10",
                            "permessage-deflate; what, permessage-deflate",
                            "permessage-deflate, x-webkit-deflate-frame"}) {
    add.field(kExtensions, offer);
  }
  add.two_fields(kExtensions, "x-other", "permessage-deflate");
}

void add_head_segments(Collection& add) {
  add.steps("head in two segments", {send(request().substr(0, 50)), send(request().substr(50))});
  add.steps("head in single octets", {send(request())}, 1);
  const std::size_t line_end = request().find('\n');
  add.steps("head cut in a line end",
            {send(request().substr(0, line_end)), send(request().substr(line_end))});
  add.steps("endless head", {send("GET / HTTP/1.1\r\nX: " + Bytes(100'000, 'x'))});
  add.steps("fin inside the head", {send("GET / HTTP"), fin()});
  add.steps("silence", {wait(seconds(60))});
  add.steps("second request", {send(request() + request())});
  auto bad = usual_fields();
  edits::drop(bad, "Upgrade");
  add.steps("refused, then a request", {send(request(bad) + request())});
  add.steps("refused, then a reset", {send(request(bad)), scripted::reset()});
  add.steps("refused, a reset later",
            {send(request(bad)), wait(std::chrono::milliseconds(600)), scripted::reset()});
  add.steps("refused, then a frame", {send(request(usual_fields(), "POST / HTTP/1.1")), send(text("hi"))});
}

}  // namespace

void add_handshakes(Collection& add) {
  add_requests(add);
  add_offers(add);
  add_head_segments(add);
}

void Collection::request(const Bytes& head, const std::string& name) {
  steps("request " + name, {send(head), send(text("hi"))});
}

void Collection::field(const std::string& name, const std::string& value) {
  auto fields = usual_fields();
  if (value == "-") {
    edits::drop(fields, name);
  } else {
    edits::set(fields, name, value);
  }
  request(scripted::request(fields), name + ": " + value);
}

void Collection::two_fields(const std::string& name, const std::string& first, const std::string& second) {
  auto fields = usual_fields();
  edits::set(fields, name, first);
  fields.push_back({name, second});
  request(scripted::request(fields), name + " twice");
}

void Collection::start(const std::string& line) {
  request(scripted::request(usual_fields(), line), line);
}

void Collection::frames(const std::string& name, const Bytes& octets, std::size_t chunk) {
  steps(name, {send(scripted::request()), send(octets)}, chunk);
}

void Collection::deflated(const std::string& name, const std::string& parameters, const Bytes& octets) {
  const Bytes head = request_with("Sec-WebSocket-Extensions", "permessage-deflate" + parameters);
  steps("deflate " + name, {send(head), send(octets)});
}

void Collection::steps(const std::string& name, std::vector<Step> what, std::size_t chunk) {
  list_.push_back({name, std::move(what), chunk, {}, 1});
}

std::vector<Exchange> exchanges() {
  Collection add;
  add_handshakes(add);
  add_frames(add);
  return add.take();
}

PeerOptions declared_options(const Exchange& exchange) {
  PeerOptions options;
  options.origins = {"http://good.example"};
  options.paths = {"/"};
  options.limits = exchange.limits;
  if (exchange.name.find("kept alive") != exchange.name.npos)
    options.keep_alive = {seconds(10), seconds(25), Duration::zero()};
  if (exchange.name.starts_with("idle")) options.keep_alive.idle_limit = seconds(40);
  return options;
}

std::vector<Trace> play_exchange(const Exchange& exchange, PeerOptions options) {
  const auto server = world(std::move(options));
  std::vector<Trace> traces;
  for (int i = 0; i < exchange.times; ++i) traces.push_back(play(server, exchange.steps, exchange.chunk));
  traces.push_back(play(server, {send(request()), send(text("still there?"))}));
  return traces;
}

}  // namespace wsspec::scripted
