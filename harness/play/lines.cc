// Several connections of one case. The script has one cursor: whoever is asked by the transport moves it on
// as long as the current line is about him, and calls the one it is about otherwise.
#include <fmt/format.h>

#include <algorithm>
#include <unordered_map>

#include "play/stage.h"
#include "protocol/mix.h"
#include "script/print.h"

namespace wsspec {

/// What follows is about this connection: judging, sending, the transcript.
void Player::State::speak(Line& about) {
  line = &about;
  talk = &about.talk;
  if (lines.size() == 1) return;
  environment.compressor = talk->compressor ? &*talk->compressor : nullptr;
  environment.seed = about.number == 0 ? seed : mix(seed ^ about.number);
  if (about.on.index) environment.numbers["member"] = about.on.index->value;
  recorder.about(about.on);
}

void Player::State::want(const Line& about) {
  if (alone && !has_come) return;  // There is nobody to be asked.
  if (std::ranges::find(called, about.number) == called.end()) called.push_back(about.number);
}

/// How often the step is played: once for each member when it is about a whole group.
std::size_t Player::State::members(const Step& step) const {
  if (const auto* either = std::get_if<Either>(&step.statement))
    return members(either->branches.front().steps.front());
  if (std::holds_alternative<Repeat>(step.statement) || std::holds_alternative<Burst>(step.statement))
    return 1;
  const Cast::Part* part = cast.find(step.on.name);
  if (part == nullptr || !part->group || (step.on.index && !makes_connection(step))) return 1;
  const bool bound = std::ranges::any_of(
      stack, [&](const Cursor& cursor) { return cursor.bound && cursor.bound->on.name == step.on.name; });
  if (bound) return 1;
  if (makes_connection(step)) return cast.made_by(step).count;
  return is_about_hop() ? tunnels : part->count;
}

/// Whom the step is about; null when it names a member that is not there, which is then our error.
Player::State::Line* Player::State::line_about(const Step& step) {
  if (const auto* either = std::get_if<Either>(&step.statement))
    return line_about(either->branches.front().steps.front());
  if (of_one_client) return lines[newest].get();
  const Cast::Part* part = cast.find(step.on.name);
  if (!step.on.index || makes_connection(step)) {
    for (auto cursor = stack.rbegin(); cursor != stack.rend(); ++cursor) {
      const bool same = cursor->bound && (cursor->bound->on.name == step.on.name || in_preamble());
      if (same) return cursor->bound;
    }
  }
  if (part == nullptr) {  // A pause, or a silence of all: whoever is still there.
    const auto there = std::ranges::find(lines, false, [](const auto& one) { return one->released; });
    return there == lines.end() ? nullptr : there->get();
  }
  std::size_t member = part->group ? stack.back().member : 0;
  if (makes_connection(step)) member += cast.made_by(step).first;
  if (step.on.index && !makes_connection(step)) {
    const auto number = evaluate(*step.on.index, environment);
    if (!number || *number >= part->count) return nullptr;
    member = static_cast<std::size_t>(*number);
  }
  const bool far = is_about_hop() && part->first > 0;
  return lines[far ? far_ends[member] : part->first + member].get();
}

/// Somebody has to come to an end before the next line begins: what is sent goes out whole and in order. Who
/// does not read holds up nobody.
Player::State::Line* Player::State::busy_line() const {
  for (const auto& one : lines) {
    const Conversation& other = one->talk;
    if (one->released || other.inbox.ended || is_absent(*one)) continue;
    const bool sends = !other.outbox.empty() || other.want_half_close || other.want_reset;
    const Line* reader = across(*one);
    const bool held_up = other.stalled || (reader && reader->talk.stalled);
    if (other.barrier != Conversation::Barrier::none || (sends && !held_up)) return one.get();
  }
  return nullptr;
}

/// Who moves the script on now; null: the verdict was fixed.
Player::State::Line* Player::State::acting_line(Line& asking, Instant now) {
  if (of_one_client) return lines[newest].get();
  if (lines.size() == 1) return &asking;
  if (Line* busy = busy_line()) return busy;
  const Step* step = current();
  if (!step || std::holds_alternative<Repeat>(step->statement) ||
      std::holds_alternative<Burst>(step->statement))
    return &asking;
  Line* about = line_about(*step);
  if (about == nullptr)
    decide(Verdict::error, fmt::format("'{}' is not there", print(step->on)), "", -1, now);
  return about;
}

/// The transport does not ask an end again before what it has sent has left, and that is held up by one that
/// does not read. What is said there next waits behind it; the script goes on.
bool Player::State::says_ahead(const Line& one) {
  const Line* reader = across(one);
  const Step* step = current();
  return reader && reader->talk.stalled && step && is_send(*step);
}

/// Not this one's turn: it reads, and does what any endpoint owes.
Action Player::State::idle(Instant now) {
  mind_manners(now);
  if (auto action = pump(now)) return *action;
  return Action::wait(kNever);
}

/// We abort this connection; the script goes on elsewhere, or is over.
Action Player::State::let_go(Instant now) {
  line->released = true;
  if (of_one_client) return go_on_without(now), Action::reset();
  Line& gone = *line;
  if (Line* next = acting_line(gone, now); next != nullptr && next != &gone) {
    want(*next);
    return Action::reset();
  }
  const auto other =
      std::ranges::find_if(lines, [](const auto& one) { return one->begun && !one->released; });
  if (other != lines.end())
    want(**other);
  else if (current() == nullptr)
    conclude_well(now);
  else
    decide(Verdict::error, "nothing can be played behind `> reset`", "", -1, now);
  return Action::reset();
}

/// The step as it stands in the transcript: about one connection. How many a group has stands where the first
/// of them is made.
std::string Player::State::shown(const Step& step) const {
  Step exact = resolved(step, environment);
  if (lines.size() == 1 || step.on.name.empty()) return print(exact, 0);
  exact.on = line->on;
  if (!makes_connection(step) || !line->on.index) return print(exact, 0);
  if (line->on.index->value != cast.made_by(step).first) return "# " + print(exact, 0);
  exact.on = step.on;
  return print(exact, 0);
}

namespace {

constexpr std::size_t kRun = 16;  // Shorter runs come about by chance.

/// Where `payload` and `said` share their longest run, as begin and length in `payload`.
std::pair<std::size_t, std::size_t> shared_run(BytesView payload, BytesView said) {
  std::unordered_map<std::string_view, std::size_t> blocks;
  for (std::size_t at = 0; at + kRun <= said.size(); at += kRun) blocks.emplace(said.substr(at, kRun), at);
  std::pair<std::size_t, std::size_t> best{};
  for (std::size_t at = 0; at + kRun <= payload.size(); ++at) {
    const auto found = blocks.find(payload.substr(at, kRun));
    if (found == blocks.end()) continue;
    std::size_t begin = at, there = found->second, end = at + kRun, there_end = there + kRun;
    while (begin > 0 && there > 0 && payload[begin - 1] == said[there - 1]) --begin, --there;
    while (end < payload.size() && there_end < said.size() && payload[end] == said[there_end])
      ++end, ++there_end;
    if (end - begin > best.second) best = {begin, end - begin};
    at = end - 1;
  }
  return best;
}

}  // namespace

/// "octets 2048 to 4095 are those that c[1] has sent", when that can only be: a run of 16 octets and more
/// that nobody has said on this connection. Empty: nothing of the kind.
std::string Player::State::foreign_octets(BytesView payload) const {
  std::string words;
  std::size_t longest = 0;
  for (const auto& other : lines) {
    if (&other->talk == talk) continue;
    for (const BytesView said : other->talk.outgoing.said().payloads()) {
      const auto [begin, length] = shared_run(payload, said);
      if (length <= longest || talk->outgoing.said().holds(payload.substr(begin, length))) continue;
      longest = length;
      words = fmt::format("octets {} to {} {}", begin, begin + length - 1,
                          of_one_client ? "were sent on " + name_of(*other)
                                        : "are those that " + name_of(*other) + " has sent");
    }
  }
  return words;
}

}  // namespace wsspec
