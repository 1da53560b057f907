#include "report/fact_page.h"

#include <fmt/format.h>

#include <algorithm>

#include "play/hop_facts.h"
#include "report/text.h"

namespace wsspec {
namespace {

std::string_view unit_of(const HopFact& fact) {
  switch (find_fact_kind(fact.name)->holds) {
    case FactKind::Holds::time: return "ns";
    case FactKind::Holds::octets: return "octets";
    case FactKind::Holds::count: return "count";
    case FactKind::Holds::word: return "word";
  }
  return "";
}

Json bound(std::optional<double> value) {
  return value ? Json(static_cast<std::int64_t>(*value)) : Json(nullptr);
}

}  // namespace

FactPage fact_page(const RunResult& run) {
  FactPage page;
  if (run.tested != "hop" || !run.server.empty()) return page;
  page.sentences = introduction_of(run);
  std::vector<std::pair<std::string, std::string>> reasons;  // And the names of those for which it holds.
  for (const HopFact& fact : facts_of(run)) {
    if (fact.measured) {
      page.sentences.push_back(fact.sentence);
      continue;
    }
    const auto same = std::ranges::find(reasons, fact.sentence, &std::pair<std::string, std::string>::first);
    if (same == reasons.end())
      reasons.emplace_back(fact.sentence, fact.name);
    else
      same->second += ", " + fact.name;
  }
  for (const auto& [reason, names] : reasons) page.unknown.push_back(fmt::format("{}: {}", names, reason));
  return page;
}

Json facts_json(const RunResult& run) {
  const auto facts = facts_of(run);
  if (facts.empty()) return nullptr;
  Json introduction = Json::array(), list = Json::array();
  for (const std::string& sentence : introduction_of(run)) introduction.push_back(valid(sentence));
  for (const HopFact& fact : facts)
    list.push_back({{"name", fact.name},
                    {"measured", fact.measured},
                    {"sentence", valid(fact.sentence)},
                    {"unit", unit_of(fact)},
                    {"least", bound(fact.least)},
                    {"most", bound(fact.most)},
                    {"word", valid(fact.word)}});
  return {{"introduction", std::move(introduction)}, {"list", std::move(list)}};
}

}  // namespace wsspec
