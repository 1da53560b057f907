// What a play finds out about a hop and no clause judges, in words for notes (`$waits`, `$ending` ...).
#include <fmt/format.h>

#include <algorithm>

#include "play/stage.h"
#include "play/units.h"
#include "protocol/close.h"
#include "protocol/frame.h"
#include "script/print.h"

namespace wsspec {
namespace {

/// What a hop may take of one end while the other reads nothing, beyond which nothing slows down who sends.
constexpr std::uint64_t kMostHeld = 64ull << 20;

/// The smallest time that `permille` of the sorted ones do not exceed.
Duration quantile(const std::vector<Duration>& sorted, std::size_t permille) {
  const auto rank = (sorted.size() * permille + 999) / 1000;
  return sorted[std::max<std::size_t>(rank, 1) - 1];
}

std::uint64_t unsent(const Conversation& talk) {
  std::uint64_t octets = 0;
  for (const Conversation::Pending& pending : talk.outbox) octets += pending.bytes.size() - pending.position;
  return octets;
}

/// The Close at the end of octets that are frames; empty: there is none.
std::string close_in(BytesView octets) {
  Bytes copy(octets);
  MutableBytes left{copy.data(), copy.size()};
  FrameDecoder decoder;
  std::string words;
  Bytes payload;
  while (const auto piece = decoder.next(left)) {
    if (piece->first) payload.clear();
    payload += view(piece->payload);
    if (!piece->last || !piece->header.is(Opcode::close)) continue;
    const auto code = parse_close(payload).code;
    words = code ? fmt::format("Close {}", *code) : "Close";
  }
  return words;
}

}  // namespace

/// "p50 0.05 ms, p99 0.3 ms of 40": what the `kept` lines since the last note took.
std::string Player::State::waits_in_words() const {
  if (kept_waits.empty()) return "none";
  auto sorted = kept_waits;
  std::ranges::sort(sorted);
  return fmt::format("p50 {}, p99 {} of {}", in_words(quantile(sorted, 500)), in_words(quantile(sorted, 990)),
                     sorted.size());
}

/// "Close 1001, then FIN", "FIN", "RST", "nothing": how this connection has ended.
std::string Player::State::ending_in_words() const {
  const std::string closed = close_in(talk->inbox.raw);
  if (!talk->inbox.ended) return closed.empty() ? "nothing" : closed;
  const std::string end = *talk->inbox.ended == End::reset       ? "RST"
                          : *talk->inbox.ended == End::truncated ? "FIN without close_notify"
                                                                 : "FIN";
  return closed.empty() ? end : closed + ", then " + end;
}

/// From its upgrade to its end, or up to now.
std::string Player::State::lived_in_words() const {
  const Instant until = line->ended_at == kNever ? step_began : line->ended_at;
  return in_words(std::max(until - talk->opened_at, Duration::zero()));
}

/// The status of the answer that came last, or that the end came in its place.
std::string Player::State::status_in_words() const {
  const auto status = parse_status_line(line->last_head.start);
  return status ? std::to_string(status->status) : "the end of TCP";
}

/// `Via "1.1 hop", X-Real-IP "192.0.2.1"`: fields of the head that came of which our other end has sent none.
std::string Player::State::added_in_words() const {
  constexpr std::size_t kShown = 60;
  const Line* other = across(*line);
  if (other == nullptr) return "nothing";
  const Head &sent = other->talk.outgoing.head(), &came = line->last_head;
  std::string words;
  for (const Field& field : came.fields)
    if (sent.find(field.name) == nullptr)
      words += fmt::format("{}{} {}", words.empty() ? "" : ", ",
                           is_token(field.name) ? field.name : print_payload(field.name, kShown),
                           print_payload(field.value, kShown));
  return words.empty() ? "nothing" : words;
}

/// Octets behind the heads that `from` has handed over and that have not come to `to`.
std::uint64_t Player::State::under_way(const Conversation& from, const Conversation& to) const {
  const std::uint64_t handed_over =
      from.crossing.size() - std::min<std::uint64_t>(unsent(from), from.crossing.size());
  return handed_over - std::min<std::uint64_t>(to.inbox.raw.size(), handed_over);
}

/// Who does not read must in the end hold up who sends: else the hop keeps whatever comes.
void Player::State::judge_held() {
  for (const auto& one : lines) {
    const Line* other = across(*one);
    if (other == nullptr || !one->talk.stalled) continue;
    const auto held = under_way(other->talk, one->talk);
    if (held <= kMostHeld) continue;
    lower(Grade::weak,
          fmt::format("no back pressure: the hop took {} for an end that reads nothing, and would take more",
                      octets_in_words(held)));
    return speak(*one);
  }
}

/// nothing: no such fact.
std::optional<Bytes> Player::State::fact_of_crossing(std::string_view name) const {
  if (!is_about_hop()) return std::nullopt;
  const Line* other = across(*line);
  if (name == "token") return token(leg_of(*line));
  if (name == "status") return status_in_words();
  if (name == "added") return added_in_words();
  if (name == "ending") return ending_in_words();
  if (name == "lived") return lived_in_words();
  if (name == "coming" && other) return octets_in_words(under_way(other->talk, *talk));
  if (name == "going" && other) return octets_in_words(under_way(*talk, other->talk));
  return std::nullopt;
}

}  // namespace wsspec
