// What a case says in a room, in the words of a target.
#include "script/dialect.h"

#include <gtest/gtest.h>

#include "script/parse.h"
#include "script/print.h"

namespace wsspec::dialect_test {
namespace {

Dialect dialect_of(std::initializer_list<std::string_view> words) {
  Dialect out;
  for (const auto word : words) EXPECT_TRUE(add_to_dialect(out, word)) << word;
  return out;
}

/// The steps as they are played in the room "r".
std::string said(std::string_view steps, const Dialect& dialect) {
  Case one;
  one.steps = parse_steps(steps, "t").steps;
  std::string out;
  for (const Step& step : spoken(one, dialect, "r").steps) out += print(step, 0) + "\n";
  return out;
}

TEST(Dialect, PlainIsTheMessagesThemselves) {
  EXPECT_EQ(said("a: join\na: say \"x\" split=1\nb: hear \"x\" within 1s\nb: hear binary\na: leave", {}),
            "a: > ping \"in?\"\na: < pong \"in?\"\na: > text \"x\" split=1\nb: < text \"x\" within 1s\n"
            "b: < binary\na: finish\n");
}

TEST(Dialect, TemplatesHaveRoomAndText) {
  const auto irc =
      dialect_of({"join=J {room}", "joined=IN {room}", "say=P {room} {text}", "hear={text}!", "leave=L"});
  EXPECT_EQ(said("a: join\na: say \"x\" $i\na: leave", irc),
            "a: > text \"J \" \"r\"\na: < text \"IN \" \"r\"\na: > text \"P \" \"r\" \" \" \"x\" $i\na: > "
            "text \"L\"\na: > ping \"out?\"\na: < pong \"out?\"\n");
  EXPECT_EQ(said("a: join \"x\"\nb: join\na: say \"1\"",
                 dialect_of({"join=J {room}", "joined=ok", "say={room}{text}"})),
            "a: > text \"J \" \"r\" \"-\" \"x\"\na: < text \"ok\"\nb: > text \"J \" \"r\"\nb: < text \"ok\"\n"
            "a: > text \"r\" \"-\" \"x\" \"1\"\n");
}

TEST(Dialect, JsonIsEscaped) {
  EXPECT_EQ(said("b: hear series \"x\" $n count=2 lost=any",
                 dialect_of({"escape=json", "hear={\"t\":\"{text}\"}"})),
            "b: < series \"{\\\"t\\\":\\\"\" json(\"x\" $n) \"\\\"}\" count=2 lost=any\n");
}

TEST(Dialect, BlocksAreSpokenToo) {
  EXPECT_EQ(said("repeat 2\na: say \"x\"\nend\nburst\na: say \"y\"\nend", {}),
            "repeat 2\n  a: > text \"x\"\nend\nburst\n  a: > text \"y\"\nend\n");
}

TEST(Dialect, FindsTheTextInAMessage) {
  EXPECT_EQ(text_within("{text}", "hello"), "hello");
  EXPECT_EQ(text_within("P {room} {text}!", "P r hello!!"), "hello!");
  EXPECT_EQ(text_within("P {room} {text}!", "Q r hello!"), std::nullopt);
  EXPECT_EQ(text_within("{text} in {room}", "hello in r"), "hello");
  EXPECT_EQ(text_within("joined", "joined"), std::nullopt);
}

TEST(Dialect, ErrorsSayWhatThereIs) {
  Dialect out;
  EXPECT_EQ(add_to_dialect(out, "stomp").error().what, "there is no dialect 'stomp'");
  EXPECT_EQ(add_to_dialect(out, "sya={text}").error().hint, "did you mean 'say'?");
  EXPECT_EQ(add_to_dialect(out, "say=hello").error().what, "there is no {text} in it");
  EXPECT_EQ(add_to_dialect(out, "join={text}").error().what, "nothing is said here, so there is no {text}");
  EXPECT_EQ(add_to_dialect(out, "escape=xml").error().hint, "json or none");
}

}  // namespace
}  // namespace wsspec::dialect_test
