#include "report/text.h"

#include <gtest/gtest.h>

#include "report/test/sample.h"

namespace wsspec::text_test {
namespace {

using namespace std::chrono_literals;

TEST(Valid, KeepsUtf8AndSpellsOutTheRest) {
  EXPECT_EQ(valid("κόσμε \n\x01"), "κόσμε \n\x01");
  EXPECT_EQ(valid("a\xff\xc0\x80z"), "a\\xff\\xc0\\x80z");
  EXPECT_EQ(valid("\xed\xa0\x80"), "\\xed\\xa0\\x80");           // A surrogate.
  EXPECT_EQ(valid("\xf4\x90\x80\x80"), "\\xf4\\x90\\x80\\x80");  // Above U+10FFFF.
  EXPECT_EQ(valid("\xe2\x82"), "\\xe2\\x82");                    // Cut.
  EXPECT_EQ(valid("\xf0\x9f\x98\x80"), "\xf0\x9f\x98\x80");
}

TEST(Valid, EveryOctetPairBecomesUtf8) {
  for (int a = 0; a < 256; ++a)
    for (int b = 0; b < 256; ++b) {
      const std::string pair = {static_cast<char>(a), static_cast<char>(b)};
      std::string_view rest = pair;
      const std::string out = valid(rest);
      EXPECT_EQ(valid(out), out) << a << ' ' << b;
      EXPECT_TRUE(out.size() > 2 || out == pair) << a << ' ' << b;
    }
}

TEST(Visible, EscapesWhatSteersOrHides) {
  EXPECT_EQ(visible("a\x1b[31m\r\n\tb\x7f"), "a\\x1b[31m\\r\\n\\tb\\x7f");
  EXPECT_EQ(visible("\xE2\x80\xAE"
                    "abc"),
            "\\u{202e}abc");
  EXPECT_EQ(visible("\xC2\x85"), "\\u{85}");
  EXPECT_EQ(visible("x\xEF\xBB\xBFy"), "x\\u{feff}y");
  EXPECT_EQ(visible("a\n\tb\r", true), "a\n\tb\\r");
  EXPECT_EQ(visible(std::string_view("\0", 1)), "\\x00");
}

TEST(OneLine, CutsAtCharacters) {
  EXPECT_EQ(one_line("short", 10), "short");
  EXPECT_EQ(one_line("0123456789abc", 10), "0123456…");
  const std::string cut = one_line("αβγδεζηθικλμ", 12);
  EXPECT_LE(cut.size(), 12U);
  EXPECT_EQ(cut, "αβγδ…");
  EXPECT_LE(one_line(std::string(1 << 20, '\x01')).size(), 300U);
}

TEST(ShellWord, QuotesWhatAShellWouldRead) {
  EXPECT_EQ(shell_word("ws://127.0.0.1:9001/a"), "ws://127.0.0.1:9001/a");
  EXPECT_EQ(shell_word("frame.rsv.set[4]"), "'frame.rsv.set[4]'");
  EXPECT_EQ(shell_word("it's $(x)"), "'it'\\''s $(x)'");
  EXPECT_EQ(shell_word(""), "''");
}

TEST(ReplayCommand, NamesTargetCaseAndSeed) {
  const RunResult run = sample::run();
  EXPECT_EQ(replay_command(run, run.results[0]),
            "wsspec run ws://127.0.0.1:9001/chat --filter 'frame.rsv.set[4]' --seed 7");
}

TEST(ReplayCommand, KeepsHowTheTargetIsReachedOnly) {
  RunResult run = sample::run();
  run.arguments = {"run",    "--defect", "mask.x", "--filter=frame.*", "-q", "--header",
                   "X: a b", "--json",   "a.json"};
  EXPECT_EQ(replay_command(run, run.results[2]),
            "wsspec run --defect mask.x --header 'X: a b' --filter deflate.window.too-far --seed 7");
  run.arguments = {"run", "$WSSPEC_URL", "--header", "$WSSPEC_HEADER", "--start", "echo $HOME"};
  EXPECT_EQ(replay_command(run, run.results[2]),
            "wsspec run \"$WSSPEC_URL\" --header \"$WSSPEC_HEADER\" --start 'echo $HOME' --filter " +
                run.results[2].id + " --seed " + std::to_string(run.seed));
  run.arguments = {"run", "ws://a", "ws://b"};
  EXPECT_EQ(replay_command(run, run.results[2]),
            "wsspec run ws://127.0.0.1:9001/chat --filter deflate.window.too-far --seed 7");
  run.arguments = {"matrix", "ws://a"};
  EXPECT_EQ(replay_command(run, run.results[2]),
            "wsspec run ws://127.0.0.1:9001/chat --filter deflate.window.too-far --seed 7");
}

TEST(Replayable, IsTheTranscriptWithItsOrigin) {
  const RunResult run = sample::run();
  const std::string text = replayable(run, run.results[0]);
  EXPECT_TRUE(text.starts_with("wire 1\n")) << text;
  EXPECT_NE(text.find("frame.rsv.set[4]"), std::string::npos);
  EXPECT_NE(text.find("seed 7"), std::string::npos);
  EXPECT_NE(text.find("> text rsv=4"), std::string::npos);
}

TEST(Spoken, ChoosesTheUnit) {
  EXPECT_EQ(spoken(1500us), "1.5 ms");
  EXPECT_EQ(spoken(1250ms), "1.25 s");
  EXPECT_EQ(spoken(125s), "2 min 05 s");
}

}  // namespace
}  // namespace wsspec::text_test
