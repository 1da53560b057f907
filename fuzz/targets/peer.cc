// Whatever a client sends, the reference peer survives, ends in bounded steps, breaks no rule that the judge
// knows, and answers the same however the octets are cut.
//
// Input: one octet of choices (bit 0: our request precedes the octets; bit 1: it offers permessage-deflate;
// bits 2-3: with which parameters; bit 4: small limits; bit 5: FIN at the end), one for the cuts, the octets.
#include "peer/peer.h"
#include "fuzz/property.h"
#include "model/rules_judge.h"
#include "protocol/handshake.h"

namespace {

using namespace wsspec;

constexpr const char* kOffers[] = {"permessage-deflate", "permessage-deflate; client_no_context_takeover",
                                   "permessage-deflate; server_no_context_takeover; client_max_window_bits",
                                   "permessage-deflate; server_max_window_bits=9; client_max_window_bits=9"};

MessageLimits limits_of(std::uint8_t choices) {
  return (choices & 16) != 0 ? MessageLimits{2000, 1000} : MessageLimits{1u << 20, 1u << 20};
}

Bytes request_for(std::uint8_t choices) {
  RequestOptions options;
  options.key = "dGhlIHNhbXBsZSBub25jZQ==";
  if ((choices & 2) != 0) options.extra.push_back({"Sec-WebSocket-Extensions", kOffers[choices >> 2 & 3]});
  return render_head("GET / HTTP/1.1", request_fields(options));
}

// Asks the peer until it waits; what it sends goes to `out`. False when it is finished.
bool drain(Peer& peer, Bytes& out, Instant& now, std::uint64_t& steps) {
  for (;; ++steps) {
    require(steps < 1'000'000, "the peer ends in bounded steps");
    const Action action = peer.next(now);
    switch (action.kind) {
      case Action::Kind::send: out += action.bytes; break;
      case Action::Kind::half_close: break;
      case Action::Kind::close:
      case Action::Kind::reset: return false;
      case Action::Kind::wait: return true;
    }
  }
}

Bytes converse(std::uint8_t choices, BytesView request, BytesView octets, ChunkCutter cutter) {
  static const auto worlds = [] {
    std::array<std::shared_ptr<PeerWorld>, 2> all;
    for (std::uint8_t small = 0; small < 2; ++small) {
      PeerOptions options;
      options.limits = limits_of(static_cast<std::uint8_t>(small << 4));
      all[small] = PeerWorld::make(options).value();
    }
    return all;
  }();
  Peer peer(worlds[choices >> 4 & 1]);
  Bytes all(request), out;
  all += octets;
  Instant now{};
  std::uint64_t steps = 0;
  bool alive = drain(peer, out, now, steps);
  for (std::size_t at = 0; alive && at < all.size();) {
    const std::size_t size = cutter.next(all.size() - at);
    peer.received(MutableBytes(all).subspan(at, size), now);
    at += size;
    alive = drain(peer, out, now, steps);
  }
  if (alive && (choices & 32) != 0) {
    peer.ended(End::fin, now);
    alive = drain(peer, out, now, steps);
    now += std::chrono::minutes(1);
    if (alive) require(!drain(peer, out, now, steps), "the peer ends after its client did");
  }
  return out;
}

void judge(std::uint8_t choices, BytesView request, BytesView octets, BytesView answer) {
  HeadParser asked, replied;
  asked.feed(request);
  replied.feed(answer);
  Reply reply;
  const auto violations = check_reply(replied.head(), asked.head(), reply);
  require(violations.empty(), "a correct request is granted correctly",
          violations.empty() ? "" : violations[0].what);
  Agreement agreement{.limits = limits_of(choices)};
  if (!reply.extensions.empty()) {
    const auto offers = parse_extensions(asked.head().joined("Sec-WebSocket-Extensions").value_or(""));
    agreement.deflate = read_deflate_reply(reply.extensions[0], *offers).value();
  }
  Judge judge(agreement);
  judge.sent(octets);
  if ((choices & 32) != 0) judge.sent_fin();
  Bytes received(answer);
  judge.received(received);
  if ((choices & 32) != 0) judge.ended(End::fin);
  for (const Breach& breach : judge.breaches())
    require(breach.severity != Severity::fail, breach_name(breach.kind).data(), breach.requirement);
}

}  // namespace

WSSPEC_FUZZ_TARGET(input) {
  InputCursor in(input);
  const std::uint8_t choices = in.octet();
  const ChunkCutter cutter(in.octet());
  const BytesView octets = in.rest();
  const bool with_request = (choices & 1) != 0;
  const Bytes request = with_request ? request_for(choices) : Bytes();
  const Bytes whole = converse(choices, request, octets, ChunkCutter(0));
  require(converse(choices, request, octets, cutter) == whole,
          "the peer's answer does not depend on the cuts");
  if (with_request) judge(choices, request, octets, whole);
}
