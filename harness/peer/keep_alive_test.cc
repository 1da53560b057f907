#include "peer/keep_alive.h"

#include <gtest/gtest.h>

#include "peer/scripted.h"

namespace wsspec::keep_alive_test {
namespace {

using namespace scripted;
using std::chrono::seconds;
using Due = KeepAlive::Due;

struct Kept {
  KeepAlivePolicy policy{seconds(10), seconds(25), {}};
  KeepAliveConduct conduct;
  KeepAlive keep{policy, conduct};
};

TEST(KeepAlive, WithoutAPolicyNothingIsDue) {
  Kept none;
  none.policy = {};
  none.keep.begin(seconds(1));
  EXPECT_EQ(none.keep.next(), kNever);
  EXPECT_EQ(none.keep.due(std::chrono::hours(1)), Due::nothing);
}

TEST(KeepAlive, PingsInIntervalsAndLeavesWhenTheOldestIsNotAnswered) {
  Kept kept;
  kept.keep.begin(seconds(1));
  EXPECT_EQ(kept.keep.next(), seconds(11));
  EXPECT_EQ(kept.keep.due(seconds(10)), Due::nothing);
  ASSERT_EQ(kept.keep.due(seconds(11)), Due::ping);
  EXPECT_EQ(kept.keep.ping(seconds(11)), "keep-alive 1");
  ASSERT_EQ(kept.keep.due(seconds(21)), Due::ping);
  kept.keep.ping(seconds(21));
  kept.keep.ping(seconds(31));
  EXPECT_EQ(kept.keep.next(), seconds(36));
  EXPECT_EQ(kept.keep.due(seconds(36)), Due::leave);
  EXPECT_TRUE(kept.keep.misses_pong());
}

TEST(KeepAlive, ThePongToTheNewestAnswersThoseBeforeIt) {
  Kept kept;
  kept.keep.begin(Instant::zero());
  for (int i = 1; i <= 3; ++i) kept.keep.ping(seconds(10 * i));
  kept.keep.took_pong("keep-alive 2");
  EXPECT_EQ(kept.keep.due(seconds(36)), Due::nothing) << "the third one has time until 55 s";
  kept.keep.took_pong("somebody else's");
  EXPECT_TRUE(kept.keep.misses_pong());
  kept.keep.took_pong("keep-alive 3");
  EXPECT_FALSE(kept.keep.misses_pong());
}

TEST(KeepAlive, EachFrameBeginsTheIdleLimitAnew) {
  Kept kept;
  kept.policy = {{}, {}, seconds(40)};
  kept.keep.begin(Instant::zero());
  EXPECT_EQ(kept.keep.next(), seconds(40));
  kept.keep.took_octets(6, seconds(30));
  EXPECT_EQ(kept.keep.due(seconds(69)), Due::nothing);
  EXPECT_EQ(kept.keep.due(seconds(70)), Due::leave);
  EXPECT_FALSE(kept.keep.misses_pong());
}

TEST(KeepAlive, ThePeerSaysWhyItLeaves) {
  PeerOptions options;
  options.keep_alive = {seconds(10), seconds(15), {}};
  const Trace trace = play(world(options), {send(request()), wait(seconds(30))});
  EXPECT_EQ(behind_head(trace.output),
            make_frame(Opcode::ping, "keep-alive 1", std::nullopt) +
                make_frame(Opcode::ping, "keep-alive 2", std::nullopt) +
                make_frame(Opcode::close, make_close(1011, "nobody there?"), std::nullopt));
  EXPECT_TRUE(trace.ending.starts_with("half-close@25000")) << trace.ending;
}

}  // namespace
}  // namespace wsspec::keep_alive_test
