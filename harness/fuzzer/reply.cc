// Replies to a client's request: what is granted, edited replies, heads written out, refusals, heads cut off.
#include <string_view>

#include "fuzzer/generate.h"
#include "protocol/handshake.h"
#include "script/print.h"

namespace wsspec {
namespace {

constexpr std::string_view kExtensionsField = "Sec-WebSocket-Extensions",
                           kAcceptField = "Sec-WebSocket-Accept", kProtocolField = "Sec-WebSocket-Protocol",
                           kPlainDeflate = "permessage-deflate";
// What a server may grant of a plain offer; what an offer does not allow is turned into what it does.
constexpr std::string_view kGrants[] = {
    "permessage-deflate",
    "permessage-deflate",
    "permessage-deflate; server_no_context_takeover",
    "permessage-deflate; client_no_context_takeover",
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    "permessage-deflate; client_no_context_takeover; server_no_context_takeover",
    "permessage-deflate; server_max_window_bits=9",
    "permessage-deflate; server_max_window_bits=12; server_no_context_takeover",
    "permessage-deflate; server_max_window_bits=\"10\"",
    "permessage-deflate;server_max_window_bits=15",
    "permessage-deflate; client_max_window_bits=9",
    "permessage-deflate; client_max_window_bits=12; client_no_context_takeover",
    "permessage-deflate; client_max_window_bits=15; server_max_window_bits=11"};
constexpr std::string_view kUnasked[] = {"foo",
                                         "foo; bar=1",
                                         "permessage-bzip2",
                                         "permessage-deflatex",
                                         "permessage-deflate, foo",
                                         "foo, permessage-deflate",
                                         "x-wsspec; a=\"b\"",
                                         "permessage-deflate; server_no_context_takeover, foo"};
constexpr std::string_view kBrokenLists[] = {"permessage-deflate;",
                                             ";",
                                             "permessage-deflate;; server_no_context_takeover",
                                             "permessage-deflate; =10",
                                             "permessage-deflate; server_max_window_bits=",
                                             "permessage-deflate; server_max_window_bits=\"10",
                                             "permessage-deflate; server_max_window_bits==10",
                                             "permessage-deflate server_no_context_takeover",
                                             "permessage deflate",
                                             "permessage-deflate; server_max_window_bits=\"1 0\""};
constexpr std::string_view kOddParameters[] = {"foo",
                                               "foo=1",
                                               "max_window_bits=10",
                                               "server_no_context_takeovers",
                                               "server_no_context_takeover; foo",
                                               "server_max_window_bits=10; foo=10",
                                               "server_no_context_takeover=1",
                                               "client_no_context_takeover=true",
                                               "server_no_context_takeover; server_no_context_takeover",
                                               "client_no_context_takeover; client_no_context_takeover",
                                               "server_max_window_bits=10; server_max_window_bits=12",
                                               "client_max_window_bits=10; client_max_window_bits=10"};
constexpr std::string_view kWildBits[] = {"",     "=7",   "=16", "=0",      "=08",  "=010",  "=+9",
                                          "=-9",  "=9.0", "=9a", "=0x9",    "=256", "=1e1",  "=4294967304",
                                          "=max", "=15",  "=8",  "=\"16\"", "=10",  "=\"9\""};
constexpr std::string_view kUpgrades[] = {
    "WebSocket",         "WEBSOCKET",      "websockeT",      "",           "h2c",
    "websocketx",        "xwebsocket",     "websocke",       "web socket", "websocket/13",
    "TLS/1.2, HTTP/1.1", "websocket, h2c", "websocket; v=13"};
constexpr std::string_view kConnections[] = {"upgrade",
                                             "UPGRADE",
                                             "uPGRADE",
                                             "keep-alive, Upgrade",
                                             "",
                                             "keep-alive",
                                             "close",
                                             "Upgraded",
                                             "no-upgrade",
                                             "Upgrad",
                                             "Up grade",
                                             "websocket",
                                             "keep-alive, xUpgradex",
                                             "Upgrade-Insecure-Requests"};
constexpr std::string_view kStatusLines[] = {"HTTP/1.1 101x Switching Protocols",
                                             "HTTP/1.1 1010 Switching Protocols",
                                             "HTTP/1.1 0101 Switching Protocols",
                                             "HTTP/1.1 +101 Switching Protocols",
                                             "HTTP/1.1 10 1 Switching Protocols",
                                             "HTTP/1.1 200 101 Switching Protocols",
                                             "HTTP/1.1 OK 101",
                                             "HTTP/2 101 Switching Protocols",
                                             "HTTP/2.0 101 Switching Protocols",
                                             "HTTP/0.9 101 Switching Protocols",
                                             "HTTP/1.0 101 Switching Protocols",
                                             "HTTP/1.1.1 101 Switching Protocols",
                                             "ICY 101 Switching Protocols",
                                             "WebSocket/13 101 Switching Protocols",
                                             "101 Switching Protocols",
                                             "GET / HTTP/1.1",
                                             "SSH-2.0-OpenSSH_9.2",
                                             "HTTP/1.1 101",
                                             "HTTP/1.1 101 ",
                                             "HTTP/1.1 101 OK",
                                             "HTTP/1.1 101 Forbidden 404"};
constexpr std::string_view kOddLines[] = {"nonsense",        "X-Field value",    ": value", "X Field: value",
                                          "X-Field: a\x01z", "X(Field): value",  " folded", "X-Field : value",
                                          "X-Empty:",        "!#$%&'*+-.^_`|~:a"};
constexpr std::uint16_t kStatuses[] = {200, 200, 201, 204, 302, 307, 304, 400, 401, 403, 404,
                                       407, 426, 429, 500, 502, 503, 599, 799, 100, 102, 103};

Payload words(std::string_view text) {
  return plain_payload(Bytes(text), true);
}

Part called(std::string name, Payload argument) {
  Part out;
  out.kind = Part::Kind::call;
  out.name = std::move(name);
  out.arguments.push_back({std::move(argument), false});
  return out;
}

Payload followed_by(Payload payload, std::string_view behind) {
  payload.parts.push_back(words(behind).parts[0]);
  return payload;
}

Payload variable(std::string name) {
  Part out;
  out.kind = Part::Kind::variable;
  out.name = std::move(name);
  return Payload{{std::move(out)}};
}

Payload key_and(std::string_view behind) {
  return followed_by(variable("key"), behind);
}

Payload accept_of(Payload hashed) {
  return Payload{{called("base64", Payload{{called("sha1", std::move(hashed))}})}};
}

Payload right_accept() {
  return accept_of(key_and(kAcceptGuid));
}

Payload cut_accept(std::size_t from, std::uint64_t to) {
  Part out = called("slice", right_accept());
  out.arguments.push_back({fuzz_number(from), false});
  out.arguments.push_back({fuzz_number(to), false});
  return Payload{{std::move(out)}};
}

Edit change(Edit::Kind kind, std::string_view header, Payload value = Payload{{Part{}}}) {
  return {kind, std::string(header), std::move(value)};
}

Edit change(Edit::Kind kind, std::string_view header, std::string_view value) {
  return change(kind, header, words(value));
}

Payload asked_protocol() {
  return variable("asked-protocol");
}

// Of Sec-WebSocket-Accept.
std::span<const std::vector<Edit>> table_of_accepts() {
  using enum Edit::Kind;
  static const std::vector<std::vector<Edit>> kEdits = {
      {change(drop, kAcceptField)},
      {change(set, kAcceptField, "")},
      {change(set, kAcceptField, "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")},
      {change(set, kAcceptField, accept_of(key_and("258eafa5-e914-47da-95ca-c5ab0dc85b11")))},
      {change(set, kAcceptField, accept_of(key_and("")))},
      {change(set, kAcceptField, key_and(""))},
      {change(set, kAcceptField, Payload{{called("swap-case", right_accept())}})},
      {change(set, kAcceptField, cut_accept(0, 27))},
      {change(set, kAcceptField, cut_accept(0, 8))},
      {change(set, kAcceptField, cut_accept(1, 28))},
      {change(set, kAcceptField, followed_by(right_accept(), "x"))},
      {change(set, kAcceptField, followed_by(right_accept(), " ok"))},
      {change(set, kAcceptField, followed_by(right_accept(), "\t "))},
      {change(set, kAcceptField, followed_by(right_accept(), ", AAAAAAAAAAAAAAAAAAAAAAAAAAA="))},
      {change(add, kAcceptField, "AAAAAAAAAAAAAAAAAAAAAAAAAAA=")},
      {change(set, kAcceptField, "AAAAAAAAAAAAAAAAAAAAAAAAAAA="), change(add, kAcceptField, right_accept())},
      {change(add, kAcceptField, right_accept())},
      {change(drop, kAcceptField), change(add, "Sec-WebSocket-Accepted", right_accept())}};
  return kEdits;
}

// Names in other cases, another order, foreign fields: legal, or for HTTP to say.
std::span<const std::vector<Edit>> table_of_forms() {
  using enum Edit::Kind;
  static const std::vector<std::vector<Edit>> kEdits = {
      {change(set, "upgrade", "websocket"), change(set, "connection", "Upgrade"),
       change(set, "sec-websocket-accept", right_accept())},
      {change(set, "UPGRADE", "websocket"), change(set, "cONNECTION", "Upgrade"),
       change(set, "SEC-WEBSOCKET-ACCEPT", right_accept())},
      {change(drop, "Upgrade"), change(add, "Upgrade", "websocket")},
      {change(drop, "Connection"), change(add, "Connection", "Upgrade")},
      {change(drop, "Upgrade"), change(drop, kAcceptField), change(add, kAcceptField, right_accept()),
       change(add, "Upgrade", "websocket")},
      {change(add, "Server", "wsspec"), change(add, "Date", "Mon, 30 Nov 2026 12:00:00 GMT")},
      {change(add, "Set-Cookie", "a=b; Path=/; HttpOnly"), change(add, "Set-Cookie", "c=d")},
      {change(add, "X-Empty", ""), change(add, "X-Line", "HTTP/1.1 404 Not Found")},
      {change(add, "Keep-Alive", "timeout=5, max=100"), change(add, "Via", "1.1 proxy.example")},
      {change(add, "X-Long", Payload{{fuzz_repeated("f", 1000, true)}})},
      {change(add, "X-Long", Payload{{fuzz_repeated("f", 20'000, true)}})},
      {change(add, "Content-Length", "0")},
      {change(add, "Content-Length", "7")},
      {change(add, "Transfer-Encoding", "chunked")},
      {change(version, "", "HTTP/1.0")},
      {change(version, "", "HTTP/1.2")},
      {change(drop, "Upgrade"), change(drop, "Connection"), change(drop, kAcceptField)}};
  return kEdits;
}

// What is chosen of the subprotocols asked for, if any were.
std::span<const std::vector<Edit>> table_of_protocols() {
  using enum Edit::Kind;
  static const std::vector<std::vector<Edit>> kEdits = {
      {change(set, kProtocolField, asked_protocol())},
      {change(set, kProtocolField, "wsspec.unasked")},
      {change(set, kProtocolField, "wsspec.a, wsspec.b")},
      {change(set, kProtocolField, followed_by(asked_protocol(), "x"))},
      {change(set, kProtocolField, Payload{{called("swap-case", asked_protocol())}})},
      {change(set, kProtocolField, followed_by(asked_protocol(), ", wsspec.unasked"))},
      {change(set, kProtocolField, asked_protocol()), change(add, kProtocolField, "wsspec.unasked")},
      {change(set, kProtocolField, asked_protocol()), change(add, kProtocolField, asked_protocol())},
      {change(set, kProtocolField, "")},
      {change(drop, kProtocolField)}};
  return kEdits;
}

}  // namespace

std::string InputMaker::grant() {
  return std::string(pick(kGrants));
}

std::vector<Edit> InputMaker::odd_extensions() {
  using enum Edit::Kind;
  switch (below(6)) {
    case 0: return {change(set, kExtensionsField, pick(kUnasked))};
    case 1: return {change(set, kExtensionsField, pick(kBrokenLists))};
    case 2:
      return {change(set, kExtensionsField,
                     std::string(kPlainDeflate) + "; " + std::string(pick(kOddParameters)))};
    case 3:
      if (one_in(2))
        return {change(set, kExtensionsField, kPlainDeflate), change(add, kExtensionsField, pick(kUnasked))};
      return {change(set, kExtensionsField, "permessage-deflate, permessage-deflate")};
    case 4: return {change(set, kExtensionsField, deflate_variant(true))};
    default:
      return {change(set, kExtensionsField,
                     std::string(kPlainDeflate) + (one_in(2) ? "; server" : "; client") + "_max_window_bits" +
                         std::string(pick(kWildBits)))};
  }
}

void InputMaker::edit_reply(FuzzOpening& out) {
  using enum Edit::Kind;
  for (std::uint32_t n = one_in(6) ? 2 : 1; n > 0; --n) {
    std::vector<Edit> more;
    switch (below(9)) {
      case 0:
      case 1: more = odd_extensions(); break;
      case 2: more = {one_in(6) ? change(drop, "Upgrade") : change(set, "Upgrade", pick(kUpgrades))}; break;
      case 3:
        more = {one_in(6) ? change(drop, "Connection") : change(set, "Connection", pick(kConnections))};
        break;
      case 4: more = pick(table_of_protocols()); break;
      case 5:
      case 6: more = pick(table_of_forms()); break;
      default: more = pick(table_of_accepts()); break;
    }
    out.edits.insert(out.edits.end(), more.begin(), more.end());
  }
}

// A head written out: another status line, a line that is no field, many fields, an interim reply ahead.
void InputMaker::write_reply(FuzzOpening& out) {
  std::vector<Payload> lines = {words("HTTP/1.1 101 Switching Protocols"), words("Upgrade: websocket"),
                                words("Connection: Upgrade")};
  Payload last = followed_by(variable("protocol-field"), "Sec-WebSocket-Accept: ");
  last.parts.push_back(right_accept().parts[0]);
  lines.push_back(std::move(last));
  const auto insert = [&](std::size_t at, Payload line) {
    lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), std::move(line));
  };
  switch (below(8)) {
    case 0: insert(0, words("")), insert(0, words("HTTP/1.1 100 Continue")); break;
    case 1:
    case 2: insert(1 + below(3), payload_of(pick(kOddLines))); break;
    case 3:
      for (std::uint32_t n = one_in(4) ? 60 + below(200) : 20 + below(8); n > 0; --n)
        insert(1, words("X-Field: value"));
      break;
    default: lines[0] = words(pick(kStatusLines)); break;
  }
  out.lines = std::move(lines);
}

// A status that opens no WebSocket, mostly with all that a reply needs to look as if it did.
void InputMaker::refuse(FuzzOpening& out) {
  using enum Edit::Kind;
  out.status = pick(kStatuses);
  if (out.status < 200) out.edits.push_back(change(drop, "Content-Length"));
  if (one_in(4)) {
    out.edits.push_back(change(set, "Connection", "close"));
    return;
  }
  out.edits.push_back(change(set, "Upgrade", "websocket"));
  out.edits.push_back(change(set, "Connection", "Upgrade"));
  out.edits.push_back(change(set, kAcceptField, right_accept()));
}

void InputMaker::cut_reply(FuzzOpening& out) {
  constexpr std::string_view kBegin =
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Acc";
  out.cut = Bytes(kBegin.substr(0, 1 + below(static_cast<std::uint32_t>(kBegin.size()))));
  out.resets = one_in(2);
}

FuzzOpening InputMaker::reply() {
  FuzzOpening out;
  if (one_in(2)) out.offer = grant();
  if (one_in(24)) out.chop = 1 + below(one_in(2) ? 4 : 60);
  if (one_in(30)) out.delay = std::chrono::milliseconds(5 + below(20));
  if (!one_in(4)) {
    out.joined = out.chop == 0 && one_in(5);
    return out;
  }
  out.offer.clear();
  if (one_in(24))
    cut_reply(out);
  else if (one_in(8))
    refuse(out);
  else if (one_in(5))
    write_reply(out);
  else
    edit_reply(out);
  return out;
}

}  // namespace wsspec
