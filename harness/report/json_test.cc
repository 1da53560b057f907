#include "report/json.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "report/json_model.h"
#include "report/test/sample.h"
#include "report/test/schema.h"

namespace wsspec::json_test {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

Json document_of(const RunResult& run) {
  return Json::parse(write_json(run));
}

TEST(Json, FollowsTheSchema) {
  for (const RunResult& run : {sample::run(), sample::hostile(), sample::large(300), RunResult{}})
    EXPECT_EQ(sample::schema_faults("report.schema.json", document_of(run)), "");
}

TEST(Json, RequirementsBringWhereTheyAreToBeRead) {
  const Json requirements = document_of(sample::run())["requirements"];
  EXPECT_EQ(requirements["rfc6455-5.2-3"]["spec"], "rfc6455");
  EXPECT_EQ(requirements["rfc6455-5.2-3"]["clause"], "RFC 6455 section 5.2");
  EXPECT_EQ(requirements["rfc6455-5.2-3"]["link"], "https://www.rfc-editor.org/rfc/rfc6455#section-5.2");
  const Json& stomp = requirements["stomp-1.2-Heart-beating-2"];
  EXPECT_EQ(stomp["clause"], "STOMP 1.2 section Heart-beating");
  EXPECT_EQ(stomp["link"], "https://stomp.github.io/stomp-specification-1.2.html#Heart-beating");
}

TEST(Json, TheSchemaRefusesForeignFields) {
  Json document = document_of(sample::run());
  document["results"][0]["surprise"] = 1;
  EXPECT_THAT(sample::schema_faults("report.schema.json", document), HasSubstr("surprise"));
  document = document_of(sample::run());
  document["results"][0]["verdict"] = "FAIL";
  EXPECT_THAT(sample::schema_faults("report.schema.json", document), HasSubstr("verdict"));
  document = document_of(sample::run());
  document["run"].erase("seed");
  EXPECT_THAT(sample::schema_faults("report.schema.json", document), HasSubstr("seed"));
}

TEST(Json, ReadsBackEqual) {
  RunResult reconnecting = sample::run();
  reconnecting.results[1].delays = {980ms, 2s, 4100ms};
  EXPECT_EQ(read_json(write_json(reconnecting))->results[1].delays, reconnecting.results[1].delays);
  EXPECT_EQ(sample::schema_faults("report.schema.json", document_of(reconnecting)), "");
  for (const RunResult& run : {reconnecting, sample::large(200)}) {
    const std::string text = write_json(run);
    const auto again = read_json(text);
    ASSERT_TRUE(again) << again.error().where << ' ' << again.error().what;
    EXPECT_EQ(write_json(*again), text);
    ASSERT_EQ(again->results.size(), run.results.size());
    EXPECT_EQ(again->results[0].transcript.events[2].frame, run.results[0].transcript.events[2].frame);
    EXPECT_EQ(again->results[0].transcript.events[2].at, run.results[0].transcript.events[2].at);
    EXPECT_EQ(again->results[2].cost->memory_peak, run.results[2].cost->memory_peak);
    EXPECT_EQ(again->duration, run.duration);
    EXPECT_EQ(again->requirements.size(), run.requirements.size());
  }
}

TEST(Json, HostileTextSurvivesAsText) {
  const std::string text = write_json(sample::hostile());
  const auto again = read_json(text);
  ASSERT_TRUE(again) << again.error().where << ' ' << again.error().what;
  EXPECT_EQ(write_json(*again), text);
  EXPECT_THAT(again->results[1].reason, HasSubstr("\\xff\\xfe\\x80"));
}

TEST(Json, ClocksAndMetersTouchTimingOnly) {
  RunResult one = sample::run(), two = sample::run();
  two.started = "2031-01-01T00:00:00Z";
  two.duration += 5s;
  two.jobs = 1;
  two.own_cpu_seconds = 9;
  for (auto& result : two.results) {
    result.started += 3ms, result.duration += 1ms;
    if (result.cost) result.cost->cpu_seconds += 1;
    for (auto& event : result.transcript.events) event.at += 17us;
  }
  Json a = document_of(one), b = document_of(two);
  EXPECT_NE(a, b);
  a.erase("timing"), b.erase("timing");
  EXPECT_EQ(a, b);
}

TEST(Json, SummaryAddsUp) {
  const Json summary = document_of(sample::run())["summary"];
  EXPECT_EQ(summary["planned"].get<int>(),
            summary["judged"].get<int>() + summary["skipped"].get<int>() + summary["not_run"].get<int>());
  EXPECT_EQ(summary["exit_code"], 1);
  EXPECT_EQ(summary["red"].size(),
            5U);  // Three failures, one flaky, one error; the baseline excuses another.
}

TEST(ReadJson, TimingMayBeAbsent) {
  Json document = document_of(sample::run());
  document.erase("timing");
  EXPECT_TRUE(read_json(document.dump()));
}

/// As it was written while all requirements were of RFCs, and their ids began with the number.
std::string of_version_1(const RunResult& run) {
  Json document = document_of(run);
  document["schema_version"] = "1.1.0";
  for (auto& [id, one] : document["requirements"].items()) {
    one["rfc"] = std::stoi(one["spec"].get<std::string>().substr(3));
    for (const char* later : {"spec", "clause", "link"}) one.erase(later);
  }
  std::string text = document.dump();
  for (const std::string begin : {"rfc6455-", "rfc7692-"})
    for (auto at = text.find('"' + begin); at != text.npos; at = text.find('"' + begin, at))
      text.erase(at + 1, 3);
  return text;
}

TEST(ReadJson, ReadsWhatVersion1Wrote) {
  RunResult run = sample::run();
  run.requirements.erase("stomp-1.2-Heart-beating-2");
  const std::string text = of_version_1(run);
  EXPECT_THAT(text, testing::Not(HasSubstr("\"rfc6455-")));
  const auto again = read_json(text);
  ASSERT_TRUE(again) << again.error().where << ' ' << again.error().what;
  EXPECT_EQ(write_json(*again), write_json(run));
}

TEST(ReadJson, RefusesWhatIsNoReport) {
  for (const char* text : {"", "x", "{", "[]", "null", "{}", "{\"schema_version\":1}", "\xff\xfe",
                           R"({"echo-x":{"1.1.1":{"behavior":"OK"}}})"})
    EXPECT_FALSE(read_json(text)) << text;
  EXPECT_THAT(read_json(R"({"schema_version":"3.0.0"})").error().what, HasSubstr("3.0.0"));
  EXPECT_THAT(read_json(std::string(5'000'000, '[')).error().what, HasSubstr("nested"));
}

TEST(ReadJson, NamesThePlaceOfTheFault) {
  Json document = document_of(sample::run());
  document["results"][3]["covers"][0] = 7;
  EXPECT_EQ(read_json(document.dump()).error().where, "results[3].covers");
  document = document_of(sample::run());
  document["results"][1]["transcript"][0]["kind"] = "guessed";
  EXPECT_EQ(read_json(document.dump()).error().where, "results[1].transcript[0].kind");
  document = document_of(sample::run());
  document["results"].push_back(document["results"][0]);
  EXPECT_THAT(read_json(document.dump()).error().what, HasSubstr("twice"));
}

/// Every member of the document in turn is replaced by something of another shape, or left out.
void spoil(Json& document, Json& node, int depth) {
  if (depth > 4) return;
  if (node.is_object()) {
    for (auto& [key, value] : node.items()) {
      const Json kept = value;
      for (const Json& other : {Json(), Json(-1), Json(1e300), Json("x"), Json::array({1}), Json::object()}) {
        node[key] = other;
        (void)read_json(document.dump());
      }
      node[key] = kept;
      spoil(document, node[key], depth + 1);
    }
  } else if (node.is_array() && !node.empty()) {
    spoil(document, node[0], depth + 1);
  }
}

TEST(ReadJson, SurvivesEverySpoiltMember) {
  RunResult run = sample::run();
  run.results.resize(2);
  run.requirements.clear();
  Json document = document_of(run);
  spoil(document, document, 0);
  EXPECT_TRUE(read_json(document.dump()));
}

TEST(ReadJson, SurvivesEveryTruncation) {
  RunResult run = sample::run();
  run.results.resize(1);
  const std::string text = write_json(run);
  for (std::size_t size = 0; size + 2 < text.size(); size += 5) EXPECT_FALSE(read_json(text.substr(0, size)));
}

// An object that keeps its members in order would look at each of them for each new one: hours here.
TEST(ReadJson, ManyMembersCostNoMoreThanTheyAre) {
  std::string text = "{\"schema_version\": \"1.0.0\"";
  for (int i = 0; i < 400'000; ++i) text += ",\"k" + std::to_string(i) + "\":0";
  const auto began = std::chrono::steady_clock::now();
  EXPECT_FALSE(read_json(text + "}"));
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds(60));
}

TEST(ReadJson, RefusesMoreThanAnyReportHolds) {
  const auto what = [](const std::string& text) { return read_json(text).error().what; };
  EXPECT_THAT(what("[" + std::string(20'000'001, ',') + "]"), HasSubstr("holds more than 20000000 values"));
  EXPECT_THAT(what(std::string(1000, '[')), HasSubstr("nested too deeply"));
  EXPECT_THAT(what(std::string(1 << 20, '\0')), HasSubstr("not valid JSON"));
}

}  // namespace
}  // namespace wsspec::json_test
