#include "report/jsonl.h"

#include <gtest/gtest.h>

#include <sstream>

#include "report/json_model.h"
#include "report/test/sample.h"

namespace wsspec::jsonl_test {
namespace {

std::vector<Json> lines_of(const std::string& text) {
  std::vector<Json> out;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) out.push_back(Json::parse(line, nullptr, false));
  return out;
}

TEST(Jsonl, EachLineIsAnObjectWithItsKind) {
  for (const RunResult& run : {sample::run(), sample::hostile()}) {
    const auto lines = lines_of(write_jsonl(run));
    ASSERT_EQ(lines.size(), run.results.size() + 2);
    for (const Json& line : lines) ASSERT_TRUE(line.is_object());
    EXPECT_EQ(lines.front()["kind"], "run");
    EXPECT_EQ(lines.front()["schema_version"], kSchemaVersion);
    EXPECT_EQ(lines[1]["kind"], "result");
    EXPECT_EQ(lines[1]["verdict"], "fail");
    EXPECT_EQ(lines[1]["timing"]["events_ms"].size(), lines[1]["transcript"].size());
    EXPECT_EQ(lines.back()["kind"], "end");
    EXPECT_EQ(lines.back()["summary"]["planned"], run.results.size());
  }
}

TEST(Jsonl, ALineIsTheResultOfTheDocument) {
  const RunResult run = sample::run();
  Json line = lines_of(write_jsonl(run))[1];
  line.erase("kind"), line.erase("timing");
  EXPECT_EQ(line, result_json(run.results[0]));
}

TEST(Jsonl, AStreamCutShortReadsUpToTheCut) {
  const std::string text = write_jsonl(sample::run());
  const auto lines = lines_of(text.substr(0, text.size() / 2));
  for (std::size_t i = 0; i + 1 < lines.size(); ++i) EXPECT_FALSE(lines[i].is_discarded());
}

}  // namespace
}  // namespace wsspec::jsonl_test
