// The opening handshake (RFC 6455 4) as data: what a request asks, what a reply grants, and every rule either
// breaks.
//
// What it is not: policy. Which path, origin, subprotocol or extension is welcome is the caller's choice.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/extension.h"
#include "protocol/http.h"

namespace wsspec {

std::array<std::uint8_t, 20> sha1(BytesView bytes);
Bytes base64_encode(BytesView bytes);
/// Nothing when `text` is not canonical base64 with padding, except that spare bits of the last character may
/// be set (the RFC's own example nonce has such bits).
std::optional<Bytes> base64_decode(std::string_view text);

/// The Sec-WebSocket-Accept for the text of a key (4.2.2 step 5.4): the text itself enters, not its decoding.
/// What the key is followed by where it is hashed (RFC 6455 1.3).
inline constexpr std::string_view kAcceptGuid = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
std::string accept_for(std::string_view key);

/// A broken rule: the ledger id that names it and a sentence.
struct Violation {
  std::string requirement;  ///< "rfc6455-4.2.1-8"; empty when it is HTTP's rule.
  std::string what;
  bool operator==(const Violation&) const = default;
};

struct RequestOptions {
  std::string host = "127.0.0.1";
  std::string target = "/";
  std::string key;
  std::vector<Field>
      extra{};  ///< Origin, subprotocols, extensions, cookies ... in this order behind the rest.
};
/// The fields of a correct request, in the usual order.
std::vector<Field> request_fields(const RequestOptions& options);

/// All rules of 4.2.1 that a request breaks; empty = acceptable.
std::vector<Violation> check_request(const Head& head);

/// All rules of 4.1, 9.1, 11.3 and RFC 7692 7.1 that a client breaks with its request: the same, under the
/// clauses that bind clients, and what is no reason for a server to refuse.
std::vector<Violation> check_request_of_client(const Head& head);

struct Reply {
  std::string subprotocol;                 ///< Empty: none.
  std::vector<ExtensionOffer> extensions;  ///< As granted.
  std::vector<Violation> poorer;           ///< What is allowed, and advised against by a SHOULD.
};
/// What a 101 reply breaks with regard to `request` (4.1, 4.2.2, 4.3, 9.1, 11.3); `reply` gets what it
/// grants.
std::vector<Violation> check_reply(const Head& reply_head, const Head& request, Reply& reply);

}  // namespace wsspec
