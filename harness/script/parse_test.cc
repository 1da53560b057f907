// The parser's messages, word for word: they are what a case author works with.
#include "script/parse.h"

#include <gtest/gtest.h>

#include "protocol/mix.h"
#include "script/functions.h"
#include "script/lex.h"
#include "script/print.h"

namespace wsspec::parse_test {
namespace {

std::string first_error(std::string_view text) {
  const auto parsed = parse(text, "t.wire");
  if (parsed.errors.empty()) return "no error";
  auto out = render(parsed.errors[0]);
  return out.substr(0, out.find('\n'));
}

std::string step_error(std::string_view step) {
  const auto parsed = parse_steps(step, "t");
  if (parsed.errors.empty()) return "no error";
  const auto out = render(parsed.errors[0]);
  return out.substr(0, out.find('\n'));
}

TEST(Parse, RendersLineAndCaret) {
  const auto parsed = parse("wire 1\ncase close.x\n  open\n  > text fim=0 \"κ\"\n", "close.wire");
  ASSERT_EQ(parsed.errors.size(), 1U);
  EXPECT_EQ(render(parsed.errors[0]),
            "close.wire:4:10: unknown frame field 'fim'; did you mean 'fin'?\n"
            "    > text fim=0 \"κ\"\n"
            "           ^^^\n");
}

TEST(Parse, CaretCountsCharactersAndKeepsTabs) {
  const auto parsed = parse("wire 1\ncase a\n\t> text \"κόσμε\" oops\n", "t");
  ASSERT_EQ(parsed.errors.size(), 1U);
  EXPECT_EQ(render(parsed.errors[0]),
            "t:3:17: unexpected 'oops'\n  \t> text \"κόσμε\" oops\n  \t               ^^^^\n");
}

TEST(Parse, FileErrors) {
  EXPECT_EQ(first_error(""), "t.wire:1:1: the file does not begin with 'wire 1'; add it as the first line");
  EXPECT_EQ(first_error("case a\nopen\n"),
            "t.wire:1:1: the file does not begin with 'wire 1'; add it as the first line");
  EXPECT_EQ(first_error("wire 2\n"),
            "t.wire:1:6: version 2 of the notation is not known; this program reads 'wire 1'");
  EXPECT_EQ(first_error("wire\n"),
            "t.wire:1:5: expected the version of the notation, found the end of the line; write 'wire 1'");
  EXPECT_EQ(first_error("wire 1\nopen\n"), "t.wire:2:1: expected 'case' or 'let', found 'open'");
  EXPECT_EQ(first_error("wire 1\ncaes a\n"),
            "t.wire:2:1: expected 'case' or 'let', found 'caes'; did you mean 'case'?");
  EXPECT_EQ(first_error("wire 1\ncase a\nopen\n\xff\n"),
            "t.wire:4:1: the file is not UTF-8; write such octets as \"\\xff\" or x\"ff\"");
  EXPECT_EQ(first_error("wire 1\ncase\nopen\n"),
            "t.wire:2:5: expected the id of the case, found the end of the line");
  EXPECT_EQ(first_error("wire 1\ncase a$b\nopen\n"),
            "t.wire:2:6: 'a$b' is no id of a case; ids hold letters, digits and . - / [ ] _ * ,");
  EXPECT_EQ(first_error("wire 1\ncase a\ncase b\nopen\n"), "t.wire:2:1: case 'a' has no steps");
  EXPECT_EQ(first_error("wire 1\ncase a\nopen\nlet x = \"\"\n"),
            "t.wire:4:1: 'let' stands before the first step of a case");
  EXPECT_EQ(first_error("wire 1\nlet x \"\"\n"), "t.wire:2:7: expected '=', found a string");
  EXPECT_EQ(first_error("wire 1\nlet $x = \"\"\n"),
            "t.wire:2:5: expected the name of the payload, found '$x'; write it without '$' here");
}

TEST(Parse, MetaErrors) {
  const auto meta = [](std::string line) { return first_error("wire 1\ncase a\n" + line + "\nopen\n"); };
  EXPECT_EQ(meta("covers"), "t.wire:3:7: expected the id of a requirement, found the end of the line");
  EXPECT_EQ(meta("about hello"), "t.wire:3:7: expected a string, found 'hello'");
  EXPECT_EQ(meta("about \"a\"\nabout \"b\""), "t.wire:4:1: a second 'about'; one sentence is enough");
  EXPECT_EQ(meta("target proxy"), "t.wire:3:8: expected 'server', 'client' or 'hop', found 'proxy'");
  EXPECT_EQ(meta("limit 5"), "t.wire:3:7: expected a duration, found '5'; write '5ms' or '5s'");
  EXPECT_EQ(meta("each n in"), "t.wire:3:10: expected a value, found the end of the line");
  EXPECT_EQ(
      meta("each n in \"x\""),
      "t.wire:3:11: a string needs a label; write 'each' as a table: a line 'label: value' each, then 'end'");
  EXPECT_EQ(meta("each n\nend"), "t.wire:3:1: 'each' has no rows");
  EXPECT_EQ(meta("each n\n\"x\"\nend"), "t.wire:4:1: a string needs a label; write 'label: value'");
  EXPECT_EQ(meta("each a b\nx: 1\nend"),
            "t.wire:4:5: expected a value for each column, found the end of the line; a number, a word, a "
            "payload, or edits in parentheses");
  EXPECT_EQ(first_error("wire 1\ncase a\neach n\n1\ncase b\nopen\n"),
            "t.wire:5:1: the table of 'each' is not ended; put 'end' after its last row");
  EXPECT_EQ(first_error("wire 1\ncase a\neach n\n1\n"),
            "t.wire:3:1: the table of 'each' is not ended; put 'end' after its last row");
}

TEST(Parse, StepErrors) {
  EXPECT_EQ(step_error("opne"), "t:1:1: unknown step 'opne'; did you mean 'open'?");
  EXPECT_EQ(step_error("text \"a\""),
            "t:1:1: unknown step 'text'; put '>' (we send) or '<' (we expect) before it");
  EXPECT_EQ(step_error("\"a\""),
            "t:1:1: expected a step, found a string; steps begin with '>', '<' or a word");
  EXPECT_EQ(step_error("> txet \"a\""),
            "t:1:3: expected what to send after '>', found 'txet'; did you mean 'text'?");
  EXPECT_EQ(step_error("> fail 1002"), "t:1:3: expected what to send after '>', found 'fail'");
  EXPECT_EQ(step_error("< refusd"),
            "t:1:3: expected what to expect after '<', found 'refusd'; did you mean 'refused'?");
  EXPECT_EQ(step_error("> text fin=x"), "t:1:12: expected a number for 'fin=', found 'x'");
  EXPECT_EQ(step_error("> text fin=0 fin=1"), "t:1:14: a second 'fin='");
  EXPECT_EQ(step_error("> text \"a\" fin=1"), "t:1:12: 'fin=' stands before the payload");
  EXPECT_EQ(
      step_error("> text mask=maybe"),
      "t:1:13: expected a mask, found 'maybe'; 'good', 'bad', 'none' or a key of eight hexadecimal digits");
  EXPECT_TRUE(step_error("> text mask=$deadbeef").starts_with("t:1:13: expected a mask, found '$deadbeef'"));
  EXPECT_EQ(step_error("> text chop=1 chpo=2"), "t:1:15: unknown frame field 'chpo'; did you mean 'chop'?");
  EXPECT_EQ(step_error("< fail 1002|"), "t:1:13: expected a code, found the end of the line");
  EXPECT_EQ(step_error("< close 1000|"), "t:1:14: expected a code, found the end of the line");
  EXPECT_EQ(step_error("< text within 5"), "t:1:15: expected a duration, found '5'; write '5ms' or '5s'");
  EXPECT_EQ(step_error("< upgrade lakcs Origin"), "t:1:11: unknown condition 'lakcs'; did you mean 'lacks'?");
  EXPECT_EQ(step_error("> request set Host"),
            "t:1:19: expected a payload for 'Host', found the end of the line; a \"string\", x\"hex\", "
            "$variable or function(...)");
  EXPECT_EQ(step_error("> request frob"), "t:1:11: unexpected 'frob'");
  EXPECT_EQ(step_error("open ofer=\"x\""), "t:1:6: unknown option 'ofer' of 'open'; did you mean 'offer'?");
  EXPECT_EQ(step_error("> bytes filll(3)"), "t:1:9: unknown function 'filll'; did you mean 'fill'?");
  EXPECT_EQ(step_error("> bytes fill(3"), "t:1:15: expected ',' or ')', found the end of the line");
  EXPECT_EQ(step_error("> bytes $x*3"), "t:1:11: only a string can be repeated with '*'");
  EXPECT_EQ(step_error("> head"), "t:1:7: expected the lines of the head, found the end of the line");
  EXPECT_EQ(step_error("@5 > eof"), "t:1:1: '@5' is no moment; write '@12.4ms'");
}

TEST(Parse, SeriesErrors) {
  EXPECT_EQ(
      step_error("< series \"a\" $n"),
      "t:1:16: expected 'count=', found the end of the line; how many messages the series has: '< series "
      "\"a \" $n count=20'");
  EXPECT_EQ(step_error("< series \"a\" $n count=2 lots=1"),
            "t:1:25: unknown limit 'lots' of a series; did you mean 'lost'?");
  EXPECT_EQ(step_error("< series \"a\" $n count=2 count=3"), "t:1:25: a second 'count='");
  EXPECT_EQ(step_error("heer \"a\""), "t:1:1: unknown step 'heer'; did you mean 'hear'?");
}

TEST(Parse, BlockErrors) {
  EXPECT_EQ(step_error("either\n< eof\n"), "t:1:1: 'either' is not ended; put 'end' after its last step");
  EXPECT_EQ(step_error("end"), "t:1:1: 'end' outside of a block");
  EXPECT_EQ(step_error("or"), "t:1:1: 'or' outside of a block");
  EXPECT_EQ(step_error("either\nor\n< eof\nend"), "t:1:1: a branch without steps");
  EXPECT_EQ(step_error("repeat 3\n< eof\nor\n< eof\nend"), "t:3:1: 'or' belongs to 'either'");
  EXPECT_EQ(step_error("burst\n< eof\nend"), "t:2:1: only '>' lines and 'say' stand in a 'burst'");
  EXPECT_EQ(step_error("burst\nend"), "t:1:1: a 'burst' without '>' lines");
  EXPECT_EQ(step_error("covers x"), "t:1:1: 'covers' stands before the first step of a case");
}

TEST(Parse, TokenErrors) {
  EXPECT_EQ(step_error("> text \"abc"), "t:1:8: the string is not closed; put '\"' at its end");
  EXPECT_EQ(step_error("> text \"abc\\"), "t:1:12: the string is not closed; put '\"' at its end");
  EXPECT_EQ(step_error("> text \"a\\q\""),
            "t:1:10: unknown escape '\\q'; one of \\n \\r \\t \\\" \\\\ \\xHH \\u{...}");
  EXPECT_EQ(step_error("> text \"\\xg0\""), "t:1:9: '\\x' needs two hexadecimal digits; for example '\\x00'");
  EXPECT_EQ(step_error("> text \"\\u{d800}\""), "t:1:9: U+D800 is no character; write its octets as x\"..\"");
  EXPECT_EQ(step_error("> text \"\\u{110000}\""),
            "t:1:9: U+110000 is no character; write its octets as x\"..\"");
  EXPECT_EQ(step_error("> text \"\\u12\""),
            "t:1:9: '\\u' needs a code point in braces; for example '\\u{1F600}'");
  EXPECT_EQ(step_error("> text \"a\x01\""), "t:1:10: a control character in a string; write '\\x01'");
  EXPECT_EQ(step_error("> text x\"0\""), "t:1:8: an odd number of hexadecimal digits");
  EXPECT_EQ(step_error("> text x\"0g\""), "t:1:11: not a hexadecimal digit; for text write \"..\" without x");
  EXPECT_EQ(step_error("> text x\"00"), "t:1:8: the hexadecimal string is not closed; put '\"' at its end");
  EXPECT_EQ(step_error("> text $"),
            "t:1:8: a variable needs a name after '$'; names hold letters, digits, '-' and '_'");
  EXPECT_EQ(step_error("> text ;"), "t:1:8: unexpected character \";\"");
  EXPECT_EQ(step_error("> text é"), "t:1:8: unexpected character \"é\"");
  EXPECT_EQ(step_error("> text \x01"), "t:1:8: unexpected control character");
  EXPECT_EQ(step_error("> close 99999999999999999999"),
            "t:1:9: the number 99999999999999999999 does not fit 64 bits");
  EXPECT_EQ(step_error("> text len=99999999999G"), "t:1:12: the number 99999999999G does not fit 64 bits");
}

TEST(Parse, SeveralErrorsShowPerRun) {
  const auto parsed =
      parse("wire 1\ncase a\nopne\n> text fim=0\neither fine\n< eof\nend\ncase b\nlimit 3\nopen\n", "t");
  std::vector<int> lines;
  for (const auto& error : parsed.errors) lines.push_back(error.place.line);
  EXPECT_EQ(lines, std::vector<int>({3, 4, 5, 9}));
}

TEST(Parse, LimitsAreDiagnostics) {
  std::string deep, calls = "> bytes ";
  for (int i = 0; i < 40; ++i) deep += "repeat 2\n", calls += "slice(";
  EXPECT_EQ(step_error(deep), "t:33:1: blocks are nested more than 32 deep");
  EXPECT_EQ(step_error(calls).substr(0, 50), "t:1:201: functions are nested more than 32 deep");
  std::string groups = "> request ";
  for (int i = 0; i < 300'000; ++i) groups += "(drop X ";
  EXPECT_EQ(step_error(groups), "t:1:267: edits are nested more than 32 deep");
  std::string many = "wire 1\ncase a\n";
  for (int i = 0; i < 1000; ++i) many += "frob\n";
  EXPECT_EQ(parse(many, "t").errors.size(), kMaxDiagnostics);
  EXPECT_EQ(first_error(std::string(kMaxFileSize + 1, '\n')),
            "t.wire:1:1: the file is larger than 64 MiB; split it into several files");
}

TEST(Parse, NumbersAndDurations) {
  EXPECT_EQ(read_number("0"), 0U);
  EXPECT_EQ(read_number("0x8000"), 0x8000U);
  EXPECT_EQ(read_number("0xffffffffffffffff"), ~0ULL);
  EXPECT_EQ(read_number("64K"), 65536U);
  EXPECT_EQ(read_number("1M"), 1048576U);
  EXPECT_EQ(read_number("1G"), 1073741824U);
  for (const auto* text : {"", "x", "K", "0x", "1k", "-1", "1.1.2", "1e3", "0xG", "1KK"})
    EXPECT_EQ(read_number(text), std::nullopt) << text;
  EXPECT_EQ(read_duration("5ms"), Duration(5'000'000));
  EXPECT_EQ(read_duration("1s"), Duration(1'000'000'000));
  EXPECT_EQ(read_duration("12.4ms"), Duration(12'400'000));
  EXPECT_EQ(read_duration("0.000000001s"), Duration(1));
  for (const auto* text :
       {"", "s", "1", "1m", "-1s", "1.s", ".5s", "0.5ns", "1.0000000001s", "99999999999s"}) {
    EXPECT_EQ(read_duration(text), std::nullopt) << text;
  }
}

TEST(Parse, SharesOfTimes) {
  const auto share = [](const std::string& text) {
    const auto parsed = parse_steps("pause " + text);
    return parsed.errors.empty() ? std::get<Pause>(parsed.steps.at(0).statement).time : Time(Duration(-1));
  };
  EXPECT_EQ(share("$a").permille, 1000U);
  EXPECT_EQ(share("$a*0.9").permille, 900U);
  EXPECT_EQ(share("$a*2").permille, 2000U);
  EXPECT_EQ(share("$a * 1.125 + 1s").permille, 1125U);
  EXPECT_EQ(share("$a*1.5+250ms").fixed, std::chrono::milliseconds(250));
  for (const char* wrong :
       {"$a*", "$a*1.", "$a*.5", "$a*1.1234", "$a*101", "$a*x", "$a*1s", "$a+", "$a+1", "+1s"})
    EXPECT_EQ(share(wrong).fixed, Duration(-1)) << wrong;
}

TEST(Parse, StringsMeanTheirOctets) {
  const auto octets = [](std::string_view text) { return parse_payload(text)->parts.at(0).bytes; };
  EXPECT_EQ(octets(R"("a\n\r\t\"\\\x00\u{1F600}é")"), Bytes("a\n\r\t\"\\\0\U0001F600é", 13));
  EXPECT_EQ(octets("x\"f4 90\t80 80\""), "\xf4\x90\x80\x80");
  EXPECT_EQ(octets("x\"\""), "");
}

TEST(Parse, LinesJoinAndCommentsEnd) {
  const auto parsed = parse(
      "\xef\xbb\xbf# a comment\r\n\r\nwire 1\r\ncase a  # why\n  see https://example.com/#x \\\n    rfc#2 # "
      "not\n  open \\\n    offer=\"#\" # two\n",
      "t");
  ASSERT_TRUE(parsed.errors.empty()) << render(parsed.errors[0]);
  const auto& one = parsed.file.cases.at(0);
  EXPECT_EQ(one.see, std::vector<std::string>({"https://example.com/#x", "rfc#2"}));
  EXPECT_EQ(one.steps.at(0).comment, "two");
  EXPECT_EQ(std::get<Open>(one.steps[0].statement).options.at(0).value.parts.at(0).bytes, "#");
}

TEST(Parse, VersionsAreWordsAndSpellingsAreKept) {
  const auto parsed = parse("wire 1\ncase a\neach n ab\n 125 1.1.2\n 1M 1.1.3\nend\nopen\nfinish\n", "t");
  ASSERT_TRUE(parsed.errors.empty()) << render(parsed.errors[0]);
  const auto& rows = parsed.file.cases.at(0).each.at(0).rows;
  EXPECT_EQ(std::get<Number>(rows.at(0).values.at(0)).value, 125U);
  EXPECT_EQ(std::get<std::string>(rows.at(0).values.at(1)), "1.1.2");
  EXPECT_EQ(rows.at(0).label, "");
  EXPECT_EQ(rows.at(1).label, "1M");
}

TEST(Parse, AnyOctetsParseWithoutHarm) {
  constexpr std::string_view kSnippets[] = {"wire 1\n", "case a\n", "> text ", "< ",       "\"a",
                                            "\" ",      "x\"",      "fin=",    "0 ",       "each n ",
                                            "in ",      "end\n",    "or\n",    "either\n", "repeat 2 as i\n",
                                            "burst\n",  "fill(",    ") ",      ", ",       "| ",
                                            "$x ",      "* ",       ": ",      "\\\n",     "# ",
                                            "(",        "@1ms ",    "\\",      "\n",       "within 1s "};
  for (std::uint64_t seed = 0; seed < 20000; ++seed) {
    SplitMix random(seed);
    std::string text = random.below(2) ? "wire 1\ncase a\n" : "";
    for (auto n = random.below(30); n > 0; --n) {
      text += kSnippets[random.below(std::size(kSnippets))];
      if (random.below(10) == 0) text += static_cast<char>(random.below(256));
    }
    const auto parsed = parse(text, "t");
    for (const auto& error : parsed.errors) {
      EXPECT_GT(error.place.line, 0) << text;
      EXPECT_FALSE(render(error).empty());
    }
    if (!parsed.errors.empty()) continue;
    const auto again = parse(print(parsed.file), "again");
    ASSERT_TRUE(again.errors.empty()) << text << "\n" << print(parsed.file);
    ASSERT_TRUE(again.file == parsed.file) << text << "\n" << print(parsed.file);
  }
}

}  // namespace
}  // namespace wsspec::parse_test
