#include "fuzzer/handshake_oracle.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "play/opening.h"
#include "protocol/extension.h"

namespace wsspec {
namespace {

using enum BreachKind;
using enum Severity;

// The rule of 4.2.1 that makes a refusal mandatory; nothing when the server may be lenient.
std::optional<Violation> demanding(const Profile& profile, const Head& request) {
  const std::string *key = request.find("Sec-WebSocket-Key"),
                    *version = request.find("Sec-WebSocket-Version");
  for (const Violation& violation : check_request(request)) {
    const std::string& rule = violation.requirement;
    // Other rules bind the client (4.1, 11.3) or are HTTP's own.
    if (!rule.starts_with("rfc6455-4.2.1-") && rule != "rfc6455-4.3-2") continue;
    // 4.2.2 calls decoding the key unnecessary; drafts 7 and 8 may be spoken beside version 13 (4.4).
    if (rule == "rfc6455-4.2.1-8" && key != nullptr && !key->empty()) continue;
    if (rule == "rfc6455-4.2.1-9" && version != nullptr && (*version == "7" || *version == "8")) continue;
    return violation;
  }
  const auto line = parse_request_line(request.start);
  if (line && profile.missing_path && line->target == *profile.missing_path)
    return Violation{"rfc6455-4.2.2-10", "the path is declared not to be served"};
  if (!profile.origins.empty()) {
    for (const Field& field : request.fields) {
      if (same_text(field.name, "Origin") &&
          std::ranges::find(profile.origins, field.value) == profile.origins.end())
        return Violation{"rfc6455-4.2.2-7", "the origin is not among those declared welcome"};
    }
  }
  return std::nullopt;
}

// Whether some offer is not what RFC 7692 7 allows; a server may take it for a broken request.
bool odd_offer(const Head& request) {
  const auto text = request.joined("Sec-WebSocket-Extensions");
  if (!text) return false;
  const auto offers = parse_extensions(*text);
  if (!offers) return true;
  return std::ranges::any_of(*offers, [](const ExtensionOffer& offer) {
    return offer.name == "permessage-deflate" && !read_deflate_offer(offer);
  });
}

// What is refused for something else, if only for an HTTP version that is new to the server, says nothing
// of 13.
bool only_version_is_wrong(const Profile& profile, const FuzzOpening& opening, const Head& request) {
  const auto violations = check_request(request);
  if (violations.size() != 1 || violations[0].requirement != "rfc6455-4.2.1-9") return false;
  Head usual = request;
  for (Field& field : usual.fields)
    if (same_text(field.name, "Sec-WebSocket-Version")) field.value = "13";
  return must_be_served(profile, opening, usual);
}

// What the reply says about drafts and subprotocols that were declared.
void judge_refusal(const Profile& profile, const FuzzOpening& opening, const Head& request, const Head& reply,
                   int status, std::vector<Breach>& out) {
  if (status >= 400 && status < 500 && only_version_is_wrong(profile, opening, request)) {
    if (!reply.has_token("Sec-WebSocket-Version", "13"))
      out.push_back(breach(malformed_output, fail, "rfc6455-4.4-1",
                           "a version is refused, and the answer does not name 13 as one that is spoken"));
    return;
  }
  const bool refuses = status == 200 || (status >= 400 && status < 500 && status != 401 && status != 429);
  if (!refuses || !must_be_served(profile, opening, request)) return;
  const bool odd = odd_offer(request) || request.start.find('?') != std::string::npos;
  out.push_back(breach(rejects_legal, odd ? weak : fail, "rfc6455-4.2.2-1",
                       fmt::format("a correct request is refused with {}", status)));
}

void judge_subprotocol(const Profile& profile, const Reply& granted, std::vector<Breach>& out) {
  if (granted.subprotocol.empty() || profile.subprotocols.empty()) return;
  if (std::ranges::find(profile.subprotocols, granted.subprotocol) != profile.subprotocols.end()) return;
  out.push_back(breach(accepts_illegal, fail, "rfc6455-4.2.2-12",
                       "a subprotocol is agreed on that is not among those declared to be supported"));
}

}  // namespace

bool must_be_served(const Profile& profile, const FuzzOpening& opening, const Head& request) {
  if (!left_out(profile, request).empty()) return false;
  // Nobody says how large a head must be taken; a kilobyte is what browsers send without cookies.
  constexpr std::size_t kMostOctets = 1200, kMostFields = 40;
  if (!opening.cut.empty() || request.start.empty() || demanding(profile, request)) return false;
  // That includes 9.1: an offer that breaks the grammar makes the receiver fail.
  if (!check_request(request).empty()) return false;
  if (request.folded || request.bare_lf || request.empty_lines > 0 || request.fields.size() > kMostFields)
    return false;
  std::size_t octets = request.start.size();
  for (const Field& field : request.fields) octets += field.name.size() + field.value.size();
  // A key with spare bits set, a subprotocol or an origin that it does not know: a server may mind.
  const std::string* key = request.find("Sec-WebSocket-Key");
  const auto nonce = base64_decode(key == nullptr ? "" : *key);
  const bool canonical = nonce && key != nullptr && base64_encode(*nonce) == *key;
  const auto line = parse_request_line(request.start);
  const bool usual_version = line && line->version == "HTTP/1.1";
  const bool knows_origin = request.count("Origin") == 0 || !profile.origins.empty();
  return octets <= kMostOctets && canonical && usual_version && knows_origin &&
         request.count("Sec-WebSocket-Protocol") == 0 && request.count("Content-Length") == 0;
}

std::vector<Breach> judge_handshake(const Profile& profile, const FuzzOpening& opening, const Head& request,
                                    const Head& reply, Reply& granted) {
  std::vector<Breach> out;
  const auto status = parse_status_line(reply.start);
  if (!status) {
    out.push_back(breach(malformed_output, fail, "rfc6455-4.2.2-16", "the status line is malformed"));
    return out;
  }
  if (status->status != 101) {
    judge_refusal(profile, opening, request, reply, status->status, out);
    return out;
  }
  if (const auto violation = demanding(profile, request)) {
    out.push_back(breach(accepts_illegal, fail, violation->requirement,
                         "the request is accepted although " + violation->what));
    return out;
  }
  // 9.1 wants the handshake failed; many pass over the broken offer, which is left to the case set.
  const auto offered = request.joined("Sec-WebSocket-Extensions");
  if (offered && reply.count("Sec-WebSocket-Extensions") > 0 && !parse_extensions(*offered)) {
    out.push_back(breach(accepts_illegal, fail, "rfc6455-9.1-1",
                         "an extension is granted although the offer breaks the grammar"));
    return out;
  }
  for (const Violation& violation : check_reply(reply, request, granted)) {
    if (violation.requirement.empty()) {
      out.push_back(breach(malformed_output, weak, "rfc6455-4.2.2-16", violation.what));
    } else {
      out.push_back(breach(malformed_output, fail, violation.requirement, violation.what));
    }
  }
  judge_subprotocol(profile, granted, out);
  return out;
}

}  // namespace wsspec
