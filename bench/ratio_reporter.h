// A console reporter that ends with the ratios between benchmarks of the same work: "frames/16/wsspec" over
// every other "frames/16/...".
#pragma once

#include <benchmark/benchmark.h>

#include <map>
#include <string>
#include <vector>

class RatioReporter final : public benchmark::ConsoleReporter {
 public:
  RatioReporter() : ConsoleReporter(OO_Tabular) {}
  void ReportRuns(const std::vector<Run>& runs) override;
  void Finalize() override;

 private:
  struct Entry {
    std::string work, who;
    double seconds;
  };
  std::vector<Entry> entries_;
};
