#include "autobahn/autobahn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "report/test/sample.h"

namespace wsspec::autobahn_test {
namespace {

using testing::StartsWith;

nlohmann::json index_of(const RunResult& run) {
  const AutobahnAgent agent = autobahn_agent(run);
  return nlohmann::json::parse(autobahn_index({&agent, 1}));
}

nlohmann::json case_file(const RunResult& run, const std::string& name) {
  return nlohmann::json::parse(autobahn_case_files(run).at(name));
}

RunResult run_of(std::vector<CaseResult> results) {
  RunResult run;
  run.target_name = "Echo-X 2";
  run.results = std::move(results);
  return run;
}

CaseResult numbered(Verdict verdict, std::vector<std::string> numbers) {
  CaseResult r = sample::result("a", verdict, "because");
  r.autobahn = std::move(numbers);
  return r;
}

TEST(Autobahn, TheIndexHasTheShapeOfTheSuite) {
  auto r = numbered(Verdict::pass, {"1.1.1"});
  r.close_code = 1000;
  r.duration = std::chrono::microseconds(4900);
  const AutobahnAgent agent = autobahn_agent(run_of({r}));
  EXPECT_EQ(autobahn_index({&agent, 1}),
            "{\n   \"Echo-X 2\": {\n      \"1.1.1\": {\n         \"behavior\": \"OK\",\n         "
            "\"behaviorClose\": \"OK\",\n"
            "         \"duration\": 4,\n         \"remoteCloseCode\": 1000,\n"
            "         \"reportfile\": \"echo_x_2_case_1_1_1.json\"\n      }\n   }\n}");
  EXPECT_EQ(autobahn_index({}), "{}");
}

TEST(Autobahn, EachCaseHasTheKeysOfTheSuite) {
  const auto one = case_file(sample::run(), "echo_x_case_3_1.json");
  for (const char* key : {"agent",
                          "id",
                          "case",
                          "description",
                          "expectation",
                          "behavior",
                          "behaviorClose",
                          "result",
                          "resultClose",
                          "started",
                          "duration",
                          "reportTime",
                          "reportCompressionRatio",
                          "expected",
                          "received",
                          "expectedClose",
                          "isServer",
                          "closedByMe",
                          "failedByMe",
                          "droppedByMe",
                          "wasClean",
                          "wasNotCleanReason",
                          "wasOpenHandshakeTimeout",
                          "wasCloseHandshakeTimeout",
                          "wasServerConnectionDropTimeout",
                          "localCloseCode",
                          "localCloseReason",
                          "remoteCloseCode",
                          "remoteCloseReason",
                          "rxOctetStats",
                          "txOctetStats",
                          "rxFrameStats",
                          "txFrameStats",
                          "httpRequest",
                          "httpResponse",
                          "trafficStats",
                          "wirelog",
                          "createStats",
                          "createWirelog"})
    EXPECT_TRUE(one.contains(key)) << key;
  EXPECT_EQ(one.size(), 39U) << "and no others";
  EXPECT_EQ(one["id"], "3.1");
  EXPECT_EQ(one["case"], 1);
  EXPECT_EQ(one["wirelog"][0][0], "TF");
  EXPECT_EQ(one["wirelog"][0][4], 4);
  EXPECT_EQ(one["wirelog"][1][0], "RF");
  EXPECT_THAT(one["httpRequest"].get<std::string>(), StartsWith("GET /chat HTTP/1.1"));
  EXPECT_EQ(one["rxFrameStats"]["1"], 1);
}

TEST(Autobahn, TheWorstOfSeveralCounts) {
  const auto index =
      index_of(run_of({numbered(Verdict::pass, {"5.1"}), numbered(Verdict::weak, {"5.1", "5.2"}),
                       numbered(Verdict::fail, {"5.2"}), numbered(Verdict::info, {"5.1"})}));
  EXPECT_EQ(index["Echo-X 2"]["5.1"]["behavior"], "NON-STRICT");
  EXPECT_EQ(index["Echo-X 2"]["5.2"]["behavior"], "FAILED");
}

TEST(Autobahn, CasesStandInNumericPlaces) {
  const auto run = run_of({numbered(Verdict::pass, {"10.1.1", "2.10", "2.9"})});
  EXPECT_EQ(case_file(run, "echo_x_2_case_2_9.json")["case"], 1);
  EXPECT_EQ(case_file(run, "echo_x_2_case_2_10.json")["case"], 2);
  EXPECT_EQ(case_file(run, "echo_x_2_case_10_1_1.json")["case"], 3);
}

Event event(Event::Kind kind, std::string line) {
  Event out;
  out.kind = kind;
  out.line = std::move(line);
  return out;
}

// A text, a burst of two pings, a fragmented message and the closing, all passed.
RunResult conversation() {
  using enum Event::Kind;
  CaseResult r = numbered(Verdict::pass, {"2.10"});
  r.script = "wire 1\n\ncase a\n  open\n  finish\n";
  r.started = std::chrono::milliseconds(61'234);
  r.close_code = 1000;
  r.transcript.lets = {"let big = \"ab\"*100"};
  r.transcript.events = {event(sent, "> text \"Hello, world!\""),
                         event(received, "< text \"Hello, world!\""),
                         event(sent, "burst\n  > ping \"1\"\n  > ping x\"00 ff\"\nend"),
                         event(received, "< pong \"1\""),
                         event(received, "< pong x\"00 ff\""),
                         event(sent, "> binary split=2 \"four\""),
                         event(received, "< binary $big"),
                         event(received, "< binary"),
                         event(sent, "> bytes x\"89 80\""),
                         event(sent, "> bytes x\"00 00 00 00\""),
                         event(sent, "finish"),
                         event(received, "< close 1000 \"bye\""),
                         event(received, "< eof")};
  r.transcript.events[11].frame = FrameHeader{.opcode = 8, .length = 5};
  RunResult run = run_of({r});
  run.started = "2025-12-31T23:59:00Z";
  return run;
}

TEST(Autobahn, ReceivedHoldsTheTextsThemselves) {
  const auto one = case_file(conversation(), "echo_x_2_case_2_10.json");
  std::string cut;
  for (int i = 0; i < 32; ++i) cut += "ab";
  const nlohmann::json received = {{"message", "Hello, world!", false},
                                   nlohmann::json::array({"pong", "1"}),
                                   nlohmann::json::array({"pong", "0x00ff"}),
                                   {"message", cut + " ...", true},
                                   {"message", "... (0 octets)", true}};
  EXPECT_EQ(one["received"], received);
  EXPECT_EQ(one["expected"]["OK"], received) << "they match, as the result says";
}

TEST(Autobahn, FramesOfBurstsAndFragmentsAreCounted) {
  const auto one = case_file(conversation(), "echo_x_2_case_2_10.json");
  EXPECT_EQ(one["txFrameStats"], nlohmann::json::parse(R"({"0": 1, "1": 1, "2": 1, "8": 1, "9": 3})"));
  EXPECT_EQ(one["rxFrameStats"], nlohmann::json::parse(R"({"1": 1, "2": 2, "8": 1, "10": 2})"));
  ASSERT_EQ(one["wirelog"].size(), 13U);
  EXPECT_EQ(one["wirelog"][12][1], nlohmann::json::parse(R"([5, "0x03e8627965"])"));
  EXPECT_EQ(one["wirelog"][0][0], "TF");
  EXPECT_EQ(one["wirelog"][0][1], nlohmann::json::parse(R"([13, "Hello, world!"])"));
  EXPECT_EQ(one["wirelog"][3][1], nlohmann::json::parse(R"([2, "0x00ff"])"));
}

TEST(Autobahn, CasesOfManyFramesHaveNoWireLog) {
  RunResult run = conversation();
  CaseResult& r = run.results[0];
  r.autobahn = {"9.3.1"};
  r.transcript.events[0].line = "> text split=1 \"x\"*3000";
  const auto one = case_file(run, "echo_x_2_case_9_3_1.json");
  EXPECT_EQ(one["wirelog"].size(), 0U);
  EXPECT_EQ(one["createWirelog"], false);
  EXPECT_EQ(one["txFrameStats"]["0"], 3000) << "they are counted all the same";
}

TEST(Autobahn, TheCloseIsToldOfBothSides) {
  const auto one = case_file(conversation(), "echo_x_2_case_2_10.json");
  EXPECT_EQ(one["localCloseCode"], 1000);
  EXPECT_EQ(one["remoteCloseCode"], 1000);
  EXPECT_EQ(one["remoteCloseReason"], "bye");
  EXPECT_EQ(one["closedByMe"], true);
  EXPECT_EQ(one["wasClean"], true);
  EXPECT_EQ(one["resultClose"], "Connection was properly closed.");
  EXPECT_EQ(one["expectedClose"]["closeCode"], nlohmann::json::parse("[1000]"));
}

TEST(Autobahn, StartsWithMilliseconds) {
  EXPECT_EQ(case_file(conversation(), "echo_x_2_case_2_10.json")["started"], "2026-01-01T00:00:01.234Z");
}

TEST(Autobahn, AFailureNamesWhatWasWantedInstead) {
  RunResult run = conversation();
  CaseResult& r = run.results[0];
  r.verdict = Verdict::fail;
  r.reason = "a text message of 3 octets came instead";
  r.expected = "< pong \"1\"";
  r.transcript.events.resize(4);
  r.transcript.events.back() = event(Event::Kind::received, "< text \"foo\"");
  r.transcript.events.back().failing = true;
  r.close_code.reset();
  const auto one = case_file(run, "echo_x_2_case_2_10.json");
  EXPECT_EQ(one["expected"]["OK"],
            nlohmann::json::parse(R"([["message", "Hello, world!", false], ["pong", "1"]])"));
  EXPECT_EQ(one["received"][1], nlohmann::json::parse(R"(["message", "foo", false])"));
  EXPECT_EQ(one["result"], r.reason);
  EXPECT_EQ(one["behaviorClose"], "FAILED BY CLIENT");
  EXPECT_EQ(one["wasClean"], false);
  EXPECT_EQ(one["wasNotCleanReason"], one["resultClose"]);
}

TEST(Autobahn, NamesCannotLeaveTheFolder) {
  RunResult run = sample::hostile();
  run.target_name = "../../etc/passwd\n\xff";
  run.results[0].autobahn = {"../1", "1/2", "", ".", "1..2", "1.", "3.1"};
  const auto files = autobahn_case_files(run);
  for (const auto& [name, text] : files) {
    EXPECT_TRUE(std::ranges::all_of(name, [](char c) {
      return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    })) << name;
    EXPECT_EQ(name.find(".."), std::string::npos);
    EXPECT_FALSE(nlohmann::json::parse(text, nullptr, false).is_discarded()) << name;
    EXPECT_TRUE(std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
  }
  EXPECT_TRUE(files.contains("______etc_passwd_n_xff_case_3_1.json"));
}

}  // namespace
}  // namespace wsspec::autobahn_test
