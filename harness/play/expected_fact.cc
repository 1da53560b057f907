#include "play/expected_fact.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>

#include "play/units.h"
#include "script/diagnostics.h"

namespace wsspec {
namespace {

using Holds = FactKind::Holds;
using Relation = ExpectedFact::Relation;

constexpr std::pair<std::string_view, Relation> kRelations[] = {{">=", Relation::least},
                                                                {"<=", Relation::most},
                                                                {">", Relation::more},
                                                                {"<", Relation::less},
                                                                {"=", Relation::is}};

constexpr const char* kExamples = "for example idle>=60s, pings=client, head>=16KiB or latency<=5ms";

std::string names() {
  std::string out;
  for (const FactKind& kind : fact_kinds()) out += (out.empty() ? "" : ", ") + std::string(kind.name);
  return out;
}

std::string joined_words(std::string_view words) {
  std::string out(words);
  for (std::size_t at = 0; (at = out.find(' ', at)) != std::string::npos; at += 2) out.replace(at, 1, ", ");
  return out;
}

Result<void> read_value(ExpectedFact& into, std::string_view value) {
  const FactKind& kind = *into.kind;
  const auto bad = [&](std::string_view what, std::string hint) {
    return fail_with("", fmt::format("'{}' is no {} for '{}'", value, what, kind.name), std::move(hint));
  };
  switch (kind.holds) {
    case Holds::time:
      if (const auto time = read_time(value); time && time->count() > 0)
        return into.value = static_cast<double>(time->count()), Result<void>{};
      return bad("length of time", "a number and a unit: 500us, 5ms, 60s or 2min");
    case Holds::octets:
      if (const auto octets = read_octets_in_words(value))
        return into.value = static_cast<double>(*octets), Result<void>{};
      return bad("number of octets", "a number and a unit: 512B, 16KiB or 1MiB");
    case Holds::count: {
      std::uint32_t count = 0;
      const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), count);
      if (error == std::errc() && end == value.data() + value.size())
        return into.value = count, Result<void>{};
      return bad("number", "a whole number without a unit");
    }
    case Holds::word: break;
  }
  if ((" " + std::string(kind.words) + " ").find(fmt::format(" {} ", value)) == std::string::npos ||
      value.empty())
    return bad("value", "one of " + joined_words(kind.words));
  into.word = value;
  return {};
}

bool holds(const ExpectedFact& expected, const HopFact& fact) {
  const double slack = expected.kind->slack, value = expected.value;
  switch (expected.relation) {
    case Relation::least: return fact.least && *fact.least >= value * (1 - slack);
    case Relation::more: return fact.least && *fact.least > value * (1 + slack);
    case Relation::most: return fact.most && *fact.most <= value * (1 + slack);
    case Relation::less: return fact.most && *fact.most < value * (1 - slack);
    case Relation::is: break;
  }
  if (expected.kind->holds == Holds::word)
    return fact.word == expected.word ||
           (fact.word == "both" && (expected.word == "client" || expected.word == "server"));
  // Of a size the largest that passes.
  return fact.least && std::abs(*fact.least - value) <= value * slack;
}

}  // namespace

Result<ExpectedFact> read_expectation(std::string_view text) {
  ExpectedFact out;
  out.text = text;
  const auto at = text.find_first_of("<>=");
  if (at == text.npos)
    return fail_with(
        "", fmt::format("'{}' says nothing of a fact: a name, one of >= <= > < =, and a value", text),
        kExamples);
  const auto name = text.substr(0, at);
  out.kind = find_fact_kind(name);
  if (out.kind == nullptr) {
    std::vector<std::string_view> known;
    for (const FactKind& kind : fact_kinds()) known.push_back(kind.name);
    const auto hint = did_you_mean(name, known);
    return fail_with("", fmt::format("'{}' is no fact about a hop", name),
                     hint.empty() ? "one of " + names() : hint);
  }
  const auto rest = text.substr(at);
  const auto* relation =
      std::ranges::find_if(kRelations, [&](const auto& one) { return rest.starts_with(one.first); });
  out.relation = relation->second;
  if (out.kind->holds == Holds::word && out.relation != Relation::is)
    return fail_with("", fmt::format("'{}' is no number: only = can be asked of it", name),
                     fmt::format("{}={}", name, joined_words(out.kind->words)));
  if (auto good = read_value(out, rest.substr(relation->first.size())); !good)
    return std::unexpected(good.error());
  return out;
}

std::string disappointment(const ExpectedFact& expected, const HopFact& fact) {
  if (!fact.measured)
    return fmt::format("--expect '{}' is not known to hold: {}", expected.text, fact.sentence);
  if (holds(expected, fact)) return {};
  const bool open = fact.least && !fact.most &&
                    (expected.relation == Relation::least || expected.relation == Relation::more);
  return fmt::format("--expect '{}' {}: {}", expected.text, open ? "is not known to hold" : "does not hold",
                     fact.sentence);
}

void hold_to(std::span<const ExpectedFact> expectations, RunResult& run) {
  if (!run.fatal.empty() || run.interrupted) return;
  const auto facts = facts_of(run);
  for (const ExpectedFact& expected : expectations) {
    const auto fact = std::ranges::find(facts, expected.kind->name, &HopFact::name);
    const auto sentence = disappointment(expected, *fact);
    if (sentence.empty()) continue;
    const auto family = expected.kind->cases.substr(0, expected.kind->cases.find(' '));
    const auto at =
        std::ranges::find_if(run.results, [&](const CaseResult& one) { return family_of(one.id) == family; });
    if (at == run.results.end()) continue;
    if (at->verdict == Verdict::fail) {
      at->notes.push_back(sentence);
      continue;
    }
    at->verdict = Verdict::fail;
    at->reason = sentence;
    at->clause = "declared expectation";
    at->flaky = false;
  }
}

std::string expectation_manual() {
  std::string out = "Facts:";
  for (const FactKind& kind : fact_kinds()) {
    const auto* values = kind.holds == Holds::time     ? "a time"
                         : kind.holds == Holds::octets ? "octets"
                         : kind.holds == Holds::count  ? "a number"
                                                       : nullptr;
    out += fmt::format("{} {} ({}): {}", out.ends_with(':') ? "" : ";", kind.name,
                       values ? std::string(values) : joined_words(kind.words), kind.meaning);
  }
  return out + ".";
}

}  // namespace wsspec
