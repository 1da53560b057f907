// The printer against the parser: whatever is printed reads back as the same tree.
#include "script/print.h"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "protocol/utf8.h"
#include "script/expand.h"
#include "script/functions.h"
#include "script/parse.h"
#include "script/random_tree.h"

namespace wsspec::print_test {
namespace {

std::string all(const std::vector<Diagnostic>& errors) {
  std::string out;
  for (const auto& error : errors) out += render(error);
  return out;
}

TEST(Print, RandomTreesReadBackEqual) {
  for (std::uint64_t seed = 0; seed < 3000; ++seed) {
    const auto file = RandomTree(seed).file();
    const auto text = print(file);
    const auto again = parse(text, "random.wire");
    ASSERT_EQ(all(again.errors), "") << "seed " << seed << "\n" << text;
    ASSERT_TRUE(again.file == file) << "seed " << seed << "\n"
                                    << text << "\nread back as\n"
                                    << print(again.file);
    ASSERT_TRUE(is_utf8(text));
  }
}

TEST(Print, StepsReadBackAlone) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const auto step = RandomTree(seed).step();
    const auto again = parse_steps(print(step));
    ASSERT_EQ(all(again.errors), "") << print(step);
    ASSERT_EQ(again.steps.size(), 1U);
    ASSERT_TRUE(again.steps[0] == step) << print(step);
  }
}

TEST(Print, TheCasesReadBackEqualWholeAndExpanded) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(WSSPEC_SOURCE_DIR "/cases")) {
    if (entry.path().extension() != ".wire") continue;
    ++files;
    std::stringstream text;
    text << std::ifstream(entry.path()).rdbuf();
    const auto parsed = parse(text.str(), entry.path().filename().string());
    ASSERT_EQ(all(parsed.errors), "");
    const auto again = parse(print(parsed.file), "again");
    ASSERT_EQ(all(again.errors), "");
    EXPECT_TRUE(again.file == parsed.file) << entry.path();
    File instances;
    instances.cases = expand(parsed.file).cases;
    const auto expanded = parse(print(instances), "expanded");
    ASSERT_EQ(all(expanded.errors), "");
    EXPECT_TRUE(expanded.file == instances) << entry.path();
  }
  EXPECT_GT(files, 10);
}

TEST(Print, OctetsTakeTheClearestForm) {
  EXPECT_EQ(print_payload(""), "\"\"");
  EXPECT_EQ(print_payload("Hello"), "\"Hello\"");
  EXPECT_EQ(print_payload("κόσμε"), "\"κόσμε\"");
  EXPECT_EQ(print_payload("a\r\n\t\"\\"), R"("a\r\n\t\"\\")");
  EXPECT_EQ(print_payload("\xf4\x90\x80\x80"), "x\"f4 90 80 80\"");
  EXPECT_EQ(print_payload(Bytes(3, '\0')), "x\"00 00 00\"");
  EXPECT_EQ(print_payload("one bad octet: \xff."), R"("one bad octet: \xff.")");
  EXPECT_EQ(print_payload(Bytes(1000, 'a')), "\"a\"*1000");
  EXPECT_EQ(print_payload("head" + Bytes(65536, '\0') + "tail"), "\"head\" x\"00\"*65536 \"tail\"");
}

TEST(Print, HiddenCharactersAreEscaped) {
  EXPECT_EQ(quote("\x1b[31m"), R"("\x1b[31m")");
  EXPECT_EQ(quote("\u202egnp.exe"), "\"\\u{202E}gnp.exe\"");
  EXPECT_EQ(quote("\ufeff"), "\"\\u{FEFF}\"");
  EXPECT_EQ(quote("\xc2\x9b"), "\"\\u{9B}\"");
  EXPECT_EQ(quote("\U0001F600"), "\"\U0001F600\"");
}

TEST(Print, EveryOctetStringReadsBack) {
  for (std::uint64_t seed = 0; seed < 2000; ++seed) {
    const auto bytes = RandomTree(seed).bytes(200);
    const auto text = print_payload(bytes);
    EXPECT_TRUE(is_utf8(text));
    const auto payload = parse_payload(text);
    ASSERT_TRUE(payload.has_value()) << text;
    Environment none;
    EXPECT_EQ(evaluate(*payload, none), bytes);
  }
}

TEST(Print, LongOctetsAreCutAndSaySo) {
  EXPECT_EQ(print_payload("abcdefghijklmnop", 8), "\"abcdefg …(16 octets)");
  const auto cut = print_payload(Bytes("κόσμε") + noise(1 << 20), 50);
  EXPECT_LT(cut.size(), 80U);
  EXPECT_TRUE(is_utf8(cut)) << cut;
  EXPECT_FALSE(parse_payload(cut).has_value());
  EXPECT_EQ(print_payload(Bytes(1 << 20, 'x'), 20), "\"x\"*1048576");
}

TEST(Print, DurationsAreExact) {
  EXPECT_EQ(print(Duration(0)), "0ms");
  EXPECT_EQ(print(Duration(7)), "7ns");
  EXPECT_EQ(print(Duration(250'000)), "250us");
  EXPECT_EQ(print(Duration(12'400'000)), "12.4ms");
  EXPECT_EQ(print(Duration(1'500'000'000)), "1500ms");
  EXPECT_EQ(print(Duration(2'000'000'001)), "2000.000001ms");
  EXPECT_EQ(print(Duration(60'000'000'000)), "60s");
}

TEST(Print, TimesKeepTheirShare) {
  for (const char* line :
       {"  pause $ping-timeout", "  quiet $ping-interval*2", "  stall $idle-limit*0.9+1s",
        "  < ping by $ping-interval*1.125", "  < fail within 1500ms", "  note \"a \" $waited",
        "  pause $ping-timeout*0.05+7ns", "  answer", "  < fail by 1s"}) {
    const auto parsed = parse_steps(line);
    ASSERT_EQ(all(parsed.errors), "") << line;
    EXPECT_EQ(print(parsed.steps[0]), line);
  }
}

TEST(Print, BlocksAreIndented) {
  const auto parsed =
      parse_steps("either\n< fail 1007 within 1s\nor weak\nrepeat 3 as i\n> ping $i\nend\nend");
  ASSERT_EQ(all(parsed.errors), "");
  EXPECT_EQ(print(parsed.steps[0]),
            "  either\n"
            "    < fail 1007 within 1s\n"
            "  or weak\n"
            "    repeat 3 as i\n"
            "      > ping $i\n"
            "    end\n"
            "  end");
}

TEST(Print, LogLinesKeepMomentAndComment) {
  const std::string line = "  @2.6ms < text \"after\"  # expected: < fail 1002";
  const auto parsed = parse_steps(line);
  ASSERT_EQ(all(parsed.errors), "");
  EXPECT_EQ(print(parsed.steps[0]), line);
}

}  // namespace
}  // namespace wsspec::print_test
