// A session on a wire of the test's own: what it sends besides its inputs.
#include "fuzzer/session.h"

#include <gtest/gtest.h>

#include "protocol/close.h"
#include "protocol/frame.h"
#include "run/selftest.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

/// A target that does what the test says.
class Wire {
 public:
  explicit Wire(FuzzSession& session) : session_(session) {
    Bytes request = sent();
    HeadParser head;
    BytesView rest = request;
    EXPECT_TRUE(head.feed(rest));
    say("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: " +
        accept_for(head.head().joined("Sec-WebSocket-Key").value_or("")) + "\r\n\r\n");
  }
  void say(Bytes octets) { session_.received(octets, 1ms); }
  /// All that the session sends now.
  Bytes sent() {
    Bytes out;
    for (;;) {
      const Action action = session_.next(1ms);
      if (action.kind != Action::Kind::send) return out;
      out += action.bytes;
    }
  }
  /// The frames among it, as "opcode:payload".
  std::vector<Bytes> frames() {
    Bytes octets = sent();
    std::vector<Bytes> out;
    FrameDecoder decoder;
    MutableBytes rest(octets);
    while (const auto piece = decoder.next(rest))
      out.push_back(opcode_name(piece->header.opcode) + ":" + Bytes(view(piece->payload)));
    return out;
  }

 private:
  FuzzSession& session_;
};

class FuzzSessionTest : public testing::Test {
 protected:
  Profile profile_ = peer_profile();
  FuzzSession session_{profile_, {}, {}, [](const FuzzContext&) {
                         return FuzzInput{{fuzz_frame(FrameKind::text, "input")}, false};
                       }};
};

TEST_F(FuzzSessionTest, AnswersThePingOfItsTarget) {
  Wire wire(session_);
  const auto first = wire.frames();
  ASSERT_EQ(first.size(), 2u);
  EXPECT_EQ(first[0], "text:input");
  EXPECT_TRUE(first[1].starts_with("ping:wsspec "));
  wire.say(make_frame(Opcode::ping, "one", std::nullopt) + make_frame(Opcode::ping, "two", std::nullopt));
  EXPECT_EQ(wire.frames(), std::vector<Bytes>{"pong:two"}) << "the latest answers for all (5.5.3)";
  EXPECT_EQ(wire.frames(), std::vector<Bytes>{});
}

TEST_F(FuzzSessionTest, AnswersACloseWithACloseAndNothingElse) {
  Wire wire(session_);
  wire.frames();
  wire.say(make_frame(Opcode::ping, "late", std::nullopt) +
           make_frame(Opcode::close, make_close(1001), std::nullopt));
  EXPECT_EQ(wire.frames(), std::vector<Bytes>{"close:" + make_close(1000)});
}

}  // namespace
}  // namespace wsspec
