#include <fmt/format.h>

#include <algorithm>

#include "cli/common.h"
#include "cli/files.h"
#include "cli/print.h"
#include "cli/verbs.h"
#include "script/print.h"

namespace wsspec {

namespace {

std::string steps_in_words(const std::vector<Step>& steps, int indent) {
  std::string text;
  const std::string margin(static_cast<std::size_t>(indent), ' ');
  for (const Step& step : steps) {
    text += margin + explain(step) + "\n";
    if (const auto* either = std::get_if<Either>(&step.statement)) {
      for (const Either::Branch& branch : either->branches) {
        text += fmt::format("{}  {}:\n", margin,
                            branch.grade == Grade::pass   ? "this passes"
                            : branch.grade == Grade::weak ? "this is allowed, but weak"
                                                          : "this is left open and only recorded");
        text += steps_in_words(branch.steps, indent + 4);
      }
    } else if (const auto* repeat = std::get_if<Repeat>(&step.statement)) {
      text += steps_in_words(repeat->steps, indent + 2);
    } else if (const auto* burst = std::get_if<Burst>(&step.statement)) {
      text += steps_in_words(burst->sends, indent + 2);
    }
  }
  return text;
}

std::string requirement_in_words(const Requirement& requirement) {
  return fmt::format("  {}{}, {} ({})\n      {}\n      How it is tested: {}\n", level_name(requirement.level),
                     requirement.negative ? " NOT" : "", clause_of(requirement), requirement.id,
                     requirement.text, requirement.how);
}

// Comments directly above the case in its file: why the outcomes are fair.
std::string reasons_of(const Case& one, const Suite& suite) {
  if (!one.place.file) return "";
  auto text = read_file(suite.directory + "/" + *one.place.file);
  if (!text) text = read_file(*one.place.file);
  if (!text) return "";
  std::vector<std::string> lines;
  for (std::size_t begin = 0; begin < text->size();) {
    const std::size_t end = std::min(text->find('\n', begin), text->size());
    lines.push_back(text->substr(begin, end - begin));
    begin = end + 1;
  }
  auto comment_of = [](const std::string& line) -> std::string {
    const std::size_t first = line.find_first_not_of(" \t");
    if (first == std::string::npos || line[first] != '#') return "";
    return line.substr(std::min(line.size(), first + 2));
  };
  std::string reasons;
  auto at = static_cast<std::size_t>(std::max(one.place.line, 1)) - 1;
  for (std::size_t i = at; i > 0 && i - 1 < lines.size() && !comment_of(lines[i - 1]).empty(); --i) {
    reasons.insert(0, "  " + comment_of(lines[i - 1]) + "\n");
  }
  for (std::size_t i = at + 1; i < lines.size() && !lines[i].starts_with("case "); ++i) {
    if (const std::string comment = comment_of(lines[i]); !comment.empty()) reasons += "  " + comment + "\n";
  }
  return reasons;
}

std::string explain_case(const Case& one, const Suite& suite) {
  std::string text = fmt::format("{}\n  {}\n", one.id, one.about);
  if (!one.covers.empty()) text += "\nWhat the specification says\n";
  for (const std::string& id : one.covers) {
    const auto found = suite.ledger.find(id);
    text += found != suite.ledger.end() ? requirement_in_words(found->second) : "  " + id + "\n";
  }
  text += "\nStep by step\n" + steps_in_words(one.steps, 2);
  if (const std::string reasons = reasons_of(one, suite); !reasons.empty())
    text += "\nWhy the outcomes are fair\n" + reasons;
  if (!one.needs.empty()) text += fmt::format("\nNeeds: {}\n", fmt::join(one.needs, ", "));
  if (!one.see.empty()) text += fmt::format("See: {}\n", fmt::join(one.see, ", "));
  File file;
  file.cases.push_back(one);
  text += fmt::format("\nThe script ({}:{})\n", one.place.file ? *one.place.file : "?", one.place.line) +
          print(file);
  return text;
}

/// Of any role: whoever asks need not know for whom the case is.
Result<std::vector<const Case*>> cases_named(const std::vector<std::string>& words, const Suite& suite) {
  std::vector<const Case*> all;
  for (const Target tested : {Target::server, Target::client, Target::hop}) {
    auto selected = select(suite, {.include = words, .tested = tested, .bulk = true});
    if (!selected) return std::unexpected(selected.error());
    for (const Case* one : selected->cases)
      if (std::ranges::find(all, one) == all.end()) all.push_back(one);
  }
  return all;
}

}  // namespace

int explain_verb(const CommandLine& line) {
  auto suite = suite_for(line);
  if (!suite) return code(Exit::usage);
  auto cases = cases_named(line.arguments, *suite);
  if (!cases) return usage_error(cases.error());
  if (cases->empty()) {
    complain({"", "no case has that name", "wsspec list prints all ids, --role client those about clients"});
    return code(Exit::nothing_selected);
  }
  std::string text;
  for (const Case* one : *cases) text += (text.empty() ? "" : "\n\n") + explain_case(*one, *suite);
  put_text(text);
  return 0;
}

}  // namespace wsspec
