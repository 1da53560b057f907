// The handshake parsers take any octets, whatever the cuts, within their limits; their judgement is stable,
// and base64 is undone by its inverse.
//
// Input: one octet of choices, one for the cuts, then a request head and whatever follows it as the reply.
#include "protocol/handshake.h"
#include "fuzz/property.h"
#include "protocol/http.h"

namespace {

using namespace wsspec;

struct Read {
  Bytes raw;
  Head head;
  bool done = false, too_large = false;
  std::size_t taken = 0;
};

Read read(BytesView octets, ChunkCutter cutter, HeadLimits limits) {
  HeadParser parser(limits);
  Read out;
  while (out.taken < octets.size() && !parser.done() && !parser.too_large()) {
    const std::size_t size = cutter.next(octets.size() - out.taken);
    BytesView chunk = octets.substr(out.taken, size);
    parser.feed(chunk);
    out.taken += size - chunk.size();
  }
  out.raw = parser.raw();
  out.head = parser.head();
  out.done = parser.done();
  out.too_large = parser.too_large();
  return out;
}

void check_bounds(const Read& read, BytesView octets, HeadLimits limits) {
  require(read.raw == octets.substr(0, read.taken), "the raw head is what was taken");
  require(read.raw.size() <= limits.octets, "a head keeps to its limit of octets");
  require(read.head.fields.size() <= limits.fields, "a head keeps to its limit of fields");
  require(!read.done || !read.too_large, "a head is complete or too large");
}

void same_head(const Head& a, const Head& b, const char* property) {
  require(a.start == b.start && a.fields == b.fields && a.malformed == b.malformed &&
              a.control_octet == b.control_octet && a.blank_before_colon == b.blank_before_colon &&
              a.bare_lf == b.bare_lf && a.folded == b.folded && a.empty_lines == b.empty_lines,
          property);
}

// A head without faults of form, rendered anew, reads as the same head.
void check_rendering(const Head& head) {
  const bool plain = !head.malformed && !head.control_octet && !head.blank_before_colon && !head.folded &&
                     !head.bare_lf && head.empty_lines == 0;
  if (!plain) return;
  const Bytes text = render_head(head.start, head.fields);
  same_head(read(text, ChunkCutter(0), {1u << 20, 1000}).head, head, "a plain head survives rendering");
}

void check_codes(BytesView octets) {
  const auto digest = sha1(octets);
  char hex[2 * sizeof digest + 1];
  for (std::size_t i = 0; i < digest.size(); ++i) std::snprintf(hex + 2 * i, 3, "%02x", digest[i]);
  require(to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()}, "") == hex,
          "a digest prints as the C library prints it");
  const auto back = base64_decode(base64_encode(octets));
  require(back && *back == octets, "base64 decodes to what was encoded");
}

// What we send ourselves, with any key: faultless when the key is.
void check_own_request(BytesView octets) {
  const std::string key = base64_encode(octets.substr(0, 16));
  const auto fields = request_fields({.host = "localhost", .key = key, .extra = {{"Origin", "null"}}});
  const Read own = read(render_head("GET / HTTP/1.1", fields), ChunkCutter(0), {1u << 20, 1000});
  require(own.done && own.head.fields.size() == fields.size(), "our request is a head");
  require(check_request(own.head).empty() == (octets.size() >= 16),
          "our request has no fault but a key that is too short");
}

void check_lines(const Head& head) {
  if (const auto line = parse_request_line(head.start))
    require(line->method + ' ' + line->target + ' ' + line->version == head.start,
            "a request line is its three parts");
  if (const auto line = parse_status_line(head.start)) {
    require(line->status >= 100 && line->status <= 999, "a status has three digits");
    for (const bool to_head_request : {false, true}) response_body(head, line->status, to_head_request);
  }
}

void check_judgement(const Head& request, Head reply, bool with_accept) {
  for (const Violation& v : check_request(request))
    require(!v.what.empty(), "a violation says what is wrong");
  // Nobody guesses a SHA-1: where asked, the reply gets the accept that fits, so that what follows is
  // reached.
  if (const auto* key = request.find("Sec-WebSocket-Key"); key && with_accept) {
    for (Field& field : reply.fields)
      if (same_text(field.name, "Sec-WebSocket-Accept")) field.value = accept_for(*key);
  }
  Reply granted;
  const auto violations = check_reply(reply, request, granted);
  if (!violations.empty()) return;
  require(reply.has_token("Connection", "upgrade"), "a faultless reply upgrades");
  require(granted.extensions.empty() || request.count("Sec-WebSocket-Extensions") > 0,
          "a faultless reply grants what was offered");
}

}  // namespace

WSSPEC_FUZZ_TARGET(input) {
  InputCursor in(input);
  const std::uint8_t choices = in.octet();
  const ChunkCutter cutter(in.octet());
  const HeadLimits limits = (choices & 1) != 0 ? HeadLimits{200, 5} : HeadLimits{64 * 1024, 500};
  const BytesView octets = in.rest();

  const Read request = read(octets, cutter, limits);
  check_bounds(request, octets, limits);
  const Read whole = read(octets, ChunkCutter(0), limits);
  require(whole.taken == request.taken && whole.done == request.done && whole.too_large == request.too_large,
          "how much is taken does not depend on the cuts");
  same_head(whole.head, request.head, "a head does not depend on the cuts");

  const Read reply = read(octets.substr(request.taken), cutter, limits);
  for (const Read* one : {&request, &reply}) {
    if (one->done) check_rendering(one->head);
    check_lines(one->head);
  }
  check_judgement(request.head, reply.head, (choices & 2) != 0);
  check_own_request(octets);
  check_codes(octets.substr(0, 300));
  base64_decode(octets);
}
