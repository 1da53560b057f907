#include "report/cause.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>

#include "report/text.h"

namespace wsspec {
namespace {

bool digit(char c) {
  return c >= '0' && c <= '9';
}
bool word_sign(char c) {
  return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

/// Where a number is a name, not an amount.
bool names_a_code(std::string_view before) {
  static constexpr std::string_view kWords[] = {"close",  "code",       "HTTP", "status",  "signal",
                                                "with",   "instead of", "RFC",  "section", "version",
                                                "opcode", "its",        "or",   "rsv",     "TLS"};
  while (before.ends_with(' ')) before.remove_suffix(1);
  if (before.ends_with('|')) return true;
  return std::ranges::any_of(kWords, [&](std::string_view word) {
    if (before.size() < word.size()) return false;
    const auto tail = before.substr(before.size() - word.size());
    return std::ranges::equal(
        tail, word, {}, [](char c) { return std::tolower(static_cast<unsigned char>(c)); },
        [](char c) { return std::tolower(static_cast<unsigned char>(c)); });
  });
}

/// Behind a quoted text that begins at `at`; a backslash escapes.
std::size_t end_of_quote(std::string_view text, std::size_t at) {
  for (std::size_t i = at + 1; i < text.size(); ++i) {
    if (text[i] == '\\')
      ++i;
    else if (text[i] == '"')
      return i + 1;
  }
  return text.size();
}

std::vector<std::string_view> lines_of(std::string_view text) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view line = text.substr(0, end);
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ')) line.remove_suffix(1);
    if (!line.empty()) out.push_back(line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

std::string_view trimmed(std::string_view line) {
  while (!line.empty() && (line.front() == ' ' || line.front() == '\t')) line.remove_prefix(1);
  return line;
}

/// A frame of a stack: node and Java ("at f (file:1:2)"), AddressSanitizer ("#0 0x1 in f file:1"), Go
/// ("\t/path/file.go:12 +0x1"), Python ('File "x.py", line 3, in f'). All of them indent.
bool is_frame(std::string_view line) {
  const std::string_view text = trimmed(line);
  if (text.size() == line.size()) return false;
  return text.starts_with("at ") || text.starts_with("File \"") ||
         text.find(".go:") != std::string_view::npos || (text.size() > 1 && text[0] == '#' && digit(text[1]));
}

/// A frame of the language or its runtime, which does not tell one fault from another.
bool is_foreign(std::string_view line) {
  static constexpr std::string_view kSigns[] = {
      "(<anonymous>)", "(node:",        "at node:",  "java.base/",
      "__asan",        "__interceptor", "/usr/lib/", "/usr/local/go/"};
  return std::ranges::any_of(
      kSigns, [&](std::string_view sign) { return line.find(sign) != std::string_view::npos; });
}

/// What says which error it was.
bool is_error(std::string_view line) {
  static constexpr std::string_view kSigns[] = {"Error:",      "Exception",        "panicked at", "panic:",
                                                "ERROR: Add",  "runtime error:",   "what():",     "Assertion",
                                                "fatal error", "terminate called", "Fatal error"};
  return std::ranges::any_of(
      kSigns, [&](std::string_view sign) { return line.find(sign) != std::string_view::npos; });
}

/// Addresses and process numbers differ from run to run.
std::string without_addresses(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size();) {
    std::size_t end = i;
    if (text.substr(i).starts_with("0x")) {
      end = i + 2;
      while (end < text.size() && std::isxdigit(static_cast<unsigned char>(text[end]))) ++end;
      out += "0x";
    } else if (text.substr(i).starts_with("==") && i + 2 < text.size() && digit(text[i + 2])) {
      end = i + 2;
      while (end < text.size() && digit(text[end])) ++end;
      if (text.substr(end).starts_with("==")) end += 2;
    } else {
      out += text[i];
      end = i + 1;
    }
    i = end;
  }
  return out;
}

bool worse(const Cause& a, const Cause& b) {
  const auto rank = [](const Cause& cause) {
    const CaseResult& r = *cause.results.front();
    return std::tuple(!r.target_died, std::ranges::find(kVerdicts, r.verdict) - std::begin(kVerdicts),
                      r.flaky, -static_cast<std::ptrdiff_t>(cause.results.size()));
  };
  return rank(a) < rank(b);
}

/// Nothing came: which answer is missing is the requirement's to say.
bool is_silence(std::string_view reaction) {
  return reaction.starts_with("nothing came") || reaction.find("neither closed") != std::string_view::npos;
}

/// The reaction by which causes of many requirements may turn out to be one; empty where they may not: a
/// death, a fault with a requirement of its own, silence.
std::string joint_of(const Cause& cause) {
  const CaseResult& r = *cause.results.front();
  const std::string reaction = reaction_of(r.reason);
  if (r.target_died || !r.requirement.empty() || is_silence(reaction)) return {};
  return one_line(
      fmt::format("{}{}, whatever was asked: {}", r.flaky ? "flaky " : "", verdict_name(r.verdict), reaction),
      400);
}

bool has_legal(const Cause& cause) {
  return std::ranges::any_of(cause.results, [](const CaseResult* r) { return !r->sent_illegal; });
}

/// A target that gives one wrong answer to legal questions of many requirements has one fault, not one for
/// each.
void join_ubiquitous(std::vector<Cause>& causes) {
  constexpr std::size_t kMany = 4;
  std::map<std::string, std::vector<std::size_t>> joints;
  std::map<std::string, std::size_t> legal;
  for (std::size_t i = 0; i < causes.size(); ++i) {
    const std::string joint = joint_of(causes[i]);
    if (joint.empty()) continue;
    joints[joint].push_back(i);
    legal[joint] += has_legal(causes[i]);
  }
  for (const auto& [joint, parts] : joints) {
    if (legal[joint] < kMany) continue;
    Cause& whole = causes[parts.front()];
    whole.key = joint;
    for (std::size_t i = 1; i < parts.size(); ++i) {
      auto& part = causes[parts[i]].results;
      whole.results.insert(whole.results.end(), part.begin(), part.end());
      part.clear();
    }
    std::ranges::sort(whole.results);  // They lie in one vector: this is the order of the run.
  }
  std::erase_if(causes, [](const Cause& cause) { return cause.results.empty(); });
}

}  // namespace

std::string reaction_of(std::string_view reason) {
  std::string out;
  for (std::size_t i = 0; i < reason.size();) {
    std::size_t end = i + 1;
    if (reason[i] == '"') {
      end = end_of_quote(reason, i);
      out += "\"…\"";
    } else if (digit(reason[i]) && (i == 0 || (!word_sign(reason[i - 1]) && reason[i - 1] != '-'))) {
      while (end < reason.size() && (digit(reason[end]) || (reason[end] == '.' && end + 1 < reason.size() &&
                                                            digit(reason[end + 1]))))
        ++end;
      out += names_a_code(reason.substr(0, i)) ? reason.substr(i, end - i) : "N";
    } else {
      out += reason[i];
    }
    i = end;
  }
  return out;
}

std::string death_of(std::string_view log) {
  constexpr std::size_t kLast = 2;
  const auto lines = lines_of(log);
  if (lines.empty()) return {};
  const auto error = std::ranges::find_if(lines, is_error);
  std::vector<std::string_view> frames;
  std::ranges::copy_if(lines, std::back_inserter(frames), is_frame);
  // Python shows the innermost frame last, the others first.
  if (log.find("Traceback (most recent call last)") != std::string_view::npos) std::ranges::reverse(frames);
  auto frame = std::ranges::find_if_not(frames, is_foreign);
  if (frame == frames.end()) frame = frames.begin();
  std::string out;
  if (error != lines.end()) out = trimmed(*error);
  if (frame != frames.end()) out += (out.empty() ? "" : " ") + std::string(trimmed(*frame));
  if (out.empty())
    for (const auto line :
         std::vector(lines.end() - static_cast<std::ptrdiff_t>(std::min(kLast, lines.size())), lines.end()))
      out += (out.empty() ? "" : " | ") + std::string(trimmed(line));
  return one_line(without_addresses(out), 240);
}

std::string cause_of(const CaseResult& r) {
  if (r.target_died) {
    const std::string death = death_of(r.target_log);
    return one_line("died: " + (death.empty() ? reaction_of(r.reason) : death), 400);
  }
  // A fault that the target makes by itself is judged by its own requirement, whichever case it shows in.
  const std::string& requirement = !r.requirement.empty() ? r.requirement
                                   : r.covers.empty()     ? r.clause
                                                          : r.covers[0];
  return one_line(fmt::format("{}{}{}{}: {}", r.flaky ? "flaky " : "", verdict_name(r.verdict),
                              requirement.empty() ? "" : " ", requirement, reaction_of(r.reason)),
                  400);
}

std::vector<Cause> red_causes(const RunResult& run, const Gate& gate) {
  std::vector<Cause> causes;
  std::map<std::string, std::size_t> places;
  for (const auto& r : run.results) {
    if (!is_red(r, gate)) continue;
    const auto [it, fresh] = places.try_emplace(cause_of(r), causes.size());
    if (fresh) causes.push_back({it->first, {}});
    causes[it->second].results.push_back(&r);
  }
  join_ubiquitous(causes);
  std::ranges::stable_sort(causes, worse);
  return causes;
}

std::string others_of(const Cause& cause, std::size_t limit) {
  std::string out, family(family_of(cause.results.front()->id));
  const std::size_t shown = std::min(cause.results.size(), limit + 1);
  for (std::size_t i = 1; i < shown; ++i) {
    const std::string& id = cause.results[i]->id;
    const bool same = family_of(id) == family && id.size() > family.size();
    out += (i == 1 ? "" : ", ") + one_line(same ? id.substr(family.size()) : id, 100);
    family = family_of(id);
  }
  if (cause.results.size() > shown) out += fmt::format(" and {} more", cause.results.size() - shown);
  return out;
}

}  // namespace wsspec
