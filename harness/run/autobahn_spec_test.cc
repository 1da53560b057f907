#include "run/autobahn_spec.h"

#include <gtest/gtest.h>

namespace wsspec {
namespace {

const std::set<std::string> kKnown = {"1.1.1",  "1.1.2",  "2.1",    "6.4.2",
                                      "6.4.10", "10.1.1", "12.1.1", "13.1.1"};

TEST(AutobahnSpec, PatternsAreOpenAtTheEnd) {
  EXPECT_TRUE(autobahn_matches("1*", "10.1.1"));
  EXPECT_TRUE(autobahn_matches("1.*", "1.1.1"));
  EXPECT_FALSE(autobahn_matches("1.*", "10.1.1"));
  EXPECT_TRUE(autobahn_matches("*", "2.1"));
  EXPECT_TRUE(autobahn_matches("6.*.10", "6.4.10"));
  EXPECT_FALSE(autobahn_matches("6.4", "6.4.2")) << "without a star a number is exact";
}

TEST(AutobahnSpec, SelectsAndExcludesInNumericOrder) {
  auto spec = parse_autobahn_spec(R"({"servers":[{"url":"ws://127.0.0.1:9001","agent":"A"}],
    "cases":["*"], "exclude-cases":["12.*"], "exclude-agent-cases":{"A*":["2.1"]}})",
                                  "s.json");
  ASSERT_TRUE(spec) << spec.error().what;
  const auto numbers = selected_numbers(*spec, "A-1", kKnown);
  ASSERT_TRUE(numbers);
  EXPECT_EQ(*numbers, (std::vector<std::string>{"1.1.1", "1.1.2", "6.4.2", "6.4.10", "10.1.1", "13.1.1"}));
  EXPECT_EQ(selected_numbers(*spec, "B", kKnown)->size(), 7u);
}

TEST(AutobahnSpec, UnknownNumbersAndBrokenFilesAreErrors) {
  auto spec = parse_autobahn_spec(R"({"servers":[{"url":"ws://h"}],"cases":["77.1"]})", "s.json");
  ASSERT_TRUE(spec);
  EXPECT_FALSE(selected_numbers(*spec, "", kKnown));
  for (const char* text :
       {"", "[]", "{}", R"({"servers":[]})", R"({"servers":[{"agent":"x"}]})", R"({"servers":[{"url":1}]})",
        R"({"servers":[{"url":"ws://h"}],"cases":"*"})", R"({"servers":[{"url":"ws://h"}],"options":3})"}) {
    EXPECT_FALSE(parse_autobahn_spec(text, "s.json")) << text;
  }
}

TEST(AutobahnSpec, NamesOptionsItDoesNotUse) {
  auto spec =
      parse_autobahn_spec(R"({"servers":[{"url":"ws://h"}],"options":{"failByDrop":false,"autoPingInterval":3,
    "openHandshakeTimeout":2.5}})",
                          "s.json");
  ASSERT_TRUE(spec);
  EXPECT_EQ(spec->ignored, std::vector<std::string>{"autoPingInterval"});
  EXPECT_DOUBLE_EQ(*spec->servers[0].handshake_seconds, 2.5);
}

TEST(AutobahnSpec, AnOptionWithTheValueThatHoldsAnywayNeedsNoWarning) {
  const auto ignored = [](const std::string& options) {
    auto spec =
        parse_autobahn_spec(R"({"servers":[{"url":"ws://h","options":{)" + options + "}}]}", "s.json");
    return spec ? spec->ignored : std::vector<std::string>{"error"};
  };
  EXPECT_TRUE(ignored(R"("version":18,"maskClientFrames":true,"tcpNoDelay":true)").empty());
  EXPECT_EQ(ignored(R"("maskClientFrames":false,"version":0)"),
            (std::vector<std::string>{"maskClientFrames", "version"}));
  EXPECT_EQ(ignored(R"("openHandshakeTimeout":-1)"), std::vector<std::string>{"error"});
}

TEST(AutobahnSpec, AServersOwnOptionsCountBeforeThoseOfTheFile) {
  auto spec = parse_autobahn_spec(R"({"options":{"openHandshakeTimeout":9},"servers":[
    {"url":"ws://a","options":{"openHandshakeTimeout":20},"webport":8080},{"url":"ws://b"}]})",
                                  "s.json");
  ASSERT_TRUE(spec);
  EXPECT_DOUBLE_EQ(*spec->servers[0].handshake_seconds, 20);
  EXPECT_DOUBLE_EQ(*spec->servers[1].handshake_seconds, 9);
  EXPECT_EQ(spec->ignored, std::vector<std::string>{"servers.webport"});
}

TEST(AutobahnSpec, PatternsThatMatchNothingAreNamedAndHarmless) {
  auto spec =
      parse_autobahn_spec(R"({"servers":[{"url":"ws://h"}],"cases":["1.*"],"exclude-cases":["11.*","12.9"],
    "exclude-agent-cases":{"*":["0.*"]}})",
                          "s.json");
  ASSERT_TRUE(spec);
  EXPECT_EQ(idle_patterns(*spec, kKnown), (std::vector<std::string>{"11.*", "12.9", "0.*"}));
  EXPECT_EQ(selected_numbers(*spec, "", kKnown)->size(), 2U);
}

}  // namespace
}  // namespace wsspec
