#include <fmt/format.h>

#include <map>
#include <set>

#include "cli/common.h"
#include "cli/files.h"
#include "cli/print.h"
#include "cli/verbs.h"
#include "report/json_model.h"
#include "script/print.h"

namespace wsspec {

namespace {

Level level_of(const Case& one, const Suite& suite) {
  Level strongest = Level::may;
  for (const std::string& id : one.covers) {
    const auto found = suite.ledger.find(id);
    if (found == suite.ledger.end()) continue;
    strongest = std::min(strongest, found->second.level);
  }
  return strongest;
}

std::string clauses_of(const Case& one, const Suite& suite) {
  std::set<std::string> clauses;
  for (const std::string& id : one.covers) {
    const auto found = suite.ledger.find(id);
    if (found != suite.ledger.end()) clauses.insert(clause_of(found->second));
  }
  return fmt::format("{}", fmt::join(clauses, ", "));
}

void print_plain(const Selected& selected, const Suite& suite) {
  std::string text;
  for (const Case* one : selected.cases) {
    text += fmt::format("{}\t{}\t{}\n", one->id, level_name(level_of(*one, suite)), clauses_of(*one, suite));
  }
  put_text(text);
  say("{} cases{}\n", selected.cases.size(),
      selected.bulk_left_out ? fmt::format(", {} more with --bulk", selected.bulk_left_out) : "");
}

Json to_json(const Case& one, const Suite& suite) {
  File file;
  file.cases.push_back(one);
  std::vector<std::string> autobahn;
  for (const std::string& see : one.see) {
    if (see.starts_with("autobahn/")) autobahn.push_back(see.substr(9));
  }
  return Json{{"id", one.id},
              {"about", one.about},
              {"level", level_name(level_of(one, suite))},
              {"clause", clauses_of(one, suite)},
              {"covers", one.covers},
              {"autobahn", autobahn},
              {"see", one.see},
              {"needs", one.needs},
              {"tags", one.tags},
              {"source", {{"file", one.place.file ? *one.place.file : ""}, {"line", one.place.line}}},
              {"script", print(file)}};
}

void print_json(const Selected& selected, const Suite& suite) {
  Json cases = Json::array();
  for (const Case* one : selected.cases) cases.push_back(to_json(*one, suite));
  const Json document{{"schema_version", "1.0.0"}, {"caseset_version", suite.version}, {"cases", cases}};
  put_text(dump(document, 1) + "\n");
}

/// Whether a case against such a target can show that the requirement, which binds it, is kept.
bool is_testable(const Requirement& requirement, Target tested) {
  if (tested == Target::hop) return requirement.testable == "hop";
  const bool server = tested == Target::server;
  if (requirement.role == (server ? "client" : "server")) return false;
  return requirement.testable == (server ? "server-black-box" : "client-black-box") ||
         requirement.testable == "both";
}

/// `whole`: of all cases; of some only what they cover can be said.
void print_coverage(const Selected& selected, const Suite& suite, Target tested, bool whole) {
  std::map<std::string, std::vector<std::string>> cases;
  for (const Case* one : selected.cases) {
    for (const std::string& id : one->covers) cases[id].push_back(one->id);
  }
  std::string text;
  int covered = 0, reasoned = 0, missing = 0;
  for (const auto& [id, requirement] : suite.ledger) {
    if (!is_testable(requirement, tested) || requirement.level == Level::may) continue;
    const auto found = cases.find(id);
    if (!whole && found == cases.end()) continue;
    std::string verdict;
    if (found != cases.end()) {
      ++covered;
      const auto& ids = found->second;
      verdict = fmt::format(
          "{} case{}: {}{}", ids.size(), ids.size() == 1 ? "" : "s",
          fmt::join(ids.begin(),
                    ids.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(ids.size(), 3)), " "),
          ids.size() > 3 ? " ..." : "");
    } else if (!requirement.not_covered.empty()) {
      ++reasoned;
      verdict = "no case: " + requirement.not_covered;
    } else {
      ++missing;
      verdict = "UNCOVERED";
    }
    text += fmt::format("{}\t{}\t{}\n", id, level_name(requirement.level), verdict);
  }
  put_text(text);
  const auto target = print(tested);
  if (!whole)
    return say("these cases cover {} of the requirements that can be tested against a {}\n", covered, target);
  say("{} requirements that can be tested against a {}: {} covered, {} with a reason why not, {} "
      "uncovered\n",
      covered + reasoned + missing, target, covered, reasoned, missing);
}

void print_autobahn(const Selected& selected) {
  std::map<std::string, std::vector<std::string>> cases;
  for (const Case* one : selected.cases) {
    for (const std::string& see : one->see) {
      if (see.starts_with("autobahn/")) cases[see.substr(9)].push_back(one->id);
    }
  }
  std::string text;
  for (const auto& [number, ids] : cases) text += fmt::format("{}\t{}\n", number, fmt::join(ids, " "));
  put_text(text);
  say("{} Autobahn numbers\n", cases.size());
}

}  // namespace

int list_verb(const CommandLine& line) {
  auto suite = suite_for(line);
  if (!suite) return code(Exit::usage);
  auto tested = role_of(line, true);
  if (!tested) return usage_error(tested.error());
  Selection selection;
  selection.tested = *tested;
  selection.include = line.arguments;
  selection.exclude = line.all("--exclude");
  selection.bulk = line.has("--bulk") || line.has("--autobahn") || line.has("--coverage");
  auto selected = select(*suite, selection);
  if (!selected) return usage_error(selected.error());
  if (selected->cases.empty()) {
    complain({"", "nothing is selected", "wsspec list prints all ids"});
    return code(Exit::nothing_selected);
  }
  if (line.has("--coverage"))
    print_coverage(*selected, *suite, *tested, line.arguments.empty() && !line.has("--exclude"));
  else if (line.has("--autobahn"))
    print_autobahn(*selected);
  else if (line.has("--json"))
    print_json(*selected, *suite);
  else
    print_plain(*selected, *suite);
  return 0;
}

}  // namespace wsspec
