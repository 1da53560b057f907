#include "run/losses.h"

#include <gtest/gtest.h>

namespace wsspec::losses_test {
namespace {

using namespace std::chrono_literals;

TEST(Losses, NothingIsLeftOutWhileLittleIsLost) {
  Losses losses;
  for (int i = 0; i < 5; ++i) losses.played("a.b[" + std::to_string(i) + "]", "nothing came", 1s);
  EXPECT_FALSE(losses.reason_to_leave_out("a.b[5]"));
}

TEST(Losses, AfterThreeEqualFaultsTheRestOfTheKindIsSampledUnderTheNameOfTheFirst) {
  Losses losses;
  losses.played("a.b[0]", "something else", 1s);
  for (int i = 1; i < 4; ++i) losses.played("a.b[" + std::to_string(i) + "]", "nothing came", 3s);
  int played = 0;
  for (int i = 4; i < 20; ++i) {
    const auto reason = losses.reason_to_leave_out("a.b[" + std::to_string(i) + "]");
    played += !reason;
    EXPECT_EQ(reason.value_or("not played: same as a.b[1] (and 2 more)"),
              "not played: same as a.b[1] (and 2 more)");
  }
  EXPECT_EQ(played, 2);
  EXPECT_FALSE(losses.reason_to_leave_out("a.c"));
  losses.played("a.b[12]", "", 0s);  // A sample that is not the same opens the kind again.
  EXPECT_FALSE(losses.reason_to_leave_out("a.b[20]"));
}

TEST(Losses, TheMoreIsLostTheWiderAKindIs) {
  Losses losses;
  losses.played("a.b[0]", "nothing came", 17s);
  EXPECT_TRUE(losses.reason_to_leave_out("a.b[1]"));
  EXPECT_FALSE(losses.reason_to_leave_out("a.c"));
  losses.played("a.c", "nothing came", 5s);
  losses.played("a.d", "nothing came", 5s);
  EXPECT_EQ(losses.reason_to_leave_out("a.e"), "not played: same as a.b[0] (and 2 more)");
  EXPECT_FALSE(losses.reason_to_leave_out("other.e"));
  losses.spent(14s);
  EXPECT_TRUE(losses.used_up());
  Losses given_up;
  given_up.give_up();
  EXPECT_TRUE(given_up.used_up());
  EXPECT_TRUE(given_up.reason_to_leave_out("a.b"));
  EXPECT_EQ(losses.reason_to_leave_out("other.e"),
            "not played: silence, slowness and deaths took the 30s that a run has for them, first in a.b[0]");
}

TEST(Losses, TheTimeScaleCounts) {
  Losses losses(4);
  losses.spent(100s);
  EXPECT_FALSE(losses.used_up());
  losses.spent(60s);
  EXPECT_TRUE(losses.used_up());
}

TEST(Losses, PatienceIsLearnedFromWhatNeverComesAndFromWhatDoes) {
  Losses losses;
  Waits waits;
  waits.answer = {1, 500ms};
  waits.handshake.longest = 3s;
  for (int i = 0; i < 4; ++i) losses.played("a", "nothing came", 1s, waits);
  EXPECT_EQ(losses.patience().answer, 4s);
  losses.played("a", "nothing came", 1s, waits);
  EXPECT_EQ(losses.patience().answer, 2s);     // Four times the longest that an answer took.
  EXPECT_EQ(losses.patience().handshake, 5s);  // Always answered.
  EXPECT_EQ(losses.patience().close, 1s);
  Losses silent;
  Waits none;
  none.answer.unanswered = none.close.unanswered = 6;
  silent.played("a", "nothing came", 5s, none);
  EXPECT_EQ(silent.patience().answer, 1s);
  EXPECT_EQ(silent.patience().close, 100ms);
}

}  // namespace
}  // namespace wsspec::losses_test
