// Selection: which cases a list of patterns names (suite.h).
#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <set>

#include "protocol/spec.h"
#include "run/suite.h"
#include "script/diagnostics.h"
#include "script/glob.h"
#include "script/hash.h"

namespace wsspec {
namespace {

using Predicate = std::function<bool(const Case&)>;

/// `text` is `prefix` or goes on behind it with a dot (or, for ids, a bracket).
bool is_below(std::string_view text, std::string_view prefix) {
  return text == prefix || (text.size() > prefix.size() && text.starts_with(prefix) &&
                            (text[prefix.size()] == '.' || text[prefix.size()] == '['));
}

bool is_glob(std::string_view text) {
  return text.find_first_of("*?") != text.npos;
}

/// `6`, `6.4.3`, `6.*`: how Autobahn numbers its cases.
bool is_autobahn_number(std::string_view text) {
  return !text.empty() && text[0] >= '0' && text[0] <= '9' &&
         text.find_first_not_of("0123456789.*?") == text.npos && text.find('-') == text.npos;
}

/// `rfc6455-5.5.1-7`
bool is_ledger_id(std::string_view text) {
  return parse_requirement_id(text).has_value();
}

Level level_of(const Case& one, const Suite& suite) {
  Level level = Level::may;
  for (const auto& id : one.covers)
    if (const auto found = suite.ledger.find(id); found != suite.ledger.end())
      level = std::min(level, found->second.level);
  return level;
}

Predicate by_autobahn(std::string number) {
  return [number = std::move(number)](const Case& one) {
    return std::ranges::any_of(one.see, [&](const std::string& see) {
      constexpr std::string_view kPrefix = "autobahn/";
      if (!see.starts_with(kPrefix)) return false;
      const auto its = std::string_view(see).substr(kPrefix.size());
      return is_glob(number) ? matches_glob(number, its) : is_below(its, number);
    });
  };
}

Predicate by_clause(const Suite& suite, std::string spec, std::string section) {
  return [&suite, spec = std::move(spec), section = std::move(section)](const Case& one) {
    return std::ranges::any_of(one.covers, [&](const std::string& id) {
      const auto found = suite.ledger.find(id);
      if (found == suite.ledger.end() || found->second.spec != spec) return false;
      return section.empty() || section == "*" || is_below(found->second.section, section);
    });
  };
}

Predicate by_id(const std::string& pattern) {
  if (is_glob(pattern)) return [pattern](const Case& one) { return matches_glob(pattern, one.id); };
  return [pattern](const Case& one) { return is_below(one.id, pattern); };
}

/// What the pattern says, without regard to whether anything matches.
Result<Predicate> predicate_of(const Suite& suite, const std::string& pattern) {
  if (pattern.starts_with("tag:"))
    return Predicate([tag = pattern.substr(4)](const Case& one) { return has_tag(one, tag); });
  if (pattern.starts_with("level:")) {
    const auto name = pattern.substr(6);
    for (const auto level : {Level::must, Level::should, Level::may}) {
      const auto upper = level_name(level);
      if (std::ranges::equal(name, upper, [](char a, char b) { return (a & ~0x20) == b; }))
        return Predicate([level, &suite](const Case& one) { return level_of(one, suite) == level; });
    }
    return fail_with(pattern, "no such level", "level:must, level:should or level:may");
  }
  if (pattern.starts_with("autobahn/")) return by_autobahn(pattern.substr(9));
  const auto slash = std::min(pattern.find('/'), pattern.size());
  if (const auto spec = pattern.substr(0, slash); find_spec(spec))
    return by_clause(suite, spec, pattern.substr(std::min(slash + 1, pattern.size())));
  if (is_ledger_id(pattern)) {
    return Predicate(
        [pattern](const Case& one) { return std::ranges::find(one.covers, pattern) != one.covers.end(); });
  }
  if (is_autobahn_number(pattern)) return by_autobahn(pattern);
  return by_id(pattern);
}

/// Everything a pattern could have meant, for the hint.
std::string nearest(const Suite& suite, const std::string& pattern) {
  std::set<std::string> known;
  for (const auto& one : suite.cases) {
    if (pattern.starts_with("tag:")) {
      for (const auto& tag : one.tags) known.insert("tag:" + tag);
      continue;
    }
    if (pattern.starts_with("autobahn/")) {
      for (const auto& see : one.see)
        if (see.starts_with("autobahn/")) known.insert(see);
      continue;
    }
    if (is_ledger_id(pattern)) {
      known.insert(one.covers.begin(), one.covers.end());
      continue;
    }
    known.insert(std::string(family_of(one.id)));
    if (pattern.find('[') != pattern.npos) known.insert(one.id);
    for (auto dot = one.id.find('.'); dot != one.id.npos && dot < family_of(one.id).size();
         dot = one.id.find('.', dot + 1))
      known.insert(one.id.substr(0, dot));
  }
  const std::vector<std::string_view> candidates(known.begin(), known.end());
  return did_you_mean(pattern, candidates);
}

/// For `rfc6544/5.2`: the specs that the ledger knows.
std::string nearest_clause(const Suite& suite, const std::string& pattern) {
  if (pattern.starts_with("autobahn/")) return nearest(suite, pattern);
  std::set<std::string_view> known;
  for (const auto& [id, requirement] : suite.ledger) known.insert(requirement.spec);
  const std::vector<std::string_view> names(known.begin(), known.end());
  const auto name = pattern.substr(0, pattern.find('/'));
  if (known.contains(name)) return {};
  const auto hint = did_you_mean(name, names);
  return hint.empty() ? fmt::format("the requirements are of {}", fmt::join(names, ", ")) : hint;
}

Error unknown(const Suite& suite, const std::string& pattern) {
  if (is_ledger_id(pattern)) {
    if (const auto found = suite.ledger.find(pattern); found != suite.ledger.end()) {
      const auto& why = found->second.not_covered;
      return {pattern, "no case covers this requirement",
              why.empty() ? "wsspec list --json shows what is covered" : why};
    }
  }
  auto hint = pattern.find('/') == pattern.npos ? nearest(suite, pattern) : nearest_clause(suite, pattern);
  if (hint.empty()) hint = "wsspec list shows all ids and tags";
  return {pattern, "matches no case", std::move(hint)};
}

struct Pattern {
  std::string text;
  Predicate matches;
};

Result<std::vector<Pattern>> compile(const Suite& suite, const std::vector<std::string>& texts) {
  std::vector<Pattern> patterns;
  for (const auto& given : texts) {
    const auto text = current_id(given);
    auto predicate = predicate_of(suite, text);
    if (!predicate) return std::unexpected(predicate.error());
    if (std::ranges::none_of(suite.cases, *predicate)) return std::unexpected(unknown(suite, text));
    patterns.push_back({text, std::move(*predicate)});
  }
  return patterns;
}

std::string in_words(const Selection& selection) {
  std::string words;
  const auto add = [&](const std::string& text) { words += (words.empty() ? "" : ", ") + text; };
  for (const auto& pattern : selection.include) add(pattern);
  for (const auto& pattern : selection.also) add("with " + pattern);
  for (const auto& pattern : selection.exclude) add("not " + pattern);
  if (selection.bulk) add("with bulk");
  if (selection.shards > 0) add(fmt::format("shard {}/{}", selection.shard, selection.shards));
  return words;
}

/// The pattern is about this case in particular: its id or one above it, or the tag.
bool names_long(const Pattern& pattern, const Case& one) {
  const auto topic = one.id.substr(0, one.id.find('.'));
  return pattern.text == "tag:long" || pattern.text.starts_with(topic);
}

}  // namespace

std::map<std::string, std::vector<const Case*>> cases_by_number(const Suite& suite, Target tested) {
  constexpr std::string_view kNumber = "autobahn/";
  std::map<std::string, std::vector<const Case*>> cases;
  for (const Case& one : suite.cases) {
    if (!is_for(one, tested)) continue;
    for (const std::string& see : one.see)
      if (see.starts_with(kNumber)) cases[see.substr(kNumber.size())].push_back(&one);
  }
  return cases;
}

Result<Selected> select(const Suite& suite, const Selection& selection) {
  auto include = compile(suite, selection.include);
  if (!include) return std::unexpected(include.error());
  auto also = compile(suite, selection.also);
  if (!also) return std::unexpected(also.error());
  auto exclude = compile(suite, selection.exclude);
  if (!exclude) return std::unexpected(exclude.error());
  Selected selected;
  selected.words = in_words(selection);
  for (const auto& one : suite.cases) {
    if (!is_for(one, selection.tested)) continue;
    const auto wanted = [&](const Pattern& pattern) { return pattern.matches(one); };
    const bool beside = std::ranges::any_of(*also, wanted);
    if (!beside && !include->empty() && std::ranges::none_of(*include, wanted)) continue;
    if (std::ranges::any_of(*exclude, wanted)) continue;
    const auto in_shard =
        selection.shards <= 0 || fnv1a64(one.id) % static_cast<unsigned>(selection.shards) + 1 ==
                                     static_cast<unsigned>(selection.shard);
    if (!in_shard) continue;
    const bool named = std::ranges::find(selection.include, one.id) != selection.include.end();
    if (has_tag(one, "bulk") && !selection.bulk && !named) {
      ++selected.bulk_left_out;
      continue;
    }
    const auto named_long = [&](const Pattern& pattern) { return names_long(pattern, one); };
    if (has_tag(one, "long") && !beside && std::ranges::none_of(*include, named_long))
      selected.too_long.insert(&one);
    selected.cases.push_back(&one);
  }
  return selected;
}

}  // namespace wsspec
