#include "fuzz/heads.h"

#include <algorithm>

namespace wsspec {
namespace {

constexpr HeadLimits kLimits{1u << 20, 10'000};

bool faultless_but_for_folds(const Head& head) {
  return !head.malformed && !head.control_octet && !head.blank_before_colon && !head.bare_lf;
}

bool read_start(HeadReading& out, HeadKind kind) {
  const std::string start = std::move(out.first);
  if (kind == HeadKind::request) {
    const auto line = parse_request_line(start);
    if (line) out.first = line->method, out.second = line->target, out.version = line->version;
    return line.has_value();
  }
  const auto line = parse_status_line(start);
  if (line) out.first = std::to_string(line->status), out.second = line->reason, out.version = line->version;
  return line.has_value();
}

bool old_version(std::string_view version) {
  return version == "HTTP/1.0" || version == "HTTP/1.1";
}

bool has_any(const Head& head, std::initializer_list<std::string_view> names) {
  return std::ranges::any_of(names, [&](auto name) { return head.count(name) > 0; });
}

constexpr auto kRequest = HeadKind::request;
constexpr auto kReply = HeadKind::reply;

// Ours accepts, Beast does not.
bool other_version(const HeadReading& ours, const Head&, const HeadReading& beast) {
  return ours.accepted && beast.fault == "bad version" && !old_version(ours.version);
}
bool no_blank_behind_status(const HeadReading& ours, const Head& head, const HeadReading& beast) {
  return ours.accepted && beast.fault == "bad status" && head.start.size() == 12;
}
bool connection_list(const HeadReading& ours, const Head& head, const HeadReading& beast) {
  return ours.accepted && beast.fault == "bad value" && has_any(head, {"Connection", "Proxy-Connection"});
}
bool content_length(const HeadReading& ours, const Head& head, const HeadReading& beast) {
  return ours.accepted && has_any(head, {"Content-Length"}) &&
         (beast.fault == "bad Content-Length" || beast.fault == "multiple Content-Length");
}
bool transfer_encoding(const HeadReading& ours, const Head& head, const HeadReading& beast) {
  return ours.accepted && beast.fault == "bad Transfer-Encoding" && has_any(head, {"Transfer-Encoding"});
}
bool empty_line_first(const HeadReading& ours, const Head& head, const HeadReading& beast) {
  return ours.accepted && !beast.accepted && head.empty_lines > 0;
}
// Beast accepts, ours does not.
bool folded(const HeadReading& ours, const Head& head, const HeadReading& beast) {
  return beast.accepted && head.folded && faultless_but_for_folds(head) && ours.taken == beast.taken &&
         ours.fields == beast.fields;
}
bool status_below_100(const HeadReading& ours, const Head& head, const HeadReading& beast) {
  return beast.accepted && head.start.size() > 9 && head.start[9] == '0' && faultless_but_for_folds(head) &&
         ours.fields == beast.fields;
}

constexpr HeadDifference kDifferences[] = {
    {"other-version", "RFC 9110 2.5, 6.2",
     "Beast knows HTTP/1.0 and HTTP/1.1 only; we read any version, and the handshake's check names what is "
     "wrong",
     kRequest, "GET / HTTP/2.0\r\nHost: a\r\n\r\n", other_version},
    {"no-blank-behind-status", "RFC 9112 4",
     "the grammar wants a blank behind the status even where no reason follows; a client should not care for "
     "what "
     "stands there, so we read it without",
     kReply, "HTTP/1.1 101\r\nUpgrade: websocket\r\n\r\n", no_blank_behind_status},
    {"connection-list", "RFC 9110 7.6.1",
     "Beast's parser reads the list in Connection, ours only the form of a field; the handshake's check "
     "reads the list",
     kRequest, "GET / HTTP/1.1\r\nConnection: Upgrade;\r\n\r\n", connection_list},
    {"content-length", "RFC 9110 8.6, RFC 9112 6.3",
     "Beast's parser reads the length, ours only the form of a field; response_body() reads it", kReply,
     "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", content_length},
    {"transfer-encoding", "RFC 9112 6.1, 6.3",
     "Beast's parser refuses a second field and one beside a length; response_body() says how we read them",
     kReply, "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", transfer_encoding},
    {"empty-line-first", "RFC 9112 2.2",
     "a server should ignore an empty line before the request; Beast refuses it, we read on and remember it",
     kRequest, "\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n", empty_line_first},
    {"folded", "RFC 9112 5.2",
     "obs-fold must be refused or replaced by blanks: Beast replaces it, we do too and remember it as a "
     "fault",
     kReply, "HTTP/1.1 101 \r\nUpgrade: web\r\n socket\r\n\r\n", folded},
    {"status-below-100", "RFC 9110 15",
     "a status is 100 to 599; Beast takes any three digits, we take 100 to 999", kReply,
     "HTTP/1.1 099 \r\n\r\n", status_below_100},
};

std::string difference_between(const HeadReading& ours, const HeadReading& beast) {
  if (ours.accepted != beast.accepted)
    return beast.accepted ? "only Beast accepts it" : "only ours accepts it; Beast: " + beast.fault;
  if (!ours.accepted) return {};
  if (ours.taken != beast.taken) return "the head ends elsewhere";
  if (ours.first != beast.first || ours.second != beast.second || ours.version != beast.version)
    return "the start line is read differently";
  return ours.fields == beast.fields ? "" : "the fields are read differently";
}

}  // namespace

HeadReading read_head_ours(BytesView octets, HeadKind kind, Head& head) {
  HeadParser parser(kLimits);
  HeadReading out;
  BytesView rest = octets;
  const bool whole = parser.feed(rest);
  head = parser.head();
  out.taken = octets.size() - rest.size();
  out.first = head.start;
  out.fields = head.fields;
  out.accepted = read_start(out, kind) && whole && faultless_but_for_folds(head) && !head.folded;
  return out;
}

std::span<const HeadDifference> head_differences() {
  return kDifferences;
}

HeadComparison compare_heads(BytesView octets, HeadKind kind) {
  Head head;
  const HeadReading ours = read_head_ours(octets, kind, head);
  const HeadReading beast = read_head_beast(octets, kind);
  HeadComparison out{difference_between(ours, beast), nullptr};
  if (out.disagreement.empty()) return out;
  for (const auto& one : kDifferences) {
    if (!one.applies(ours, head, beast)) continue;
    out.listed = &one;
    return out;
  }
  return out;
}

}  // namespace wsspec
