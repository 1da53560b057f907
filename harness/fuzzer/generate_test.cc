// Inputs as they are made: legal ones break no rule of the reference model, spoilt ones do, openings are what
// they claim to be; all are bounded and the same for the same seed.
#include "fuzzer/generate.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "fuzzer/input.h"
#include "model/rules.h"
#include "play/opening.h"
#include "protocol/handshake.h"
#include "run/selftest.h"
#include "script/assemble.h"

namespace wsspec::generate_test {
namespace {

constexpr std::uint64_t kInputs = 1500, kSeed = 7;
constexpr std::size_t kMostOctets = 8u << 20;

/// Sends inputs as a session does and asks the model what they were.
class Reader {
 public:
  explicit Reader(bool deflate) {
    Agreement agreement;
    if (deflate) {
      agreement.deflate = DeflateSettings{};
      compressor_.emplace(15, true);
      environment_.compressor = &*compressor_;
    }
    model_.emplace(agreement);
  }
  void send(const std::vector<Step>& steps) {
    for (const Step& step : steps) {
      if (is_fuzz_timing(step.statement)) continue;
      ASSERT_TRUE(is_fuzz_send(step.statement));
      if (std::holds_alternative<SendEof>(step.statement)) {
        model_->sent_fin();
      } else if (std::holds_alternative<SendReset>(step.statement)) {
        model_->sent_reset();
      } else {
        const auto assembled = assemble(step.statement, environment_, Role::client);
        if (!assembled) continue;
        octets_ += assembled->bytes.size();
        frames_.insert(frames_.end(), assembled->frames.begin(), assembled->frames.end());
        model_->sent(assembled->bytes);
      }
    }
  }
  const Expectation& now() const { return model_->now(); }
  std::size_t octets() const { return octets_; }
  const std::vector<AssembledFrame>& frames() const { return frames_; }

 private:
  Environment environment_;
  std::optional<Compressor> compressor_;
  std::optional<Model> model_;
  std::size_t octets_ = 0;
  std::vector<AssembledFrame> frames_;
};

FuzzContext context_with(const DeflateSettings* deflate) {
  FuzzContext context;
  context.deflate = deflate;
  return context;
}

TEST(InputMaker, LegalInputsBreakNoRule) {
  const DeflateSettings settings;
  for (const DeflateSettings* deflate : {static_cast<const DeflateSettings*>(nullptr), &settings}) {
    for (std::uint64_t number = 0; number < kInputs; ++number) {
      InputMaker maker(kSeed, number);
      const auto legal = maker.legal(context_with(deflate));
      const auto varied = maker.vary(legal, context_with(deflate));
      for (const auto* steps : {&legal, &varied}) {
        Reader reader(deflate != nullptr);
        reader.send(*steps);
        EXPECT_FALSE(reader.now().must_fail()) << number << ": " << reader.now().what;
        EXPECT_LT(reader.octets(), kMostOctets);
      }
    }
  }
}

TEST(InputMaker, IllegalInputsEndTheConnectionOneWayOrAnother) {
  std::map<Ruling, int> seen;
  std::map<std::string, int> rules;
  for (std::uint64_t number = 0; number < kInputs; ++number) {
    InputMaker maker(kSeed, number);
    Reader reader(false);
    reader.send(maker.illegal(context_with(nullptr)));
    ++seen[reader.now().ruling];
    if (reader.now().must_fail()) ++rules[reader.now().requirement];
    EXPECT_LT(reader.octets(), kMostOctets);
  }
  EXPECT_GT(seen[Ruling::must_fail], static_cast<int>(kInputs) / 4);
  EXPECT_GT(seen[Ruling::must_close], 20);
  EXPECT_GE(rules.size(), 8u) << "each way to spoil a frame has its turn";
}

TEST(InputMaker, MutantsAreSendsAndBounded) {
  const DeflateSettings settings;
  for (std::uint64_t number = 0; number < kInputs; ++number) {
    InputMaker maker(kSeed, number);
    const auto context = context_with(&settings);
    const auto parent = maker.legal(context), other = maker.illegal(context);
    Reader reader(true);
    reader.send(maker.mutate(parent, other, context));
    EXPECT_LT(reader.octets(), kMostOctets);
  }
}

TEST(InputMaker, OpeningsAreWhatTheyClaim) {
  const Profile profile = peer_profile();
  int plain = 0, edited = 0, written = 0, cut = 0;
  for (std::uint64_t number = 0; number < kInputs; ++number) {
    const FuzzOpening opening = InputMaker(kSeed, number).opening(profile);
    plain += opening.plain(), edited += !opening.edits.empty();
    written += !opening.lines.empty(), cut += !opening.cut.empty();
    if (!opening.plain()) continue;
    OpenOptions open;
    open.offer = opening.offer;
    Environment environment;
    const auto request = make_request(profile, open, opening.edits, environment);
    ASSERT_TRUE(request);
    HeadParser parser;
    const Bytes octets = render_head(*request);
    BytesView rest = octets;
    ASSERT_TRUE(parser.feed(rest));
    for (const Violation& violation : check_request(parser.head()))
      EXPECT_TRUE(violation.requirement.starts_with("rfc6455-9")) << number << ": " << violation.what;
  }
  EXPECT_GT(plain, static_cast<int>(kInputs) / 2) << "most connections carry inputs";
  for (const int kind : {edited, written, cut}) EXPECT_GT(kind, 10);
}

// --- Habits ---

constexpr Habit kOfInputs[] = {Habit::stall,
                               Habit::deep_stall,
                               Habit::paced_cut,
                               Habit::long_run,
                               Habit::first_and_next,
                               Habit::control_inside,
                               Habit::equal_keys,
                               Habit::border_size,
                               Habit::border_character,
                               Habit::context_after_large};

// As a campaign asks: connections of a dozen inputs, every sixtieth of them long.
std::map<Habit, int> turns(std::uint64_t connections, bool seldom) {
  const DeflateSettings settings;
  std::map<Habit, int> out;
  for (std::uint64_t session = 0; session < connections; ++session) {
    for (std::size_t index = 0; index < 12; ++index) {
      FuzzContext context = context_with(session % 3 == 0 ? &settings : nullptr);
      context.session = session, context.index = index, context.most = session % 60 == 0 ? 1024 : 64;
      InputMaker maker(kSeed, session << 12 | index);
      if (const auto habit = maker.habit(context, seldom)) ++out[*habit];
    }
  }
  return out;
}

TEST(InputMaker, EachHabitHasItsTurnInTenThousandConnections) {
  auto seen = turns(10'000, false);
  for (const Habit habit : kOfInputs) EXPECT_GE(seen[habit], 100) << habit_name(habit);
  auto seldom = turns(2000, true);
  EXPECT_EQ(seldom[Habit::deep_stall], 0) << "where each input costs a connection";
}

TEST(InputMaker, HabitsBreakNoRule) {
  const DeflateSettings keeps, drops{.client_no_context_takeover = true};
  for (const DeflateSettings* deflate : {static_cast<const DeflateSettings*>(nullptr), &keeps, &drops}) {
    for (const Habit habit : kOfInputs) {
      for (std::uint64_t number = 0; number < (habit == Habit::deep_stall ? 2 : 60); ++number) {
        FuzzContext context = context_with(deflate);
        context.session = number, context.index = number % 3;
        Reader reader(deflate != nullptr);
        reader.send(InputMaker(kSeed, number).practise(habit, context));
        EXPECT_FALSE(reader.now().must_fail())
            << habit_name(habit) << " " << number << ": " << reader.now().what;
        EXPECT_LT(reader.octets(), 2 * kMostOctets);
      }
    }
  }
}

// What was sent by all inputs of one habit.
std::vector<AssembledFrame> frames_of(Habit habit, std::uint64_t inputs, std::size_t* octets = nullptr) {
  std::vector<AssembledFrame> out;
  for (std::uint64_t number = 0; number < inputs; ++number) {
    FuzzContext context;
    context.session = number;
    Reader reader(false);
    reader.send(InputMaker(kSeed, number).practise(habit, context));
    out.insert(out.end(), reader.frames().begin(), reader.frames().end());
    if (octets != nullptr) *octets = reader.octets();
  }
  return out;
}

TEST(InputMaker, HabitsAreWhatTheyClaim) {
  std::size_t octets = 0;
  frames_of(Habit::deep_stall, 1, &octets);
  EXPECT_GT(octets, 8u << 20);
  EXPECT_GE(frames_of(Habit::long_run, 1).size(), 1000u);
  const auto same = frames_of(Habit::equal_keys, 1);
  ASSERT_GE(same.size(), 2u);
  for (const AssembledFrame& frame : same) EXPECT_EQ(frame.header.mask, same[0].header.mask);
  std::map<std::uint64_t, int> sizes;
  for (const AssembledFrame& frame : frames_of(Habit::border_size, 3000)) ++sizes[frame.header.length];
  for (const std::uint64_t size : {1023u, 1024u, 1032u, 1155u, 1280u, 1448u, 2920u})
    EXPECT_GT(sizes[size], 0) << size;
  const auto inside = frames_of(Habit::control_inside, 50);
  bool within = false;
  for (std::size_t i = 1; i < inside.size(); ++i)
    within = within || (!inside[i - 1].header.fin && inside[i].header.is(Opcode::ping));
  EXPECT_TRUE(within);
}

TEST(InputMaker, EachKindOfFirstFrameMeetsEachKindOfMessage) {
  std::set<std::pair<std::string, std::string>> pairs;
  for (std::uint64_t session = 0; session < 2000; ++session) {
    FuzzContext context;
    context.session = session;
    Reader reader(false);
    reader.send(InputMaker(kSeed, session).practise(Habit::first_and_next, context));
    const auto kind = [&](std::size_t i) {
      const FrameHeader& h = reader.frames().at(i).header;
      const auto size = h.length == 0      ? "none"
                        : h.length < 126   ? "short"
                        : h.length < 65536 ? "long"
                                           : "huge";
      return opcode_name(h.opcode) + size + (h.fin ? "" : " first");
    };
    pairs.emplace(kind(0), kind(1));
  }
  for (const char* first : {"textshort", "binarylong", "pingnone", "textlong", "pongshort"})
    for (const char* next : {"textshort", "binarylong", "pingnone", "binarynone", "textnone first"})
      EXPECT_TRUE(pairs.contains({first, next})) << first << ", " << next;
}

TEST(InputMaker, CutsLieWhereTheyMatterAndWait) {
  std::set<std::size_t> cuts;
  for (std::uint64_t number = 0; number < 3000; ++number) {
    const auto steps = InputMaker(kSeed, number).practise(Habit::paced_cut, {});
    const auto pause = std::ranges::find_if(
        steps, [](const Step& step) { return std::holds_alternative<Pause>(step.statement); });
    ASSERT_NE(pause, steps.end()) << number;
    const auto* burst = std::get_if<Burst>(&steps[0].statement);
    const Step& first = burst == nullptr ? steps[0] : burst->sends.back();
    if (const auto* octets = std::get_if<SendBytes>(&first.statement))
      cuts.insert(octets->payload.parts[0].bytes.size());
  }
  for (std::size_t place = 1; place <= 15; ++place) EXPECT_TRUE(cuts.contains(place)) << place;
}

TEST(InputMaker, IsAFunctionOfSeedAndNumber) {
  for (std::uint64_t number = 0; number < 50; ++number) {
    const auto context = context_with(nullptr);
    EXPECT_EQ(InputMaker(3, number).illegal(context), InputMaker(3, number).illegal(context));
    EXPECT_EQ(InputMaker(3, number).opening(peer_profile()), InputMaker(3, number).opening(peer_profile()));
  }
  EXPECT_NE(InputMaker(3, 1).legal(context_with(nullptr)), InputMaker(3, 2).legal(context_with(nullptr)));
}

}  // namespace
}  // namespace wsspec::generate_test
