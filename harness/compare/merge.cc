#include "compare/merge.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "report/text.h"

namespace wsspec {
namespace {

struct Shard {
  int number = 0, of = 0;
};

std::optional<Shard> shard_of(const std::string& text) {
  Shard shard;
  const char* end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, shard.number);
  if (first.ec != std::errc() || first.ptr == end || *first.ptr != '/') return std::nullopt;
  const auto second = std::from_chars(first.ptr + 1, end, shard.of);
  if (second.ec != std::errc() || second.ptr != end || shard.number < 1 || shard.number > shard.of)
    return std::nullopt;
  return shard;
}

/// An empty error when every shard is there exactly once.
Error check_shards(const std::vector<RunResult>& shards) {
  if (std::ranges::all_of(shards, [](const RunResult& run) { return run.shard.empty(); })) return {};
  std::set<int> seen;
  int of = 0;
  for (const auto& run : shards) {
    const auto shard = shard_of(run.shard);
    if (!shard) return {"merge", fmt::format("'{}' names no shard such as 1/2", one_line(run.shard, 40)), {}};
    if (of != 0 && shard->of != of)
      return {"merge", fmt::format("shards of different divisions: {} and {} parts", of, shard->of), {}};
    of = shard->of;
    if (!seen.insert(shard->number).second)
      return {"merge", fmt::format("shard {} is there twice", run.shard), {}};
  }
  for (int number = 1; number <= of; ++number)
    if (!seen.contains(number))
      return {"merge", fmt::format("shard {}/{} is missing", number, of), "run it, or give its report too"};
  return {};
}

/// The selection in words without the part that names the shard: "frame.*, shard 1/2".
std::string without_shard(const std::string& words) {
  std::string out;
  for (std::size_t at = 0; at <= words.size();) {
    const std::size_t end = std::min(words.find(", ", at), words.size());
    const std::string part = words.substr(at, end - at);
    if (!part.starts_with("shard ") && !part.empty()) out += (out.empty() ? "" : ", ") + part;
    at = end + 2;
  }
  return out;
}

Error check_same(const RunResult& a, const RunResult& b) {
  const std::string a_filter = without_shard(a.filter), b_filter = without_shard(b.filter);
  const std::tuple<std::string_view, const std::string&, const std::string&> facts[] = {
      {"target", a.target_name, b.target_name},   {"URL", a.url, b.url},
      {"transport", a.transport, b.transport},    {"case set", a.caseset_version, b.caseset_version},
      {"wsspec", a.tool_version, b.tool_version}, {"selection", a_filter, b_filter}};
  for (const auto& [what, one, other] : facts)
    if (one != other)
      return {"merge",
              fmt::format("different {}: '{}' and '{}'", what, one_line(one, 80), one_line(other, 80)),
              "only shards of one run can be merged"};
  if (a.seed != b.seed)
    return {"merge", fmt::format("different seeds: {} and {}", a.seed, b.seed),
            "give each shard the same --seed"};
  return {};
}

/// Numbers within ids compare as numbers, so that [2] stands before [10].
bool natural_less(std::string_view a, std::string_view b) {
  const auto digit = [](char c) { return c >= '0' && c <= '9'; };
  while (!a.empty() && !b.empty()) {
    if (digit(a[0]) && digit(b[0])) {
      const auto number = [&](std::string_view& text) {
        std::size_t n = 0;
        while (n < text.size() && digit(text[n])) ++n;
        std::string_view out = text.substr(0, n);
        text.remove_prefix(n);
        out.remove_prefix(std::min(out.find_first_not_of('0'), out.size()));
        return out;
      };
      const std::string_view x = number(a), y = number(b);
      if (x.size() != y.size()) return x.size() < y.size();
      if (x != y) return x < y;
    } else {
      if (a[0] != b[0]) return a[0] < b[0];
      a.remove_prefix(1), b.remove_prefix(1);
    }
  }
  return a.size() < b.size();
}

void add_facts(RunResult& into, const RunResult& from) {
  into.interrupted |= from.interrupted;
  into.destructive_allowed |= from.destructive_allowed;
  into.bulk |= from.bulk;
  if (into.fatal.empty()) into.fatal = from.fatal;
  if (!into.fingerprint) into.fingerprint = from.fingerprint;
  for (const auto& entry : from.stale_baseline)
    if (std::ranges::find(into.stale_baseline, entry) == into.stale_baseline.end())
      into.stale_baseline.push_back(entry);
  into.requirements.insert(from.requirements.begin(), from.requirements.end());
  if (!from.started.empty() && (into.started.empty() || from.started < into.started))
    into.started = from.started;
  into.duration = std::max(into.duration, from.duration);
  into.own_cpu_seconds += from.own_cpu_seconds;
  into.own_memory_peak = std::max(into.own_memory_peak, from.own_memory_peak);
  if (from.target_cpu_seconds)
    into.target_cpu_seconds = into.target_cpu_seconds.value_or(0) + *from.target_cpu_seconds;
  into.jobs += from.jobs;
}

}  // namespace

Result<RunResult> merge_runs(std::vector<RunResult> shards) {
  if (shards.empty()) return fail_with("merge", "nothing to merge");
  for (const auto& run : shards)
    if (Error fault = check_same(shards[0], run); !fault.what.empty()) return std::unexpected(fault);
  if (Error fault = check_shards(shards); !fault.what.empty()) return std::unexpected(fault);

  RunResult out = shards[0];
  out.results.clear();
  out.shard.clear();
  out.filter = without_shard(out.filter);
  std::map<std::string, Verdict> verdicts;
  for (auto& run : shards) {
    if (&run != &shards[0]) add_facts(out, run);
    for (auto& result : run.results) {
      const auto [it, fresh] = verdicts.emplace(result.id, result.verdict);
      if (!fresh && it->second != result.verdict)
        return fail_with("merge",
                         fmt::format("'{}' was judged {} and {}", one_line(result.id, 120),
                                     verdict_name(it->second), verdict_name(result.verdict)),
                         "the shards overlap; run them with the same division");
      if (fresh) out.results.push_back(std::move(result));
    }
  }
  std::ranges::stable_sort(out.results, [](const CaseResult& a, const CaseResult& b) {
    if (a.file != b.file) return a.file < b.file;
    if (a.line != b.line) return a.line < b.line;
    return natural_less(a.id, b.id);
  });
  return out;
}

}  // namespace wsspec
