// Reply: the peer's answer to the opening handshake (RFC 6455 4.2.2, 10.2, RFC 7692 7.1).
//
// What it is not: the check of the request; that is check_request() of protocol/handshake.h.
#pragma once

#include <string>
#include <vector>

#include "peer/conduct.h"
#include "protocol/http.h"

namespace wsspec {

/// What the server offers and to whom.
struct Service {
  bool deflate = true;
  std::vector<std::string> subprotocols;
  std::vector<std::string> origins;  ///< Welcome ones; empty: any.
  std::vector<std::string> paths;    ///< Served ones, without a query; empty: any.
};

/// `request` is what the peer believes to have read; `raw` the octets of the head.
Answer answer_request(Head request, BytesView raw, const Service& service, const Conduct& conduct);
/// The refusal of a head beyond the limits (431), or of one that never came to an end (408).
Answer refusal(int status, std::vector<Field> fields, std::string what);
/// False when octets that begin a head can no longer become a request: a first word that is no token (a TLS
/// record, noise) or a broken request line.
bool may_become_request(BytesView begun);
Answer refuse_malformed();
Bytes render_answer(const Answer& answer);

/// The extensions granted to an offer of permessage-deflate, in the words of the reply.
struct Grant {
  ExtensionOffer extension;
  DeflateSettings settings;
};
/// The first offer that can be met.
std::optional<Grant> grant_deflate(const std::vector<ExtensionOffer>& offers);
/// The first of the client's subprotocols that is supported, all its fields taken together.
std::optional<std::string> pick_subprotocol(const Head& request, const std::vector<std::string>& supported);
/// The path of a request target, which may be absolute, without its query.
std::string_view path_of(std::string_view target);

}  // namespace wsspec
