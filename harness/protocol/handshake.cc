#include "protocol/handshake.h"

#include <fmt/format.h>
#include <openssl/evp.h>
#include <openssl/sha.h>

#include <algorithm>
#include <bit>
#include <charconv>
#include <set>

namespace wsspec {
namespace {

constexpr std::string_view kAlphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

int base64_value(char c) {
  const std::size_t at = kAlphabet.find(c);
  return at == std::string_view::npos ? -1 : static_cast<int>(at);
}

// The elements of a comma list, blanks removed, empty ones included.
std::vector<std::string_view> elements(std::string_view list) {
  std::vector<std::string_view> out;
  for (;;) {
    const std::size_t comma = list.find(',');
    out.push_back(trim_blanks(list.substr(0, comma)));
    if (comma == std::string_view::npos) return out;
    list.remove_prefix(comma + 1);
  }
}

// RFC 6455 4.3: a number from 0 to 255 without leading zeros.
bool is_version(std::string_view text) {
  unsigned value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  return error == std::errc{} && end == text.data() + text.size() && value <= 255 &&
         std::to_string(value) == text;
}

class Findings {
 public:
  void add(std::string requirement, std::string what) {
    list_.push_back({std::move(requirement), std::move(what)});
  }
  void require(bool holds, std::string_view requirement, std::string_view what) {
    if (!holds) add(std::string(requirement), std::string(what));
  }
  std::vector<Violation> take() { return std::move(list_); }

 private:
  std::vector<Violation> list_;
};

void check_grammar(Findings& out, const Head& head, std::string_view requirement) {
  out.require(!head.malformed, requirement, "a header line has no colon or its name is no token");
  out.require(!head.blank_before_colon, requirement, "a blank stands before a colon");
  out.require(!head.control_octet, requirement, "a header line holds a control octet");
}

// 4.2.1 item 1: the resource name, as a path or as an absolute URI of http or https.
bool is_resource(std::string_view target) {
  if (target.find('#') != std::string_view::npos) return false;
  if (target.starts_with('/')) return true;
  for (const std::string_view scheme : {"http://", "https://"}) {
    if (target.size() > scheme.size() && same_text(target.substr(0, scheme.size()), scheme)) return true;
  }
  return false;
}

void check_request_line(Findings& out, const Head& head) {
  const auto line = parse_request_line(head.start);
  if (!line) return out.add("rfc6455-4.2.1-1", "the request line is malformed");
  out.require(line->method == "GET", "rfc6455-4.2.1-2", "the method is not GET");
  const bool old = line->version[5] == '0' || line->version == "HTTP/1.0";
  out.require(!old, "rfc6455-4.2.1-3", "the HTTP version is below 1.1");
  out.require(line->version[5] < '2', "", "HTTP/2 and later are not spoken in this form");
  out.require(is_resource(line->target), "rfc6455-4.2.1-4",
              "the target is neither a path nor an http or https URI");
}

void check_key(Findings& out, const Head& head) {
  const std::size_t count = head.count("Sec-WebSocket-Key");
  if (count > 1) return out.add("rfc6455-11.3.1-1", "Sec-WebSocket-Key occurs more than once");
  if (count == 0) return out.add("rfc6455-4.2.1-8", "Sec-WebSocket-Key is missing");
  const auto nonce = base64_decode(*head.find("Sec-WebSocket-Key"));
  out.require(nonce && nonce->size() == 16, "rfc6455-4.2.1-8",
              "Sec-WebSocket-Key is not 16 octets in base64");
}

void check_version(Findings& out, const Head& head) {
  const std::size_t count = head.count("Sec-WebSocket-Version");
  if (count > 1) return out.add("rfc6455-11.3.5-2", "Sec-WebSocket-Version occurs more than once");
  if (count == 0) return out.add("rfc6455-4.2.1-9", "Sec-WebSocket-Version is missing");
  const std::string& version = *head.find("Sec-WebSocket-Version");
  if (version == "13") return;
  if (is_version(version)) return out.add("rfc6455-4.2.1-9", "Sec-WebSocket-Version is not 13");
  out.add("rfc6455-4.3-2", "Sec-WebSocket-Version is no number from 0 to 255 without leading zeros");
}

void check_offered_protocols(Findings& out, const Head& head) {
  const auto offered = head.joined("Sec-WebSocket-Protocol");
  if (!offered) return;
  std::set<std::string_view> seen;
  bool tokens = true, unique = true;
  for (const std::string_view name : elements(*offered)) {
    tokens = tokens && is_token(name);
    unique = seen.insert(name).second && unique;
  }
  out.require(tokens, "rfc6455-4.1-33", "an offered subprotocol is no token");
  out.require(unique, "rfc6455-4.1-34", "a subprotocol is offered twice");
}

void check_offered_extensions(Findings& out, const Head& head) {
  const auto offered = head.joined("Sec-WebSocket-Extensions");
  if (!offered) return;
  if (const auto parsed = parse_extensions(*offered); !parsed) out.add("rfc6455-9.1-1", parsed.error().what);
}

void check_reply_body(Findings& out, const Head& head) {
  out.require(head.count("Transfer-Encoding") == 0, "", "a 101 reply has Transfer-Encoding");
  out.require(head.count("Content-Length") == 0, "", "a 101 reply has Content-Length");
}

// What a server may have read as the value of a field that came once, or was repeated: HTTP layers join
// repeated fields or keep one of them. That a key is repeated is the request's own fault and judged as such,
// not by the accept.
std::vector<std::string> readings(const Head& head, std::string_view name) {
  std::vector<std::string> all;
  std::string joined;
  for (const Field& field : head.fields) {
    if (!same_text(field.name, name)) continue;
    joined += (all.empty() ? "" : ",") + field.value;
    all.push_back(field.value);
  }
  all.push_back(joined);
  all.push_back(head.joined(name).value_or(""));
  return all;
}

void check_accept(Findings& out, const Head& head, const Head& request) {
  const std::size_t count = head.count("Sec-WebSocket-Accept");
  if (count > 1) return out.add("rfc6455-11.3.3-1", "Sec-WebSocket-Accept occurs more than once");
  if (count == 0) return out.add("rfc6455-4.2.2-20", "Sec-WebSocket-Accept is missing");
  const std::string& accept = *head.find("Sec-WebSocket-Accept");
  const bool right = std::ranges::any_of(readings(request, "Sec-WebSocket-Key"),
                                         [&](const std::string& key) { return accept == accept_for(key); });
  out.require(right, "rfc6455-4.2.2-20", "Sec-WebSocket-Accept does not fit the key");
}

void check_chosen_protocol(Findings& out, const Head& head, const Head& request, Reply& reply) {
  const std::size_t count = head.count("Sec-WebSocket-Protocol");
  if (count == 0) return;
  if (count > 1) return out.add("rfc6455-11.3.4-2", "Sec-WebSocket-Protocol occurs more than once");
  const std::string& chosen = *head.find("Sec-WebSocket-Protocol");
  if (chosen.empty()) return out.add("rfc6455-4.2.2-13", "Sec-WebSocket-Protocol is empty");
  if (!is_token(chosen)) return out.add("rfc6455-4.3-3", "Sec-WebSocket-Protocol is not one token");
  const auto offered = request.joined("Sec-WebSocket-Protocol").value_or("");
  const auto names = elements(offered);
  if (std::ranges::find(names, chosen) == names.end()) {
    return out.add("rfc6455-4.2.2-11", fmt::format("the subprotocol {} was not offered", chosen));
  }
  reply.subprotocol = chosen;
}

void check_granted_extensions(Findings& out, const Head& head, const Head& request, Reply& reply) {
  // Several fields are allowed by 4.2.2 and forbidden by 11.3.2: the RFC contradicts itself, so neither is a
  // fault.
  const auto granted = head.joined("Sec-WebSocket-Extensions");
  if (!granted) return;
  auto parsed = parse_extensions(*granted);
  if (!parsed) return out.add("rfc6455-9.1-1", parsed.error().what);
  const auto offers = parse_extensions(request.joined("Sec-WebSocket-Extensions").value_or(""));
  const std::vector<ExtensionOffer> offered = offers ? *offers : std::vector<ExtensionOffer>{};
  std::set<std::string_view> names;
  for (const ExtensionOffer& extension : *parsed) {
    const bool was_offered =
        std::ranges::any_of(offered, [&](const auto& o) { return same_text(o.name, extension.name); });
    if (!was_offered) {
      out.add("rfc6455-4.2.2-15", fmt::format("the extension {} was not offered", extension.name));
    } else if (!names.insert(extension.name).second) {
      out.add("rfc7692-5-10", fmt::format("{} is granted twice", extension.name));
    } else if (extension.name == kPermessageDeflate) {
      const auto settings = read_deflate_reply(extension, offered);
      if (!settings) out.add(settings.error().where, settings.error().what);
      if (settings && exceeds_hint(extension, offered))
        reply.poorer.push_back({"rfc7692-7.1.2.2-4", "client_max_window_bits is larger than the hint"});
    }
  }
  reply.extensions = std::move(*parsed);
}

}  // namespace

std::array<std::uint8_t, 20> sha1(BytesView bytes) {
  std::array<std::uint8_t, 20> digest;
  SHA1(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return digest;
}

Bytes base64_encode(BytesView bytes) {
  Bytes out((bytes.size() + 2) / 3 * 4 + 1, '\0');  // The library ends it with NUL.
  EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                  reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  out.pop_back();
  return out;
}

// Not the library's: it takes blanks and line ends for nothing, and a key must not have them (4.2.1).
std::optional<Bytes> base64_decode(std::string_view text) {
  if (text.size() % 4 != 0) return std::nullopt;
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  Bytes out;
  std::uint32_t bits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const int value = i >= text.size() - padding ? 0 : base64_value(text[i]);
    if (value < 0) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(value);
    if (i % 4 == 3) append_big_endian(out, bits & 0xffffff, 3);
  }
  out.resize(out.size() - padding);
  return out;
}

std::string accept_for(std::string_view key) {
  const auto digest = sha1(Bytes(key).append(kAcceptGuid));
  return base64_encode(BytesView(reinterpret_cast<const char*>(digest.data()), digest.size()));
}

std::vector<Field> request_fields(const RequestOptions& options) {
  std::vector<Field> fields{{"Host", options.host},
                            {"Upgrade", "websocket"},
                            {"Connection", "Upgrade"},
                            {"Sec-WebSocket-Key", options.key},
                            {"Sec-WebSocket-Version", "13"}};
  fields.insert(fields.end(), options.extra.begin(), options.extra.end());
  return fields;
}

std::vector<Violation> check_request(const Head& head) {
  Findings out;
  check_request_line(out, head);
  check_grammar(out, head, "rfc6455-4.2.1-1");
  const std::string* host = head.find("Host");
  out.require(head.count("Host") == 1 && !host->empty(), "rfc6455-4.2.1-5",
              "there is not exactly one Host field with a value");
  out.require(head.has_token("Upgrade", "websocket"), "rfc6455-4.2.1-6", "Upgrade does not name websocket");
  out.require(head.has_token("Connection", "Upgrade"), "rfc6455-4.2.1-7", "Connection does not name Upgrade");
  check_key(out, head);
  check_version(out, head);
  check_offered_protocols(out, head);
  check_offered_extensions(out, head);
  const std::string* length = head.find("Content-Length");
  const bool body =
      head.count("Transfer-Encoding") > 0 || head.count("Content-Length") > 1 || (length && *length != "0");
  out.require(!body, "", "the request has a body");
  return out.take();
}

namespace {

// What 4.2.1 has a server look at is what 4.1 has a client do.
std::string clause_of_client(const std::string& of_server, bool has_key) {
  constexpr std::pair<std::string_view, const char*> kClauses[] = {
      {"", "rfc6455-4.1-19"},  // HTTP's own rules
      {"rfc6455-4.2.1-1", "rfc6455-4.1-19"},
      {"rfc6455-4.2.1-2", "rfc6455-4.1-20"},
      {"rfc6455-4.2.1-3", "rfc6455-4.1-21"},
      {"rfc6455-4.2.1-4", "rfc6455-4.1-22"},
      {"rfc6455-4.2.1-5", "rfc6455-4.1-23"},
      {"rfc6455-4.2.1-6", "rfc6455-4.1-24"},
      {"rfc6455-4.2.1-7", "rfc6455-4.1-25"},
      {"rfc6455-4.2.1-9", "rfc6455-4.1-31"},
      {"rfc6455-4.3-2", "rfc6455-4.1-31"}};
  if (of_server == "rfc6455-4.2.1-8") return has_key ? "rfc6455-4.1-27" : "rfc6455-4.1-26";
  const auto* found =
      std::ranges::find(kClauses, of_server, &std::pair<std::string_view, const char*>::first);
  return found == std::end(kClauses) ? of_server : found->second;
}

// A server declines such an offer (RFC 7692 7); a client may not make it.
void check_offered_windows(Findings& out, const Head& head) {
  const auto offered = parse_extensions(head.joined("Sec-WebSocket-Extensions").value_or(""));
  for (const ExtensionOffer& offer : offered ? *offered : std::vector<ExtensionOffer>{}) {
    if (offer.name != kPermessageDeflate) continue;
    for (const ExtensionParameter& parameter : offer.parameters) {
      const char* clause = parameter.name == "server_max_window_bits"   ? "rfc7692-7.1.2.1-2"
                           : parameter.name == "client_max_window_bits" ? "rfc7692-7.1.2.2-2"
                                                                        : nullptr;
      const auto read = read_deflate_offer({offer.name, {parameter}});
      if (clause != nullptr && !read) out.add(clause, read.error().what);
    }
  }
}

}  // namespace

std::vector<Violation> check_request_of_client(const Head& head) {
  Findings out;
  for (Violation& violation : check_request(head))
    out.add(clause_of_client(violation.requirement, head.count("Sec-WebSocket-Key") > 0),
            std::move(violation.what));
  check_offered_windows(out, head);
  return out.take();
}

std::vector<Violation> check_reply(const Head& reply_head, const Head& request, Reply& reply) {
  Findings out;
  reply = {};
  const auto status = parse_status_line(reply_head.start);
  if (!status) {
    out.add("rfc6455-4.2.2-16", "the status line is malformed");
  } else {
    out.require(status->status == 101, "rfc6455-4.2.2-17",
                fmt::format("the status is {}, not 101", status->status));
    out.require(status->version == "HTTP/1.1", "rfc6455-4.2.2-16", "the reply is not HTTP/1.1");
  }
  check_grammar(out, reply_head, "rfc6455-4.2.2-16");
  out.require(!reply_head.bare_lf, "rfc6455-4.2.2-16", "a line of the reply ends in LF alone");
  out.require(!reply_head.folded, "rfc6455-4.2.2-16", "a field of the reply is folded over lines");
  out.require(reply_head.empty_lines == 0, "rfc6455-4.2.2-16", "an empty line stands before the status line");
  const auto upgrade = reply_head.joined("Upgrade");
  out.require(upgrade && same_text(*upgrade, "websocket"), "rfc6455-4.2.2-18", "Upgrade is not websocket");
  out.require(reply_head.has_token("Connection", "Upgrade"), "rfc6455-4.2.2-19",
              "Connection does not name Upgrade");
  check_accept(out, reply_head, request);
  check_chosen_protocol(out, reply_head, request, reply);
  check_granted_extensions(out, reply_head, request, reply);
  check_reply_body(out, reply_head);
  return out.take();
}

}  // namespace wsspec
