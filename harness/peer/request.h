// Request: what the peer asks for as a client, and how it takes the answer (RFC 6455 4.1, RFC 7692 7.1).
//
// What it is not: the check of a reply; that is check_reply() of protocol/handshake.h, of which a client
// minds what RFC 6455 4.1 tells it to mind.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "peer/conduct.h"
#include "protocol/http.h"

namespace wsspec {

/// What the client wants and of whom.
struct Wish {
  std::string host = "127.0.0.1";  ///< With the port.
  std::string path = "/";
  bool deflate = true;
  std::vector<std::string> subprotocols;
  std::vector<Field> fields;  ///< Further ones.
};

/// A correct request, but for what the conduct makes of it. `key`: 16 octets.
Head ask(const Wish& wish, BytesView key, const Conduct& conduct, Situation& situation);

/// What an answer means to the client.
struct Outcome {
  enum class Kind {
    interim,  ///< RFC 9110 15.2: the answer is still to come.
    accepted,
    refused,  ///< By the server, or by us for what is wrong with the reply: the connection fails (7.1.7).
  } kind = Kind::refused;
  std::optional<DeflateSettings> deflate;
};
/// False when octets that begin a head can no longer become an answer in HTTP.
bool may_become_reply(BytesView begun);
Outcome weigh(const Head& reply, const Head& request, const Conduct& conduct);

}  // namespace wsspec
