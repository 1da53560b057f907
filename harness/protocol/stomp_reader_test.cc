#include "protocol/stomp_reader.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>

namespace wsspec::stomp_reader_test {
namespace {

using enum StompVersion;
using enum StompFault::Kind;
using namespace std::string_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

struct StompRead {
  std::vector<StompFrame> frames;
  std::optional<StompFault> fault;
  bool at_boundary = false;
};

StompRead read_in_pieces(BytesView stream, std::size_t piece, StompVersion version, StompLimits limits) {
  StompReader reader(limits);
  reader.set_version(version);
  StompRead out;
  for (; !stream.empty(); stream.remove_prefix(std::min(piece, stream.size())))
    reader.feed(stream.substr(0, piece), [&](StompFrame&& frame) { out.frames.push_back(std::move(frame)); });
  out.fault = reader.fault();
  out.at_boundary = reader.at_boundary();
  return out;
}

// Reads whole, octet by octet and in threes; all must tell the same.
StompRead read_stomp(const Bytes& stream, StompVersion version = v1_2, StompLimits limits = {}) {
  StompRead whole = read_in_pieces(stream, stream.size(), version, limits);
  for (const std::size_t piece : {1, 3}) {
    const StompRead cut = read_in_pieces(stream, piece, version, limits);
    EXPECT_EQ(cut.frames, whole.frames) << to_hex(stream);
    EXPECT_EQ(cut.at_boundary, whole.at_boundary) << to_hex(stream);
    EXPECT_EQ(cut.fault ? cut.fault->what : "", whole.fault ? whole.fault->what : "") << to_hex(stream);
  }
  return whole;
}

std::vector<std::string> commands(const StompRead& read) {
  std::vector<std::string> out;
  for (const StompFrame& frame : read.frames) out.push_back(frame.command);
  return out;
}

std::optional<StompFault::Kind> fault_of(const Bytes& stream, StompVersion version = v1_2,
                                         StompLimits limits = {}) {
  const StompRead read = read_stomp(stream, version, limits);
  if (!read.fault) return std::nullopt;
  EXPECT_FALSE(read.fault->what.empty());
  EXPECT_FALSE(read.at_boundary);
  return read.fault->kind;
}

TEST(StompReader, ReadsAFrame) {
  const StompRead read = read_stomp("SEND\ndestination:/queue/a\n\nhello\0"s);
  EXPECT_THAT(read.frames, ElementsAre(StompFrame{"SEND", {{"destination", "/queue/a"}}, "hello"}));
  EXPECT_TRUE(read.at_boundary);
}

TEST(StompReader, SkipsEndsOfLinesBetweenFrames) {
  EXPECT_THAT(commands(read_stomp("\n\r\nACK\n\n\0\n\n\r\nNACK\n\n\0BEGIN\n\n\0\n"s)),
              ElementsAre("ACK", "NACK", "BEGIN"));
  // Before 1.2 a line ends in LF alone, so the CR is a command.
  EXPECT_EQ(fault_of("\r\nACK\n\n\0"s, v1_1), command);
}

TEST(StompReader, TakesCrlfInOneTwoOnly) {
  const Bytes stream = "SEND\r\na:b\r\n\r\nx\0"s;
  EXPECT_THAT(read_stomp(stream).frames, ElementsAre(StompFrame{"SEND", {{"a", "b"}}, "x"}));
  EXPECT_EQ(fault_of(stream, v1_1), command);
  EXPECT_THAT(read_stomp("SEND\na:b\r\n\nx\0"s, v1_1).frames,
              ElementsAre(StompFrame{"SEND", {{"a", "b\r"}}, "x"}));
}

TEST(StompReader, CountsTheBodyOverItsNuls) {
  const StompRead read = read_stomp("SEND\ncontent-length:5\n\na\0b\0c\0ACK\n\n\0"s);
  ASSERT_THAT(commands(read), ElementsAre("SEND", "ACK"));
  EXPECT_EQ(read.frames[0].body, "a\0b\0c"s);
}

TEST(StompReader, TakesTheFirstOfTwoLengths) {
  EXPECT_THAT(commands(read_stomp("SEND\ncontent-length:2\ncontent-length:9\n\nab\0"s)), ElementsAre("SEND"));
}

TEST(StompReader, FaultsWhereTheCountedBodyHasNoNul) {
  EXPECT_EQ(fault_of("SEND\ncontent-length:2\n\nabcd\0"s), end);
  EXPECT_EQ(fault_of("SEND\ncontent-length:0\n\na\0"s), end);
}

TEST(StompReader, WaitsForTheRestOfALongBody) {
  const StompRead read = read_stomp("SEND\ncontent-length:10\n\nabc\0"s);
  EXPECT_THAT(read.frames, IsEmpty());
  EXPECT_FALSE(read.fault);
  EXPECT_FALSE(read.at_boundary);
}

TEST(StompReader, FaultsALengthThatIsNoNumber) {
  for (const char* bad : {"-1", "abc", "1,2", "", " 2", "2 ", "+2"})
    EXPECT_EQ(fault_of("SEND\ncontent-length:"s + bad + "\n\n"), length) << bad;
  EXPECT_EQ(fault_of("SEND\ncontent-length:12345678901234567890123\n\n"), limit);
}

TEST(StompReader, FaultsUndefinedEscapesInNameAndValue) {
  for (const char* bad : {"x:a\\tb", "x:a\\", "a\\x:b"})
    EXPECT_EQ(fault_of("SEND\n"s + bad + "\n"), escape) << bad;
  EXPECT_EQ(fault_of("SEND\nx:\\r\n"s, v1_1), escape);
  EXPECT_EQ(fault_of("SEND\nx:\\t\n\n\0"s, v1_0), std::nullopt);
  EXPECT_EQ(fault_of("CONNECT\npasscode:\\t\n\n\0"s), std::nullopt);
}

TEST(StompReader, UnescapesNameAndValue) {
  EXPECT_THAT(read_stomp("SEND\na\\cb:1\\n2\\c3\\\\4\\r5\n\n\0"s).frames,
              ElementsAre(StompFrame{"SEND", {{"a:b", "1\n2:3\\4\r5"}}, ""}));
}

TEST(StompReader, TellsOfABareColonWhereThereIsAnEscapeForIt) {
  EXPECT_TRUE(read_stomp("SEND\na:1:2\n\n\0"s).frames.at(0).bare_colon);
  EXPECT_FALSE(read_stomp("SEND\na:1:2\n\n\0"s, v1_0).frames.at(0).bare_colon);
  EXPECT_FALSE(read_stomp("CONNECTED\nserver:a:b\n\n\0"s).frames.at(0).bare_colon);
}

TEST(StompReader, KeepsBlanks) {
  EXPECT_THAT(read_stomp("SEND\n a : b \n\n\0"s).frames,
              ElementsAre(StompFrame{"SEND", {{" a ", " b "}}, ""}));
}

TEST(StompReader, FaultsWhatIsNoHeader) {
  for (const char* bad : {"nocolon", ":v", "a:\xff", "a\rb:c"})
    EXPECT_EQ(fault_of("SEND\n"s + bad + "\n"), header) << bad;
}

TEST(StompReader, FaultsWhatIsNoCommand) {
  EXPECT_EQ(fault_of("SEND\0"s), command);
  EXPECT_EQ(fault_of("SE\rND\n"), command);
  EXPECT_EQ(fault_of("\xff\n"), command);
}

TEST(StompReader, KeepsToItsLimits) {
  const StompLimits limits{.line = 8, .headers = 2, .body = 4};
  EXPECT_EQ(fault_of("SEND\nabc:efgh\r\n\n1234\0"s, v1_2, limits), std::nullopt);
  EXPECT_EQ(fault_of("SEND\nabc:efghi\n"s, v1_2, limits), limit);
  EXPECT_EQ(fault_of("SEND\na:1\nb:2\nc:3\n"s, v1_2, limits), limit);
  EXPECT_EQ(fault_of("SEND\n\n12345"s, v1_2, limits), limit);
  StompReader endless(limits);
  const StompReader::Sink nobody = [](StompFrame&&) {};
  for (int i = 0; i < 100 && !endless.fault(); ++i) endless.feed("aaa", nobody);
  EXPECT_TRUE(endless.fault());
}

TEST(StompReader, TakesTheVersionFromWithinAFrame) {
  StompReader reader;
  std::vector<StompHeader> seen;
  reader.feed("CONNECTED\nversion:1.0\n\n\0MESSAGE\nx:a\\tb\n\n\0"s, [&](StompFrame&& frame) {
    if (frame.command == "CONNECTED") reader.set_version(*parse_stomp_version(*frame.find("version")));
    seen.push_back(frame.headers.at(0));
  });
  EXPECT_THAT(seen, ElementsAre(StompHeader{"version", "1.0"}, StompHeader{"x", "a\\tb"}));
}

TEST(StompReader, SaysWhichFrameHasBegun) {
  StompReader reader;
  const StompReader::Sink nobody = [](StompFrame&&) {};
  EXPECT_EQ(reader.begun(), "");
  reader.feed("MESS", nobody);
  EXPECT_EQ(reader.begun(), "MESS");
  reader.feed("AGE\na:b\n\nbody", nobody);
  EXPECT_EQ(reader.begun(), "MESSAGE");
  reader.feed("\0"s, nobody);
  EXPECT_EQ(reader.begun(), "");
}

}  // namespace
}  // namespace wsspec::stomp_reader_test
