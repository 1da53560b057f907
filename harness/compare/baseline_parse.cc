#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <map>

#include "compare/baseline.h"
#include "protocol/spec.h"
#include "report/text.h"

namespace wsspec {
namespace {

constexpr Verdict kListable[] = {Verdict::fail, Verdict::error,        Verdict::weak,
                                 Verdict::info, Verdict::inconclusive, Verdict::pass};

/// The words of one line; a word may be "quoted", a `#` word ends the line.
struct Words {
  std::string_view rest;
  bool broken = false;  ///< A quote was not closed.

  void space() {
    while (!rest.empty() && (rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r')) rest.remove_prefix(1);
    if (rest.starts_with('#')) rest = {};
  }
  bool at_end() {
    space();
    return rest.empty();
  }
  bool at_quote() {
    space();
    return rest.starts_with('"');
  }
  std::string word() {
    space();
    const std::size_t end = std::min(rest.find_first_of(" \t\r"), rest.size());
    std::string out(rest.substr(0, end));
    rest.remove_prefix(end);
    return out;
  }
  std::string quoted() {
    std::string out;
    for (std::size_t i = 1; i < rest.size(); ++i) {
      if (rest[i] == '"') {
        rest.remove_prefix(i + 1);
        return out;
      }
      if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
      out += rest[i];
    }
    broken = true;
    rest = {};
    return out;
  }
};

bool is_date(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return false;
  for (const std::size_t i : {0, 1, 2, 3, 5, 6, 8, 9})
    if (text[i] < '0' || text[i] > '9') return false;
  const int month = (text[5] - '0') * 10 + text[6] - '0', day = (text[8] - '0') * 10 + text[9] - '0';
  return month >= 1 && month <= 12 && day >= 1 && day <= 31;
}

std::string listable() {
  std::string out;
  for (const Verdict verdict : kListable)
    out += fmt::format("{}{}", out.empty() ? "" : ", ", verdict_name(verdict));
  return out;
}

class Parser {
 public:
  Parser(std::string_view text, const std::string& file) : text_(text), file_(file) {}

  Result<Baseline> parse() {
    bool headed = false;
    while (!text_.empty()) {
      const std::string_view line = take_line();
      Words words{line};
      if (!headed) {
        if (words.word() != "baseline" || words.word() != "1" || !words.at_end())
          return fault("the first line is not `baseline 1`", "an empty baseline is that one line");
        headed = true;
      } else if (words.at_end()) {
        comments_.emplace_back(line);
      } else if (auto problem = statement(words); !problem.what.empty()) {
        return std::unexpected(problem);
      }
    }
    if (!headed) return fault("the file is empty", "an empty baseline is the one line `baseline 1`");
    out_.comments = std::move(comments_);
    return std::move(out_);
  }

 private:
  std::string_view take_line() {
    const std::size_t end = std::min(text_.find('\n'), text_.size());
    std::string_view line = text_.substr(0, end);
    text_.remove_prefix(std::min(end + 1, text_.size()));
    ++line_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
  }
  Error error(std::string what, std::string hint = {}) const {
    return {fmt::format("{}:{}", file_, line_), std::move(what), std::move(hint)};
  }
  std::unexpected<Error> fault(std::string what, std::string hint) const {
    return std::unexpected(error(std::move(what), std::move(hint)));
  }
  /// An empty error when all is well.
  Error statement(Words& words) {
    const std::string first = words.word();
    if (first == "target") return section(words);
    BaselineEntry entry;
    const auto verdict = verdict_from(first);
    if (!verdict || std::ranges::find(kListable, *verdict) == std::end(kListable))
      return error(fmt::format("'{}' is no verdict that can be expected", one_line(first, 60)),
                   "known: " + listable());
    entry.verdict = *verdict;
    entry.pattern = words.word();
    if (entry.pattern.empty() || entry.pattern[0] == '"') return error("the id of a case is missing");
    if (!words.at_quote())
      return error("the reason is missing", "say in \"quotes\" why this verdict is expected");
    entry.reason = words.quoted();
    if (words.broken) return error("the reason has no closing quote");
    if (auto problem = options(words, entry); !problem.what.empty()) return problem;
    return keep(std::move(entry));
  }
  Error section(Words& words) {
    target_ = words.word();
    transport_ = words.word();
    if (target_.empty())
      return error("the target's name is missing", "`target NAME` or `target NAME TRANSPORT`");
    if (!words.at_end()) return error(fmt::format("unexpected '{}'", one_line(words.rest, 60)));
    if (target_ == "*") target_.clear();
    return {};
  }
  Error options(Words& words, BaselineEntry& entry) {
    while (!words.at_end()) {
      const std::string word = words.word();
      const std::size_t equals = std::min(word.find('='), word.size());
      const std::string name = word.substr(0, equals), value = word.substr(std::min(equals + 1, word.size()));
      const std::map<std::string, std::string*> fields = {
          {"clause", &entry.clause}, {"link", &entry.link}, {"until", &entry.until}};
      const auto field = fields.find(name);
      if (field == fields.end())
        return error(fmt::format("unknown option '{}'", one_line(word, 60)), "known: clause=, link=, until=");
      if (value.empty()) return error(fmt::format("`{}=` has no value", name));
      if (!field->second->empty()) return error(fmt::format("`{}=` is there twice", name));
      *field->second = value;
    }
    entry.clause = current_id(entry.clause);
    if (!entry.until.empty() && !is_date(entry.until))
      return error("`until=` is no date", "write it as 2026-06-30");
    return {};
  }
  Error keep(BaselineEntry entry) {
    entry.target = target_;
    entry.transport = transport_;
    const std::array key = {entry.target, entry.transport, entry.pattern, entry.clause};
    if (const auto [it, fresh] = seen_.emplace(key, line_); !fresh)
      return error(fmt::format("'{}' is listed already", one_line(entry.pattern, 120)),
                   fmt::format("first in line {}", it->second));
    entry.comments = std::move(comments_);
    comments_.clear();
    out_.entries.push_back(std::move(entry));
    return {};
  }

  std::string_view text_;
  const std::string& file_;
  int line_ = 0;
  Baseline out_;
  std::vector<std::string> comments_;
  std::string target_, transport_;
  std::map<std::array<std::string, 4>, int> seen_;
};

}  // namespace

Result<Baseline> parse_baseline(std::string_view text, const std::string& file) {
  return Parser(text, file).parse();
}

}  // namespace wsspec
