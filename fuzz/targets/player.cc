// Whatever a target answers, and however it ends, the player comes to a verdict in bounded steps.
//
// Input: the case, choices (bit 0: shake hands properly first, bit 1: end by FIN, bit 2: by RST, otherwise
// stay silent), the cuts, then the target's octets.
#include "play/player.h"
#include "fuzz/property.h"
#include "protocol/handshake.h"
#include "script/check.h"

namespace {

using namespace wsspec;

// A case for each kind of statement.
constexpr std::string_view kCases = R"(wire 1
case echo
  open
  > text "hello"
  < text "hello"
  > ping "p"
  < pong "p"
  finish
case fragments
  open
  > text fin=0 "frag1"
  > ping "first"
  < pong "first" within 1s
  > cont "frag2"
  < text "frag1frag2"
  finish
case frames
  open
  > binary fill(200) split=50
  < binary fin=0 fill(100)
  < cont fin=1
case refuse
  open
  > frame op=3 "?"
  < fail 1002
  < gone within 30s
case branches
  open
  > text fin=0 "x"
  > cont fin=0 x"f4 90 80 80"
  either
    < fail 1007 within 1s
  or weak
    quiet 1s
    > cont "edited"
    < fail 1007
  or info
    < reset
  end
case deflated
  open offer="permessage-deflate"
  repeat 3 as i
    > text rsv=4 deflate(fill(300, $i))
    < text fill(300, $i)
  end
  finish
case closing
  open
  > close 1001 "bye"
  < close 1001|1000|none
  < eof
case request
  > request set Origin "null" path "/x"
  < upgrade has Upgrade "websocket" lacks Set-Cookie
  < text ""
case refused
  connect
  > request drop Host
  < refused 400|403 has Connection
case raw
  open
  mute
  burst chop=3
    > ping "a"
    > ping "b"
  end
  < pong
  < bytes x"81 00"
  pause 10ms
  stall 10ms
  > eof
  < gone
)";

const std::vector<Case>& cases() {
  static const std::vector<Case> all = [] {
    const Source source{"cases", std::string(kCases)};
    Loaded loaded = load({&source, 1});
    for (const Diagnostic& one : loaded.errors)
      require(false, "the target's own cases are right", render(one));
    return loaded.cases;
  }();
  return all;
}

// The target: answers a request properly when asked to, then says its octets chunk by chunk.
class ScriptedTarget {
 public:
  ScriptedTarget(std::uint8_t choices, ChunkCutter cutter, BytesView octets)
      : choices_(choices), cutter_(cutter), octets_(octets) {}

  void sent(BytesView bytes) {
    if ((choices_ & 1) == 0 || answered_) return;
    HeadParser head;
    request_ += bytes;
    BytesView rest(request_);
    if (!head.feed(rest)) return;
    answered_ = true;
    const std::string* key = head.head().find("Sec-WebSocket-Key");
    std::vector<Field> fields{{"Upgrade", "websocket"},
                              {"Connection", "Upgrade"},
                              {"Sec-WebSocket-Accept", accept_for(key ? *key : "")}};
    if (const auto offer = head.head().joined("Sec-WebSocket-Extensions"))
      fields.push_back({"Sec-WebSocket-Extensions", *offer});
    pending_ = render_head("HTTP/1.1 101 Switching Protocols", fields);
  }
  /// Hands the next thing to the player; false when there is nothing left.
  bool speak(Player& player, Instant now) {
    if (!pending_.empty()) {
      player.end().received(pending_, now);
      return pending_.clear(), true;
    }
    if ((choices_ & 1) != 0 && !answered_) return false;
    if (!octets_.empty()) {
      Bytes chunk(octets_.substr(0, cutter_.next(octets_.size())));
      octets_.remove_prefix(chunk.size());
      player.end().received(chunk, now);
      return true;
    }
    if (ended_ || (choices_ & 6) == 0) return false;
    ended_ = true;
    player.end().ended((choices_ & 2) != 0 ? End::fin : End::reset, now);
    return true;
  }

 private:
  std::uint8_t choices_;
  ChunkCutter cutter_;
  BytesView octets_;
  Bytes request_, pending_;
  bool answered_ = false, ended_ = false;
};

}  // namespace

WSSPEC_FUZZ_TARGET(input) {
  InputCursor in(input);
  const Case& script = cases()[in.octet() % cases().size()];
  const std::uint8_t choices = in.octet();
  const ChunkCutter cutter(in.octet());
  ScriptedTarget target(choices, cutter, in.rest());
  const Profile profile;
  Player player(script, profile, {.seed = 7});

  Instant now{};
  std::uint64_t steps = 0;
  for (const std::uint64_t most = 10'000 + 10 * input.size(); !player.done(); ++steps) {
    require(steps < most, "a play ends in bounded steps");
    const Action action = player.end().next(now);
    if (action.kind == Action::Kind::send) target.sent(action.bytes);
    if (action.kind != Action::Kind::wait || player.done()) continue;
    if (action.reading && target.speak(player, now)) continue;
    require(action.until != kNever, "a play waits for a silent target with a deadline");
    now = std::max(now + Duration(1), action.until);
    require(now < std::chrono::hours(1), "a play ends in bounded time");
  }
  const CaseResult result = player.take_result();
  require(result.verdict != Verdict::not_run, "a play ends with a verdict");
  require(result.verdict == Verdict::pass || !result.reason.empty(), "a verdict has a reason", result.id);
}
