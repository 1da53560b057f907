#include "play/fate.h"

#include <fmt/format.h>

namespace wsspec {
namespace {

std::string end_in_words(const Fate::Seen& seen) {
  const std::string close = !seen.close ? ""
                            : seen.code ? fmt::format("Close {}", *seen.code)
                                        : "a Close without a code";
  const std::string end = !seen.end ? "" : *seen.end == End::reset ? "RST" : "FIN";
  if (close.empty() && end.empty()) return "nothing";
  return close + (close.empty() || end.empty() ? "" : " and ") + end;
}

/// It says what happens to who is connected (RFC 6455 7.4.1, and the registry).
bool tells(const Fate::Seen& seen) {
  return seen.close && seen.code && (*seen.code == 1001 || *seen.code == 1012);
}

bool is_reset(const Fate::Seen& seen) {
  return seen.end == End::reset;
}

}  // namespace

std::string in_words(const Fate& fate) {
  if (fate.lives() && !fate.near.close && !fate.far.close) return "lives on";
  const auto sides =
      fmt::format("the client saw {}, the server {}", end_in_words(fate.near), end_in_words(fate.far));
  if (fate.lives()) return "lives on; " + sides;
  return fmt::format("lived for {:.1f}s; {}", std::chrono::duration<double>(fate.lived).count(), sides);
}

Assessment assess(const Fate& fate, const Operate& operation) {
  if (fate.lives()) return {};
  const std::string words = in_words(fate);
  if (is_reset(fate.near) || is_reset(fate.far))
    return {Grade::weak, "a graceful command aborts it: " + words};
  if (!fate.near.end || !fate.far.end) return {Grade::weak, "only one side was told of the end: " + words};
  const bool told = tells(fate.near) || tells(fate.far);
  if (operation.stop) return told ? Assessment{} : Assessment{Grade::info, words};
  return {told || fate.in_message ? Grade::info : Grade::weak, "a reload ends it: " + words};
}

std::string in_words(const Newcomers& all) {
  const auto count = all.served + all.refused + all.unanswered;
  if (all.served == count) return fmt::format("all {} new tunnels were served", count);
  std::string words = fmt::format("of {} new tunnels {} were served", count, all.served);
  if (all.refused > 0)
    words += fmt::format(", {} refused ({})", all.refused,
                         all.first_refusal.empty() ? "ended without an answer" : all.first_refusal);
  if (all.unanswered > 0) words += fmt::format(", {} not answered", all.unanswered);
  return words;
}

Assessment assess(const Newcomers& all, const Operate& operation) {
  if (operation.stop || all.refused + all.unanswered == 0) return {};
  return {Grade::weak, in_words(all)};
}

}  // namespace wsspec
