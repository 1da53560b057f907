#include "run/selftest.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "run/suite.h"

namespace wsspec::selftest_test {
namespace {

const Suite& shipped() {
  static const Suite suite = load_suite(WSSPEC_SOURCE_DIR "/cases").value();
  return suite;
}

TEST(MemoryRun, TheConformingPeerGetsNoRedVerdict) {
  const auto selected = select(shipped(), {}).value();
  MemoryRunOptions options;
  options.profile = peer_profile();
  const auto run = run_in_memory(shipped(), selected, options).value();
  EXPECT_EQ(run.results.size(), selected.cases.size());
  const Gate gate;
  for (const auto& result : run.results)
    EXPECT_FALSE(is_red(result, gate)) << result.id << ": " << result.reason;
  EXPECT_EQ(exit_of(run, gate), Exit::as_expected);
}

TEST(MemoryRun, IsTheSameEachTimeAndForEachSegmentation) {
  const auto selected = select(shipped(), {.include = {"frame", "fragment", "close"}}).value();
  MemoryRunOptions options;
  options.profile = peer_profile();
  const auto whole = run_in_memory(shipped(), selected, options).value();
  const auto again = run_in_memory(shipped(), selected, options).value();
  options.segment = 1;
  const auto octets = run_in_memory(shipped(), selected, options).value();
  for (std::size_t i = 0; i < whole.results.size(); ++i) {
    EXPECT_EQ(whole.results[i].verdict, again.results[i].verdict) << whole.results[i].id;
    EXPECT_EQ(whole.results[i].duration, again.results[i].duration) << whole.results[i].id;
    EXPECT_EQ(whole.results[i].verdict, octets.results[i].verdict) << whole.results[i].id;
  }
}

TEST(MemoryRun, AnUnknownDefectIsAnError) {
  const auto selected = select(shipped(), {.include = {"tag:smoke"}}).value();
  MemoryRunOptions options;
  options.defects = {"no.such-defect"};
  EXPECT_FALSE(run_in_memory(shipped(), selected, options));
}

}  // namespace
}  // namespace wsspec::selftest_test
