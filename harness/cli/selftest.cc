#include <fmt/format.h>

#include <ranges>

#include "cli/common.h"
#include "cli/files.h"
#include "cli/print.h"
#include "cli/verbs.h"
#include "peer/defects.h"
#include "peer/liberties.h"
#include "report/json_model.h"
#include "report/text.h"
#include "run/selftest.h"

namespace wsspec {

namespace {

Json entry_json(const SelfTestEntry& entry) {
  Json changes = Json::array();
  for (const VerdictChange& change : entry.changes) {
    changes.push_back({{"id", change.id},
                       {"before", verdict_name(change.before)},
                       {"after", verdict_name(change.after)},
                       {"reported", change.reported},
                       {"reason", valid(change.reason)}});
  }
  return {{"name", entry.name},
          {"about", entry.about},
          {"caught", entry.caught},
          {"only_unclear", entry.only_unclear},
          {"changes", changes}};
}

std::string matrix_json(const SelfTestResult& result) {
  Json defects = Json::array(), liberties = Json::array();
  for (const SelfTestEntry& entry : result.defects) defects.push_back(entry_json(entry));
  for (const SelfTestEntry& entry : result.liberties) liberties.push_back(entry_json(entry));
  return dump({{"schema_version", "1.0.0"},
               {"good", result.good()},
               {"defects", defects},
               {"liberties", liberties},
               {"killers", result.killers},
               {"never_kill", result.never_kill}},
              1) +
         "\n";
}

void print_entry(const CommandLine& line, const SelfTestEntry& entry, std::string_view word,
                 std::size_t shown) {
  put_beside(line, fmt::format("{:9} {}  {}\n", word, entry.name, entry.about));
  for (std::size_t i = 0; i < std::min(shown, entry.changes.size()); ++i) {
    const VerdictChange& change = entry.changes[i];
    if (word == "moved" && change.reported) continue;
    put_beside(line, fmt::format("            {} -> {}  {}: {}\n", verdict_name(change.before),
                                 verdict_name(change.after), change.id, one_line(change.reason, 160)));
  }
}

/// The names must be known: what is never planted would never survive.
Result<SelfTestOptions> options_of(const CommandLine& line) {
  SelfTestOptions options;
  const auto tested = role_of(line, true);
  if (!tested) return std::unexpected(tested.error());
  options.tested = *tested;
  const bool hop = *tested == Target::hop;
  options.quick = line.has("--quick");
  for (const std::string& name : line.all("--defect")) {
    if (auto known = hop ? find_hop_defect(name) : find_defect(name); !known)
      return std::unexpected(known.error());
    options.only.push_back(name);
  }
  for (const std::string& name : line.all("--liberty")) {
    for (const auto part : std::views::split(std::string_view(name), '+'))
      if (auto known = hop ? find_hop_liberty(std::string_view(part)) : find_liberty(std::string_view(part));
          !known)
        return std::unexpected(known.error());
    options.only.push_back(name);
  }
  auto segment = line.number("--segment", 0);
  if (!segment) return std::unexpected(segment.error());
  options.segment = *segment;
  return options;
}

/// Some cases cannot catch every defect, and not every case catches the defects that were named.
struct Scope {
  bool all_cases = true, all_variants = true;
  bool survivors_count() const { return all_cases || !all_variants; }
  bool idle_cases_count() const { return all_variants; }
};

std::size_t print_defects(const CommandLine& line, const SelfTestResult& result, const Scope& scope) {
  std::size_t killed = 0;
  for (const SelfTestEntry& entry : result.defects) {
    killed += entry.caught;
    if (entry.caught && line.has("--verbose"))
      print_entry(line, entry, "killed", 5);
    else if (!entry.caught && scope.survivors_count())
      print_entry(line, entry, "survived", 3);
  }
  return killed;
}

std::size_t print_liberties(const CommandLine& line, const SelfTestResult& result) {
  std::size_t moved = 0;
  for (const SelfTestEntry& entry : result.liberties) {
    moved += entry.caught;
    if (entry.caught)
      print_entry(line, entry, "moved", 20);
    else if (line.has("--verbose"))
      print_entry(line, entry, entry.changes.empty() ? "kept" : "reported", 5);
  }
  return moved;
}

std::size_t print_red(const CommandLine& line, const RunResult& conforming) {
  std::size_t red = 0;
  for (const CaseResult& one : conforming.results) {
    if (!is_red(one, {})) continue;
    ++red;
    put_beside(line, fmt::format("red       {}: {}\n", one.id, one_line(one.reason)));
  }
  return red;
}

}  // namespace

int self_test_verb(const CommandLine& line) {
  if (auto good = check_outputs(line); !good) return usage_error(good.error());
  auto suite = suite_for(line);
  if (!suite) return code(Exit::usage);
  Selection selection;
  selection.include = line.all("--filter");
  selection.exclude = line.all("--exclude");
  selection.bulk = line.has("--bulk");
  auto options = options_of(line);
  if (!options) return usage_error(options.error());
  selection.tested = options->tested;
  auto selected = select(*suite, selection);
  if (!selected) return usage_error(selected.error());
  if (selected->cases.empty()) {
    complain({"", "nothing is selected", ""});
    return code(Exit::nothing_selected);
  }
  const Scope scope{selection.include.empty() && selection.exclude.empty(), options->only.empty()};

  SelfTestResult result = self_test(*suite, *selected, *options);
  if (!scope.idle_cases_count()) result.never_kill.clear();
  const auto red = print_red(line, result.conforming);
  const auto killed = print_defects(line, result, scope);
  const auto moved = print_liberties(line, result);
  for (const std::string& id : result.never_kill)
    put_beside(line, fmt::format("idle      {}: catches no defect\n", id));
  if (const std::string file = line.get("--json"); !file.empty()) {
    if (auto written = write_file(file, matrix_json(result)); !written) return usage_error(written.error());
  }
  put_beside(line, fmt::format("{} cases: {} of {} defects killed, {} of {} liberties moved a verdict, {} "
                               "cases kill nothing ({})\n",
                               selected->cases.size(), killed, result.defects.size(), moved,
                               result.liberties.size(), result.never_kill.size(), spoken(result.duration)));
  const bool survived = scope.survivors_count() && killed < result.defects.size();
  const bool good = red == 0 && moved == 0 && !survived && result.never_kill.empty();
  return good ? 0 : code(Exit::red);
}

}  // namespace wsspec
