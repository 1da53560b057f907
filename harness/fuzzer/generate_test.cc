// Inputs as they are made: legal ones break no rule of the reference model, spoilt ones do, openings are what
// they claim to be; all are bounded and the same for the same seed.
#include "fuzzer/generate.h"

#include <gtest/gtest.h>

#include <map>

#include "fuzzer/input.h"
#include "model/rules.h"
#include "play/opening.h"
#include "protocol/handshake.h"
#include "run/selftest.h"
#include "script/assemble.h"

namespace wsspec {
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
      ASSERT_TRUE(is_fuzz_send(step.statement));
      if (std::holds_alternative<SendEof>(step.statement)) {
        model_->sent_fin();
      } else if (std::holds_alternative<SendReset>(step.statement)) {
        model_->sent_reset();
      } else {
        const auto assembled = assemble(step.statement, environment_, Role::client);
        if (!assembled) continue;
        octets_ += assembled->bytes.size();
        model_->sent(assembled->bytes);
      }
    }
  }
  const Expectation& now() const { return model_->now(); }
  std::size_t octets() const { return octets_; }

 private:
  Environment environment_;
  std::optional<Compressor> compressor_;
  std::optional<Model> model_;
  std::size_t octets_ = 0;
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

TEST(InputMaker, IsAFunctionOfSeedAndNumber) {
  for (std::uint64_t number = 0; number < 50; ++number) {
    const auto context = context_with(nullptr);
    EXPECT_EQ(InputMaker(3, number).illegal(context), InputMaker(3, number).illegal(context));
    EXPECT_EQ(InputMaker(3, number).opening(peer_profile()), InputMaker(3, number).opening(peer_profile()));
  }
  EXPECT_NE(InputMaker(3, 1).legal(context_with(nullptr)), InputMaker(3, 2).legal(context_with(nullptr)));
}

}  // namespace
}  // namespace wsspec
