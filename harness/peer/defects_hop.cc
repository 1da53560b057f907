// Defects of a hop in requests and answers (RFC 9110 5 to 9 and 15, RFC 9112, RFC 6455 4).
#include <array>

#include "peer/defects.h"
#include "peer/edits.h"
#include "protocol/handshake.h"

namespace wsspec {
namespace {

using namespace edits;

constexpr std::string_view kOfferedField = "Sec-WebSocket-Extensions",
                           kSubprotocolField = "Sec-WebSocket-Protocol",
                           kAcceptField = "Sec-WebSocket-Accept", kKeyName = "Sec-WebSocket-Key",
                           kVersions = "Sec-WebSocket-Version", kChallenge = "WWW-Authenticate";

constexpr const char *kForwards = "rfc9110-5.1-1", *kInOrder = "rfc9110-5.3-1",
                     *kCookieLines = "rfc9110-5.3-2", *kNoControls = "rfc9110-5.5-1",
                     *kHopFields = "rfc9110-7.6.1-1", *kSameTarget = "rfc9110-7.7-1",
                     *kNoUnasked = "rfc9110-7.8-1", *kOldIgnored = "rfc9110-7.8-2",
                     *kBy101Alone = "rfc9110-7.8-3", *kSameMethod = "rfc9110-9.1-1",
                     *kNoRetry = "rfc9110-9.2.2-1", *kSameChallenge = "rfc9110-11.6.1-1",
                     *kSameCredentials = "rfc9110-11.6.2-1", *kPassesInterim = "rfc9110-15.2-1",
                     *kBadGateway = "rfc9110-15.6.3-1", *kTimeout = "rfc9110-15.6.5-1",
                     *kOwnVersion = "rfc9112-2.3-1", *kOneHost = "rfc9112-3.2-1", *kNoBlank = "rfc9112-5.1-1",
                     *kOneLength = "rfc9112-6.3-1", *kWholeBody = "rfc9112-8-1",
                     *kServesNext = "rfc9112-9.3-1", *kRelays = "rfc9110-3.7-1";

template <void (*change)(Head& head)>
void on_request(Conduct& c) {
  c.hop.misforwards = [](Head& forwarded, const Head&, const HopSituation&) { change(forwarded); };
}
template <void (*change)(std::string& target)>
void on_target(Conduct& c) {
  c.hop.misforwards = [](Head& forwarded, const Head&, const HopSituation&) {
    auto line = parse_request_line(forwarded.start);
    change(line->target);
    forwarded.start = line->method + " " + line->target + " " + line->version;
  };
}
template <int status, void (*change)(Head& head)>
void on_status(Conduct& c) {
  c.hop.misreturns = [](Head& returned, const Head&, int code, const HopSituation&) {
    if (code == status) change(returned);
  };
}
template <HopStep (*change)(HopStep right, const Head& answer, int status, const HopSituation& s)>
void on_answer_head(Conduct& c) {
  c.hop.missteps = change;
}
/// Requests with that fault are passed on.
template <bool (*has)(const Head& request)>
void let_through(Conduct& c) {
  c.hop.misjudges = [](int status, const Head& request, const HopSituation&) {
    return status == 400 && has(request) ? 0 : status;
  };
}
template <const std::string_view& name>
void strip_from_request(Conduct& c) {
  c.hop.misforwards = [](Head& forwarded, const Head&, const HopSituation&) { drop(forwarded.fields, name); };
}
constexpr std::string_view kOriginField = "Origin", kCookieField = "Cookie",
                           kAuthorizationField = "Authorization";

void replace_all(std::string& text, std::string_view what, std::string_view with) {
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos; at += with.size())
    text.replace(at, what.size(), with);
}
/// One line with all values, joined so.
void join_lines(Head& head, std::string_view name, std::string_view between) {
  std::string all;
  for (const Field& f : head.fields) {
    if (same_text(f.name, name)) all += (all.empty() ? "" : std::string(between)) + f.value;
  }
  if (head.count(name) != 0) set(head.fields, name, all);
}
/// The lines of each name in the opposite order; those of different names stay where they are.
void reverse_lines(std::vector<Field>& fields) {
  for (std::size_t i = 0; i < fields.size(); ++i) {
    for (std::size_t j = fields.size(); --j > i;) {
      const bool first = std::none_of(fields.begin(), fields.begin() + static_cast<std::ptrdiff_t>(i),
                                      [&](const Field& f) { return same_text(f.name, fields[i].name); });
      if (!first || !same_text(fields[i].name, fields[j].name)) continue;
      std::swap(fields[i].value, fields[j].value);
      break;
    }
  }
}
/// Passes on the fields that are named in Connection from the `begin`th on.
void pass_named_fields(Head& forwarded, const Head& received, std::size_t begin) {
  const auto names = split_list(value_of(received, "Connection"));
  for (std::size_t i = begin; i < names.size(); ++i) {
    const std::string* value = received.find(names[i]);
    if (value != nullptr && !forwarded.find(names[i])) forwarded.fields.push_back({names[i], *value});
  }
}

const Defect kHopRequests[] = {
    {"up.drops-glued", "Octets behind the request are lost when the tunnel opens", kRelays, kPlain,
     [](Conduct& c) { c.hop.misholds = [](Bytes& early, const HopSituation&) { early.clear(); }; }},
    {"up.loses-first-octet", "The first octet that came ahead of the 101 is lost", kRelays, kPlain,
     [](Conduct& c) {
       c.hop.misholds = [](Bytes& early, const HopSituation&) { early.erase(0, early.empty() ? 0 : 1); };
     }},
    {"up.glued-twice", "Octets that came ahead of the 101 go into the tunnel twice", kRelays, kSubtle,
     [](Conduct& c) { c.hop.misholds = [](Bytes& early, const HopSituation&) { early += Bytes(early); }; }},
    {"up.glued-cut-at-4KiB", "Only 4096 octets ahead of the 101 are kept", kRelays, kSubtle,
     [](Conduct& c) {
       c.hop.misholds = [](Bytes& early, const HopSituation&) {
         early.resize(std::min<std::size_t>(early.size(), 4096));
       };
     }},
    {"up.strips-origin", "Origin is not passed on", kForwards, kPlain, strip_from_request<kOriginField>},
    {"up.strips-origin-of-second", "Origin of a second request on one connection is not passed on", kForwards,
     kSubtle,
     [](Conduct& c) {
       c.hop.misforwards = [](Head& forwarded, const Head&, const HopSituation& s) {
         if (s.requests == 2) drop(forwarded.fields, kOriginField);
       };
     }},
    {"up.strips-cookie", "Cookie is not passed on", kForwards, kPlain, strip_from_request<kCookieField>},
    {"up.strips-authorization", "Authorization is not passed on", kSameCredentials, kPlain,
     strip_from_request<kAuthorizationField>},
    {"up.strips-unknown", "Fields that the hop does not know are not passed on", kForwards, kPlain,
     on_request<[](Head& h) {
       std::erase_if(h.fields, [](const Field& f) { return f.name.starts_with("X-"); });
     }>},
    {"up.strips-user-agent", "User-Agent is not passed on", kForwards, kPlain,
     on_request<[](Head& h) { drop(h.fields, "User-Agent"); }>},
    {"up.language-cut", "Of the languages only the first is passed on", kForwards, kSubtle,
     on_request<[](Head& h) {
       for (Field& f : h.fields)
         if (same_text(f.name, "Accept-Language"))
           f.value.resize(std::min(f.value.find(','), f.value.size()));
     }>},
    {"up.underscore-becomes-hyphen", "An underscore in a field's name becomes a hyphen", kForwards, kSubtle,
     on_request<[](Head& h) {
       for (Field& f : h.fields) std::ranges::replace(f.name, '_', '-');
     }>},
    {"up.strips-host", "Host is not passed on", kOneHost, kPlain,
     on_request<[](Head& h) { drop(h.fields, "Host"); }>},
    {"up.no-via", "Requests have no Via", "rfc9110-7.6.3-1", kPlain,
     on_request<[](Head& h) { drop(h.fields, "Via"); }>},
    {"up.version-made-13", "Whatever version is asked for, the server sees 13", kForwards, kSubtle,
     on_request<[](Head& h) {
       for (Field& f : h.fields)
         if (same_text(f.name, kVersions)) f.value = "13";
     }>},
    {"up.offers-more", "An extension is added to the client's offer", kForwards, kSubtle,
     on_request<[](Head& h) {
       for (Field& f : h.fields)
         if (same_text(f.name, kOfferedField)) f.value += ", x-hop";
     }>},
    {"up.strips-protocol", "The offered subprotocols are not passed on", kForwards, kPlain,
     strip_from_request<kSubprotocolField>},
    {"up.second-protocol-line-lost", "Of two lines with subprotocols only the first is passed on", kForwards,
     kSubtle, on_request<[](Head& h) { keep_first(h.fields, kSubprotocolField); }>},
    {"up.offer-loses-parameters", "Extensions are offered without their parameters", kForwards, kSubtle,
     on_request<[](Head& h) {
       const std::string offers = value_of(h, kOfferedField);
       if (!offers.empty()) set(h.fields, kOfferedField, offers.substr(0, offers.find(';')));
     }>},
    {"up.joins-reordered", "Lines with one name are joined, the last one first", kInOrder, kPlain,
     on_request<[](Head& h) {
       reverse_lines(h.fields);
       join_lines(h, kSubprotocolField, ", ");
       join_lines(h, kOfferedField, ", ");
     }>},
    {"up.reorders-lines", "Lines of one name are passed on in the opposite order", kInOrder, kSubtle,
     on_request<[](Head& h) { reverse_lines(h.fields); }>},
    {"up.key-changed", "The request has another key than the client's", kForwards, kPlain,
     on_request<[](Head& h) {
       if (h.find(kKeyName)) set(h.fields, kKeyName, "AQIDBAUGBwgJCgsMDQ4PEA==");
     }>},
    {"up.key-without-padding", "The key is passed on without its padding", kForwards, kSubtle,
     on_request<[](Head& h) {
       const std::string key = value_of(h, kKeyName);
       if (h.find(kKeyName)) set(h.fields, kKeyName, key.substr(0, key.find('=')));
     }>},
    {"up.keys-joined", "Two keys are passed on as the first of them", kForwards, kSubtle,
     on_request<[](Head& h) { keep_first(h.fields, kKeyName); }>},
    {"up.method-changed", "Whatever the method, the server is asked with GET", kSameMethod, kPlain,
     on_request<[](Head& h) { set_method(h, "GET"); }>},
    {"up.http10-upgraded", "An upgrade in HTTP/1.0 is passed on as one in HTTP/1.1", kOldIgnored, kPlain,
     [](Conduct& c) {
       c.hop.misreads_upgrade = [](bool upgrades, const Head& request) {
         return upgrades ||
                (request.start.ends_with("HTTP/1.0") && request.has_token("Upgrade", "websocket"));
       };
     }},
    {"up.http10-tunnelled-unseen", "The answer to an upgrade in HTTP/1.0 is 200, the server has a tunnel",
     kOldIgnored, kSubtle,
     [](Conduct& c) {
       c.hop.misreads_upgrade = [](bool upgrades, const Head& request) {
         return upgrades ||
                (request.start.ends_with("HTTP/1.0") && request.has_token("Upgrade", "websocket"));
       };
       c.hop.misreturns = [](Head& returned, const Head&, int status, const HopSituation& s) {
         if (status == 101 && s.request.start.ends_with("HTTP/1.0")) returned.start = "HTTP/1.1 200 OK";
       };
     }},
    {"up.version-1.0", "The server is asked in HTTP/1.0", kOwnVersion, kPlain,
     on_request<[](Head& h) { set_version(h, "HTTP/1.0"); }>},
    {"up.forwards-hop-field", "Fields that Connection names are passed on", kHopFields, kPlain,
     [](Conduct& c) {
       c.hop.misforwards = [](Head& forwarded, const Head& received, const HopSituation&) {
         pass_named_fields(forwarded, received, 0);
       };
     }},
    {"up.forwards-known-hop-fields", "Keep-Alive, Proxy-Connection and TE are passed on", "rfc9110-7.6.1-2",
     kPlain,
     [](Conduct& c) {
       c.hop.misforwards = [](Head& forwarded, const Head& received, const HopSituation&) {
         for (const Field& f : received.fields)
           for (const char* name : {"Keep-Alive", "Proxy-Connection", "TE"})
             if (same_text(f.name, name)) forwarded.fields.push_back(f);
       };
     }},
    {"up.forwards-third-hop-field", "Only the first two fields that Connection names are removed", kHopFields,
     kSubtle,
     [](Conduct& c) {
       c.hop.misforwards = [](Head& forwarded, const Head& received, const HopSituation&) {
         pass_named_fields(forwarded, received, 2);
       };
     }},
    {"up.changes-target", "%2f in the target becomes a slash", kSameTarget, kPlain,
     on_target<[](std::string& t) { replace_all(t, "%2f", "/"); }>},
    {"up.merges-slashes", "Two slashes in the target become one", kSameTarget, kSubtle,
     on_target<[](std::string& t) { replace_all(t, "//", "/"); }>},
    {"up.dots-removed", "A path with \"..\" is shortened", kSameTarget, kSubtle,
     on_target<[](std::string& t) { replace_all(t, "/a/..", ""); }>},
    {"up.query-lost", "The query is not passed on", kSameTarget, kPlain,
     on_target<[](std::string& t) { t.resize(std::min(t.size(), t.find('?'))); }>},
    {"up.empty-query-lost", "A question mark at the target's end is lost", kSameTarget, kSubtle,
     on_target<[](std::string& t) {
       if (t.ends_with('?')) t.pop_back();
     }>},
    {"up.decodes-percent", "%7E in the target becomes a tilde", kSameTarget, kSubtle,
     on_target<[](std::string& t) { replace_all(t, "%7E", "~"); }>},
    {"up.last-slash-lost", "A slash at the end of the path is lost", kSameTarget, kSubtle,
     on_target<[](std::string& t) {
       if (t != "/" && t.ends_with('/')) t.pop_back();
     }>},
    {"up.path-parameter-lost", "What stands behind a semicolon of the path is lost", kSameTarget, kSubtle,
     on_target<[](std::string& t) { t.resize(std::min(t.find(';'), t.size())); }>},
    {"up.target-cut-at-2KiB", "A target is cut behind 2048 octets", kSameTarget, kSubtle,
     on_target<[](std::string& t) { t.resize(std::min<std::size_t>(t.size(), 2048)); }>},
    {"up.forwards-nul", "Fields with NUL are passed on", kNoControls, kPlain,
     let_through<[](const Head& request) { return request.control_octet; }>},
    {"up.forwards-blank-before-colon", "A blank before the colon is passed on", kNoBlank, kPlain,
     [](Conduct& c) {
       c.hop.misjudges = [](int status, const Head& request, const HopSituation&) {
         return request.blank_before_colon ? 0 : status;
       };
       c.hop.misforwards = [](Head& forwarded, const Head& received, const HopSituation&) {
         for (Field& f : forwarded.fields)
           f.name += received.blank_before_colon && f.name[0] == 'X' ? " " : "";
       };
     }},
    {"up.forwards-two-hosts", "A request with two Host fields is passed on", kOneHost, kPlain,
     let_through<[](const Head& request) { return request.count("Host") == 2; }>},
    {"up.repairs-missing-host", "A request without Host gets one", kOneHost, kSubtle,
     let_through<[](const Head& request) { return request.count("Host") == 0; }>},
    {"up.forwards-two-lengths", "A request with two lengths is passed on", kOneLength, kSubtle,
     let_through<[](const Head& request) { return request.count("Content-Length") == 2; }>},
    {"up.body-becomes-frames", "A body is passed on without its length, behind the 101", kOneLength, kSubtle,
     [](Conduct& c) {
       c.hop.overlooks_body = true;
       c.hop.misforwards = [](Head& forwarded, const Head&, const HopSituation&) {
         drop(forwarded.fields, "Content-Length");
       };
     }},
    {"up.body-cut", "The last octet of each piece of a body is lost", kWholeBody, kPlain,
     [](Conduct& c) {
       c.hop.mispasses_body = [](Bytes& piece, std::uint64_t) {
         piece.resize(piece.size() - !piece.empty());
       };
     }},
    {"up.tunnels-on-intent", "The tunnel opens with the request, whatever the server answers", kBy101Alone,
     kPlain, [](Conduct& c) { c.hop.tunnels_on_intent = true; }},
};

const Defect kHopAnswers[] = {
    {"down.strips-extensions", "The 101 is returned without its extensions", kForwards, kPlain,
     on_status<101, [](Head& h) { drop(h.fields, kOfferedField); }>},
    {"down.strips-extensions-later", "So is the 101 to a second request of one connection", kForwards,
     kSubtle,
     [](Conduct& c) {
       c.hop.misreturns = [](Head& returned, const Head&, int, const HopSituation& s) {
         if (s.requests == 2) drop(returned.fields, kOfferedField);
       };
     }},
    {"down.invents-extensions", "The 101 is returned with an extension that nobody agreed",
     "rfc6455-4.2.2-15", kPlain,
     on_status<101,
               [](Head& h) {
                 if (!h.find(kOfferedField))
                   h.fields.push_back({std::string(kOfferedField), "permessage-deflate"});
               }>},
    {"down.strips-protocol", "The 101 is returned without its subprotocol", kForwards, kPlain,
     on_status<101, [](Head& h) { drop(h.fields, kSubprotocolField); }>},
    {"down.strips-accept", "The 101 is returned without Sec-WebSocket-Accept", kForwards, kPlain,
     on_status<101, [](Head& h) { drop(h.fields, kAcceptField); }>},
    {"down.no-connection-in-101", "The 101 is returned without Connection", "rfc6455-4.2.2-19", kPlain,
     on_status<101, [](Head& h) { drop(h.fields, "Connection"); }>},
    {"down.repairs-accept", "A wrong Sec-WebSocket-Accept is returned as the right one", kForwards, kPlain,
     [](Conduct& c) {
       c.hop.misreturns = [](Head& returned, const Head&, int status, const HopSituation& s) {
         if (status == 101) set(returned.fields, kAcceptField, accept_for(value_of(s.request, kKeyName)));
       };
     }},
    {"down.101-in-http10", "The 101 is returned in HTTP/1.0", kOwnVersion, kSubtle,
     on_status<101, [](Head& h) { h.start.replace(0, 8, "HTTP/1.0"); }>},
    {"down.joins-set-cookie", "Two Set-Cookie fields are joined", kCookieLines, kPlain,
     [](Conduct& c) {
       c.hop.misreturns = [](Head& returned, const Head&, int, const HopSituation&) {
         join_lines(returned, "Set-Cookie", ", ");
       };
     }},
    {"down.second-cookie-lost", "Of two Set-Cookie fields in a 101 the second is lost", kForwards, kSubtle,
     on_status<101, [](Head& h) { keep_first(h.fields, "Set-Cookie"); }>},
    {"down.accept-in-426", "A 426 is returned with Sec-WebSocket-Accept", kForwards, kPlain,
     on_status<426, [](Head& h) { set(h.fields, kAcceptField, "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="); }>},
    {"down.426-as-502", "A 426 is taken for a broken answer", kBadGateway, kPlain,
     on_answer_head<[](HopStep right, const Head&, int status, const HopSituation&) {
       return status == 426 ? HopStep::refuse : right;
     }>},
    {"down.503-as-502", "A 503 is taken for a broken answer", kBadGateway, kSubtle,
     on_answer_head<[](HopStep right, const Head&, int status, const HopSituation&) {
       return status == 503 ? HopStep::refuse : right;
     }>},
    {"down.426-loses-version", "A 426 is returned without Sec-WebSocket-Version", "rfc6455-4.4-1", kPlain,
     on_status<426, [](Head& h) { drop(h.fields, kVersions); }>},
    {"down.426-loses-second-version", "Of two Sec-WebSocket-Version fields the second is lost",
     "rfc6455-4.4-1", kSubtle, on_status<426, [](Head& h) { keep_first(h.fields, kVersions); }>},
    {"down.challenges-broken", "Two WWW-Authenticate fields are joined by a semicolon", kSameChallenge,
     kPlain, on_status<401, [](Head& h) { join_lines(h, kChallenge, "; "); }>},
    {"down.second-challenge-lost", "Of two WWW-Authenticate fields the second is lost", kSameChallenge,
     kSubtle, on_status<401, [](Head& h) { keep_first(h.fields, kChallenge); }>},
    {"down.location-lost", "A redirection is returned without Location", kForwards, kPlain,
     on_status<302, [](Head& h) { drop(h.fields, "Location"); }>},
    {"down.retry-after-lost", "A 503 is returned without Retry-After", kForwards, kSubtle,
     on_status<503, [](Head& h) { drop(h.fields, "Retry-After"); }>},
    {"down.body-cut", "The last octet of each piece of an answer's body is lost", kWholeBody, kPlain,
     [](Conduct& c) {
       c.hop.mispasses_answer = [](Bytes& piece, std::uint64_t) {
         piece.resize(piece.size() - !piece.empty());
       };
     }},
    {"down.body-cut-at-4KiB", "An answer's body is cut behind 4096 octets", kWholeBody, kSubtle,
     [](Conduct& c) {
       c.hop.mispasses_answer = [](Bytes& piece, std::uint64_t offset) {
         const std::uint64_t left = 4096 - std::min<std::uint64_t>(offset, 4096);
         piece.resize(static_cast<std::size_t>(std::min<std::uint64_t>(piece.size(), left)));
       };
     }},
    {"down.200-for-broken-101", "A 101 without Upgrade is returned as 200", kBadGateway, kPlain,
     [](Conduct& c) {
       c.hop.missteps = [](HopStep right, const Head&, int status, const HopSituation&) {
         return right == HopStep::refuse && status == 101 ? HopStep::pass : right;
       };
       c.hop.misreturns = [](Head& returned, const Head& received, int status, const HopSituation&) {
         if (status == 101 && !received.find("Upgrade")) returned.start = "HTTP/1.1 200 OK";
       };
     }},
    {"down.tunnels-unasked-101", "A 101 that nobody asked for opens a tunnel", kNoUnasked, kPlain,
     on_answer_head<[](HopStep right, const Head&, int status, const HopSituation& s) {
       return status == 101 && !s.upgrades ? HopStep::tunnel : right;
     }>},
    {"down.interim-is-final", "An interim answer is taken for the final one", kPassesInterim, kPlain,
     on_answer_head<[](HopStep right, const Head&, int, const HopSituation&) {
       return right == HopStep::interim ? HopStep::pass : right;
     }>},
    {"down.loses-interim-and-101", "Behind an interim answer the 101 is lost", kPassesInterim, kPlain,
     on_answer_head<[](HopStep right, const Head&, int, const HopSituation& s) {
       return right == HopStep::tunnel && s.interims == 1 ? HopStep::hang : right;
     }>},
    {"down.second-interim-breaks", "Behind two interim answers the 101 is taken for a broken one",
     kPassesInterim, kSubtle, on_answer_head<[](HopStep right, const Head&, int, const HopSituation& s) {
       return right == HopStep::tunnel && s.interims == 2 ? HopStep::refuse : right;
     }>},
    {"down.drops-glued", "Octets in one segment with the 101 are lost", kRelays, kPlain,
     [](Conduct& c) { c.hop.misfollows = [](Bytes& behind, const HopSituation&) { behind.clear(); }; }},
    {"down.glued-cut", "Of octets behind the 101 only 100 are kept", kRelays, kSubtle,
     [](Conduct& c) {
       c.hop.misfollows = [](Bytes& behind, const HopSituation&) {
         behind.resize(std::min<std::size_t>(behind.size(), 100));
       };
     }},
    {"down.glued-lost-later", "They are lost when an interim answer came first", kRelays, kSubtle,
     [](Conduct& c) {
       c.hop.misfollows = [](Bytes& behind, const HopSituation& s) {
         if (s.interims != 0) behind.clear();
       };
     }},
    {"hop.hangs-on-refusal", "An answer to an upgrade that is no 101 is never returned", kServesNext, kPlain,
     on_answer_head<[](HopStep right, const Head&, int, const HopSituation& s) {
       return right == HopStep::pass && s.upgrades ? HopStep::hang : right;
     }>},
    {"hop.hangs-on-next-request", "A second request on one connection is never answered", kServesNext,
     kSubtle, on_answer_head<[](HopStep right, const Head&, int, const HopSituation& s) {
       return s.requests == 2 ? HopStep::hang : right;
     }>},
    {"hop.tunnels-after-426", "A 426 opens a tunnel", kBy101Alone, kSubtle,
     on_answer_head<[](HopStep right, const Head&, int status, const HopSituation&) {
       return status == 426 ? HopStep::tunnel : right;
     }>},
    {"hop.tunnels-after-200", "A 200 to an upgrade opens a tunnel", kBy101Alone, kSubtle,
     on_answer_head<[](HopStep right, const Head&, int status, const HopSituation& s) {
       return status == 200 && s.upgrades ? HopStep::tunnel : right;
     }>},
    {"hop.retries-post", "A POST of which the answer is lost is sent once more", kNoRetry, kPlain,
     on_answer_head<[](HopStep right, const Head&, int status, const HopSituation& s) {
       return status == 0 && s.attempts == 1 && s.request.start.starts_with("POST") ? HopStep::again : right;
     }>},
    {"hop.waits-for-ever", "A server that does not answer is waited for without end", kTimeout, kPlain,
     [](Conduct& c) { c.hop.when_late = 0; }},
    {"hop.hangs-on-lost-server", "A client is not told that the server ended without an answer", kBadGateway,
     kSubtle, [](Conduct& c) { c.hop.when_lost = 0; }},
};

}  // namespace

std::span<const Defect> hop_defects() {
  static const std::vector<Defect> all =
      join({kHopRequests, kHopAnswers, hop_tunnel_defects(), hop_drain_defects(), hop_name_defects()});
  return all;
}

}  // namespace wsspec
