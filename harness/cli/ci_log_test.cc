// What the program prints, after the rules of the runners that read along (report/test/ci_runner.h).
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "cli/command_line.h"
#include "cli/common.h"
#include "cli/print.h"
#include "cli/progress.h"
#include "report/github.h"
#include "report/test/ci_runner.h"

namespace wsspec::ci_log_test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

const std::string kCommands =
    "##[set-output name=a]b\n::stop-commands::tok\n  ::add-mask::x\n##vso[task.x]y ##teamcity[z]";

CaseResult commanding() {
  CaseResult r;
  r.id = "a.b";
  r.verdict = Verdict::fail;
  r.reason = r.actual = r.target_log = kCommands;
  r.target_died = true;
  return r;
}

TEST(CiLog, NothingOnStandardErrorCommandsARunner) {
  testing::internal::CaptureStderr();
  complain({"##[error]", kCommands, kCommands});
  {
    TerminalProgress progress(TerminalProgress::Detail::each, {});
    RunResult run;
    run.url = kCommands;
    progress.planned(run, 1, std::chrono::seconds(30));
    progress.judged(commanding(), 1, 1);
    progress.remark(kCommands);
  }
  say("{}\n", kCommands);
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, HasSubstr("stop-commands"));
  EXPECT_THAT(test::ci_commands(text), IsEmpty());
}

TEST(CiLog, NothingOnStandardOutputCommandsARunnerButWe) {
  RunResult run;
  run.target_name = run.url = kCommands;
  run.results = {commanding()};
  testing::internal::CaptureStdout();
  print_summary(run, {}, {});
  put("{}\n", kCommands);
  flush_output();
  EXPECT_THAT(test::ci_commands(testing::internal::GetCapturedStdout()), IsEmpty());
  testing::internal::CaptureStdout();
  put_commands(write_github(run));
  flush_output();
  const auto own = test::ci_commands(testing::internal::GetCapturedStdout());
  ASSERT_EQ(own.size(), 2U);
  EXPECT_THAT(own[0], testing::StartsWith("::error title=a.b::"));
  EXPECT_THAT(own[1], testing::StartsWith("::notice title=wsspec::"));
}

TEST(CiLog, LinesStandBesideAReportOnStandardOutput) {
  const auto printed = [](std::vector<const char*> words) {
    auto line = parse_command_line(static_cast<int>(words.size()), const_cast<char**>(words.data()));
    EXPECT_TRUE(line);
    testing::internal::CaptureStdout();
    testing::internal::CaptureStderr();
    put_beside(*line, "text\n");
    flush_output();
    const std::string out = testing::internal::GetCapturedStdout();
    return out + "|" + testing::internal::GetCapturedStderr();
  };
  EXPECT_EQ(printed({"wsspec", "matrix", "ws://127.0.0.1:1"}), "text\n|");
  EXPECT_EQ(printed({"wsspec", "matrix", "ws://127.0.0.1:1", "--json", "-"}), "|text\n");
  EXPECT_EQ(printed({"wsspec", "fuzz", "--sarif", "-"}), "|text\n");
  EXPECT_EQ(printed({"wsspec", "diff", "a", "b", "--markdown", "x.md"}), "text\n|");
}

}  // namespace
}  // namespace wsspec::ci_log_test
