// The reference model (model/rules.h) and the cases check each other: every case is played in memory with
// the judge listening to both streams.
//
//   - Against the conforming peer and each liberty neither may call the peer faulty.
//   - Against the planted defects a case that fails must have the judge on its side, and the other way round.
//   Where
//     they differ, the reason stands in a table here; an entry that is no longer needed fails the test too.
#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <span>

#include "model/rules_judge.h"
#include "net/memory.h"
#include "peer/defects.h"
#include "peer/liberties.h"
#include "peer/peer.h"
#include "play/player.h"
#include "protocol/relay.h"
#include "run/selftest.h"
#include "run/suite.h"
#include "script/cast.h"
#include "script/glob.h"

namespace wsspec::rules_and_cases_test {
namespace {

constexpr std::uint64_t kLimit = 16U << 20;
constexpr std::uint64_t kMostOctets = 8U << 10;  // Longer exchanges say nothing new about the model.

const Agreement kPlain{.limits = {kLimit, kLimit}};

const Suite& shipped() {
  static const Suite suite = load_suite(WSSPEC_SOURCE_DIR "/cases").value();
  return suite;
}

// A player whose octets, and those it gets, are also shown to the judge.
class Overheard final : public Relay {
 public:
  Overheard(Endpoint& player, Agreement agreement) : Relay(player), agreement_(agreement) {}

  Action next(Instant now) override {
    const Action action = Relay::next(now);
    switch (action.kind) {
      case Action::Kind::send: sent(action.bytes); break;
      case Action::Kind::half_close:
        fin_sent_ = true;
        if (judge_) judge_->sent_fin();
        break;
      case Action::Kind::close:  // The player has seen enough; what the peer still owes is asked for by
                                 // silence().
      case Action::Kind::reset: break;
      case Action::Kind::wait: break;
    }
    return action;
  }
  void received(MutableBytes bytes, Instant now) override {
    BytesView rest = view(bytes);
    Bytes copy(rest);
    if (!judge_ && !refused_) {
      if (!reply_.feed(rest)) return Relay::received(bytes, now);
      copy = Bytes(rest);
      begin();
    }
    if (judge_ && !copy.empty()) judge_->received(copy);
    Relay::received(bytes, now);
  }
  void ended(End how, Instant now) override {
    if (judge_) judge_->ended(how);
    Relay::ended(how, now);
  }

  std::optional<Judge>& judge() { return judge_; }

 private:
  void sent(BytesView bytes) {
    const bool in_request = !request_.done();
    if (in_request) request_.feed(bytes);  // Keeps the rest in `bytes`.
    if (judge_)
      judge_->sent(bytes);
    else if (!refused_)
      early_.append(bytes);
  }
  void begin() {
    const auto status = parse_status_line(reply_.head().start);
    // Frames ahead of the reply may be read or lost: nobody knows what the peer has then seen.
    refused_ = !status || status->status != 101 || !early_.empty();
    if (refused_) return;
    const auto text = [](const Head& head) { return head.joined("Sec-WebSocket-Extensions").value_or(""); };
    const auto granted = parse_extensions(text(reply_.head()));
    const auto offered = parse_extensions(text(request_.head()));
    if (granted && !granted->empty() && offered) {
      const auto settings = read_deflate_reply(granted->front(), *offered);
      if (!settings) {  // Nobody knows how to read on.
        refused_ = true;
        return;
      }
      agreement_.deflate = *settings;
    }
    judge_.emplace(agreement_);
    if (fin_sent_) judge_->sent_fin();
  }

  Agreement agreement_;
  HeadParser request_{HeadLimits{8 << 20, 100000}}, reply_{HeadLimits{256 * 1024, 2000}};
  Bytes early_;
  bool refused_ = false, fin_sent_ = false;
  std::optional<Judge> judge_;
};

struct Heard {
  bool judged = false;  // The handshake succeeded, so that there is something to judge.
  Verdict verdict = Verdict::pass;
  std::string reason;
  std::optional<Breach> worst;
  std::uint64_t octets = 0;
  bool died = false;
};

Heard hear(const Case& one, const std::shared_ptr<PeerWorld>& world, const Profile& profile,
           const Agreement& agreement) {
  Heard heard;
  PlayOptions options;
  options.keep_transcript = false;
  options.ledger = &shipped().ledger;
  Player player(one, profile, options);
  Overheard overheard(player.end(), agreement);
  Peer peer(world);
  const auto ending = couple(overheard, peer, {.until_first_done = true});
  if (!player.done()) player.abandon("no end", ending.at);
  const auto result = player.take_result();
  heard.octets = ending.octets;
  heard.verdict = result.verdict;
  heard.reason = result.reason;
  heard.died = world->crashed() || world->hung();
  if (heard.died) world->restart();
  if (!overheard.judge()) return heard;
  heard.judged = true;
  auto& judge = *overheard.judge();
  if (heard.verdict == Verdict::fail && !judge.ended()) judge.silence();
  for (const auto& breach : judge.breaches())
    if (!heard.worst || breach.severity < heard.worst->severity) heard.worst = breach;
  return heard;
}

PeerOptions peer_options() {
  PeerOptions options;
  options.limits = {kLimit, kLimit};
  options.origins = {"http://allowed.example"};
  options.paths = {"/", "/?", "/chat"};
  return options;
}

// The cases that agree a connection and move little.
const std::vector<const Case*>& light_cases() {
  static const std::vector<const Case*> light = [] {
    std::vector<const Case*> out;
    const auto world = PeerWorld::make(peer_options()).value();
    const auto profile = peer_profile();
    const auto selected = select(shipped(), {}).value();
    for (const auto* one : selected.cases) {
      if (!Player::reason_to_skip(*one, profile).empty()) continue;
      if (Cast(one->steps).size() > 1) continue;  // The judge listens to one connection.
      if (one->id.starts_with("liveness."))
        continue;                                   // No clause says what is declared of pings and silence.
      if (one->id.starts_with("stomp.")) continue;  // The model knows nothing above messages.
      const auto heard = hear(*one, world, profile, kPlain);
      if (heard.judged && heard.octets <= kMostOctets) out.push_back(one);
    }
    return out;
  }();
  return light;
}

std::string describe(const Breach& breach) {
  return std::string(breach_name(breach.kind)) + " " + breach.requirement + ": " + breach.text;
}

TEST(RulesAndCases, NeitherFindsFaultWithTheConformingPeer) {
  ASSERT_GT(light_cases().size(), 1200U);
  const auto world = PeerWorld::make(peer_options()).value();
  for (const auto* one : light_cases()) {
    const auto heard = hear(*one, world, peer_profile(), kPlain);
    EXPECT_FALSE(heard.worst && heard.worst->severity == Severity::fail)
        << one->id << ": " << describe(*heard.worst);
    EXPECT_NE(heard.verdict, Verdict::fail) << one->id << ": " << heard.reason;
  }
}

TEST(RulesAndCases, NeitherFindsFaultWithALiberty) {
  for (const Liberty* each : liberties_of(Role::server)) {
    const Liberty& liberty = *each;
    auto options = peer_options();
    options.liberties.emplace_back(liberty.name);
    auto profile = peer_profile();
    Agreement agreement = kPlain;
    declare(liberty.declare, profile);
    const auto same = [&](const Liberty& one) { return one.name == liberty.name; };
    agreement.pushes = profile.greets || std::ranges::any_of(application_liberties(), same);
    agreement.echoes = profile.echoes() && !profile.features.contains("no-binary-echo");
    if (liberty.declare.starts_with("message_limit")) {
      agreement.limits = {65536, 65536};
      profile.message_limit = 65536;
    }
    const auto world = PeerWorld::make(options).value();
    for (const auto* one : light_cases()) {
      if (!Player::reason_to_skip(*one, profile).empty()) continue;
      const auto heard = hear(*one, world, profile, agreement);
      EXPECT_FALSE(heard.worst && heard.worst->severity == Severity::fail)
          << liberty.name << " in " << one->id << ": " << describe(*heard.worst);
      EXPECT_NE(heard.verdict, Verdict::fail) << liberty.name << " in " << one->id << ": " << heard.reason;
    }
  }
}

// Where a case and the model differ about a defect, and why both are right.
struct Difference {
  std::string_view defect, cases;  // Globs.
  std::string_view why;
};
constexpr Difference kOnlyTheCase[] = {
    {"fragment.type-of-last-frame", "fragment.continuation-after",
     "behind a fault any earlier echo may be lost, so that the model holds a changed one for something "
     "unasked"},
    {"deflate.broken-data-accepted", "deflate.broken[cut-stored]",
     "the model leaves open what a message means that ends inside a block; the case sends one with octets "
     "missing that "
     "were announced"},
    {"deflate.broken-data-accepted", "deflate.broken[*]",
     "the model leaves open which sets of code lengths an inflater takes; those of the case fit no prefix "
     "code"},
};
constexpr Difference kOnlyTheModel[] = {
    {"deflate.*", "deflate.bomb*",
     "whatever inflates to a thousandfold may be refused; the model has no such measure"},
};

// Entries that explain nothing any more are wrong themselves.
class Differences {
 public:
  explicit Differences(std::span<const Difference> table) : table_(table), used_(table.size(), false) {}
  bool explains(std::string_view defect, std::string_view id) {
    for (std::size_t i = 0; i < table_.size(); ++i) {
      if (!matches_glob(table_[i].defect, defect) || !matches_glob(table_[i].cases, id)) continue;
      return used_[i] = true;
    }
    return false;
  }
  void expect_all_used() const {
    for (std::size_t i = 0; i < table_.size(); ++i)
      EXPECT_TRUE(used_[i]) << table_[i].defect << " in " << table_[i].cases << " explains nothing";
  }

 private:
  std::span<const Difference> table_;
  std::vector<bool> used_;
};

// The judge hears frames only: what is wrong in the opening handshake is the cases' alone.
bool is_about_frames(const Defect& defect) {
  return defect.topic() != "handshake" && defect.topic() != "subprotocol" && defect.topic() != "extension" &&
         defect.topic() != "origin";
}

TEST(RulesAndCases, TheyAgreeAboutEachDefect) {
  Differences only_case(kOnlyTheCase), only_model(kOnlyTheModel);
  std::size_t agreed = 0;
  for (const auto& defect : defects()) {
    if (!is_about_frames(defect)) continue;
    auto options = peer_options();
    options.defects.emplace_back(defect.name);
    const auto world = PeerWorld::make(options).value();
    for (const auto* one : light_cases()) {
      if (!one->id.starts_with(defect.topic())) continue;
      const auto heard = hear(*one, world, peer_profile(), kPlain);
      if (!heard.judged || heard.died) continue;
      const bool failed = heard.verdict == Verdict::fail;
      agreed += failed && heard.worst;
      if (failed && !heard.worst) {
        EXPECT_TRUE(only_case.explains(defect.name, one->id))
            << defect.name << " in " << one->id << ": only the case fails it: " << heard.reason;
      }
      if (heard.verdict == Verdict::pass && heard.worst && heard.worst->severity == Severity::fail) {
        EXPECT_TRUE(only_model.explains(defect.name, one->id))
            << defect.name << " in " << one->id << ": only the model fails it: " << describe(*heard.worst);
      }
    }
  }
  EXPECT_GT(agreed, 4000U);
  only_case.expect_all_used();
  only_model.expect_all_used();
}

}  // namespace
}  // namespace wsspec::rules_and_cases_test
