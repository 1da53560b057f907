#include "run/bare_ends.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <string>

namespace wsspec {
namespace {

constexpr std::size_t kLeast = 4;   // Closes of a topic that make a rule.
constexpr std::size_t kTimes = 4;   // So many times as many as bare ends.
constexpr std::size_t kChoice = 2;  // Bare ends of all instances of a case.

enum class Manner { none, close, bare };

bool ends_connection(const Event& event) {
  return event.line == "< eof" || event.line == "< reset" || event.line == "< gone";
}

/// Then the end of the connection is an answer to ours.
bool we_end_it(const Event& event) {
  return event.line.starts_with("> eof") || event.line.starts_with("> reset") ||
         event.line.starts_with("> close") || event.line.starts_with("finish");
}

/// How the target answered the faults of a case that passed.
Manner ending_of(const CaseResult& result) {
  if (result.verdict != Verdict::pass || !result.sent_illegal || result.transcript.dropped > 0)
    return Manner::none;
  bool upgraded = false;
  for (const auto& event : result.transcript.events) {
    if (event.kind == Event::Kind::sent && we_end_it(event)) return Manner::none;
    if (event.kind != Event::Kind::received) continue;
    if (event.line.starts_with("< upgrade") || event.line.starts_with("# HTTP/1.1 101")) upgraded = true;
    if (!upgraded) continue;
    if (event.line.starts_with("< close") || event.line.starts_with("< fail")) return Manner::close;
    if (ends_connection(event)) return Manner::bare;
  }
  return Manner::none;
}

struct Group {
  std::size_t closes = 0;
  std::vector<CaseResult*> bare;
};

}  // namespace

void tell_bare_ends_apart(std::vector<CaseResult>& results) {
  std::map<std::string_view, Group> topics, families;
  for (auto& result : results) {
    const auto ending = ending_of(result);
    if (ending == Manner::none) continue;
    for (auto* group : {&topics[result.topic], &families[family_of(result.id)]}) {
      group->closes += ending == Manner::close;
      if (ending == Manner::bare) group->bare.push_back(&result);
    }
  }
  for (auto& [topic, group] : topics) {
    if (group.closes < std::max(kLeast, kTimes * group.bare.size())) continue;
    for (auto* result : group.bare) {
      const auto& family = families[family_of(result->id)];
      if (family.closes == 0 && family.bare.size() >= kChoice) continue;
      result->verdict = Verdict::weak;
      result->clause = "RFC 6455 section 7.1.7";
      result->reason = fmt::format(
          "it ended TCP without a Close frame; {} other faults of the topic '{}' it answers with one, so "
          "that this "
          "may be the end of a handler that crashed",
          group.closes, topic);
    }
  }
}

}  // namespace wsspec
