#include "ratio_reporter.h"

#include <cstdio>

void RatioReporter::ReportRuns(const std::vector<Run>& runs) {
  ConsoleReporter::ReportRuns(runs);
  for (const Run& run : runs) {
    const std::string name = run.benchmark_name();
    const std::size_t slash = name.rfind('/');
    if (run.error_occurred || run.run_type != Run::RT_Iteration || slash == std::string::npos) continue;
    entries_.push_back({name.substr(0, slash), name.substr(slash + 1), run.GetAdjustedCPUTime()});
  }
}

void RatioReporter::Finalize() {
  std::printf("\nHow many times as fast as the other (CPU time):\n");
  for (const Entry& ours : entries_) {
    if (ours.who != "wsspec") continue;
    for (const Entry& other : entries_) {
      if (other.work != ours.work || other.who == ours.who) continue;
      std::printf("%-24s %6.2f x %s\n", ours.work.c_str(), other.seconds / ours.seconds, other.who.c_str());
    }
  }
  ConsoleReporter::Finalize();
}
