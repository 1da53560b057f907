#include "play/fate.h"

#include <gtest/gtest.h>

namespace wsspec::fate_test {
namespace {

using namespace std::chrono_literals;

constexpr Operate kReload{false}, kStop{true};

Fate ended(End::Way near, End::Way far, std::optional<std::uint16_t> code = {}) {
  Fate fate;
  fate.near.end = near;
  fate.far.end = far;
  fate.near.close = code.has_value();
  fate.near.code = code;
  fate.lived = 1200ms;
  return fate;
}

TEST(Fate, IsToldInWords) {
  EXPECT_EQ(in_words(Fate{}), "lives on");
  EXPECT_EQ(in_words(ended(End::fin, End::reset, 1001)),
            "lived for 1.2s; the client saw Close 1001 and FIN, the server RST");
  Fate one = ended(End::fin, End::fin);
  one.far.end.reset();
  EXPECT_EQ(in_words(one), "lived for 1.2s; the client saw FIN, the server nothing");
}

TEST(Fate, NoneIsForbiddenAndSomeArePoor) {
  for (const Operate& operation : {kReload, kStop}) {
    EXPECT_EQ(assess(Fate{}, operation).grade, Grade::pass);
    EXPECT_EQ(assess(ended(End::reset, End::fin), operation).grade, Grade::weak) << "an abort";
    EXPECT_EQ(assess(ended(End::fin, End::reset, 1001), operation).grade, Grade::weak) << "of one side";
    Fate one = ended(End::fin, End::fin, 1001);
    one.far.end.reset();
    EXPECT_EQ(assess(one, operation).grade, Grade::weak) << "only one is told";
  }
  EXPECT_EQ(assess(ended(End::fin, End::fin), kReload).grade, Grade::weak);
  EXPECT_EQ(assess(ended(End::fin, End::fin, 1000), kReload).grade, Grade::weak);
  EXPECT_EQ(assess(ended(End::fin, End::fin, 1012), kReload).grade, Grade::info);
  EXPECT_EQ(assess(ended(End::fin, End::fin), kStop).grade, Grade::info);
  EXPECT_EQ(assess(ended(End::fin, End::fin, 1001), kStop).grade, Grade::pass);
  Fate cut = ended(End::fin, End::fin);
  cut.in_message = true;
  EXPECT_EQ(assess(cut, kReload).grade, Grade::info);
}

TEST(Newcomers, AreToBeServedBehindAReload) {
  const Newcomers all{6, 0, 0, ""}, some{2, 3, 1, "status 503"};
  EXPECT_EQ(in_words(all), "all 6 new tunnels were served");
  EXPECT_EQ(in_words(some), "of 6 new tunnels 2 were served, 3 refused (status 503), 1 not answered");
  EXPECT_EQ(assess(all, kReload).grade, Grade::pass);
  EXPECT_EQ(assess(some, kReload).grade, Grade::weak);
  EXPECT_EQ(assess(some, kStop).grade, Grade::pass);
}

}  // namespace
}  // namespace wsspec::fate_test
