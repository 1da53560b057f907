#include "report/autobahn.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "report/test/sample.h"

namespace wsspec {
namespace {

using testing::StartsWith;

nlohmann::json index_of(const RunResult& run) {
  return nlohmann::json::parse(write_autobahn(run).at("index.json"));
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
  EXPECT_EQ(write_autobahn(run_of({r})).at("index.json"),
            "{\n   \"Echo-X 2\": {\n      \"1.1.1\": {\n         \"behavior\": \"OK\",\n         "
            "\"behaviorClose\": \"OK\",\n"
            "         \"duration\": 4,\n         \"remoteCloseCode\": 1000,\n"
            "         \"reportfile\": \"echo_x_2_case_1_1_1.json\"\n      }\n   }\n}");
  EXPECT_EQ(write_autobahn(RunResult{}).at("index.json"), "{}");
}

TEST(Autobahn, EachCaseHasTheKeysOfTheSuite) {
  const auto files = write_autobahn(sample::run());
  const auto one = nlohmann::json::parse(files.at("echo_x_case_3_1.json"));
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
                          "createWirelog"})
    EXPECT_TRUE(one.contains(key)) << key;
  EXPECT_EQ(one["id"], "3.1");
  EXPECT_EQ(one["case"], 1);
  EXPECT_EQ(one["wirelog"][0][0], "TF");
  EXPECT_EQ(one["wirelog"][0][4], 4);
  EXPECT_EQ(one["wirelog"][1][0], "RF");
  EXPECT_THAT(one["httpRequest"].get<std::string>(), StartsWith("GET /chat HTTP/1.1"));
  EXPECT_EQ(one["rxFrameStats"]["1"], 1);
}

TEST(Autobahn, EveryVerdictHasItsWords) {
  using enum Verdict;
  const auto words = [](Verdict verdict, const std::string& number) {
    const auto index = index_of(run_of({numbered(verdict, {number})}));
    const auto& entry = index["Echo-X 2"][number];
    return entry["behavior"].get<std::string>() + "/" + entry["behaviorClose"].get<std::string>();
  };
  EXPECT_EQ(words(pass, "1.1.1"), "OK/OK");
  EXPECT_EQ(words(weak, "1.1.1"), "NON-STRICT/OK");
  EXPECT_EQ(words(info, "7.1.6"), "INFORMATIONAL/INFORMATIONAL");
  EXPECT_EQ(words(fail, "1.1.1"), "FAILED/FAILED BY CLIENT");
  EXPECT_EQ(words(error, "1.1.1"), "FAILED/FAILED");
  EXPECT_EQ(words(not_run, "1.1.1"), "FAILED/FAILED");
  EXPECT_EQ(words(inconclusive, "9.1.6"), "FAILED/OK");
  EXPECT_EQ(words(skipped, "1.1.1"), "FAILED/FAILED");
  EXPECT_EQ(words(skipped, "12.1.1"), "UNIMPLEMENTED/OK");
  EXPECT_EQ(words(skipped, "13.7.18"), "UNIMPLEMENTED/OK");
}

TEST(Autobahn, WhatWasWrongWithTheClose) {
  const auto index = index_of(sample::run())["echo-x"];
  EXPECT_EQ(index["3.1"]["behaviorClose"], "FAILED BY CLIENT");  // It went on as if nothing had happened.
  EXPECT_EQ(index["6.14.1"]["behavior"], "FAILED");
  EXPECT_EQ(index["6.14.1"]["behaviorClose"], "WRONG CODE");
  EXPECT_EQ(index["6.14.1"]["remoteCloseCode"], 1000);
  EXPECT_EQ(index["7.9.4"]["behavior"], "OK");
  EXPECT_EQ(index["7.9.4"]["behaviorClose"], "WRONG CODE");
  CaseResult died = numbered(Verdict::fail, {"3.3"});
  died.target_died = true;
  EXPECT_EQ(index_of(run_of({died}))["Echo-X 2"]["3.3"]["behaviorClose"], "UNCLEAN");
}

TEST(Autobahn, TheWorstOfSeveralCounts) {
  const auto index =
      index_of(run_of({numbered(Verdict::pass, {"5.1"}), numbered(Verdict::weak, {"5.1", "5.2"}),
                       numbered(Verdict::fail, {"5.2"}), numbered(Verdict::info, {"5.1"})}));
  EXPECT_EQ(index["Echo-X 2"]["5.1"]["behavior"], "NON-STRICT");
  EXPECT_EQ(index["Echo-X 2"]["5.2"]["behavior"], "FAILED");
}

TEST(Autobahn, CasesStandInNumericPlaces) {
  const auto files = write_autobahn(run_of({numbered(Verdict::pass, {"10.1.1", "2.10", "2.9"})}));
  EXPECT_EQ(nlohmann::json::parse(files.at("echo_x_2_case_2_9.json"))["case"], 1);
  EXPECT_EQ(nlohmann::json::parse(files.at("echo_x_2_case_2_10.json"))["case"], 2);
  EXPECT_EQ(nlohmann::json::parse(files.at("echo_x_2_case_10_1_1.json"))["case"], 3);
}

TEST(Autobahn, NamesCannotLeaveTheFolder) {
  RunResult run = sample::hostile();
  run.target_name = "../../etc/passwd\n\xff";
  run.results[0].autobahn = {"../1", "1/2", "", ".", "1..2", "1.", "3.1"};
  const auto files = write_autobahn(run);
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
}  // namespace wsspec
