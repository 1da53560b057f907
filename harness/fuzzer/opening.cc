// Requests: extension offers, edited ones, heads written out, heads cut off.
#include <algorithm>
#include <string_view>

#include "fuzzer/generate.h"
#include "protocol/handshake.h"
#include "script/functions.h"
#include "script/print.h"

namespace wsspec {
namespace {

constexpr std::string_view kUsualOffers[] = {
    "permessage-deflate",
    "permessage-deflate; client_max_window_bits",
    "permessage-deflate; server_no_context_takeover",
    "permessage-deflate; client_no_context_takeover",
    "permessage-deflate; server_no_context_takeover; client_no_context_takeover",
    "permessage-deflate; server_max_window_bits=9",
    "permessage-deflate; client_max_window_bits=9",
    "permessage-deflate; server_max_window_bits=8, permessage-deflate",
    "x-unknown, permessage-deflate"};
constexpr std::string_view kParameters[] = {"server_no_context_takeover", "client_no_context_takeover",
                                            "server_max_window_bits", "client_max_window_bits"};
constexpr std::string_view kWindows[] = {"8", "9", "10", "12", "14", "15"};
constexpr std::string_view kWildValues[] = {"16",   "7",  "0",  "010", "09", "+9",     "9.0", "9x",
                                            "\"\"", "-9", "10", "15",  "99", "\"10\"", "true"};
constexpr std::string_view kBrokenOffers[] = {"permessage-deflate; server_max_window_bits=\"10",
                                              "permessage-deflate;",
                                              "permessage-deflate; =9",
                                              "permessage-deflate; a b",
                                              "permessage-deflate; server_max_window_bits=",
                                              "permessage-deflate2",
                                              "permessage-deflate; nonsense=1",
                                              "x-webkit-deflate-frame, permessage-deflate",
                                              "permessage-deflate, x-webkit-deflate-frame",
                                              "x-unknown; a=1",
                                              "; permessage-deflate",
                                              "permessage-deflate; server_max_window_bits=\"1 0\""};

Edit edit(Edit::Kind kind, std::string header, Bytes value = {}) {
  return {kind, std::move(header), plain_payload(std::move(value), true)};
}

// Requests that a server must refuse, and some that it must not.
std::span<const Edit> table_of_edits() {
  using enum Edit::Kind;
  static const std::vector<Edit> kEdits = {edit(drop, "Host"),
                                           edit(set, "Host", ""),
                                           edit(add, "Host", "other"),
                                           edit(drop, "Upgrade"),
                                           edit(set, "Upgrade", "h2c"),
                                           edit(set, "Upgrade", "websocketx"),
                                           edit(set, "Upgrade", "WebSocket"),
                                           edit(drop, "Connection"),
                                           edit(set, "Connection", "keep-alive"),
                                           edit(set, "Connection", "Upgraded"),
                                           edit(set, "Connection", "UPGRADE"),
                                           edit(set, "Connection", "keep-alive, Upgrade"),
                                           edit(set, "Connection", "keep-alive,Upgrade"),
                                           edit(drop, "Sec-WebSocket-Key"),
                                           edit(set, "Sec-WebSocket-Key", ""),
                                           edit(set, "Sec-WebSocket-Key", "dGhlIHNhbXBsZQ=="),
                                           edit(set, "Sec-WebSocket-Key", "%%%"),
                                           edit(set, "Sec-WebSocket-Key", "!!!!!!!!!!!!!!!!!!!!!!!!"),
                                           edit(set, "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA"),
                                           edit(set, "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAB=="),
                                           edit(add, "Sec-WebSocket-Key", "AAAAAAAAAAAAAAAAAAAAAA=="),
                                           edit(drop, "Sec-WebSocket-Version"),
                                           edit(set, "Sec-WebSocket-Version", "8"),
                                           edit(set, "Sec-WebSocket-Version", "0"),
                                           edit(set, "Sec-WebSocket-Version", "013"),
                                           edit(set, "Sec-WebSocket-Version", "13a"),
                                           edit(set, "Sec-WebSocket-Version", "+13"),
                                           edit(set, "Sec-WebSocket-Version", "12"),
                                           edit(set, "Sec-WebSocket-Version", "14"),
                                           edit(set, "Sec-WebSocket-Version", "255"),
                                           edit(set, "Sec-WebSocket-Version", "8, 13"),
                                           edit(set, "Sec-WebSocket-Version", "x"),
                                           edit(method, "", "POST"),
                                           edit(method, "", "get"),
                                           edit(method, "", "GETX"),
                                           edit(method, "", "OPTIONS"),
                                           edit(version, "", "HTTP/1.0"),
                                           edit(version, "", "HTTP/0.9"),
                                           edit(version, "", "http/1.1"),
                                           edit(version, "", "HTTP/2.0"),
                                           edit(version, "", "HTTP/1.2"),
                                           edit(version, "", ""),
                                           edit(add, "X-Filler", Bytes(2000, 'f')),
                                           edit(add, "X-Filler", Bytes(100, 'f')),
                                           edit(add, "Cookie", "a=b; c=d"),
                                           edit(add, "User-Agent", "fuzz/1.0 (none)"),
                                           edit(add, "Sec-WebSocket-Extensions", "x-unknown"),
                                           edit(add, "Sec-WebSocket-Protocol", "chat, chat"),
                                           edit(add, "Sec-WebSocket-Protocol", "a b"),
                                           edit(add, "Content-Length", "0")};
  return kEdits;
}

// Another name for what is declared: longer, in capitals, unknown.
Bytes resembling(InputMaker& maker, std::string name) {
  switch (maker.below(5)) {
    case 0: return name + "x";
    case 1:
      std::ranges::transform(name, name.begin(),
                             [](char c) { return c >= 'a' && c <= 'z' ? char(c - 32) : c; });
      return name;
    case 2: return "x-nonsense";
    case 3: return "x-nonsense, " + name;
    default: return name;
  }
}

// Origins that a careless comparison takes for a welcome one.
Bytes foreign_origin(InputMaker& maker, const std::string& welcome) {
  const auto scheme = welcome.find("://");
  const std::string host = scheme == std::string::npos ? welcome : welcome.substr(scheme + 3);
  switch (maker.below(7)) {
    case 0: return "http://foreign.example";
    case 1: return welcome + ".foreign.example";
    case 2: return "http://foreign-" + host;
    case 3: return "null";
    case 4: return (welcome.starts_with("https") ? "http://" : "https://") + host;
    case 5: return "http://foreign.example/" + welcome;
    default: return "http://foreign.example?" + welcome;
  }
}

}  // namespace

std::string InputMaker::deflate_variant(bool wild) {
  std::string out = "permessage-deflate";
  for (std::uint32_t n = below(3); n > 0; --n) {
    const std::string_view name = pick(kParameters);
    out += "; " + std::string(name);
    const bool window = name.ends_with("bits");
    if (window && wild && one_in(6)) continue;
    if (window && (name[0] == 's' || one_in(2)))
      out += "=" + std::string(wild && one_in(2) ? pick(kWildValues) : pick(kWindows));
    if (!window && wild && one_in(4)) out += "=" + std::string(pick(kWildValues));
    if (wild && one_in(4)) out += "; " + std::string(name) + (window && one_in(2) ? "=10" : "");
  }
  return out;
}

std::string InputMaker::offer() {
  if (!one_in(3)) return std::string(pick(kUsualOffers));
  if (one_in(4)) return std::string(pick(kBrokenOffers));
  std::string out = deflate_variant(one_in(2));
  for (std::uint32_t n = below(3); n > 0; --n) out += ", " + deflate_variant(one_in(3));
  return out;
}

Bytes InputMaker::key() {
  Bytes octets(16, '\0');
  for (char& c : octets) c = static_cast<char>(below(256));
  return base64_encode(octets);
}

void InputMaker::edit_request(FuzzOpening& out, const Profile& profile) {
  using enum Edit::Kind;
  const std::string& welcome = profile.origins.empty() ? "" : profile.origins.front();
  switch (below(8)) {
    case 0:
      if (!welcome.empty()) {
        out.edits.push_back(edit(set, "Origin", one_in(4) ? welcome : foreign_origin(*this, welcome)));
        if (one_in(5)) out.edits.push_back(edit(add, "Origin", "http://foreign.example"));
        return;
      }
      break;
    case 1:
      if (!profile.subprotocols.empty()) {
        const auto& names = profile.subprotocols;
        out.edits.push_back(edit(set, "Sec-WebSocket-Protocol", resembling(*this, pick(names))));
        if (one_in(3)) out.edits.push_back(edit(add, "Sec-WebSocket-Protocol", pick(names)));
      } else {
        out.edits.push_back(edit(set, "Sec-WebSocket-Protocol", one_in(2) ? "chat" : "x-nonsense, y"));
      }
      return;
    case 2:
      if (profile.missing_path) {
        out.edits.push_back(edit(path, "", *profile.missing_path));
        return;
      }
      break;
    default: break;
  }
  for (std::uint32_t n = one_in(4) ? 2 : 1; n > 0; --n) out.edits.push_back(pick(table_of_edits()));
}

// A head written out: names in other cases, another order, blanks, and what HTTP forbids.
void InputMaker::write_head(FuzzOpening& out, const Profile& profile) {
  std::vector<Bytes> fields = {"Host: " + profile.host, "Upgrade: websocket", "Connection: Upgrade",
                               "Sec-WebSocket-Key: " + key(), "Sec-WebSocket-Version: 13"};
  for (const Field& field : profile.headers) fields.push_back(field.name + ": " + field.value);
  const std::size_t at = below(5);
  Bytes& line = fields[at];
  const std::size_t colon = line.find(':');
  switch (below(11)) {
    case 0:
      for (Bytes& each : fields)
        std::transform(each.begin(), each.begin() + static_cast<std::ptrdiff_t>(each.find(':')), each.begin(),
                       [](char c) { return c >= 'A' && c <= 'Z' ? char(c + 32) : c; });
      break;
    case 1: std::ranges::reverse(fields); break;
    case 2: std::swap(fields[below(5)], fields[below(5)]); break;
    case 3: line.insert(colon + 1, "  \t "), line += " \t"; break;
    case 4: line.erase(colon + 1, 1); break;
    case 5: line.insert(colon, one_in(2) ? " " : "\t"); break;
    case 6: fields.insert(fields.begin() + static_cast<std::ptrdiff_t>(at), "no colon here"); break;
    case 7: fields.push_back(Bytes("X-Control: a") + (one_in(2) ? '\0' : '\x01') + "b"); break;
    case 8: fields.insert(fields.begin() + 2, "Connection: keep-alive"); break;
    case 9:
      for (std::uint32_t i = 0, most = 16 + below(20); i < most; ++i)
        fields.push_back("X-Field-" + std::to_string(i) + ": value");
      break;
    default: break;
  }
  const bool query = one_in(12);
  fields.insert(fields.begin(), "GET " + profile.path + (query ? "?a=b" : "") + " HTTP/1.1");
  for (Bytes& field : fields) out.lines.push_back(payload_of(field));
}

FuzzOpening InputMaker::request(const Profile& profile) {
  FuzzOpening out;
  if (one_in(3)) out.offer = offer();
  if (one_in(24)) out.chop = 1 + below(one_in(2) ? 4 : 60);
  if (!one_in(6)) return out;
  out.offer.clear();
  if (one_in(24)) {
    out.chop = 0;
    out.cut = "GET " + profile.path + " HTTP/1.1\r\nHost: " + profile.host + "\r\nUpgrade: webso";
    if (one_in(4))
      for (int i = 0; i < 1200; ++i) out.cut += "cket\r\nX-Filler: " + Bytes(64, 'f');
    else
      out.cut.resize(1 + below(static_cast<std::uint32_t>(out.cut.size())));
    out.resets = one_in(2);
  } else if (one_in(3)) {
    write_head(out, profile);
  } else {
    edit_request(out, profile);
  }
  return out;
}

FuzzOpening InputMaker::opening(const Profile& profile) {
  return profile.tested == Target::client ? reply() : request(profile);
}

}  // namespace wsspec
