#include "run/losses.h"

#include <fmt/format.h>

#include <algorithm>

#include "script/print.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr Duration kFree = 6s;     // Until then everything is played.
constexpr Duration kFamily = 12s;  // From then on one fault stands for all cases of its family.
constexpr Duration kTopic = 20s;   // From then on for its topic, where most that was played hurt.
constexpr int kAlike = 3;          // Equal faults before others are taken for the same.
constexpr int kSample = 8;         // Of those taken for the same each eighth is played all the same.
constexpr int kUnanswered = 5;

std::string topic_of(const std::string& id) {
  return id.substr(0, id.find_first_of(".["));
}

}  // namespace

Duration Losses::scaled(Duration time) const {
  return wsspec::scaled(time, scale_);
}

void Losses::count(Kind& kind, const std::string& id, const std::string& fault) {
  ++kind.played;
  if (fault.empty()) {
    kind.alike = 0;
    return;
  }
  ++kind.hurt;
  if (kind.alike > 0 && kind.fault == fault) {
    ++kind.alike;
    return;
  }
  kind.first = id;
  kind.fault = fault;
  kind.alike = 1;
}

void Losses::played(const std::string& id, const std::string& fault, Duration lost, const Waits& waits) {
  lost_ += std::max(lost, Duration::zero());
  if (!fault.empty() && first_.empty()) first_ = id;
  count(families_[std::string(family_of(id))], id, fault);
  count(topics_[topic_of(id)], id, fault);
  for (const auto kind : {&Waits::handshake, &Waits::answer, &Waits::close}) {
    (seen_.*kind).unanswered += (waits.*kind).unanswered;
    (seen_.*kind).longest = std::max((seen_.*kind).longest, (waits.*kind).longest);
  }
}

std::string Losses::same_as(const Kind& kind) {
  const auto more = std::max(kind.alike - 1, 0);
  return "not played: same as " + kind.first + (more > 0 ? fmt::format(" (and {} more)", more) : "");
}

std::string Losses::words_when_used_up() const {
  if (gave_up_) return "not played: the target keeps cases going for so long that the run has had its time";
  return fmt::format("not played: silence, slowness and deaths took the {} that a run has for them{}",
                     print(scaled(kMost)), first_.empty() ? "" : ", first in " + first_);
}

std::optional<std::string> Losses::reason_to_leave_out(const std::string& id) {
  if (used_up()) return words_when_used_up();
  if (lost_ < scaled(kFree)) return std::nullopt;
  auto& family = families_[std::string(family_of(id))];
  if (family.alike >= (lost_ < scaled(kFamily) ? kAlike : 1)) {
    const bool sample = lost_ < scaled(kFamily) && ++family.left_out % kSample == 0;
    return sample ? std::nullopt : std::optional(same_as(family));
  }
  const auto& topic = topics_[topic_of(id)];
  if (lost_ >= scaled(kTopic) && topic.alike >= 1 && topic.hurt >= kAlike && 2 * topic.hurt >= topic.played)
    return same_as(topic);
  return std::nullopt;
}

Duration Losses::learned(const Waits::Kind& seen, Duration usual, Duration least) const {
  if (seen.unanswered < kUnanswered || lost_ < scaled(kFree) / 2) return usual;
  const auto longest =
      Duration(static_cast<Duration::rep>(static_cast<double>(seen.longest.count()) / scale_));
  return std::clamp(4 * longest, least, usual);
}

Patience Losses::patience() const {
  Patience patience;
  patience.handshake = learned(seen_.handshake, patience.handshake, 1s);
  patience.answer = learned(seen_.answer, patience.answer, 1s);
  patience.close = learned(seen_.close, patience.close, 100ms);
  return patience;
}

}  // namespace wsspec
