#include "report/family.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "report/text.h"

namespace wsspec {

std::string family_of(const std::string& id) {
  return id.substr(0, id.find('['));
}

std::string instance_of(const std::string& id) {
  const std::size_t bracket = id.find('[');
  return bracket == std::string::npos ? std::string() : id.substr(bracket);
}

std::vector<std::vector<const CaseResult*>> red_families(const RunResult& run, const Gate& gate) {
  std::vector<std::vector<const CaseResult*>> groups;
  std::map<std::tuple<std::string, Verdict, bool, std::string_view, std::string_view, std::string_view>,
           std::size_t>
      places;
  for (const auto& r : run.results) {
    if (!is_red(r, gate)) continue;
    const auto [it, fresh] = places.try_emplace(
        {family_of(r.id), r.verdict, r.flaky, r.reason, r.expected, r.actual}, groups.size());
    if (fresh) groups.emplace_back();
    groups[it->second].push_back(&r);
  }
  return groups;
}

std::vector<std::pair<std::string, std::size_t>> red_clauses(const RunResult& run, const Gate& gate) {
  std::map<std::string, std::size_t> counts;
  for (const auto& r : run.results) {
    if (!is_red(r, gate)) continue;
    const std::string clause = r.clause.substr(0, r.clause.find(','));
    ++counts[r.target_died ? "the target died" : clause.empty() ? "no clause" : clause];
  }
  std::vector<std::pair<std::string, std::size_t>> out(counts.begin(), counts.end());
  std::ranges::stable_sort(out, [](const auto& a, const auto& b) { return a.second > b.second; });
  return out;
}

std::string others_of(const std::vector<const CaseResult*>& group, std::size_t limit) {
  std::string out;
  const std::size_t shown = std::min(group.size(), limit + 1);
  for (std::size_t i = 1; i < shown; ++i)
    out += (i == 1 ? "" : ", ") + one_line(instance_of(group[i]->id), 80);
  if (group.size() > shown) out += fmt::format(" and {} more", group.size() - shown);
  return out;
}

}  // namespace wsspec
