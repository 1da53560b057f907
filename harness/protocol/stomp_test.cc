#include "protocol/stomp.h"

#include <gtest/gtest.h>

namespace wsspec::stomp_test {
namespace {

using enum StompVersion;
using namespace std::string_literals;

TEST(Stomp, WritesWhatTheTextHasAsItsExamples) {
  EXPECT_EQ(render_stomp({"CONNECT", {{"accept-version", "1.2"}, {"host", "stomp.github.org"}}, ""}),
            "CONNECT\naccept-version:1.2\nhost:stomp.github.org\n\n\0"s);
  StompFrame send{"SEND", {{"destination", "/queue/a"}}, "hello queue a"};
  send.add_length();
  EXPECT_EQ(render_stomp(send), "SEND\ndestination:/queue/a\ncontent-length:13\n\nhello queue a\0"s);
  EXPECT_EQ(render_stomp({"ACK", {{"id", "1"}}, ""}, {.crlf = true}), "ACK\r\nid:1\r\n\r\n\0"s);
}

TEST(Stomp, AddsALengthOnlyWhereABodyHasNone) {
  StompFrame none{"SEND", {}, ""}, own{"SEND", {{"content-length", "7"}}, "ab"};
  none.add_length();
  own.add_length();
  EXPECT_TRUE(none.headers.empty());
  EXPECT_EQ(own.headers.size(), 1u);
}

TEST(Stomp, EscapesByVersion) {
  const std::string all = "1\n2:3\\4\r5";
  EXPECT_EQ(stomp_escaped(all, v1_2), "1\\n2\\c3\\\\4\\r5");
  EXPECT_EQ(stomp_escaped(all, v1_1), "1\\n2\\c3\\\\4\r5");
  EXPECT_EQ(stomp_escaped(all, v1_0), all);
}

TEST(Stomp, UndoesEscapesByVersion) {
  EXPECT_EQ(stomp_unescaped("1\\n2\\c3\\\\4\\r5", v1_2), "1\n2:3\\4\r5");
  EXPECT_EQ(stomp_unescaped("\\r", v1_1), std::nullopt);
  EXPECT_EQ(stomp_unescaped("\\t", v1_0), "\\t");
  // From left to right: a backslash and an n, no line feed.
  EXPECT_EQ(stomp_unescaped("\\\\n", v1_2), "\\n");
  for (const char* undefined : {"\\t", "\\x", "\\", "a\\", "\\N"})
    EXPECT_EQ(stomp_unescaped(undefined, v1_2), std::nullopt) << undefined;
}

TEST(Stomp, LeavesTheFramesOfAConnectionAttemptUnescaped) {
  for (const char* command : {"CONNECT", "STOMP", "CONNECTED"})
    EXPECT_EQ(render_stomp({command, {{"passcode", "a\\t:b"}}, ""}), command + "\npasscode:a\\t:b\n\n\0"s);
  EXPECT_EQ(render_stomp({"SEND", {{"a:b", "c:d"}}, ""}), "SEND\na\\cb:c\\cd\n\n\0"s);
}

TEST(Stomp, WritesARawHeaderAsItStands) {
  EXPECT_EQ(render_stomp({"SEND", {{"x", "a\\tb:c", true}}, ""}), "SEND\nx:a\\tb:c\n\n\0"s);
}

TEST(Stomp, FindsTheFirstOfSeveralByCase) {
  const StompFrame frame{"MESSAGE", {{"Foo", "no"}, {"foo", "World"}, {"foo", "Hello"}}, ""};
  ASSERT_TRUE(frame.find("foo"));
  EXPECT_EQ(*frame.find("foo"), "World");
  EXPECT_EQ(frame.find("FOO"), nullptr);
}

TEST(Stomp, KnowsItsVersions) {
  for (const StompVersion version : {v1_0, v1_1, v1_2})
    EXPECT_EQ(parse_stomp_version(name(version)), version);
  EXPECT_EQ(parse_stomp_version("2.1"), std::nullopt);
}

}  // namespace
}  // namespace wsspec::stomp_test
