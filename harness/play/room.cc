// What is said in a room: series of messages, and what of it may come to whom (docs/notation.md "Rooms").
#include <fmt/format.h>

#include <algorithm>

#include "play/stage.h"
#include "script/hash.h"
#include "script/print.h"
#include "script/walk.h"

namespace wsspec {

bool is_about_fanout(const Case& script) {
  return std::ranges::any_of(script.needs, [](const std::string& one) { return one.starts_with("fanout"); });
}

namespace {

constexpr std::size_t kHeardShown = 40;

/// With its beginning, when it is a message: what somebody has said.
std::string in_words(const Arrival& arrival) {
  std::string out = describe(arrival);
  if (arrival.is_data() && !arrival.payload.empty())
    out += ", " + print_payload(BytesView(arrival.payload).substr(0, kHeardShown), 100) + ",";
  return out;
}

/// The n-th message of a series; `$n` means something else outside of it.
Result<Bytes> message_of(const MessageSeries& series, std::uint64_t number, Environment& environment) {
  const auto before = environment.numbers.find("n");
  const auto outer = before == environment.numbers.end() ? std::nullopt : std::optional(before->second);
  environment.numbers["n"] = number;
  auto message = evaluate(series.payload, environment);
  if (outer)
    environment.numbers["n"] = *outer;
  else
    environment.numbers.erase("n");
  return message;
}

}  // namespace

/// The series by the payloads of its messages, as far as names have a value now.
Result<const Player::State::Numbered*> Player::State::numbered(const Step& step,
                                                               const MessageSeries& series) {
  const auto count = evaluate(series.count, environment);
  if (!count) return std::unexpected(count.error());
  if (*count > kMostOfSeries) return fail_with("", "a series of more than a million messages");
  const auto first = message_of(series, 0, environment);
  if (!first) return std::unexpected(first.error());
  Numbered& known = numbered_series[{&step, line->number}];
  if (known.made && known.first == *first && known.count == *count) return &known;
  known = {true, *first, *count, {}};
  for (std::uint64_t i = 0; i < *count; ++i) {
    const auto message = message_of(series, i, environment);
    if (!message) return std::unexpected(message.error());
    known.numbers.emplace(fnv1a64(*message), i);
  }
  return &known;
}

/// Which message of the series it is.
std::optional<std::uint64_t> Player::State::number_in(const Step& step, const Arrival& arrival) {
  const MessageSeries& series = *series_of(step.statement);
  if (arrival.kind != (series.binary ? Arrival::Kind::binary : Arrival::Kind::text)) return std::nullopt;
  const auto known = numbered(step, series);
  if (!known) return std::nullopt;
  const auto found = (*known)->numbers.find(fnv1a64(arrival.payload));
  if (found == (*known)->numbers.end()) return std::nullopt;
  const auto message = message_of(series, found->second, environment);
  return message && *message == arrival.payload ? std::optional(found->second) : std::nullopt;
}

/// The series of the case, other than `except`, to which it belongs on this connection.
const Step* Player::State::series_with(const Arrival& arrival, const Step* except) {
  for (const Step* step : all_series) {
    if (step == except || step->on.name != line->on.name) continue;
    if (step->on.index && line->on.index) {
      const auto index = evaluate(*step->on.index, environment);
      if (!index || *index != line->on.index->value) continue;
    }
    if (number_in(*step, arrival)) return step;
  }
  return nullptr;
}

namespace {

std::uint64_t limit_of(const std::optional<Limit>& written, bool declared, const Environment& environment) {
  if (!written) return declared ? kNoLimit : 0;
  if (written->any) return kNoLimit;
  return evaluate(written->number, environment).value_or(0);
}

}  // namespace

Player::State::Limits Player::State::limits_of(const MessageSeries& series) const {
  const Rooms rooms = profile.rooms.value_or(Rooms{});
  return {limit_of(series.lost, rooms.delivery == Delivery::at_most_once, environment),
          limit_of(series.repeated, rooms.delivery == Delivery::at_least_once, environment),
          limit_of(series.reordered, rooms.order == Order::none, environment)};
}

/// Takes what has come of it; what ends it stays where it is. Null: nothing does.
const Arrival* Player::State::take_of_series(const Step& step, Instant now) {
  auto& main = talk->inbox.main;
  for (std::size_t i = 0; i < main.size();) {
    const auto at = main.begin() + static_cast<std::ptrdiff_t>(i);
    if (!at->is_data()) {
      if (at->kind != Arrival::Kind::ping) return &*at;
      ++i;
    } else if (const auto number = number_in(step, *at)) {
      tally->take(*number);
      hear(*at);
      if (at->payload.size() > 64) rewrite_heard(step, *number, *at);
      main.erase(at);
    } else if (series_with(*at, &step) != nullptr) {
      ++i;
    } else if (is_own_words(*at, &step) && now < end_of_talk(step)) {
      hear_words(now);
      main.erase(at);
    } else {
      return &*at;
    }
  }
  return nullptr;
}

/// In the transcript as the case says it, so that it can be read.
void Player::State::rewrite_heard(const Step& step, std::uint64_t number, const Arrival& arrival) {
  const MessageSeries& series = *series_of(step.statement);
  ExpectFrame frame;
  frame.fields.kind = series.binary ? FrameKind::binary : FrameKind::text;
  frame.payload = series.payload;
  Step one;
  one.on = step.on;
  one.statement = std::move(frame);
  environment.numbers["n"] = number;
  recorder.rewrite(arrival.event, shown(one));
  environment.numbers.erase("n");
}

std::optional<Action> Player::State::await_series(const Step& step, Instant now) {
  const MessageSeries& series = *series_of(step.statement);
  if (!tally) {
    const auto known = numbered(step, series);
    if (!known) return decide(Verdict::error, known.error().what, "", -1, now), std::nullopt;
    tally.emplace((*known)->count);
  }
  const Arrival* other = take_of_series(step, now);
  if (tally->complete() || other != nullptr) return end_series(step, other, now), std::nullopt;
  mind_manners(now);
  if (!talk->outbox.empty()) return std::nullopt;
  Instant deadline = silence_deadline(patience(step));
  if (step.within) deadline = std::max(deadline, step_began + time_of(*step.within));
  if (step.strict) deadline = step_began + time_of(*step.within);
  deadline = std::min(deadline, end_of_talk(step));
  if (now < deadline) return Action::wait(deadline);
  if (tally->missing() > limits_of(series).lost) gave_up(waits.answer, now);
  return end_series(step, nullptr, now), std::nullopt;
}

/// `other`: what came in place of the rest.
void Player::State::end_series(const Step& step, const Arrival* other, Instant now) {
  const Limits most = limits_of(*series_of(step.statement));
  if (other != nullptr && other->kind == Arrival::Kind::fault && !tally->complete())
    return decide(Verdict::fail, other->what, other->requirement, other->event, now);
  std::string why = tally->words(tally->missing() > most.lost, tally->copies() > most.repeated,
                                 tally->late() > most.reordered);
  if (!why.empty()) {
    if (other != nullptr) why += "; then " + in_words(*other) + " came";
    return miss(Judgement::not_met(std::move(why), other != nullptr ? other->event : -1), step, now);
  }
  if (const auto allowed = tally->words(true, true, true); !allowed.empty()) note(allowed, now);
  answered(waits.answer, now);
  if (step.within && now > step_began + time_of(*step.within))
    lower(Grade::weak, fmt::format("it came later than within {}", print(time_of(*step.within))));
  if (!fixed) step_done();
}

/// A message that was asked for.
void Player::State::hear(const Arrival& arrival) {
  if (!fans_out) return;
  const auto hash = fnv1a64(arrival.payload);
  told.insert(hash);
  if (line->known.insert(hash).second)
    line->heard.push_back({hash, Bytes(arrival.payload.substr(0, kHeardShown))});
}

/// Somebody has said it in this play, or it looks as if.
bool Player::State::is_said(BytesView payload) const {
  if (told.contains(fnv1a64(payload))) return true;
  return std::ranges::any_of(lines,
                             [&](const auto& one) { return one->talk.outgoing.said().repeats(payload); });
}

/// It has said so itself, and hears itself.
bool Player::State::is_own_copy(BytesView payload) const {
  if (!profile.rooms || profile.rooms->fanout != Fanout::all) return false;
  const Dialect& dialect = profile.rooms->dialect;
  if (!talk->outgoing.said().whole()) return told.contains(fnv1a64(payload));
  const auto text = text_within(dialect.hear, payload);
  return text && std::ranges::any_of(talk->outgoing.said().payloads(),
                                     [&](BytesView said) { return text_within(dialect.say, said) == text; });
}

/// One that came before, where that may be.
bool Player::State::is_legal_copy(const Arrival& arrival) {
  if (is_own_copy(arrival.payload)) return true;
  if (profile.rooms && profile.rooms->delivery == Delivery::at_least_once &&
      line->known.contains(fnv1a64(arrival.payload)))
    return true;
  const Step* series = series_with(arrival, nullptr);
  return series != nullptr && limits_of(*series_of(series->statement)).repeated > 0 &&
         line->known.contains(fnv1a64(arrival.payload));
}

/// What two members both heard they heard in one order, where that is declared.
void Player::State::compare_orders(Instant now) {
  if (!fans_out || !profile.rooms || profile.rooms->order != Order::total) return;
  for (const auto& one : lines) {
    std::map<std::uint64_t, std::size_t> places;
    for (std::size_t i = 0; i < one->heard.size(); ++i) places.emplace(one->heard[i].hash, i);
    for (const auto& other : lines) {
      if (other->number <= one->number) continue;
      const Line::Heard* before = nullptr;
      std::size_t place = 0;
      for (const Line::Heard& heard : other->heard) {
        const auto found = places.find(heard.hash);
        if (found == places.end()) continue;
        if (before != nullptr && found->second < place) {
          speak(*other);
          return decide(
              Verdict::fail,
              fmt::format("it heard {} before {}, and {} the other way round: all were to hear one order",
                          print_payload(before->begin, 100), print_payload(heard.begin, 100), print(one->on)),
              "", -1, now);
        }
        before = &heard;
        place = found->second;
      }
    }
  }
}

}  // namespace wsspec
