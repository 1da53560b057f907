#include "fuzzer/corpus.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace wsspec::corpus_test {
namespace {

using Order = FuzzCorpus::Order;

FuzzCorpus::Candidate candidate(BytesView payload, std::vector<std::uint64_t> features,
                                std::vector<ReachedEdge> reached = {}, std::uint64_t cost = 1) {
  FuzzCorpus::Candidate out;
  out.steps = {fuzz_frame(FrameKind::ping, payload)};
  out.legal = true;
  out.features = std::move(features);
  out.reached = std::move(reached);
  out.cost = cost;
  return out;
}

Bytes payload_of_item(const FuzzCorpus::Item* item) {
  if (item == nullptr) return "none";
  return std::get<SendFrame>(item->steps.at(0).statement).payload->parts.at(0).bytes;
}

void bring(FuzzCorpus& corpus, std::uint64_t session, std::vector<FuzzCorpus::Candidate> candidates) {
  corpus.bring(session, std::move(candidates), [](const FuzzCorpus::Item&) {});
}

/// How often each is drawn in a thousand.
std::map<Bytes, int> drawn(FuzzCorpus& corpus, std::uint64_t session, bool legal = true) {
  std::map<Bytes, int> out;
  for (std::uint64_t n = 0; n < 1000; ++n) {
    InputMaker maker(1, n);
    ++out[payload_of_item(corpus.parent(maker, session, legal))];
  }
  return out;
}

TEST(FuzzCorpus, KeepsWhatIsNewAndTellsOfIt) {
  FuzzCorpus corpus(0, Order::in_turn);
  std::vector<Bytes> told;
  const auto learned = [&](const FuzzCorpus::Item& item) { told.push_back(payload_of_item(&item)); };
  corpus.bring(0, {candidate("a", {1, 2}), candidate("b", {2})}, learned);
  corpus.bring(1, {candidate("c", {2, 3})}, learned);
  EXPECT_EQ(told, (std::vector<Bytes>{"a", "c"}));
  EXPECT_TRUE(corpus.knows(candidate("d", {1, 3})));
  EXPECT_FALSE(corpus.knows(candidate("d", {1, 4})));
  EXPECT_EQ(corpus.features(), 3u);
}

TEST(FuzzCorpus, CountsSessionsInTheirOrderWhicheverEndsFirst) {
  for (const bool turned : {false, true}) {
    FuzzCorpus corpus(0, Order::many_at_once);
    if (turned) bring(corpus, 1, {candidate("late", {7})});
    bring(corpus, 0, {candidate("early", {7})});
    if (!turned) bring(corpus, 1, {candidate("late", {7})});
    EXPECT_EQ(corpus.size(), 1u);
    EXPECT_EQ(drawn(corpus, 100'000)["early"], 1000) << turned;
  }
}

TEST(FuzzCorpus, ShowsASessionOnlyWhatIsBeforeItsHorizon) {
  FuzzCorpus corpus(0, Order::many_at_once);
  EXPECT_TRUE(corpus.may_begin(512));
  EXPECT_FALSE(corpus.may_begin(514)) << "session 0 has not ended";
  bring(corpus, 0, {candidate("first", {1})});
  EXPECT_TRUE(corpus.may_begin(514));
  EXPECT_EQ(drawn(corpus, 512)["none"], 1000);
  EXPECT_EQ(drawn(corpus, 514)["first"], 1000);

  FuzzCorpus in_turn(0, Order::in_turn);
  bring(in_turn, 0, {candidate("first", {1})});
  EXPECT_EQ(drawn(in_turn, 1)["first"], 1000);
}

TEST(FuzzCorpus, BreedsFromWhereLeastWasSpent) {
  FuzzCorpus corpus(0, Order::in_turn);
  bring(corpus, 0, {candidate("usual", {}, {{0, 0}, {1, 0}})});
  for (std::uint64_t n = 1; n < 500; ++n) bring(corpus, n, {candidate("usual", {}, {{0, 0}, {1, 0}})});
  bring(corpus, 500, {candidate("rare", {}, {{0, 0}, {2, 0}})});
  EXPECT_EQ(corpus.size(), 2u);
  auto counts = drawn(corpus, 501);
  EXPECT_GT(counts["rare"], 2 * counts["usual"]);
  // What nobody reaches again was tried often enough some day.
  for (int n = 0; n < 3; ++n) drawn(corpus, 501);
  EXPECT_LT(drawn(corpus, 501)["rare"], 800);
}

TEST(FuzzCorpus, KeepsTheCheapestThatReachesAnEdge) {
  FuzzCorpus corpus(0, Order::in_turn);
  bring(corpus, 0, {candidate("long", {}, {{5, 0}}, 9)});
  EXPECT_TRUE(corpus.knows(candidate("as long", {}, {{5, 0}}, 9)));
  EXPECT_FALSE(corpus.knows(candidate("oftener", {}, {{5, 3}}, 9)));
  bring(corpus, 1, {candidate("short", {}, {{5, 0}}, 2)});
  auto counts = drawn(corpus, 2);
  EXPECT_GT(counts["short"], 3 * counts["long"]);
}

TEST(FuzzCorpus, BreedsLegalOnesOnlyFromLegalOnes) {
  FuzzCorpus corpus(0, Order::in_turn);
  auto broken = candidate("broken", {1}, {{3, 0}});
  broken.legal = false;
  bring(corpus, 0, {broken});
  EXPECT_EQ(drawn(corpus, 1)["none"], 1000);
  EXPECT_EQ(drawn(corpus, 1, false)["broken"], 1000);
  EXPECT_FALSE(corpus.knows(candidate("good", {1}, {{3, 0}}))) << "the first legal one to get there";
  bring(corpus, 1, {candidate("good", {1}, {{3, 0}})});
  EXPECT_EQ(drawn(corpus, 2)["good"], 1000);
}

TEST(FuzzCorpus, SeedsAreSeenByAll) {
  FuzzCorpus corpus(0, Order::many_at_once);
  corpus.seed({fuzz_frame(FrameKind::ping, "seed")});
  EXPECT_EQ(drawn(corpus, 0, false)["seed"], 1000);
}

}  // namespace
}  // namespace wsspec::corpus_test
