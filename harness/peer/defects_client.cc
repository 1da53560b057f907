// Defects that only a client can have: how it asks, what it takes for an answer, the keys that it masks with,
// and its part of the end (RFC 6455 4.1, 5.3, 7.1, 7.2, RFC 7692 7.1, 7.2).
#include <fmt/format.h>

#include "peer/defects.h"
#include "peer/edits.h"
#include "peer/ws_url.h"
#include "protocol/handshake.h"

namespace wsspec {
namespace {

using namespace edits;
using Tcp = Farewell::Tcp;

template <void (*change)(Head& request, Situation& s)>
void misask(Conduct& c) {
  c.misasks = change;
}
template <void (*change)(std::string& target)>
void retarget(Conduct& c) {
  c.misasks = [](Head& request, Situation&) {
    auto line = parse_request_line(request.start);
    if (!line) return;
    change(line->target);
    request.start = "GET " + line->target + " HTTP/1.1";
  };
}
/// What check_reply() says is wrong passes where `when` holds.
template <bool (*when)(const Violation& broken, const Head& reply, const Head& request)>
void forgive(Conduct& c) {
  c.forgives = when;
}
template <bool (*when)(const Head& reply, const Head& request)>
void dislike(Conduct& c) {
  c.dislikes = when;
}
template <MaskKey (*draw)(MaskKey fresh, const FrameHeader& h, BytesView payload, Situation& s)>
void draw_key(Conduct& c) {
  c.masks = draw;
}
template <void (*change)(Farewell& f, const CloseBody& received, Situation& s)>
void misend(Conduct& c) {
  c.farewells = change;
}

template <bool (*is_open)(const Head& reply)>
void see_tunnel(Conduct& c) {
  c.sees_tunnel = is_open;
}
template <void (*change)(Head& request)>
void misask_proxy(Conduct& c) {
  c.misasks_proxy = change;
}
template <UrlFault fault>
void overlook(Conduct& c) {
  c.overlooks_in_url = bit(fault);
}

bool breaks(const Violation& broken, std::string_view requirement) {
  return broken.requirement == requirement;
}
std::string accept_of(const Head& reply) {
  return value_of(reply, "Sec-WebSocket-Accept");
}
std::string right_accept(const Head& request) {
  return accept_for(value_of(request, "Sec-WebSocket-Key"));
}
bool is_accept(const Violation& broken) {
  return breaks(broken, "rfc6455-4.2.2-20") || breaks(broken, "rfc6455-11.3.3-1");
}
bool has_value(const Head& reply, std::string_view name, std::string_view value) {
  return value_of(reply, name) == value;
}
/// The status of a reply, 0 when there is none.
int status_of(const Head& reply) {
  const auto line = parse_status_line(reply.start);
  return line ? line->status : 0;
}
std::string granted(const Head& reply) {
  return value_of(reply, "Sec-WebSocket-Extensions");
}
/// A fault of the reply about permessage-deflate.
bool is_about_deflate(const Violation& broken) {
  return broken.requirement.starts_with("rfc7692");
}
std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (auto at = text.find(part); at != text.npos; at = text.find(part, at + 1)) ++count;
  return count;
}

const Defect kRequest[] = {
    {"request.post", "The client asks with POST", "rfc6455-4.1-20", kPlain,
     misask<[](Head& r, Situation&) { set_method(r, "POST"); }>},
    {"request.http-1.0", "The client asks in HTTP/1.0", "rfc6455-4.1-21", kPlain,
     misask<[](Head& r, Situation&) { set_version(r, "HTTP/1.0"); }>},
    {"request.no-host", "The request has no Host", "rfc6455-4.1-23", kPlain,
     misask<[](Head& r, Situation&) { drop(r.fields, "Host"); }>},
    {"request.two-hosts", "The request has two Host fields", "rfc6455-4.1-23", kSubtle,
     misask<[](Head& r, Situation&) { r.fields.push_back({"Host", "elsewhere.example"}); }>},
    {"request.no-upgrade", "The request has no Upgrade", "rfc6455-4.1-24", kPlain,
     misask<[](Head& r, Situation&) { drop(r.fields, "Upgrade"); }>},
    {"request.other-upgrade", "The request wants h2c", "rfc6455-4.1-24", kSubtle,
     misask<[](Head& r, Situation&) { set(r.fields, "Upgrade", "h2c"); }>},
    {"request.no-connection", "The request has no Connection", "rfc6455-4.1-25", kPlain,
     misask<[](Head& r, Situation&) { drop(r.fields, "Connection"); }>},
    {"request.keep-alive", "The request's Connection is keep-alive", "rfc6455-4.1-25", kSubtle,
     misask<[](Head& r, Situation&) { set(r.fields, "Connection", "keep-alive"); }>},
    {"request.no-key", "The request has no key", "rfc6455-4.1-26", kPlain,
     misask<[](Head& r, Situation&) { drop(r.fields, "Sec-WebSocket-Key"); }>},
    {"request.short-key", "The key is of 15 octets", "rfc6455-4.1-27", kSubtle,
     misask<[](Head& r, Situation&) {
       set(r.fields, "Sec-WebSocket-Key", base64_encode("fifteen octets!"));
     }>},
    {"request.key-not-encoded", "The key is not in base64", "rfc6455-4.1-27", kPlain,
     misask<[](Head& r, Situation&) { set(r.fields, "Sec-WebSocket-Key", "0123456789abcdef"); }>},
    {"request.key-without-padding", "The key lacks its padding", "rfc6455-4.1-27", kSubtle,
     misask<[](Head& r, Situation&) {
       set(r.fields, "Sec-WebSocket-Key", value_of(r, "Sec-WebSocket-Key").substr(0, 22));
     }>},
    {"request.two-keys", "The request has its key twice", "rfc6455-11.3.1-1", kSubtle,
     misask<[](Head& r, Situation&) {
       r.fields.push_back({"Sec-WebSocket-Key", value_of(r, "Sec-WebSocket-Key")});
     }>},
    {"request.no-version", "The request has no version", "rfc6455-4.1-31", kPlain,
     misask<[](Head& r, Situation&) { drop(r.fields, "Sec-WebSocket-Version"); }>},
    {"request.version-8", "The request is of version 8", "rfc6455-4.1-31", kPlain,
     misask<[](Head& r, Situation&) { set(r.fields, "Sec-WebSocket-Version", "8"); }>},
    {"request.two-versions", "The request names two versions", "rfc6455-11.3.5-2", kSubtle,
     misask<[](Head& r, Situation&) { r.fields.push_back({"Sec-WebSocket-Version", "8"}); }>},
    {"request.protocol-twice", "A subprotocol is asked for twice", "rfc6455-4.1-34", kSubtle,
     misask<[](Head& r, Situation&) {
       if (!value_of(r, "Sec-WebSocket-Protocol").empty())
         set(r.fields, "Sec-WebSocket-Protocol", "chat, chat");
     }>},
    {"request.protocol-no-token", "A subprotocol is asked for with a slash", "rfc6455-4.1-33", kSubtle,
     misask<[](Head& r, Situation&) {
       if (!value_of(r, "Sec-WebSocket-Protocol").empty()) set(r.fields, "Sec-WebSocket-Protocol", "a/b");
     }>},
    {"request.extension-grammar", "The offer of an extension ends in a semicolon", "rfc6455-9.1-1", kSubtle,
     misask<[](Head& r, Situation&) { set(r.fields, "Sec-WebSocket-Extensions", "permessage-deflate;"); }>},
    {"request.fragment", "The fragment of the URL is sent", "rfc6455-3-4", kSubtle,
     misask<[](Head& r, Situation&) { r.start = "GET /#here HTTP/1.1"; }>},
    {"request.query-dropped", "The query of the URL is not asked for", "rfc6455-3-2", kPlain,
     retarget<[](std::string& target) { target.resize(std::min(target.find('?'), target.size())); }>},
    {"request.root-only", "Whatever the URL, / is asked for", "rfc6455-4.1-22", kPlain,
     retarget<[](std::string& target) { target = "/"; }>},
    {"request.target-decoded", "What the URL has percent-encoded is asked for as it is", "rfc6455-3-2",
     kSubtle, retarget<[](std::string& target) {
       if (target.find("%20") == target.npos) target = percent_decoded(target);
     }>},
    {"request.target-cut", "Of the URL 1024 octets are asked for", "rfc6455-4.1-22", kSubtle,
     retarget<[](std::string& target) { target.resize(std::min<std::size_t>(1024, target.size())); }>},
    {"request.no-slash", "A query without a path is asked for without a slash", "rfc6455-3-2", kSubtle,
     retarget<[](std::string& target) {
       if (target.starts_with("/?")) target.erase(0, 1);
     }>},
    {"request.body", "The request announces a body", "rfc6455-4.1-19", kSubtle,
     misask<[](Head& r, Situation&) { r.fields.push_back({"Content-Length", "4"}); }>},
    {"request.same-key", "Each connection has the same key", "rfc6455-4.1-28", kSubtle,
     [](Conduct& c) { c.repeats_nonce = true; }},
    {"request.key-of-digits", "The key's octets are digits", "rfc6455-4.1-28", kSubtle,
     [](Conduct& c) {
       c.misdraws = [](Bytes& nonce, std::uint64_t) {
         for (char& octet : nonce) octet = static_cast<char>('0' + static_cast<unsigned char>(octet) % 10);
       };
     }},
    {"request.key-counts", "The key is a counter", "rfc6455-4.1-28", kSubtle,
     [](Conduct& c) {
       c.misdraws = [](Bytes& nonce, std::uint64_t number) {
         nonce.assign(8, '\0');
         append_big_endian(nonce, number, 8);
       };
     }},
    {"request.twice", "The request is sent twice", "rfc6455-4.1-37", kPlain,
     [](Conduct& c) { c.asks_twice = true; }},
    {"request.early", "A frame is sent ahead of the reply", "rfc6455-4.1-37", kPlain,
     [](Conduct& c) { c.speaks_early = true; }},
};

const Defect kProxy[] = {
    {"proxy.refusal-overlooked", "Whatever a proxy answers, the client goes on", "rfc6455-4.1-13", kPlain,
     see_tunnel<[](const Head&) { return true; }>},
    {"proxy.refusal-with-credentials-overlooked", "A proxy's demand for credentials is taken for a tunnel",
     "rfc6455-4.1-13", kSubtle,
     see_tunnel<[](const Head& r) { return status_of(r) / 100 == 2 || status_of(r) == 407; }>},
    {"proxy.http-1.1-only", "A proxy that answers in HTTP/1.0 opens no tunnel", "rfc6455-4.1-10", kSubtle,
     see_tunnel<[](const Head& r) { return r.start.starts_with("HTTP/1.1 200"); }>},
    {"proxy.reason-wanted", "A tunnel must be called Connection established", "rfc6455-4.1-10", kSubtle,
     see_tunnel<[](const Head& r) { return contains(lower(r.start), "connection established"); }>},
    {"proxy.200-only", "A 2xx other than 200 opens no tunnel", "rfc6455-4.1-10", kSubtle,
     see_tunnel<[](const Head& r) { return status_of(r) == 200; }>},
    {"proxy.length-minded", "A proxy's answer with a length opens no tunnel", "rfc9110-9.3.6-3", kSubtle,
     see_tunnel<[](const Head& r) {
       return status_of(r) / 100 == 2 &&
              value_of(r, "Content-Length").find_first_of("123456789") == Bytes::npos;
     }>},
    {"proxy.chunks-minded", "A proxy's answer with Transfer-Encoding opens no tunnel", "rfc9110-9.3.6-3",
     kSubtle,
     see_tunnel<[](const Head& r) { return status_of(r) / 100 == 2 && r.count("Transfer-Encoding") == 0; }>},
    {"proxy.no-default-port", "CONNECT names no port where the URL does not", "rfc9110-9.3.6-2", kSubtle,
     misask_proxy<[](Head& r) {
       if (const auto at = r.start.find(":80 HTTP"); at != r.start.npos) r.start.erase(at, 3);
     }>},
    {"proxy.no-brackets", "An address of IPv6 has no brackets in CONNECT", "rfc9110-9.3.6-2", kSubtle,
     misask_proxy<[](Head& r) { std::erase_if(r.start, [](char c) { return c == '[' || c == ']'; }); }>},
    {"proxy.whole-url", "CONNECT names the URL", "rfc6455-4.1-10", kPlain,
     misask_proxy<[](Head& r) { r.start.insert(std::string_view("CONNECT ").size(), "http://"); }>},
    {"proxy.asked-for-upgrade", "CONNECT asks the proxy for WebSocket, too", "rfc6455-4.1-10", kSubtle,
     misask_proxy<[](Head& r) {
       for (const Field& field : request_fields({"", "", base64_encode("sixteen octets!!")}))
         if (field.name != "Host") r.fields.push_back(field);
     }>},
    {"proxy.trusts-anyone", "Behind a proxy certificates are not verified", "rfc6455-4.1-15", kSubtle,
     [](Conduct& c) { c.trusts_anyone_in_tunnel = true; }},
    {"proxy.named-in-tunnel", "Within the tunnel TLS is for the name of the proxy", "rfc6455-4.1-17", kSubtle,
     [](Conduct& c) { c.wants_proxy_in_tunnel = true; }},
    {"proxy.no-tunnel", "A proxy is asked for the URL of the server", "rfc6455-4.1-10", kPlain,
     [](Conduct& c) { c.asks_without_tunnel = true; }},
    {"proxy.told-all", "The proxy is told the credentials and cookies that are for the server",
     "rfc6455-4.1-10", kSubtle, [](Conduct& c) { c.tells_proxy_all = true; }},
    {"proxy.credentials-to-server", "The server is told the credentials that are for the proxy",
     "rfc6455-4.1-10", kSubtle, [](Conduct& c) { c.tells_server_of_proxy = true; }},
};

const Defect kReply[] = {
    {"reply.any-accept", "Whatever the accept value, it is right", "rfc6455-4.1-42", kPlain,
     forgive<[](const Violation& b, const Head&, const Head&) { return is_accept(b); }>},
    {"reply.accept-missing", "A reply without an accept value is taken", "rfc6455-4.1-42", kPlain,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return is_accept(b) && r.count("Sec-WebSocket-Accept") == 0;
     }>},
    {"reply.accept-empty", "An empty accept value is taken", "rfc6455-4.1-42", kSubtle,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return is_accept(b) && 0 < r.count("Sec-WebSocket-Accept") && accept_of(r).empty();
     }>},
    {"reply.accept-any-case", "The accept value is compared without regard to case", "rfc6455-4.1-42",
     kSubtle, forgive<[](const Violation& b, const Head& r, const Head& q) {
       return is_accept(b) && same_text(accept_of(r), right_accept(q));
     }>},
    {"reply.accept-prefix", "The first octets of an accept value suffice", "rfc6455-4.1-42", kSubtle,
     forgive<[](const Violation& b, const Head& r, const Head& q) {
       return is_accept(b) && !accept_of(r).empty() && right_accept(q).starts_with(accept_of(r));
     }>},
    {"reply.accept-begins", "What stands behind a right accept value does not matter", "rfc6455-4.1-42",
     kSubtle, forgive<[](const Violation& b, const Head& r, const Head& q) {
       return is_accept(b) && accept_of(r).starts_with(right_accept(q));
     }>},
    {"reply.accept-long-enough", "Any accept value of 28 characters is right", "rfc6455-4.1-42", kSubtle,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return is_accept(b) && accept_of(r).size() == 28;
     }>},
    {"reply.accept-one-of-two", "Of two accept values one may be wrong", "rfc6455-4.1-42", kSubtle,
     forgive<[](const Violation& b, const Head& r, const Head& q) {
       return is_accept(b) && 1 < r.count("Sec-WebSocket-Accept") && contains(accept_of(r), right_accept(q));
     }>},
    {"reply.upgrade-unchecked", "Upgrade is not looked at", "rfc6455-4.1-40", kPlain,
     forgive<[](const Violation& b, const Head&, const Head&) { return breaks(b, "rfc6455-4.2.2-18"); }>},
    {"reply.upgrade-missing", "A reply without Upgrade is taken", "rfc6455-4.1-40", kSubtle,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return breaks(b, "rfc6455-4.2.2-18") && r.count("Upgrade") == 0;
     }>},
    {"reply.upgrade-begins", "Upgrade needs to begin with websocket only", "rfc6455-4.1-40", kSubtle,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return breaks(b, "rfc6455-4.2.2-18") && lower(value_of(r, "Upgrade")).starts_with("websocket");
     }>},
    {"reply.connection-unchecked", "Connection is not looked at", "rfc6455-4.1-41", kPlain,
     forgive<[](const Violation& b, const Head&, const Head&) { return breaks(b, "rfc6455-4.2.2-19"); }>},
    {"reply.connection-missing", "A reply without Connection is taken", "rfc6455-4.1-41", kSubtle,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return breaks(b, "rfc6455-4.2.2-19") && r.count("Connection") == 0;
     }>},
    {"reply.connection-contains", "Connection needs to hold the letters of upgrade only", "rfc6455-4.1-41",
     kSubtle, forgive<[](const Violation& b, const Head& r, const Head&) {
       return breaks(b, "rfc6455-4.2.2-19") && contains(lower(value_of(r, "Connection")), "upgrade");
     }>},
    {"reply.any-status", "The status is not looked at", "rfc6455-4.1-39", kPlain,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return breaks(b, "rfc6455-4.2.2-17") && 199 < status_of(r);
     }>},
    {"reply.takes-200", "200 is as good as 101", "rfc6455-4.1-39", kSubtle,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return breaks(b, "rfc6455-4.2.2-17") && status_of(r) == 200;
     }>},
    {"reply.status-line-contains-101", "A status line needs to hold 101 only", "rfc6455-4.1-45", kSubtle,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return breaks(b, "rfc6455-4.2.2-16") && contains(r.start, "101");
     }>},
    {"reply.malformed-line", "A line without a colon is passed over", "rfc6455-4.1-45", kSubtle,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return breaks(b, "rfc6455-4.2.2-16") && status_of(r) == 101;
     }>},
    {"reply.extension-unasked", "An extension that was not offered is taken", "rfc6455-4.1-43", kPlain,
     forgive<[](const Violation& b, const Head&, const Head&) { return breaks(b, "rfc6455-4.2.2-15"); }>},
    {"reply.extension-unasked-beside-deflate", "Beside deflate anything is taken", "rfc6455-4.1-43", kSubtle,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return breaks(b, "rfc6455-4.2.2-15") && contains(granted(r), "permessage-deflate,");
     }>},
    {"reply.extension-grammar", "The grammar of extensions is not looked at", "rfc6455-9.1-1", kSubtle,
     forgive<[](const Violation& b, const Head&, const Head&) { return breaks(b, "rfc6455-9.1-1"); }>},
    {"reply.protocol-unasked", "A subprotocol that was not asked for is taken", "rfc6455-4.1-44", kPlain,
     forgive<[](const Violation& b, const Head&, const Head&) {
       return breaks(b, "rfc6455-4.2.2-11") || breaks(b, "rfc6455-4.3-3") || breaks(b, "rfc6455-11.3.4-2") ||
              breaks(b, "rfc6455-4.2.2-13");
     }>},
    {"reply.protocol-any-case", "The subprotocol is compared without regard to case", "rfc6455-4.1-44",
     kSubtle, forgive<[](const Violation& b, const Head& r, const Head& q) {
       return breaks(b, "rfc6455-4.2.2-11") &&
              q.has_token("Sec-WebSocket-Protocol", value_of(r, "Sec-WebSocket-Protocol"));
     }>},
    {"reply.protocol-list", "Two subprotocols of the list are taken", "rfc6455-4.1-44", kSubtle,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return (breaks(b, "rfc6455-4.3-3") || breaks(b, "rfc6455-4.2.2-11")) &&
              contains(value_of(r, "Sec-WebSocket-Protocol"), ",");
     }>},
    {"reply.protocol-twice", "Two subprotocol fields are taken", "rfc6455-11.3.4-2", kSubtle,
     forgive<[](const Violation& b, const Head&, const Head&) { return breaks(b, "rfc6455-11.3.4-2"); }>},
    {"reply.lower-case-refused", "Field names in lower case are not known", "rfc6455-4.1-46", kPlain,
     dislike<[](const Head& r, const Head&) {
       return std::ranges::none_of(r.fields, [](const Field& f) { return f.name == "Sec-WebSocket-Accept"; });
     }>},
    {"reply.upgrade-case-refused", "Upgrade must be websocket in lower case", "rfc6455-4.1-40", kPlain,
     dislike<[](const Head& r, const Head&) { return !has_value(r, "Upgrade", "websocket"); }>},
    {"reply.connection-case-refused", "Connection must be Upgrade with a capital letter", "rfc6455-4.1-41",
     kPlain,
     dislike<[](const Head& r, const Head&) { return !contains(value_of(r, "Connection"), "Upgrade"); }>},
    {"reply.fields-in-order", "The accept value must come behind Upgrade", "rfc6455-4.1-46", kSubtle,
     dislike<[](const Head& r, const Head&) {
       const auto place = [&](std::string_view name) {
         return std::ranges::find_if(r.fields, [&](const Field& f) { return same_text(f.name, name); });
       };
       return place("Sec-WebSocket-Accept") < place("Upgrade");
     }>},
    {"reply.reason-phrase", "The reason phrase must be that of the RFC", "rfc6455-4.1-45", kSubtle,
     dislike<[](const Head& r, const Head&) { return !r.start.ends_with("Switching Protocols"); }>},
    {"reply.few-fields", "A reply of more than 20 fields is refused", "rfc6455-4.1-36", kSubtle,
     dislike<[](const Head& r, const Head&) { return 20 < r.fields.size(); }>},
    {"reply.foreign-field", "Cookies are refused", "rfc6455-4.1-36", kSubtle,
     dislike<[](const Head& r, const Head&) { return 0 < r.count("Set-Cookie"); }>},
    {"reply.last-protocol-refused", "Only the first subprotocol may be chosen", "rfc6455-4.1-44", kSubtle,
     dislike<[](const Head& r, const Head& q) {
       const auto chosen = value_of(r, "Sec-WebSocket-Protocol");
       return !chosen.empty() && !value_of(q, "Sec-WebSocket-Protocol").starts_with(chosen);
     }>},
    {"reply.interim-taken-for-answer", "100 Continue is taken for a refusal", "rfc6455-4.1-39", kSubtle,
     [](Conduct& c) { c.takes_interim_for_answer = true; }},
    {"reply.pieces-lost", "A reply must come in one piece", "rfc6455-2.1-1", kPlain,
     [](Conduct& c) { c.awaits_head_whole = true; }},
    {"reply.first-frame-lost", "What comes in one piece with the reply is lost", "rfc6455-6.2-1", kPlain,
     [](Conduct& c) { c.loses_early_frames = true; }},
    {"reply.head-without-bound", "A head of any size is taken", "rfc6455-10.4-1", kPlain,
     [](Conduct& c) { c.unlimited_head = true; }},
    {"reply.refused-and-stays", "A connection is left as it is when its reply was refused", "rfc6455-7.2.1-1",
     kSubtle, [](Conduct& c) { c.leaves_refused_open = true; }},
    {"reply.dies", "The client dies of a reply that it refuses", "rfc6455-10.1-1", kPlain,
     at<&Conduct::crashes_on, Moment::bad_request>},
};

const Defect kDeflateReply[] = {
    {"deflate-reply.anything", "A reply about permessage-deflate is not looked at", "rfc7692-7-5", kPlain,
     forgive<[](const Violation& b, const Head&, const Head&) { return is_about_deflate(b); }>},
    {"deflate-reply.unknown-parameter", "Unknown parameters are passed over", "rfc7692-7-5", kSubtle,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return is_about_deflate(b) && contains(granted(r), "foo");
     }>},
    {"deflate-reply.any-window", "Windows of any number are taken", "rfc7692-7-6", kPlain,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return is_about_deflate(b) && contains(granted(r), "window_bits=");
     }>},
    {"deflate-reply.window-without-value", "A window without a number is taken", "rfc7692-7-6", kSubtle,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return is_about_deflate(b) && contains(granted(r), "window_bits") && !contains(granted(r), "=");
     }>},
    {"deflate-reply.leading-zero", "Windows with a leading zero are taken", "rfc7692-7-6", kSubtle,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return is_about_deflate(b) && contains(granted(r), "=0");
     }>},
    {"deflate-reply.takeover-with-value", "The takeover words may have a value", "rfc7692-7-6", kSubtle,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return is_about_deflate(b) && contains(granted(r), "takeover=");
     }>},
    {"deflate-reply.parameter-twice", "A parameter may come twice", "rfc7692-7-7", kSubtle,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return is_about_deflate(b) && (1 < occurrences(granted(r), "server_no_context_takeover") ||
                                      1 < occurrences(granted(r), "client_no_context_takeover") ||
                                      1 < occurrences(granted(r), "server_max_window_bits") ||
                                      1 < occurrences(granted(r), "client_max_window_bits"));
     }>},
    {"deflate-reply.twice", "permessage-deflate may be granted twice", "rfc7692-5-16", kSubtle,
     forgive<[](const Violation& b, const Head& r, const Head&) {
       return is_about_deflate(b) && 1 < occurrences(granted(r), "permessage-deflate");
     }>},
    {"deflate-reply.takeover-refused", "server_no_context_takeover must have been asked for",
     "rfc7692-7.1.1.1-5", kPlain,
     dislike<[](const Head& r, const Head&) { return contains(granted(r), "server_no_context_takeover"); }>},
    {"deflate-reply.own-takeover-refused", "client_no_context_takeover must have been asked for",
     "rfc7692-7.1.1.2-3", kSubtle,
     dislike<[](const Head& r, const Head&) { return contains(granted(r), "client_no_context_takeover"); }>},
    {"deflate-reply.window-refused", "server_max_window_bits must have been asked for", "rfc7692-7.1.2.1-6",
     kPlain,
     dislike<[](const Head& r, const Head&) { return contains(granted(r), "server_max_window_bits"); }>},
    {"deflate-reply.quoted-refused", "A window in quotes is refused", "rfc6455-4.3-1", kSubtle,
     dislike<[](const Head& r, const Head&) { return contains(granted(r), "\""); }>},
    {"deflate-reply.own-takeover-ignored", "A granted client_no_context_takeover is forgotten",
     "rfc7692-7.2.1-8", kPlain,
     [](Conduct& c) {
       c.misagrees = [](std::optional<DeflateSettings>& agreed, const Head&) {
         if (agreed) agreed->client_no_context_takeover = false;
       };
     }},
    {"deflate-reply.own-window-ignored", "A granted client_max_window_bits is forgotten", "rfc7692-7.2.1-13",
     kPlain,
     [](Conduct& c) {
       c.misagrees = [](std::optional<DeflateSettings>& agreed, const Head&) {
         if (agreed) agreed->client_max_window_bits = 15;
       };
     }},
    {"deflate-reply.takeover-mixed-up", "The takeover words are taken for each other's", "rfc7692-7.1.1.1-5",
     kSubtle,
     [](Conduct& c) {
       c.misagrees = [](std::optional<DeflateSettings>& agreed, const Head&) {
         if (agreed) std::swap(agreed->client_no_context_takeover, agreed->server_no_context_takeover);
       };
     }},
    {"deflate-reply.compresses-ungranted", "Compresses though nothing was granted", "rfc6455-9.1-6", kPlain,
     [](Conduct& c) {
       c.misagrees = [](std::optional<DeflateSettings>& agreed, const Head&) {
         if (!agreed) agreed.emplace();
       };
       c.compresses = CompressWhen::always;
     }},
};

const Defect kMaskKeys[] = {
    {"mask-key.none", "Nothing is masked", "rfc6455-5.1-1", kPlain,
     [](Conduct& c) { c.misframes = [](OutFrame& f, Situation&) { f.header.mask.reset(); }; }},
    {"mask-key.no-mask-on-close", "The Close is not masked", "rfc6455-5.1-1", kSubtle,
     [](Conduct& c) {
       c.misframes = [](OutFrame& f, Situation&) {
         if (f.header.is(Opcode::close)) f.header.mask.reset();
       };
     }},
    {"mask-key.no-mask-on-pong", "Pongs are not masked", "rfc6455-5.1-1", kSubtle,
     [](Conduct& c) {
       c.misframes = [](OutFrame& f, Situation&) {
         if (f.header.is(Opcode::pong)) f.header.mask.reset();
       };
     }},
    {"mask-key.no-mask-when-empty", "Empty frames are not masked", "rfc6455-5.1-1", kSubtle,
     [](Conduct& c) {
       c.misframes = [](OutFrame& f, Situation&) {
         if (f.payload.empty()) f.header.mask.reset();
       };
     }},
    {"mask-key.zero", "Every key is 0", "rfc6455-5.3-2", kPlain,
     draw_key<[](MaskKey, const FrameHeader&, BytesView, Situation&) -> MaskKey { return 0; }>},
    {"mask-key.constant", "Every key is the same", "rfc6455-5.3-2", kPlain,
     draw_key<[](MaskKey, const FrameHeader&, BytesView, Situation&) -> MaskKey { return 0x37fa213d; }>},
    {"mask-key.per-connection", "A connection keeps its first key", "rfc6455-5.3-2", kSubtle,
     draw_key<[](MaskKey fresh, const FrameHeader&, BytesView, Situation& s) -> MaskKey {
       if (s.memo == 0) s.memo = fresh | 1;
       return static_cast<MaskKey>(s.memo);
     }>},
    {"mask-key.counts", "The keys are counted", "rfc6455-5.3-2", kSubtle,
     draw_key<[](MaskKey fresh, const FrameHeader&, BytesView, Situation& s) -> MaskKey {
       if (s.memo == 0) s.memo = fresh | 1;
       return static_cast<MaskKey>(s.memo++);
     }>},
    {"mask-key.of-letters", "The octets of keys are letters", "rfc6455-5.3-2", kSubtle,
     draw_key<[](MaskKey fresh, const FrameHeader&, BytesView, Situation&) -> MaskKey {
       MaskKey key = 0;
       for (int shift = 0; shift < 32; shift += 8) key |= ('a' + (fresh >> shift & 0xff) % 26) << shift;
       return key;
     }>},
    {"mask-key.of-16-bits", "Both halves of a key are alike", "rfc6455-5.3-2", kSubtle,
     draw_key<[](MaskKey fresh, const FrameHeader&, BytesView, Situation&) -> MaskKey {
       return (fresh & 0xffff) | fresh << 16;
     }>},
    {"mask-key.of-payload", "The key comes from the payload", "rfc6455-5.3-3", kSubtle,
     draw_key<[](MaskKey, const FrameHeader&, BytesView payload, Situation&) -> MaskKey {
       MaskKey key = 0x811c9dc5;
       for (const char octet : payload) key = (key ^ static_cast<unsigned char>(octet)) * 0x01000193;
       return key;
     }>},
    {"mask-key.congruence", "Each key follows from the one before", "rfc6455-5.3-3", kSubtle,
     draw_key<[](MaskKey fresh, const FrameHeader&, BytesView, Situation& s) -> MaskKey {
       s.memo = s.memo == 0 ? fresh | 1 : (s.memo * 1103515245 + 12345) & 0xffffffff;
       return static_cast<MaskKey>(s.memo);
     }>},
    {"mask-key.pairs", "A key serves for two frames", "rfc6455-5.3-2", kSubtle,
     draw_key<[](MaskKey fresh, const FrameHeader&, BytesView, Situation& s) -> MaskKey {
       if (s.memo2++ % 2 == 0) s.memo = fresh;
       return static_cast<MaskKey>(s.memo);
     }>},
};

/// Takes a masked frame where `when` holds.
template <bool (*when)(const FrameHeader& h, const Situation& s)>
void accept_masked(Conduct& c) {
  c.overlooks = [](Rule rule, const FrameHeader& h, const Situation& s) {
    return rule == Rule::masked && when(h, s);
  };
}

const Defect kMasked[] = {
    {"client-frame.masked", "Masked frames are taken", "rfc6455-5.1-5", kPlain,
     accept_masked<[](const FrameHeader&, const Situation&) { return true; }>},
    {"client-frame.masked-text", "Masked text is taken", "rfc6455-5.1-5", kSubtle,
     accept_masked<edits::is<Opcode::text>>},
    {"client-frame.masked-binary", "Masked binary is taken", "rfc6455-5.1-5", kSubtle,
     accept_masked<edits::is<Opcode::binary>>},
    {"client-frame.masked-continuation", "Masked continuations are taken", "rfc6455-5.1-5", kSubtle,
     accept_masked<edits::is<Opcode::cont>>},
    {"client-frame.masked-ping", "Masked pings are taken", "rfc6455-5.1-5", kSubtle,
     accept_masked<edits::is<Opcode::ping>>},
    {"client-frame.masked-pong", "Masked pongs are taken", "rfc6455-5.1-5", kSubtle,
     accept_masked<edits::is<Opcode::pong>>},
    {"client-frame.masked-close", "Masked Close frames are taken", "rfc6455-5.1-5", kSubtle,
     accept_masked<edits::is<Opcode::close>>},
    {"client-frame.masked-empty", "Masked frames without payload are taken", "rfc6455-5.1-5", kSubtle,
     accept_masked<[](const FrameHeader& h, const Situation&) { return h.length == 0; }>},
    {"client-frame.masked-with-zero", "A mask of zero counts as none", "rfc6455-5.1-5", kSubtle,
     accept_masked<[](const FrameHeader& h, const Situation&) { return h.mask == MaskKey{0}; }>},
    {"client-frame.masked-compressed", "Masked compressed frames are taken", "rfc6455-5.1-5", kSubtle,
     accept_masked<[](const FrameHeader& h, const Situation&) { return (h.rsv & kRsv1) != 0; }>},
    {"client-frame.masked-later", "From the second frame on masks are taken", "rfc6455-5.1-5", kSubtle,
     accept_masked<[](const FrameHeader&, const Situation& s) { return 1 < s.frames; }>},
};

const Defect kUrl[] = {
    {"request.url-any-scheme", "A URL of any scheme is connected to", "rfc6455-4.1-4", kPlain,
     overlook<UrlFault::scheme>},
    {"request.url-blank-in-host", "A blank in the host is passed over", "rfc6455-4.1-4", kSubtle,
     overlook<UrlFault::blank_in_host>},
    {"request.url-port-begins", "Of a port only the digits at its beginning are read", "rfc6455-4.1-4",
     kSubtle, overlook<UrlFault::port_letters>},
    {"request.url-port-wraps", "Of a port that is too large 16 bits are taken", "rfc6455-4.1-4", kPlain,
     overlook<UrlFault::port_too_large>},
    {"request.url-fragment-sent", "The fragment of the URL is asked for", "rfc6455-3-4", kPlain,
     [](Conduct& c) {
       overlook<UrlFault::fragment>(c);
       c.sends_fragment = true;
     }},
};

/// Of the Close with which a client closes as it was told to.
bool is_own_close(const Farewell& f) {
  return f.cause == Farewell::Cause::application && f.body == make_close(1000);
}
/// Behind its own Close it goes on reading; `answers`: it sends another one for the server's.
template <bool answers>
void read_on(Conduct& c) {
  c.farewells = [](Farewell& f, const CloseBody&, Situation& s) {
    if (is_own_close(f)) f.goes_on = true, s.memo = 1;
    if (f.cause == Farewell::Cause::answer && s.memo == 1) f.sends_close = answers;
  };
}
/// Makes no more of the messages that come behind its own Close.
void say_no_more(Conduct& c) {
  c.misechoes = [](Echo& echo, Situation& s) { echo.lost = s.memo == 1; };
}

const Defect kCloseFirst[] = {
    {"client-close.first-without-close", "A client that is told to close ends TCP and sends no Close",
     "rfc6455-7.3-3", kPlain, misend<[](Farewell& f, const CloseBody&, Situation&) {
       if (is_own_close(f)) f.sends_close = false;
     }>},
    {"client-close.first-answers-answer", "The Close that answers its own one is answered by another",
     "rfc6455-5.5.1-16", kSubtle,
     [](Conduct& c) {
       read_on<true>(c);
       say_no_more(c);
     }},
    {"client-close.first-echoes-on", "Messages that come behind its own Close are sent back",
     "rfc6455-5.5.1-6", kPlain, read_on<false>},
    {"client-close.first-text-behind", "A text follows its own Close", "rfc6455-5.5.1-6", kSubtle,
     misend<[](Farewell& f, const CloseBody&, Situation&) {
       if (is_own_close(f)) f.behind = make_frame(Opcode::text, "one more thing", 0x5bd1e995);
     }>},
    {"client-close.first-stays", "Behind its own Close it ends TCP neither when the server does nor at all",
     "rfc6455-7.1.1-1", kSubtle,
     [](Conduct& c) {
       c.ignores_fin = true;
       c.farewells = [](Farewell& f, const CloseBody&, Situation&) {
         if (is_own_close(f)) f.tcp = Tcp::stays;
       };
     }},
};

const Defect kClose[] = {
    {"client-close.close-behind-refusal", "A Close is sent though nothing was established", "rfc6455-7.2.1-1",
     kSubtle, [](Conduct& c) { c.closes_refused = true; }},
    {"client-close.never-ends", "TCP is left open when the server has ended it", "rfc6455-5.5.1-12", kPlain,
     [](Conduct& c) {
       c.ignores_fin = true;
       c.farewells = [](Farewell& f, const CloseBody&, Situation&) { f.tcp = Tcp::stays; };
     }},
    {"client-close.dies-of-reset", "The client dies of a reset connection", "rfc6455-7.2.1-2", kPlain,
     at<&Conduct::crashes_on, Moment::peer_reset>},
    {"client-close.unanswered", "A Close is answered by ending TCP", "rfc6455-5.5.1-7", kPlain,
     misend<[](Farewell& f, const CloseBody&, Situation&) {
       if (f.cause == Farewell::Cause::answer) f.sends_close = false;
     }>},
};

}  // namespace

std::span<const Defect> client_defects() {
  static const std::vector<Defect> all = join({kRequest, kUrl, kProxy, kReply, kDeflateReply, kMaskKeys,
                                               kMasked, kCloseFirst, kClose, reconnect_defects()});
  return all;
}

}  // namespace wsspec
