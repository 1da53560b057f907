#include "autobahn/autobahn_spec.h"

#include <gtest/gtest.h>

namespace wsspec::autobahn_spec_test {
namespace {

const std::set<std::string> kKnown = {"1.1.1",  "1.1.2",  "2.1",    "6.4.2",
                                      "6.4.10", "10.1.1", "12.1.1", "13.1.1"};

bool open_matches(const std::string& pattern, std::string_view text) {
  const auto made = AutobahnPattern::of(pattern, AutobahnPattern::Kind::open, "s.json: cases");
  return made && made->matches(text);
}

TEST(AutobahnPattern, IsOpenAtTheEnd) {
  EXPECT_TRUE(open_matches("1*", "10.1.1"));
  EXPECT_TRUE(open_matches("1.*", "1.1.1"));
  EXPECT_FALSE(open_matches("1.*", "10.1.1"));
  EXPECT_TRUE(open_matches("*", "2.1"));
  EXPECT_TRUE(open_matches("6.*.10", "6.4.10"));
  EXPECT_FALSE(open_matches("6.4", "6.4.2")) << "without a star a number is exact";
}

TEST(AutobahnPattern, IsARegularExpressionButForDotAndStar) {
  EXPECT_TRUE(open_matches("1[1-4].*", "12.1.1"));
  EXPECT_TRUE(open_matches("1[1-4].*", "13.7.18"));
  EXPECT_FALSE(open_matches("1[1-4].*", "10.1.1"));
  EXPECT_FALSE(open_matches("1[1-4].*", "1.1.1"));
  EXPECT_TRUE(open_matches("1.1.[1-3]*", "1.1.2"));
  EXPECT_FALSE(open_matches("1.1.[1-3]*", "1.1.4"));
  EXPECT_TRUE(open_matches("(2|6).*", "6.4.2"));
  EXPECT_FALSE(open_matches("1.*", "1x1")) << "a dot is a dot";
}

TEST(AutobahnPattern, OfAnAgentMatchesWhole) {
  const auto whole = [](const std::string& pattern, std::string_view text) {
    return AutobahnPattern::of(pattern, AutobahnPattern::Kind::whole, "x")->matches(text);
  };
  EXPECT_TRUE(whole("gobwas/*", "gobwas/std"));
  EXPECT_FALSE(whole("gobwas", "gobwas/std"));
  EXPECT_TRUE(whole("A*", "A-1"));
  EXPECT_FALSE(whole("9.*.1", "9.1.12"));
  EXPECT_TRUE(whole("9.1.[12]", "9.1.2")) << "an expression without a star, too";
}

TEST(AutobahnPattern, ThatIsNoneIsOneErrorWithItsPlace) {
  for (const char* text : {R"({"servers":[{"url":"ws://h"}],"cases":["1.[*"]})",
                           R"({"servers":[{"url":"ws://h"}],"exclude-cases":["(2.*"]})",
                           R"({"servers":[{"url":"ws://h"}],"exclude-agent-cases":{"A":["(2"]}})",
                           R"({"servers":[{"url":"ws://h"}],"exclude-agent-cases":{"A(":["2.1"]}})"}) {
    const auto spec = parse_autobahn_spec(text, "s.json");
    ASSERT_FALSE(spec) << text;
    EXPECT_TRUE(spec.error().where.starts_with("s.json: ")) << spec.error().where;
    EXPECT_NE(spec.error().what.find("is no pattern"), std::string::npos) << spec.error().what;
  }
  // What takes a backtracking engine for ever.
  EXPECT_FALSE(open_matches("(a*)*(a*)*(a*)*b", std::string(20'000, 'a')));
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

TEST(AutobahnSpec, AnEmptyListOfCasesSelectsNoneAndNoListAll) {
  const auto count = [](const std::string& member) {
    const auto spec = parse_autobahn_spec(R"({"servers":[{"url":"ws://h"}])" + member + "}", "s.json");
    return spec ? selected_numbers(*spec, "", kKnown)->size() : 99U;
  };
  EXPECT_EQ(count(R"(,"cases":[])"), 0U);
  EXPECT_EQ(count(""), kKnown.size());
}

TEST(AutobahnSpec, AnErrorOfJsonHasLineAndColumn) {
  const auto comma = parse_autobahn_spec(
      "{\n  \"servers\": [{\"url\": \"ws://h\"}],\n  \"cases\": [\"*\",\n  ]\n}", "s.json");
  ASSERT_FALSE(comma);
  EXPECT_NE(comma.error().what.find("line 4, column 3"), std::string::npos) << comma.error().what;
  EXPECT_NE(comma.error().hint.find("comma"), std::string::npos);
  const auto other = parse_autobahn_spec("{\"servers\" 1}", "s.json");
  ASSERT_FALSE(other);
  EXPECT_NE(other.error().what.find("line 1, column 12"), std::string::npos) << other.error().what;
  EXPECT_EQ(other.error().hint, "");
  EXPECT_FALSE(parse_autobahn_spec("{\"servers\": [", "s.json"));
}

TEST(AutobahnSpec, AFileForTestingClientsIsToldApart) {
  for (const char* text : {R"({"url":"ws://127.0.0.1:9001","outdir":"r","cases":["*"],"exclude-cases":[]})",
                           R"({"url":"wss://127.0.0.1:9001","key":"k","cert":"c","webport":8080})"}) {
    const auto spec = parse_autobahn_spec(text, "s.json");
    ASSERT_FALSE(spec);
    EXPECT_NE(spec.error().what.find("testing clients"), std::string::npos) << spec.error().what;
  }
  EXPECT_EQ(parse_autobahn_spec(R"({"cases":["*"]})", "s.json").error().what, "names no server");
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
  EXPECT_TRUE(ignored(R"("version":0)").empty()) << "there is one version, nobody needs a line about it";
  EXPECT_EQ(ignored(R"("maskClientFrames":false)"), std::vector<std::string>{"maskClientFrames"});
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
      parse_autobahn_spec(R"({"servers":[{"url":"ws://h"}],"cases":["1.*"],"exclude-cases":["6.9.*","12.9"],
    "exclude-agent-cases":{"*":["2.7*"]}})",
                          "s.json");
  ASSERT_TRUE(spec);
  EXPECT_EQ(idle_patterns(*spec, kKnown), (std::vector<std::string>{"6.9.*", "12.9", "2.7*"}));
  EXPECT_EQ(selected_numbers(*spec, "", kKnown)->size(), 2U);
}

TEST(AutobahnSpec, SectionsThatDoNotExistNeedNoWarning) {
  auto spec = parse_autobahn_spec(
      R"({"servers":[{"url":"ws://h"}],"cases":["1.*","8.*","11.*","14*"],"exclude-cases":["0.*","11.*"],
    "exclude-agent-cases":{"*":["15.*"]}})",
      "s.json");
  ASSERT_TRUE(spec);
  EXPECT_EQ(idle_patterns(*spec, kKnown), std::vector<std::string>{});
}

}  // namespace
}  // namespace wsspec::autobahn_spec_test
