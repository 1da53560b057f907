// The oracle of a reply to a client: what the client has to make of it (RFC 6455 4.1, RFC 7692 7).
//
// What it is not: the rules of a reply themselves (protocol/handshake.h), which bind the server. Where RFC
// 6455 leaves something to HTTP, or contradicts itself, both ways are right (docs/case-guide.md,
// cases/reply-*.wire).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "fuzzer/input.h"
#include "model/breach.h"
#include "protocol/handshake.h"
#include "protocol/http.h"

namespace wsspec {

struct ReplyDemand {
  enum class Kind {
    take,    ///< It goes on.
    open,    ///< Both are right.
    refuse,  ///< It fails the connection, or takes it for the HTTP that it is: no frame comes.
    gone,    ///< TCP ends within the reply: the client ends it, too.
  } kind = Kind::take;
  Severity severity = Severity::fail;  ///< Of the opposite.
  std::string requirement, what;       ///< Why; the sentence follows "although" or "because".
  /// As HTTP allows to wait for more, to keep the connection or to read a body, staying is no fault.
  bool may_wait = false;
  Reply granted;  ///< Where it is to be taken.
};

/// `octets`: the reply as it went out.
ReplyDemand demand_of_reply(const FuzzOpening& opening, const Head& request, BytesView octets);
/// The grant that a client with this request must take; empty: none. `wanted` where the offer allows it.
std::string fitting_grant(const std::string& wanted, const Head& request);

}  // namespace wsspec
