// Defects that concern more than one connection: the whole server dies, hangs or runs out of something.
#include "peer/defects.h"
#include "peer/edits.h"

namespace wsspec {
namespace {

using namespace edits;

constexpr std::string_view kRobust = "rfc6455-10.1-1";

template <Moment moment>
constexpr auto crash = at<&Conduct::crashes_on, moment>;
template <Moment moment>
constexpr auto hang = at<&Conduct::hangs_on, moment>;
/// Dies of one kind of fault only.
template <bool (*when)(Rule rule, const FrameHeader& h, const Situation& s)>
void die_of(Conduct& c) {
  c.crashes_on = bit(Moment::fault);
  c.dies_of = when;
}

/// Dies of the requests that `when` names.
template <bool (*when)(const Head& request)>
void die_of_request(Conduct& c) {
  c.dies_of_request = when;
}
/// The longest run of one octet in a field.
std::size_t longest_run(const Head& request, std::string_view name, char what) {
  const std::string value = value_of(request, name);
  std::size_t longest = 0, run = 0;
  for (const char c : value) {
    run = c == what ? run + 1 : 0;
    longest = std::max(longest, run);
  }
  return longest;
}
std::size_t count_in(const Head& request, std::string_view name, char what) {
  return static_cast<std::size_t>(std::ranges::count(value_of(request, name), what));
}
/// A percent sign without two digits behind it.
bool has_bare_percent(std::string_view text) {
  constexpr std::string_view kDigits = "0123456789abcdefABCDEF";
  for (std::size_t at = 0; (at = text.find('%', at)) != text.npos; ++at) {
    const std::string_view digits = text.substr(at + 1, 2);
    if (digits.size() < 2 || digits.find_first_not_of(kDigits) != digits.npos) return true;
  }
  return false;
}

const Defect kRequests[] = {
    {"server.dies-of-prototype", "The server dies when '__proto__' is offered as a subprotocol", kRobust,
     kSubtle,
     die_of_request<[](const Head& h) { return value_of(h, "Sec-WebSocket-Protocol") == "__proto__"; }>},
    {"server.dies-of-own-property", "The server dies when 'hasOwnProperty' is what a client connects with",
     kRobust, kSubtle,
     die_of_request<[](const Head& h) { return contains(value_of(h, "Connection"), "hasOwnProperty"); }>},
    {"server.dies-of-format", "The server prints the origin as a format and dies of %n", kRobust, kSubtle,
     die_of_request<[](const Head& h) { return contains(value_of(h, "Origin"), "%n"); }>},
    {"server.dies-of-bad-escape", "The server dies of a percent sign that escapes nothing in a query",
     kRobust, kSubtle, die_of_request<[](const Head& h) {
       const std::size_t query = h.start.find('?');
       return query != h.start.npos && has_bare_percent(h.start.substr(query));
     }>},
    {"server.hangs-on-blanks", "A thousand blanks among the subprotocols cost a pattern all its time",
     kRobust, kSubtle,
     [](Conduct& c) {
       c.hangs_on_request = [](const Head& h) {
         return longest_run(h, "Sec-WebSocket-Protocol", ' ') >= 1000;
       };
     }},
    {"server.quadratic-in-blanks",
     "How long a subprotocol is read grows with the square of the blanks around it", kRobust, kSubtle,
     [](Conduct& c) {
       c.ponders = [](const Head& h) {
         const auto run = longest_run(h, "Sec-WebSocket-Protocol", ' ');
         return Duration(run * run * 8);
       };
     }},
    {"server.quadratic-in-backslashes",
     "How long a parameter of an extension is read grows with the square of the backslashes in it", kRobust,
     kSubtle,
     [](Conduct& c) {
       c.ponders = [](const Head& h) {
         const auto run = longest_run(h, "Sec-WebSocket-Extensions", '\\');
         return Duration(run * run * 8);
       };
     }},
    {"server.dies-of-backslashes", "Ten thousand backslashes in an extension exhaust the stack", kRobust,
     kSubtle,
     die_of_request<[](const Head& h) { return longest_run(h, "Sec-WebSocket-Extensions", '\\') >= 9000; }>},
    {"server.dies-of-commas", "Ten thousand empty elements of Connection exhaust the stack", kRobust, kSubtle,
     die_of_request<[](const Head& h) { return count_in(h, "Connection", ',') >= 9000; }>},
    {"server.dies-of-quotes-in-key", "The server dies of a thousand quotes in place of a key", kRobust,
     kSubtle, die_of_request<[](const Head& h) { return longest_run(h, "Sec-WebSocket-Key", '"') >= 1000; }>},
    {"server.dies-of-target-of-4096", "The server dies of a target of 4096 octets and more", kRobust, kSubtle,
     die_of_request<[](const Head& h) { return h.start.size() >= 4096 && contains(h.start, "?"); }>},
    {"server.dies-of-reset-behind-refusal", "The server dies of a reset right behind a refused handshake",
     kRobust, kSubtle, crash<Moment::refused_reset>},
    {"server.dies-of-late-reset-behind-refusal",
     "The server dies of a reset half a second and more behind a refused handshake", kRobust, kSubtle,
     crash<Moment::late_refused_reset>},
};

const Defect kServer[] = {
    {"server.dies-of-fault", "The server dies of any bad frame", kRobust, kPlain, crash<Moment::fault>},
    {"server.dies-of-unmasked", "The server dies of an unmasked frame", kRobust, kSubtle,
     die_of<[](Rule rule, const FrameHeader&, const Situation&) { return rule == Rule::masked; }>},
    {"server.dies-of-reserved-opcode", "The server dies of a reserved opcode", kRobust, kSubtle,
     die_of<[](Rule rule, const FrameHeader&, const Situation&) { return rule == Rule::opcode; }>},
    {"server.dies-of-bad-text", "The server dies of text that is not UTF-8", kRobust, kSubtle,
     die_of<[](Rule rule, const FrameHeader&, const Situation&) { return rule == Rule::text; }>},
    {"server.dies-of-one-octet-close", "The server dies of a Close with a body of one octet", kRobust,
     kSubtle,
     die_of<[](Rule rule, const FrameHeader&, const Situation&) { return rule == Rule::close_length; }>},
    {"server.dies-of-huge-length", "The server dies of a length with the top bit set", kRobust, kSubtle,
     die_of<[](Rule rule, const FrameHeader&, const Situation&) { return rule == Rule::top_bit; }>},
    {"server.dies-of-orphan", "The server dies of a continuation without a message", kRobust, kSubtle,
     die_of<[](Rule rule, const FrameHeader&, const Situation&) { return rule == Rule::orphan; }>},
    {"server.dies-of-broken-deflate", "The server dies of compressed data that are broken", kRobust, kSubtle,
     die_of<[](Rule rule, const FrameHeader&, const Situation&) { return rule == Rule::inflation; }>,
     "deflate"},
    {"server.dies-of-bomb", "The server dies of a compression bomb", "rfc6455-10.4-1", kSubtle,
     crash<Moment::bomb>, "deflate"},
    {"server.dies-of-bad-request", "The server dies of a bad handshake", kRobust, kPlain,
     crash<Moment::bad_request>},
    {"server.dies-of-long-head", "The server dies of a head without end", kRobust, kSubtle,
     crash<Moment::long_head>},
    {"server.dies-of-reset", "The server dies of a reset connection", kRobust, kSubtle,
     crash<Moment::peer_reset>},
    {"server.dies-of-cut-head", "The server dies of a client that ends TCP inside the head", kRobust, kSubtle,
     crash<Moment::cut_head>},
    {"server.dies-of-cut-message", "The server dies of a client that ends TCP inside a message", kRobust,
     kSubtle, crash<Moment::cut_message>},
    {"server.hangs-after-fault", "Behind a bad frame the server answers nobody", kRobust, kPlain,
     hang<Moment::fault>},
    {"server.hangs-after-bad-request", "Behind a bad handshake the server answers nobody", kRobust, kSubtle,
     hang<Moment::bad_request>},
    {"server.hangs-after-reset", "Behind a reset the server answers nobody", kRobust, kSubtle,
     hang<Moment::peer_reset>},
    {"server.loses-a-slot-per-fault", "Each bad frame costs one of 16 workers", kRobust, kSubtle,
     [](Conduct& c) { c.slots = 16; }},
};

}  // namespace

std::span<const Defect> server_defects() {
  static const std::vector<Defect> all = join({kServer, kRequests});
  return all;
}

}  // namespace wsspec
