// The peer under the judge of model/rules_judge.h: random sessions, legal and not. Conforming peers and
// all liberties are never called faulty; most defects of frames, messages and closing are found without any
// case.
#include <gtest/gtest.h>

#include <map>
#include <random>
#include <set>

#include "model/rules_judge.h"
#include "peer/defects.h"
#include "peer/liberties.h"
#include "peer/peer.h"
#include "protocol/deflate.h"
#include "protocol/handshake.h"

namespace wsspec::judged_test {
namespace {

constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";

// One connection: what the peer sends goes to the judge, what we send to both.
class Session {
 public:
  Session(std::shared_ptr<PeerWorld> world, Agreement declared)
      : peer_(std::move(world)), declared_(declared) {
    const Bytes request = render_head(
        "GET / HTTP/1.1", request_fields({.key = std::string(kKey),
                                          .extra = {{"Sec-WebSocket-Extensions",
                                                     "permessage-deflate; client_max_window_bits"}}}));
    give(request);
  }

  /// Whether the handshake succeeded.
  bool open() const { return judge_.has_value(); }
  Judge& judge() { return *judge_; }
  const std::optional<DeflateSettings>& deflate() const { return declared_.deflate; }

  void send(BytesView octets, std::size_t chunk) {
    for (std::size_t at = 0; at < octets.size() && !over_; at += chunk) {
      const BytesView piece = octets.substr(at, chunk);
      judge_->sent(piece);
      give(piece);
    }
  }
  void fin() {
    judge_->sent_fin();
    if (!over_) peer_.ended(End::fin, now_);
    pump();
  }
  /// Lets time pass until the peer has nothing more to do, or ten minutes are over.
  void wait() {
    for (const Instant end = now_ + std::chrono::minutes(10); !over_ && until_ < end;) {
      now_ = std::max(now_, until_);
      pump();
    }
  }

 private:
  void give(BytesView octets) {
    Bytes copy(octets);
    peer_.received(copy, now_);
    pump();
  }
  void pump() {
    for (int i = 0; !over_ && i < 100'000; ++i) {
      const Action action = peer_.next(now_);
      switch (action.kind) {
        case Action::Kind::send: take(action.bytes); break;
        case Action::Kind::wait:
          until_ = action.until;
          if (until_ > now_) return;
          break;
        case Action::Kind::half_close: end(End::fin); break;
        case Action::Kind::close: end(End::fin), over_ = true; break;
        case Action::Kind::reset: end(End::reset), over_ = true; break;
      }
    }
  }
  void end(End how) {
    if (judge_) judge_->ended(how);
  }
  void take(BytesView octets) {
    if (!judge_) {
      if (!head_.feed(octets)) return;
      const auto granted = parse_extensions(head_.head().joined("Sec-WebSocket-Extensions").value_or(""));
      const auto offers = parse_extensions("permessage-deflate; client_max_window_bits");
      if (granted) declared_.deflate = read_deflate_reply(granted->front(), *offers).value();
      judge_.emplace(declared_);
    }
    Bytes copy(octets);
    judge_->received(copy);
    if (judge_->closed_by_endpoint() && !judge_->model().now().close && !answered_) {
      answered_ = true;
      answer_close();
    }
  }
  // The manners of a client.
  void answer_close() {
    const Bytes close = make_frame(Opcode::close, make_close(1000), 0x01020304u);
    if (judge_->model().state() == "idle") judge_->sent(close);
  }

  Peer peer_;
  Agreement declared_;
  HeadParser head_;
  std::optional<Judge> judge_;
  Instant now_{}, until_ = kNever;
  bool over_ = false, answered_ = false;
};

class Generator {
 public:
  Generator(std::uint64_t seed, const std::optional<DeflateSettings>& deflate)
      : random_(seed), deflate_(deflate) {
    if (deflate) compressor_.emplace(deflate->client_max_window_bits, !deflate->client_no_context_takeover);
  }
  bool chance(unsigned one_in) { return random_() % one_in == 0; }
  std::size_t below(std::size_t n) { return random_() % n; }

  /// A message, a control frame or something illegal, as octets.
  Bytes next() {
    switch (below(10)) {
      case 0:
      case 1: return frame(9, payload(125));
      case 2: return frame(10, payload(125));
      case 3: return close();
      case 4:
      case 5: return spoilt();
      default: return message();
    }
  }
  Bytes barrier() { return frame(9, "barrier " + std::to_string(random_())); }

 private:
  Bytes payload(std::size_t most) {
    static constexpr std::size_t kSizes[] = {0,   1,   2,   3,   7,   16,   60,    124,
                                             125, 126, 127, 128, 256, 1000, 65535, 65536};
    const std::size_t size = std::min(most, kSizes[below(chance(20) ? 16 : 14)]);
    static const Bytes kCharacters[] = {
        "a", "b", "\xc3\xa9", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "0123456789abcdef", "\xef\xbb\xbf"};
    Bytes out;
    while (out.size() < size) out += kCharacters[below(7)];
    while (out.size() > size) out.back() = 0, out.pop_back();
    while (!is_utf8(out)) out.pop_back();
    out.resize(size, 'z');
    return out;
  }
  Bytes frame(int opcode, BytesView octets, bool fin = true, int rsv = 0) {
    const MaskKey key = chance(10) ? 0 : static_cast<MaskKey>(random_());
    return make_frame(static_cast<Opcode>(opcode), octets, key, fin, static_cast<std::uint8_t>(rsv));
  }
  Bytes message() {
    static const Bytes kBad[] = {"\xff",     "\xed\xa0\x80", "\xf4\x90\x80\x80",
                                 "\xc0\xaf", "\xe2\x82",     "ok\x80"};
    const int opcode = chance(3) ? 2 : 1;
    Bytes octets = payload(1 << 20);
    if (chance(12)) octets += kBad[below(6)];
    int rsv = 0;
    if (compressor_ && chance(2)) {
      static constexpr DeflateForm kForms[] = {DeflateForm::usual, DeflateForm::usual,   DeflateForm::stored,
                                               DeflateForm::fixed, DeflateForm::dynamic, DeflateForm::blocks};
      octets = compressor_->compress(octets, kForms[below(6)]);
      rsv = 4;
    }
    if (chance(2)) return frame(opcode, octets, true, rsv);
    Bytes out;
    std::size_t at = 0;
    for (std::size_t n = 1 + below(4); n > 0; --n) {
      const std::size_t size = chance(5) ? 0 : below(octets.size() - at + 1);
      out += frame(out.empty() ? opcode : 0, octets.substr(at, size), false, out.empty() ? rsv : 0);
      at += size;
      if (chance(4)) out += frame(chance(3) ? 10 : 9, payload(125));
    }
    return out + frame(0, octets.substr(at));
  }
  Bytes close() {
    static constexpr int kCodes[] = {1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011,
                                     3000, 3999, 4000, 4999, 0,    999,  1004, 1005, 1006,
                                     1012, 1014, 1015, 1016, 2999, 5000, 65535};
    if (chance(6)) return frame(8, "");
    if (chance(12)) return frame(8, "x");
    Bytes reason = chance(2) ? payload(123) : "";
    if (chance(8)) reason = "bad \xff";
    return frame(8, make_close(static_cast<std::uint16_t>(kCodes[below(25)]), reason));
  }
  // A frame that breaks one rule and no other, now and then inside a message.
  Bytes spoilt() {
    static constexpr std::uint8_t kKnown[] = {1, 2, 8, 9, 10},
                                  kReserved[] = {3, 4, 5, 6, 7, 11, 12, 13, 14, 15};
    const bool inside = chance(3);
    FrameHeader h;
    h.opcode = kKnown[below(5)];
    if (inside && h.opcode < 8) h.opcode = 0;
    h.mask = static_cast<MaskKey>(random_());
    Bytes octets = h.opcode == 8 ? make_close(1000) : payload(chance(4) ? 300 : 125);
    switch (below(7)) {
      case 0: h.mask.reset(); break;
      case 1: h.rsv = static_cast<std::uint8_t>(1 + below(7)); break;
      case 2: h.opcode = kReserved[below(10)]; break;
      case 3: h.fin = h.opcode < 8; break;
      case 4:
        h.opcode = static_cast<std::uint8_t>(8 + below(3)), octets = Bytes(126 + below(100), 'l');
        break;
      case 5: h.opcode = inside ? 1 : 0; break;
      default: h.form = LengthForm::bits64; break;
    }
    h.length = octets.size() | (h.form == LengthForm::bits64 && chance(2) ? std::uint64_t{1} << 63 : 0);
    if (h.form == LengthForm::bits7) h.form = minimal_form(h.length);
    Bytes out = inside ? frame(1, "begun ", false) : Bytes{};
    append_frame(out, h, octets);
    return inside && h.opcode != 0 ? out + frame(0, "ended") : out;
  }

  std::mt19937_64 random_;
  std::optional<DeflateSettings> deflate_;
  std::optional<Compressor> compressor_;
};

// Plays one random session and returns what the judge says.
std::vector<Breach> play(std::shared_ptr<PeerWorld> world, const Agreement& declared, std::uint64_t seed) {
  Session session(std::move(world), declared);
  if (!session.open()) return {};
  Generator generate(seed, session.deflate());
  for (std::size_t n = 1 + generate.below(8); n > 0; --n) {
    const Bytes octets = generate.next();
    session.send(octets, generate.chance(4) ? 1 + generate.below(5) : octets.size());
    if (session.judge().ended() || session.judge().closed_by_endpoint()) break;
    if (generate.chance(2)) session.wait();
  }
  if (!session.judge().ended()) {
    if (generate.chance(8)) {
      session.fin();
    } else if (!session.judge().closed_by_endpoint()) {
      session.send(generate.barrier(), 1000);
    }
  }
  session.wait();
  session.judge().silence();
  return session.judge().breaches();
}

std::string describe(const Breach& b) {
  return std::string(breach_name(b.kind)) + " " + b.requirement + ": " + b.text;
}

Agreement declared_for(const Liberty& liberty) {
  Agreement agreement;
  const auto& ours = application_liberties();
  const bool application =
      std::ranges::any_of(ours, [&](const Liberty& one) { return one.name == liberty.name; });
  const bool room = liberty.declare.starts_with("room=");  // What is said there goes to others.
  agreement.pushes = application || room || liberty.declare == "greets";
  agreement.echoes = !room && (!liberty.declare.starts_with("no-") || liberty.declare == "no-deflate");
  if (liberty.declare.starts_with("message_limit")) agreement.limits = {65536, 65536};
  return agreement;
}

TEST(Judged, TheConformingPeerBreaksNothing) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    for (const Breach& b : play(PeerWorld::make({}).value(), {}, seed))
      ADD_FAILURE() << "seed " << seed << ": " << describe(b);
  }
}

TEST(Judged, NoLibertyIsCalledAFault) {
  for (const Liberty* one : liberties_of(Role::server)) {
    const Liberty& liberty = *one;
    if (liberty.declare.starts_with("subprotocol=")) continue;  // The sessions here offer none.
    for (std::uint64_t seed = 0; seed < 150; ++seed) {
      PeerOptions options;
      options.liberties = {std::string(liberty.name)};
      for (const Breach& b : play(PeerWorld::make(options).value(), declared_for(liberty), seed)) {
        if (b.severity == Severity::fail)
          ADD_FAILURE() << liberty.name << ", seed " << seed << ": " << describe(b);
      }
    }
  }
}

TEST(Judged, MostDefectsOfFramesAndMessagesAreFoundBlindly) {
  static const std::set<std::string_view> kTopics = {"frame",   "control", "fragment", "length",
                                                     "mask",    "text",    "message",  "close",
                                                     "deflate", "chunk",   "output",   "fault"};
  std::size_t planted = 0, found = 0;
  std::string missed;
  for (const Defect& defect : defects()) {
    // What shows at one size alone is met by the cases that go through the sizes.
    const bool at_one_size =
        defect.name.starts_with("message.border-") || defect.name.starts_with("message.size-");
    if (!kTopics.contains(defect.topic()) || !defect.needs.empty() || at_one_size) continue;
    ++planted;
    bool caught = false;
    for (std::uint64_t seed = 0; seed < 600 && !caught; ++seed) {
      PeerOptions options;
      options.defects = {std::string(defect.name)};
      caught = !play(PeerWorld::make(options).value(), {}, seed).empty();
    }
    found += caught;
    if (!caught) missed += " " + std::string(defect.name);
  }
  RecordProperty("planted", static_cast<int>(planted));
  RecordProperty("found", static_cast<int>(found));
  EXPECT_GE(found * 10, planted * 8) << found << " of " << planted << "; missed:" << missed;
}

}  // namespace
}  // namespace wsspec::judged_test
