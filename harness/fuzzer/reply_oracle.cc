#include "fuzzer/reply_oracle.h"

#include <algorithm>
#include <utility>

#include "play/opening.h"
#include "protocol/extension.h"

namespace wsspec {
namespace {

using Kind = ReplyDemand::Kind;

ReplyDemand leave_open(std::string what) {
  return {Kind::open, Severity::weak, {}, std::move(what), false, {}};
}

ReplyDemand refuse(std::string requirement, std::string what) {
  return {Kind::refuse, Severity::fail, std::move(requirement), std::move(what), false, {}};
}

// Whether `word` stands in `text` with no letter, digit or dash beside it: whoever cuts at blanks, quotes or
// semicolons finds it, though it is no element of a list.
bool holds_word(std::string_view text, std::string_view word) {
  const auto part_of_word = [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '-' || c == '_';
  };
  for (std::size_t at = 0; at + word.size() <= text.size(); ++at) {
    const std::size_t end = at + word.size();
    const bool begins = at == 0 || !part_of_word(text[at - 1]),
               ends = end == text.size() || !part_of_word(text[end]);
    if (begins && ends && same_text(text.substr(at, word.size()), word)) return true;
  }
  return false;
}

bool all_equal(const Head& head, std::string_view name, std::string_view value) {
  const auto values = split_list(head.joined(name).value_or(""));
  return !values.empty() && std::ranges::all_of(values, [&](const auto& one) { return one == value; });
}

bool is_asked_for(const Head& request, std::string_view protocol) {
  const auto asked = split_list(request.joined("Sec-WebSocket-Protocol").value_or(""));
  return std::ranges::find(asked, protocol) != asked.end();
}

// Repeated values are joined or dropped below WebSocket by some HTTP layers.
ReplyDemand demand_of_accept(const Head& reply, const Head& request, std::string what) {
  const auto right = accept_for(request.joined("Sec-WebSocket-Key").value_or(""));
  if (all_equal(reply, "Sec-WebSocket-Accept", right)) return leave_open(std::move(what));
  return refuse("rfc6455-4.1-42", std::move(what));
}

// An empty value names none; the one asked for, twice, is joined by some HTTP layers.
ReplyDemand demand_of_protocol(const Head& reply, const Head& request, std::string what) {
  const auto named = split_list(reply.joined("Sec-WebSocket-Protocol").value_or(""));
  if (named.empty()) return leave_open(std::move(what));
  const bool one = all_equal(reply, "Sec-WebSocket-Protocol", named.front());
  if (one && is_asked_for(request, named.front())) return leave_open(std::move(what));
  return refuse("rfc6455-4.1-44", std::move(what));
}

ReplyDemand demand_of_extensions(const Violation& broken, const Head& reply) {
  const std::string named = reply.joined("Sec-WebSocket-Extensions").value_or("");
  if (split_list(named).empty()) return leave_open(broken.what);
  const auto granted = parse_extensions(named);
  if (broken.requirement == "rfc6455-9.1-2") return refuse("rfc6455-9.1-1", broken.what);
  if (broken.requirement == "rfc6455-4.2.2-15") {
    // Whether the names of extensions have case is said nowhere.
    const bool only_case = granted && std::ranges::all_of(*granted, [](const ExtensionOffer& one) {
                             return same_text(one.name, kPermessageDeflate);
                           });
    if (only_case && std::ranges::any_of(
                         *granted, [](const ExtensionOffer& one) { return one.name != kPermessageDeflate; }))
      return leave_open(broken.what);
    return refuse("rfc6455-4.1-43", broken.what);
  }
  if (broken.requirement == "rfc7692-5-10") return refuse("rfc7692-5-16", broken.what);
  const std::string& rule = broken.requirement;
  if (rule == "rfc7692-7-5" || rule == "rfc7692-7-6" || rule == "rfc7692-7-7" || rule == "rfc6455-9.1-1")
    return refuse(rule, broken.what);
  if (rule == "rfc7692-7.1.2.2-6") return refuse("rfc7692-7-8", broken.what);
  return leave_open(broken.what);  // What the client wanted of the server, and did not get.
}

// What a reader of HTTP may pass over, or must not: 4.1 refers to the form that 4.2.2 gives to a reply.
ReplyDemand demand_of_form(const Head& reply, std::string what) {
  const auto status = parse_status_line(reply.start);
  if (status && status->version.starts_with("HTTP/1.")) return leave_open(std::move(what));
  // Other blanks than one, a name in small letters: RFC 9112 3 and 4 let a reader take them.
  const std::string_view start = trim_blanks(reply.start);
  const auto lenient = start.find("101");
  const bool blank_only = lenient != std::string_view::npos && start.size() >= 12 &&
                          same_text(start.substr(0, 8), "HTTP/1.1") &&
                          trim_blanks(start.substr(8)).starts_with("101 ");
  if (blank_only) return leave_open(std::move(what));
  ReplyDemand out = refuse("rfc6455-4.1-45", std::move(what));
  out.may_wait = true;  // Who reads another status in it may wait for the end of a body.
  return out;
}

ReplyDemand demand_of(const Violation& broken, const Head& reply, const Head& request) {
  const std::string& rule = broken.requirement;
  if (rule == "rfc6455-4.2.2-16") return demand_of_form(reply, broken.what);
  if (rule == "rfc6455-4.2.2-18")
    return reply.has_token("Upgrade", "websocket") ? leave_open(broken.what)
                                                   : refuse("rfc6455-4.1-40", broken.what);
  if (rule == "rfc6455-4.2.2-19")
    return holds_word(reply.joined("Connection").value_or(""), "Upgrade")
               ? leave_open(broken.what)
               : refuse("rfc6455-4.1-41", broken.what);
  if (rule == "rfc6455-4.2.2-20" || rule == "rfc6455-11.3.3-1")
    return demand_of_accept(reply, request, broken.what);
  if (rule == "rfc6455-4.2.2-11" || rule == "rfc6455-4.2.2-13" || rule == "rfc6455-4.3-3" ||
      rule == "rfc6455-11.3.4-2")
    return demand_of_protocol(reply, request, broken.what);
  if (rule.empty()) return leave_open(broken.what);
  return demand_of_extensions(broken, reply);
}

// Legal, and yet a client may mind: large heads, lists in a reply, no subprotocol though some were asked for,
// octets that are none of ASCII, windows that its zlib does not do.
std::string may_be_minded(const Head& reply, const Head& request, const Reply& granted) {
  constexpr std::size_t kMostOctets = 3500, kMostFields = 30;
  std::size_t octets = reply.start.size();
  bool ascii = true;
  for (const Field& field : reply.fields) {
    octets += field.name.size() + field.value.size();
    ascii = ascii && std::ranges::all_of(field.value, [](char c) { return octet(c) < 128; });
  }
  if (octets > kMostOctets || reply.fields.size() > kMostFields) return "the head is large";
  if (!ascii) return "the head holds octets that are none of ASCII";
  if (!same_text(reply.joined("Connection").value_or(""), "Upgrade")) return "Connection is a list";
  if (reply.count("Upgrade") > 1 || reply.count("Connection") > 1) return "a field is repeated";
  if (reply.count("Sec-WebSocket-Extensions") > 1) return "the grant stands in two fields";
  if (!granted.poorer.empty()) return "a window is larger than the hint";
  if (std::ranges::any_of(granted.extensions, [](const auto& one) { return one.name != kPermessageDeflate; }))
    return "an extension is granted that is not known here";
  if (reply.start.size() < 13) return "the status line has no reason";
  const bool asked = request.count("Sec-WebSocket-Protocol") > 0;
  return asked && granted.subprotocol.empty() ? "no subprotocol is chosen" : "";
}

// RFC 7692 7 has a client fail what it does not support; a window of 256 octets many do not.
bool has_small_window(const Reply& granted, const Head& request) {
  const auto offers = parse_extensions(request.joined("Sec-WebSocket-Extensions").value_or(""));
  return std::ranges::any_of(granted.extensions, [&](const ExtensionOffer& one) {
    const auto settings = read_deflate_reply(one, offers.value_or(std::vector<ExtensionOffer>{}));
    return settings &&
           (settings->window_bits_of(Role::server) == 8 || settings->window_bits_of(Role::client) == 8);
  });
}

// All rules that are broken count; one that makes a refusal mandatory wins.
ReplyDemand demand_of_head(const Head& reply, const Head& request) {
  const auto status = parse_status_line(reply.start);
  if (status && status->status != 101) {
    ReplyDemand out = refuse("rfc6455-4.1-39", "the status is " + std::to_string(status->status));
    out.may_wait = true;
    return out;
  }
  ReplyDemand out;
  out.requirement = "rfc6455-4.1-38";
  for (const Violation& broken : check_reply(reply, request, out.granted)) {
    ReplyDemand one = demand_of(broken, reply, request);
    if (one.kind == Kind::refuse) return one;
    if (out.kind == Kind::take) out = std::move(one);
  }
  if (out.kind != Kind::take) return out;
  if (const auto why = may_be_minded(reply, request, out.granted); !why.empty()) return leave_open(why);
  if (has_small_window(out.granted, request)) out.severity = Severity::weak;
  return out;
}

}  // namespace

ReplyDemand demand_of_reply(const FuzzOpening& opening, const Head& request, BytesView octets) {
  if (!opening.cut.empty())
    return {Kind::gone, Severity::fail, "rfc6455-7.2.1-2", "TCP ends within the reply", false, {}};
  for (bool interim = false;; interim = true) {
    HeadParser parser({1u << 20, 5000});
    if (!parser.feed(octets)) return leave_open("the head of the reply is not complete");
    const auto status = parse_status_line(parser.head().start);
    const bool more = status && status->status < 200 && status->status != 101 && !octets.empty();
    if (more) continue;
    ReplyDemand out = demand_of_head(parser.head(), request);
    // RFC 9110 15.2 has a client read interim replies; RFC 6455 does not speak of them.
    if (interim && out.kind == Kind::take) out.severity = Severity::weak;
    return out;
  }
}

std::string fitting_grant(const std::string& wanted, const Head& request) {
  if (wanted.empty()) return {};
  const auto offers = parse_extensions(request.joined("Sec-WebSocket-Extensions").value_or(""));
  const auto grant = parse_extensions(wanted);
  if (!offers || !grant || grant->size() != 1) return {};
  if (read_deflate_reply(grant->front(), *offers) && !exceeds_hint(grant->front(), *offers)) return wanted;
  return turned_grant(std::string(kPermessageDeflate), request).value_or("");
}

}  // namespace wsspec
