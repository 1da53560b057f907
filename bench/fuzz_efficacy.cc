// How soon `wsspec fuzz` finds each planted defect of the reference peer: in memory, from the grammar alone,
// no hand-written case, median of several seeds.
//
//   fuzz_efficacy [--role server|client] [--seeds 3] [--seconds 60] [--threads 2] [--only PREFIX]
//                 [--coverage yes] [--markdown FILE]
//
// With --coverage the fuzzer sees which edges of the peer an input reaches: grey box, one input a connection.
// For that clang has to build with -DWSSPEC_PEER_COVERAGE=ON; one thread does all then.
//
// A defect counts as found when a finding that showed in all replays comes, or when the campaign cannot begin
// because the peer serves nobody. Seconds are processor time of the thread, the peer's included.
#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <fstream>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <thread>
#include <vector>

#include "fuzzer/loop.h"
#include "peer/defects.h"
#include "run/selftest.h"

namespace wsspec {
namespace {

// What clang's counters in the peer, which are one for the whole process, went up to.
class PeerCoverage final : public FuzzFeedback {
 public:
  static std::span<std::uint8_t> counters;

  void begin() override { std::ranges::fill(counters, std::uint8_t{0}); }
  void collect(std::vector<ReachedEdge>& reached) override {
    seen_.resize(counters.size());
    for (std::uint32_t i = 0; i < counters.size(); ++i) {
      if (counters[i] == 0) continue;
      reached.push_back({i, edge_magnitude(counters[i])});
      edges_ += !seen_[i];
      seen_[i] = true;
    }
  }
  std::uint64_t edges() const override { return edges_; }

 private:
  std::vector<bool> seen_;
  std::uint64_t edges_ = 0;
};

std::span<std::uint8_t> PeerCoverage::counters;

struct Found {
  double seconds = 0;
  std::uint64_t inputs = 0;
  std::string how;
};

struct Row {
  const Defect* defect = nullptr;
  std::vector<std::optional<Found>> runs;
};

struct Limits {
  unsigned seeds = 3, threads = 2;
  std::chrono::seconds time{60};
  std::string only, markdown;
  bool coverage = false;
  Target tested = Target::server;
};

// With the facts that the self-test declares, too.
PeerOptions peer_with(const Defect& defect, Target tested) {
  PeerOptions peer;
  if (tested == Target::client) peer.role = Role::client;
  PeerOptions options = tested_peer(peer);
  options.defects = {std::string(defect.name)};
  return options;
}

std::optional<Found> hunt(const Defect& defect, std::uint64_t seed, const Limits& limits) {
  const PeerOptions peer = peer_with(defect, limits.tested);
  auto arena = memory_arena(peer);
  if (!arena) return std::nullopt;
  FuzzOptions options;
  options.profile = peer_profile(limits.tested);
  options.seed = seed;
  options.time = limits.time;
  options.jobs = 1;
  options.weak = true;
  options.most_findings = 1;
  PeerCoverage coverage;
  if (limits.coverage) options.feedback = &coverage;
  FuzzKeeper keeper;
  const FuzzCampaign campaign = FuzzLoop(options, **arena, keeper).run();
  if (!campaign.fatal.empty()) return Found{0, 0, "serves nobody"};
  for (const FuzzFinding& finding : campaign.findings) {
    if (finding.verdict != Verdict::fail && finding.verdict != Verdict::weak) continue;
    return Found{std::chrono::duration<double>(finding.first_seen).count(), finding.first_input,
                 finding.cause + (finding.requirement.empty() ? "" : " " + finding.requirement)};
  }
  return std::nullopt;
}

// The middle one; those not found count as the slowest.
std::optional<Found> median(std::vector<std::optional<Found>> runs) {
  std::ranges::sort(runs, [](const auto& a, const auto& b) { return a && (!b || a->inputs < b->inputs); });
  return runs[runs.size() / 2];
}

// Missed by more than half of the seeds: the others would not change the median.
bool decided(const Row& row, const Limits& limits) {
  const auto missed = std::ranges::count_if(row.runs, [](const auto& one) { return !one; });
  return 2 * static_cast<std::size_t>(missed) > limits.seeds;
}

void hunt_all(std::vector<Row>& rows, const Limits& limits) {
  std::atomic<std::size_t> next = 0;
  std::mutex printing;
  std::vector<std::jthread> threads;
  for (unsigned i = 0; i < limits.threads; ++i) {
    threads.emplace_back([&] {
      for (std::size_t at; (at = next++) < rows.size();) {
        for (unsigned seed = 1; seed <= limits.seeds && !decided(rows[at], limits); ++seed)
          rows[at].runs.push_back(hunt(*rows[at].defect, seed, limits));
        rows[at].runs.resize(limits.seeds);
        const auto middle = median(rows[at].runs);
        const std::scoped_lock lock(printing);
        fmt::print(
            "{:48} {}\n", rows[at].defect->name,
            middle ? fmt::format("{:9} inputs {:7.2f} s  {}", middle->inputs, middle->seconds, middle->how)
                   : "not found");
        std::fflush(stdout);
      }
    });
  }
}

std::string table(const std::vector<Row>& rows, const Limits& limits) {
  std::string out = fmt::format("| defect | inputs | seconds | reported as |\n|---|---:|---:|---|\n");
  for (const Row& row : rows) {
    const auto middle = median(row.runs);
    out += middle ? fmt::format("| {} | {} | {:.2f} | {} |\n", row.defect->name, middle->inputs,
                                middle->seconds, middle->how)
                  : fmt::format("| {} | - | > {} | not found |\n", row.defect->name, limits.time.count());
  }
  return out;
}

int run(const Limits& limits) {
  std::vector<Row> rows;
  for (const Defect* defect : defects_of(limits.tested == Target::client ? Role::client : Role::server))
    if (defect->name.starts_with(limits.only) &&
        defect->topic() != "tls")  // The fuzzer does no TLS of its own.
      rows.push_back({defect, {}});
  hunt_all(rows, limits);
  const auto found = static_cast<std::size_t>(
      std::ranges::count_if(rows, [](const Row& row) { return median(row.runs).has_value(); }));
  fmt::print("found {} of {} defects ({:.1f} %), median of {} seeds, at most {} s each\n", found, rows.size(),
             rows.empty() ? 0.0 : 100.0 * static_cast<double>(found) / static_cast<double>(rows.size()),
             limits.seeds, limits.time.count());
  if (!limits.markdown.empty()) {
    std::ofstream file(limits.markdown);
    file << table(rows, limits);
    if (!file.flush()) return 1;
  }
  return rows.empty() ? 1 : 0;
}

}  // namespace
}  // namespace wsspec

/// Called once before main() by what clang instrumented.
extern "C" void __sanitizer_cov_8bit_counters_init(std::uint8_t* begin, std::uint8_t* end) {
  wsspec::PeerCoverage::counters = {begin, end};
}

int main(int argc, char** argv) {
  wsspec::Limits limits;
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string option = argv[i], value = argv[i + 1];
    const auto number = static_cast<unsigned>(std::strtoul(value.c_str(), nullptr, 10));
    if (option == "--seeds")
      limits.seeds = std::max(1u, number);
    else if (option == "--seconds")
      limits.time = std::chrono::seconds(std::max(1u, number));
    else if (option == "--threads")
      limits.threads = std::max(1u, number);
    else if (option == "--only")
      limits.only = value;
    else if (option == "--role")
      limits.tested = value == "client" ? wsspec::Target::client : wsspec::Target::server;
    else if (option == "--coverage")
      limits.coverage = value == "yes";
    else if (option == "--markdown")
      limits.markdown = value;
    else {
      fmt::print(stderr, "unknown option {}\n", option);
      return 2;
    }
  }
  if (limits.coverage) {
    limits.threads = 1;
    if (wsspec::PeerCoverage::counters.empty()) {
      fmt::print(stderr, "the peer has no counters: build with clang and -DWSSPEC_PEER_COVERAGE=ON\n");
      return 2;
    }
  }
  return wsspec::run(limits);
}
