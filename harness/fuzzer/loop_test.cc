// The fuzzer against the reference peer in memory: no finding where all is well, findings for planted
// defects, the same run for the same seed, reproducers that parse and stay.
#include "fuzzer/loop.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>

#include "fuzzer/minimize.h"
#include "peer/defects.h"
#include "peer/liberties.h"
#include "run/selftest.h"
#include "script/check.h"

namespace wsspec::loop_test {
namespace {

class Kept final : public FuzzKeeper {
 public:
  void keep(const FuzzFinding& finding) override { kept[finding.signature] = finding; }
  void drop(const std::string& signature) override { kept.erase(signature); }
  std::map<std::string, FuzzFinding> kept;
};

Profile profile_for(std::string_view declare) {
  Profile profile = peer_profile();
  if (declare == "greets") profile.greets = true;
  if (declare.starts_with("message_limit="))
    profile.message_limit = std::stoull(std::string(declare.substr(14)));
  if (declare == "no-deflate") profile.features.erase("deflate");
  if (declare == "no-echo" || declare.starts_with("room=")) profile.features.erase("echo");
  if (declare.starts_with("room=")) profile.features.erase("company");  // As the look at neighbours finds.
  if (declare == "no-binary-echo") profile.features.emplace(declare);
  if (declare.starts_with("subprotocol=")) profile.subprotocol = declare.substr(12);
  return profile;
}

FuzzCampaign fuzz(const PeerOptions& peer, std::uint64_t inputs, FuzzKeeper& keeper, std::uint64_t seed = 1,
                  std::string_view declare = {}, std::size_t most_findings = 0) {
  auto arena = memory_arena(tested_peer(peer)).value();
  FuzzOptions options;
  options.profile = profile_for(declare);
  options.seed = seed;
  options.most_inputs = inputs;
  options.most_findings = most_findings;
  return FuzzLoop(options, *arena, keeper).run();
}

// WSSPEC_FUZZ_INPUTS makes it longer: 200000 is what a release asks for.
std::uint64_t inputs_wanted(std::uint64_t otherwise) {
  const char* wanted = std::getenv("WSSPEC_FUZZ_INPUTS");
  return wanted == nullptr ? otherwise : std::stoull(wanted);
}

void expect_none(const FuzzCampaign& campaign, std::string_view peer) {
  EXPECT_EQ(campaign.fatal, "") << peer;
  EXPECT_GT(campaign.inputs, 0u);
  for (const FuzzFinding& finding : campaign.findings)
    ADD_FAILURE() << peer << ": " << finding.signature << ": " << finding.message << "\n"
                  << finding.reproducer;
}

TEST(FuzzLoop, FindsNothingWrongWithTheConformingPeer) {
  for (std::uint64_t seed = 1; seed <= 3; ++seed) {
    Kept keeper;
    expect_none(fuzz({}, inputs_wanted(3000), keeper, seed), "conforming");
    EXPECT_TRUE(keeper.kept.empty());
  }
}

TEST(FuzzLoop, SaysHowOftenItTriedWhatItTriesOnPurpose) {
  FuzzKeeper keeper;
  const FuzzCampaign campaign = fuzz({}, 8000, keeper);
  std::map<std::string, std::uint64_t> counts(campaign.habits.begin(), campaign.habits.end());
  for (const char* habit : {"stall", "paced-cut", "long-run", "first-and-next", "control-inside",
                            "equal-keys", "border-size", "border-character", "context-after-large"})
    EXPECT_GT(counts[habit], 0u) << habit;
}

TEST(FuzzLoop, FindsNothingWrongWithLegalLiberties) {
  for (const Liberty* one : liberties_of(Role::server)) {
    const Liberty& liberty = *one;
    PeerOptions options;
    options.liberties = {std::string(liberty.name)};
    Kept keeper;
    expect_none(fuzz(options, inputs_wanted(400), keeper, 7, liberty.declare), liberty.name);
  }
}

TEST(FuzzLoop, FindsPlantedDefectsWithASmallReproducer) {
  for (const char* name : {"mask.accepts-unmasked-text", "fragment.ping-inside-lost"}) {
    PeerOptions options;
    options.defects = {name};
    Kept keeper;
    const FuzzCampaign campaign = fuzz(options, 12'000, keeper, 1, {}, 1);
    ASSERT_FALSE(campaign.findings.empty()) << name;
    const FuzzFinding& finding = campaign.findings.front();
    EXPECT_TRUE(finding.stable) << finding.message;
    EXPECT_EQ(finding.verdict, Verdict::fail);
    EXPECT_EQ(keeper.kept.size(), campaign.findings.size());
    EXPECT_LT(std::ranges::count(finding.reproducer, '>'), 5) << finding.reproducer;
    const Source source{"reproducer.wire", finding.reproducer};
    const Loaded loaded = load({&source, 1});
    EXPECT_TRUE(loaded.errors.empty()) << render(loaded.errors.front()) << finding.reproducer;
  }
}

TEST(FuzzLoop, RunsAlikeForTheSameSeed) {
  PeerOptions options;
  options.defects = {"fragment.ping-inside-lost"};
  Kept one, two;
  const FuzzCampaign a = fuzz(options, 1500, one, 5), b = fuzz(options, 1500, two, 5);
  ASSERT_EQ(a.findings.size(), b.findings.size());
  EXPECT_EQ(a.inputs, b.inputs);
  for (std::size_t i = 0; i < a.findings.size(); ++i)
    EXPECT_EQ(a.findings[i].reproducer, b.findings[i].reproducer);
}

TEST(FuzzLoop, ReproducersReadBackShowTheSameCauseAndNoneOnceItIsMended) {
  for (const char* name : {"close.echoes-999", "negotiation.grants-9-for-8", "handshake.accepts-post",
                           "handshake.blank-before-colon-accepted", "server.dies-of-huge-length"}) {
    PeerOptions options;
    options.defects = {name};
    Kept keeper;
    const FuzzCampaign campaign = fuzz(options, 40'000, keeper, 3, {}, 1);
    ASSERT_FALSE(campaign.findings.empty()) << name;
    const FuzzFinding& finding = campaign.findings.front();
    const Source source{"reproducer.wire", finding.reproducer};
    const Loaded loaded = load({&source, 1});
    ASSERT_TRUE(loaded.errors.empty()) << render(loaded.errors.front()) << finding.reproducer;
    const auto transcripts = transcripts_of(loaded.cases);
    ASSERT_EQ(transcripts.size(), 1u) << finding.reproducer;
    const auto causes = [&](const PeerOptions& peer) {
      auto arena = memory_arena(tested_peer(peer)).value();
      FuzzOptions fuzz_options;
      fuzz_options.profile = profile_for("");
      return FuzzLoop(fuzz_options, *arena, keeper).causes_of(transcripts.front());
    };
    const auto again = causes(options);
    ASSERT_FALSE(again.empty()) << finding.reproducer;
    EXPECT_EQ(again.front().kind, finding.cause) << name;
    EXPECT_EQ(again.front().requirement, finding.requirement) << name;
    EXPECT_TRUE(causes({}).empty()) << finding.reproducer;
  }
}

TEST(FuzzLoop, LooksFirstIntoWhatAnEarlierRunLeft) {
  PeerOptions options;
  options.defects = {"close.echoes-999"};
  FuzzTranscript left;
  SendFrame close;
  close.fields.kind = FrameKind::close;
  close.code = fuzz_number(999);
  left.steps = {step_of(close)};
  auto arena = memory_arena(tested_peer(options)).value();
  FuzzOptions fuzz_options;
  fuzz_options.profile = profile_for("");
  fuzz_options.most_inputs = 1;
  fuzz_options.most_findings = 1;
  fuzz_options.unsettled = {left};
  Kept keeper;
  const FuzzCampaign campaign = FuzzLoop(fuzz_options, *arena, keeper).run();
  ASSERT_EQ(campaign.findings.size(), 1u);
  EXPECT_EQ(campaign.findings.front().requirement, "rfc6455-7.4.2-1");
  EXPECT_EQ(campaign.findings.front().first_input, 0u) << "before any new input";
}

/// The reference peer as a process that computes on and on once a client has sent FIN.
class SpinningArena final : public FuzzArena {
 public:
  Outcome play(FuzzSession& session) override {
    clock_ += std::chrono::milliseconds(1);
    const Outcome outcome = peer_->play(session);
    spins_ = spins_ || std::ranges::any_of(session.transcript().steps, [](const Step& step) {
               return std::holds_alternative<SendEof>(step.statement);
             });
    return outcome;
  }
  void play_many(int, const Make& make, const Finished& finished,
                 const std::function<void()>& tick) override {
    for (Group group = make(); !group.empty(); group = make()) {
      const Outcome outcome = play(*group.front());
      finished(*group.front(), outcome);
      tick();
      if (spins_) return;  // So that the one to blame is among the last.
    }
  }
  std::optional<Death> death() override { return std::nullopt; }
  bool restart() override {
    spins_ = false;
    ++restarts;
    return peer_->restart();
  }
  std::optional<ProcessSample> sample() override {
    ProcessSample now;
    now.cpu_seconds = spent_;
    return now;
  }
  Duration elapsed() const override { return clock_; }
  void rest(Duration time) override {
    clock_ += time;
    if (spins_) spent_ += std::chrono::duration<double>(time).count();
  }
  int restarts = 0;

 private:
  std::unique_ptr<FuzzArena> peer_ = memory_arena(tested_peer({})).value();
  Duration clock_{};
  double spent_ = 0;
  bool spins_ = false;
};

TEST(FuzzLoop, FindsATargetThatComputesWithoutEndAndWhatMadeItDoSo) {
  SpinningArena arena;
  FuzzOptions options;
  options.profile = profile_for("");
  options.profile.features.erase("company");  // The arena plays one at a time.
  options.most_inputs = 3000;
  options.most_findings = 1;
  Kept keeper;
  const FuzzCampaign campaign = FuzzLoop(options, arena, keeper).run();
  ASSERT_EQ(campaign.findings.size(), 1u);
  const FuzzFinding& finding = campaign.findings.front();
  EXPECT_EQ(finding.cause, "spin");
  EXPECT_TRUE(finding.stable);
  EXPECT_NE(finding.reproducer.find("> eof"), Bytes::npos) << finding.reproducer;
  EXPECT_EQ(std::ranges::count(finding.reproducer, '>'), 1) << finding.reproducer;
  EXPECT_GT(arena.restarts, 0);
}

// --- Crashes ---

/// The reference peer as a process of a runtime that ends with status 1 whatever kills it, and says where.
class CrashingArena final : public FuzzArena {
 public:
  Outcome play(FuzzSession& session) override {
    if (dead_) return {false, "connection refused", false};
    const Outcome outcome = peer_->play(session);
    for (const Step& step : session.transcript().steps) look_at(step);
    return outcome;
  }
  void play_many(int, const Make& make, const Finished& finished,
                 const std::function<void()>& tick) override {
    for (Group group = make(); !group.empty(); group = make()) {
      const Outcome outcome = play(*group.front());
      finished(*group.front(), outcome);
      tick();
    }
  }
  std::optional<Death> death() override {
    if (!dead_) return std::nullopt;
    return Death{1, 0, "", "exited with status 1"};
  }
  bool restart() override {
    dead_ = false;
    log_.clear();
    return peer_->restart();
  }
  std::string take_log() override { return std::exchange(log_, {}); }
  Duration elapsed() const override { return peer_->elapsed(); }
  bool waiting_is_free() const override { return true; }
  void rest(Duration) override {}
  bool text_is_mended = false, binary_is_mended = false;

 private:
  void look_at(const Step& step) {
    if (const auto* burst = std::get_if<Burst>(&step.statement))
      for (const Step& inner : burst->sends) look_at(inner);
    const auto* frame = std::get_if<SendFrame>(&step.statement);
    if (frame == nullptr || dead_) return;
    if (frame->fields.kind == FrameKind::text && !text_is_mended)
      die("TypeError", "onText (/srv/echo.js:6:51)");
    if (frame->fields.kind == FrameKind::binary && !binary_is_mended)
      die("RangeError", "onBinary (/srv/echo.js:10:28)");
  }
  void die(const char* error, const char* frame) {
    dead_ = true;
    log_ = fmt::format("listening\n{}: {} is bad\n    at {}\n    at emit (node:events:517:28)\n", error,
                       ++deaths_, frame);
  }
  std::unique_ptr<FuzzArena> peer_ = memory_arena(tested_peer({})).value();
  bool dead_ = false;
  int deaths_ = 0;
  std::string log_;
};

FuzzCampaign fuzz_crashes(CrashingArena& arena, FuzzKeeper& keeper,
                          const std::vector<FuzzFinding>& known = {}) {
  FuzzOptions options;
  options.profile = profile_for("");
  options.profile.features.erase("company");  // The arena plays one at a time.
  options.most_inputs = 600;
  options.known = known;
  return FuzzLoop(options, arena, keeper).run();
}

TEST(FuzzLoop, TellsTwoCrashesOfOneRuntimeApart) {
  CrashingArena arena;
  Kept keeper;
  const FuzzCampaign campaign = fuzz_crashes(arena, keeper);
  ASSERT_EQ(campaign.findings.size(), 2u);
  EXPECT_NE(campaign.findings[0].signature, campaign.findings[1].signature);
  for (const FuzzFinding& finding : campaign.findings) {
    EXPECT_EQ(finding.cause, "crash");
    EXPECT_TRUE(finding.stable) << finding.message;
    EXPECT_NE(finding.log.find("echo.js"), std::string::npos) << "the log stays with the finding";
    EXPECT_NE(finding.message.find("Error at on"), std::string::npos) << finding.message;
    EXPECT_NE(finding.reproducer.find("# log:"), std::string::npos) << finding.reproducer;
    EXPECT_EQ(std::ranges::count(finding.reproducer, '>'), 1) << finding.reproducer;
  }
}

TEST(FuzzLoop, FindsTheOtherCrashOnceTheKnownOneIsMended) {
  class Watched final : public FuzzKeeper {
   public:
    void gone(const FuzzFinding& finding) override { signatures.push_back(finding.signature); }
    std::vector<std::string> signatures;
  };
  CrashingArena broken;
  broken.binary_is_mended = true;
  Kept first;
  const auto known = fuzz_crashes(broken, first).findings;
  ASSERT_EQ(known.size(), 1u);

  CrashingArena as_before;
  as_before.binary_is_mended = true;
  Watched same;
  EXPECT_EQ(fuzz_crashes(as_before, same, known).findings.size(), 1u) << "known, and nothing new";
  EXPECT_TRUE(same.signatures.empty());

  CrashingArena mended;
  mended.text_is_mended = true;
  Watched after;
  const auto found = fuzz_crashes(mended, after, known).findings;
  EXPECT_EQ(after.signatures, std::vector<std::string>{known.front().signature});
  ASSERT_EQ(found.size(), 1u);
  EXPECT_NE(found.front().signature, known.front().signature);
}

// --- Bounds ---

/// A peer with a defect on a clock of the test's own: each connection takes its time.
class SlowArena final : public FuzzArena {
 public:
  explicit SlowArena(const PeerOptions& options, Duration each)
      : peer_(memory_arena(tested_peer(options)).value()), each_(each) {}
  Outcome play(FuzzSession& session) override {
    if (stopped()) return {false, "stopped", true};
    clock_ += each_;
    ++plays;
    return peer_->play(session);
  }
  void play_many(int, const Make& make, const Finished& finished,
                 const std::function<void()>& tick) override {
    for (Group group = make(); !group.empty(); group = make()) {
      const Outcome outcome = play(*group.front());
      finished(*group.front(), outcome);
      tick();
      if (on_play) on_play();
    }
  }
  std::optional<Death> death() override { return std::nullopt; }
  bool restart() override { return true; }
  Duration elapsed() const override { return clock_; }
  void rest(Duration time) override { clock_ += time; }
  int plays = 0;
  std::function<void()> on_play;

 private:
  std::unique_ptr<FuzzArena> peer_;
  const Duration each_;
  Duration clock_{};
};

TEST(FuzzLoop, EndsByItsBoundWhateverIsFound) {
  using namespace std::chrono_literals;
  PeerOptions peer;
  peer.defects = {"mask.accepts-unmasked-text"};
  for (const Duration time : {20s, 40s}) {
    SlowArena arena(peer, 300ms);
    FuzzOptions options;
    options.profile = profile_for("");
    options.profile.features.erase("company");  // The arena plays one at a time.
    options.time = time;
    Kept keeper;
    const FuzzCampaign campaign = FuzzLoop(options, arena, keeper).run();
    EXPECT_LE(FuzzLoop::bound(time), time + time / 4);
    EXPECT_LE(arena.elapsed(), FuzzLoop::bound(time) + 1s) << "one connection more at most";
    EXPECT_GT(campaign.inputs, 0u);
  }
}

TEST(FuzzLoop, PlaysNothingMoreOnceInterrupted) {
  PeerOptions peer;
  peer.defects = {"control.ping-unanswered"};
  SlowArena arena(peer, std::chrono::milliseconds(1));
  Kept keeper;
  std::atomic<bool> interrupted = false;
  int plays = 0;
  arena.on_play = [&] {
    if (keeper.kept.empty() || interrupted) return;
    interrupted = true;
    plays = arena.plays;
  };
  FuzzOptions options;
  options.profile = profile_for("");
  options.profile.features.erase("company");  // The arena plays one at a time.
  options.interrupted = &interrupted;
  const FuzzCampaign campaign = FuzzLoop(options, arena, keeper).run();
  EXPECT_TRUE(campaign.interrupted);
  EXPECT_EQ(arena.plays, plays) << "no replay, no minimising";
  EXPECT_TRUE(campaign.findings.empty());
  EXPECT_FALSE(keeper.kept.empty()) << "its journal is kept";
}

TEST(Minimize, KeepsOnlyWhatIsNeeded) {
  FuzzTranscript start;
  for (int i = 0; i < 20; ++i)
    start.steps.push_back(fuzz_frame(FrameKind::text, Bytes(100, static_cast<char>('a' + i))));
  unsigned tries = 0;
  const auto smallest = minimize(start, [&](const FuzzTranscript& t) {
    ++tries;
    return std::ranges::any_of(t.steps, [](const Step& step) {
      return std::get<SendFrame>(step.statement).payload->parts[0].bytes.starts_with("h");
    });
  });
  ASSERT_EQ(smallest.steps.size(), 1u);
  EXPECT_EQ(std::get<SendFrame>(smallest.steps[0].statement).payload->parts[0].bytes, "h");
  EXPECT_LE(tries, 500u);
}

TEST(Minimize, UncompressesWhatNeedNotBeCompressed) {
  const Source source{
      "start.wire",
      "wire 1\ncase fuzz.hang\n  about \"x\"\n  tags fuzz\n  open offer=\"permessage-deflate\"\n"
      "  > text rsv=4 deflate(\"first\")\n  > binary rsv=4 deflate(x\"ff 3c 67 d5 60 64\")\n  < gone\n"};
  const Loaded loaded = load({&source, 1});
  ASSERT_TRUE(loaded.errors.empty()) << render(loaded.errors.front());
  const auto smallest = minimize(transcripts_of(loaded.cases).at(0), [](const FuzzTranscript& t) {
    return std::ranges::any_of(t.steps, [](const Step& step) {
      const auto* frame = std::get_if<SendFrame>(&step.statement);
      if (frame == nullptr || !frame->payload || frame->payload->parts.empty()) return false;
      const Part& part = frame->payload->parts[0];
      const Payload* said = part.kind == Part::Kind::call ? std::get_if<Payload>(&part.arguments.at(0).value)
                                                          : &*frame->payload;
      return said != nullptr && !said->parts.empty() && said->parts[0].bytes.starts_with("\xff");
    });
  });
  ASSERT_EQ(smallest.steps.size(), 1u);
  const auto& frame = std::get<SendFrame>(smallest.steps[0].statement);
  EXPECT_EQ(frame.payload->parts[0].bytes, "\xff");
  EXPECT_FALSE(frame.fields.rsv);
  EXPECT_TRUE(smallest.opening.offer.empty());
}

TEST(Minimize, KeepsWhatItHasWhenTheTimeIsOver) {
  FuzzTranscript start;
  for (int i = 0; i < 16; ++i) start.steps.push_back(fuzz_frame(FrameKind::text, "x"));
  unsigned tries = 0;
  MinimizeLimits limits;
  limits.may_go_on = [&] { return tries < 1; };
  const auto smaller = minimize(start, [&](const FuzzTranscript&) { return ++tries; }, limits);
  EXPECT_EQ(tries, 1u);
  EXPECT_LT(smaller.steps.size(), start.steps.size());
  EXPECT_FALSE(smaller.steps.empty());
}

}  // namespace
}  // namespace wsspec::loop_test
