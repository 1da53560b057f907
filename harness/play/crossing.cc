// A hop between two ends of ours: which end is across, by what the hop's connection to us is known, and what
// is to be done while it has not come.
#include <fmt/format.h>

#include <algorithm>

#include "play/kept.h"
#include "play/stage.h"
#include "protocol/mix.h"
#include "script/print.h"

namespace wsspec {

namespace {

constexpr std::string_view kTokenField = "X-Wsspec-Token";

}  // namespace

/// That of `near` and `far`, or of one of each group: the tunnel that they are the ends of.
std::size_t Player::State::leg_of(const Line& one) const {
  return one.on.index ? static_cast<std::size_t>(one.on.index->value) : 0;
}

/// Our other end of the same tunnel; null where there is no hop.
Player::State::Line* Player::State::across(const Line& one) const {
  if (!is_about_hop()) return nullptr;
  const auto leg = leg_of(one);
  return lines[one.talk.ours == Role::client ? far_ends[leg] : leg].get();
}

/// The hop has not connected to us yet, or we not to it, or it has others on that connection now: nobody asks
/// this end.
bool Player::State::is_absent(const Line& one) const {
  return is_about_hop() && (one.unmade || (one.talk.ours == Role::server && (!one.begun || one.left)));
}

std::string Player::State::token(std::size_t leg) const {
  return fmt::format("{:016x}", mix(seed ^ mix(leg + 1)));
}

/// Hops change paths, queries and fields, so the token stands in two of them. A case that writes its own path
/// keeps it.
void Player::State::mark(Head& request, const std::vector<Edit>& edits) const {
  const std::string word = token(leg_of(*line));
  request.fields.push_back({std::string(kTokenField), word});
  if (std::ranges::any_of(edits, [](const Edit& edit) { return edit.kind == Edit::Kind::path; })) return;
  auto parts = parse_request_line(request.start);
  if (!parts) return;
  parts->target += (parts->target.find('?') == std::string::npos ? "?wsspec=" : "&wsspec=") + word;
  request.start = fmt::format("{} {} {}", parts->method, parts->target, parts->version);
}

std::size_t Player::State::arrive(std::size_t leg, Instant now) {
  moves(now);
  Line& former = *lines[far_ends[leg]];
  if (former.begun) {
    if (former.talk.opened && !former.talk.inbox.ended && !fixed) {
      speak(former);
      decide(Verdict::fail, "the hop made a second connection for a tunnel that was open", "rfc9110-9.2.2-1",
             -1, now);
    }
    add_line(lines.size(), former.on, Role::server);
    far_ends[leg] = lines.size() - 1;
  }
  Line& far = *lines[far_ends[leg]];
  far.begun = true;
  return far.number;
}

/// What it has said is still what comes to the other end.
void Player::State::leave(Line& far) {
  far.left = far.released = true;
}

/// How far what came is what was sent; each octet is looked at once.
void Player::State::agree() {
  if (const Line* other = across(*line))
    talk->agreed = agreement(other->talk.crossing, talk->inbox.raw,
                             std::min({talk->agreed, other->talk.crossing.size(), talk->inbox.raw.size()}));
}

/// What came through a tunnel and no line of the case has asked for must not contradict what was sent.
bool Player::State::is_crossing_changed(Instant now) {
  const Line* other = across(*line);
  if (other == nullptr || !talk->opened || talk->inbox.raw.empty()) return false;
  Way way = way_to(*talk, other->talk);
  way.leaves = operation.has_value();
  const Kept kept = compare_kept(other->talk.crossing, talk->inbox.raw, way);
  if (kept.level != Kept::Level::changed) return false;
  decide(Verdict::fail, kept.what, "", -1, now);
  return true;
}

/// A request behind the first, octet by octet as we sent it, though the hop had changed the first: no request
/// was read there.
bool Player::State::is_smuggled(const Arrival& arrival, Instant now) {
  const Line* other = across(*line);
  if (other == nullptr || !arrival.request) return false;
  const bool same = arrival.raw_head == render_head(other->talk.said());
  const auto leg = leg_of(*line);
  if (!forwarded_changed.contains(leg)) return forwarded_changed[leg] = !same, false;
  if (!same || !forwarded_changed[leg]) return false;
  decide(Verdict::fail,
         "a second request came octet by octet, as the first had not: the hop had opened a tunnel though its "
         "answer was no 101",
         "rfc9110-7.8-2", arrival.event, now);
  return true;
}

/// Who does not read HTTP changes nothing in it.
bool Player::State::is_head_changed(const Arrival& arrival, Instant now) {
  const Line* other = across(*line);
  if (other == nullptr || profile.hop_role != HopRole::tcp || arrival.kind != Arrival::Kind::head)
    return false;
  const auto& sent = other->talk.heads;
  if (sent.empty()) return false;
  std::size_t most = 0;
  for (const Bytes& head : sent) {
    if (head.find(arrival.raw_head) != head.npos) return false;  // One of several in a burst, perhaps.
    most = std::max(most, agreement(head, arrival.raw_head, 0));
  }
  decide(Verdict::fail,
         fmt::format("the head did not come octet by octet: it differs from octet {} on", most),
         "rfc9110-3.7-1", arrival.event, now);
  return true;
}

/// How much has come of what is waited for.
std::string Player::State::part_in_words() const {
  const Line* other = across(*line);
  const auto wanted = other == nullptr ? 0 : other->talk.crossing.size();
  const auto came = talk->inbox.raw.size();
  return came == 0 ? fmt::format("nothing came of {} octets", wanted)
                   : fmt::format("{} of {} octets came, and then nothing", came, wanted);
}

}  // namespace wsspec
