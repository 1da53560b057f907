#include <gtest/gtest.h>

#include "script/parse.h"
#include "script/print.h"
#include "script/random_tree.h"

namespace wsspec::explain_test {
namespace {

std::string sentence(std::string_view text) {
  const auto parsed = parse_steps(text);
  EXPECT_TRUE(parsed.errors.empty()) << render(parsed.errors[0]);
  return explain(parsed.steps.at(0));
}

TEST(Explain, Sends) {
  EXPECT_EQ(sentence("> text \"Hello\""), "We send a text frame with the payload \"Hello\".");
  EXPECT_EQ(sentence("> text fin=0 rsv=6 \"a\""),
            "We send a text frame, not final, with RSV1 and RSV2 set, and with the payload \"a\".");
  EXPECT_EQ(sentence("> close 1000 \"bye\""), "We send a Close frame with code 1000 and the reason \"bye\".");
  EXPECT_EQ(sentence("> frame op=11 mask=bad"),
            "We send a frame of opcode 11, masked as the other role would.");
  EXPECT_EQ(sentence("> binary len=5 lenbits=64 split=1 chop=2 gap=3ms fill(9)"),
            "We send a binary frame, declaring a length of 5, its length written in 64 bits, and with the "
            "payload fill(9), "
            "in fragments of 1 octet, in writes of 2 octets, with 3ms between two writes.");
  EXPECT_EQ(sentence("> request drop Host set Upgrade \"h2c\""),
            "We send a correct opening handshake, but without Host, Upgrade set to \"h2c\".");
  EXPECT_EQ(sentence("> reset"), "We abort the connection with a TCP RST.");
}

TEST(Explain, Expectations) {
  EXPECT_EQ(sentence("< text \"a\" within 1s"),
            "The peer sends a text message with the payload \"a\", within 1s.");
  EXPECT_EQ(sentence("< text fin=0"), "The peer sends a text frame, not final.");
  EXPECT_EQ(sentence("< close 1000|1001|none"), "The peer sends a Close frame with code 1000, 1001 or none.");
  EXPECT_EQ(sentence("< fail 1002|1007"),
            "The peer fails the connection: Close with code 1002 or 1007, or the end of TCP.");
  EXPECT_EQ(sentence("< refused 426 has Sec-WebSocket-Version \"13\""),
            "The server refuses the handshake with status 426 with Sec-WebSocket-Version of \"13\".");
  EXPECT_EQ(sentence("< gone"), "The connection ends.");
}

TEST(Explain, ActionsAndBlocks) {
  EXPECT_EQ(sentence("open offer=\"permessage-deflate\""),
            "The connection is opened with a correct handshake, with Sec-WebSocket-Extensions "
            "\"permessage-deflate\".");
  EXPECT_EQ(sentence("quiet 200ms"), "Nothing arrives for 200ms.");
  EXPECT_EQ(sentence("repeat 3 as i\nmute\nend"), "The following is done 3 times, counted by $i.");
  EXPECT_EQ(sentence("burst\n> ping\n> ping\nend"), "We send the following 2 as one.");
}

TEST(Explain, IsOneSentenceForAnyStep) {
  for (std::uint64_t seed = 0; seed < 500; ++seed) {
    const auto text = explain(RandomTree(seed).step());
    EXPECT_TRUE(text.ends_with('.')) << text;
    EXPECT_EQ(text.find('\n'), std::string::npos) << text;
    EXPECT_LT(text.size(), 4000U) << text;
  }
}

}  // namespace
}  // namespace wsspec::explain_test
