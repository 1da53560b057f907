#include "play/stage.h"

#include <fmt/format.h>

#include <algorithm>

#include "play/units.h"
#include "protocol/mask_keys.h"
#include "protocol/mix.h"
#include "script/connect_terms.h"
#include "script/hash.h"
#include "script/hop_case.h"
#include "script/parse.h"
#include "script/print.h"
#include "script/substitute.h"
#include "script/walk.h"

namespace wsspec {

namespace {

constexpr int kTurns = 10'000;

template <typename Statement>
bool contains(const Case& script) {
  bool found = false;
  for_each_step(script.steps,
                [&](const Step& step) { found |= std::holds_alternative<Statement>(step.statement); });
  return found;
}

// A case that writes fin=, cont or frame on any `<` line sees single frames throughout (docs/notation.md).
bool wants_frames(const Case& script) {
  bool found = false;
  for_each_step(script.steps, [&](const Step& step) {
    const auto* expect = std::get_if<ExpectFrame>(&step.statement);
    if (!expect) return;
    const FrameFields& fields = expect->fields;
    const bool control =
        fields.kind == FrameKind::close || fields.kind == FrameKind::ping || fields.kind == FrameKind::pong;
    if (control) return;
    found |= fields.fin || fields.kind == FrameKind::cont || fields.kind == FrameKind::frame || fields.rsv ||
             fields.len || fields.lenbits;
  });
  return found;
}

void define_facts(const Profile& profile, Environment& environment) {
  if (!profile.subprotocols.empty()) environment.texts["subprotocol"] = profile.subprotocols.front();
  if (!profile.origins.empty()) environment.texts["origin"] = profile.origins.front();
  if (profile.missing_path) environment.texts["missing-path"] = *profile.missing_path;
  environment.numbers["history"] = profile.rooms.value_or(Rooms{}).history;
  if (profile.message_limit) environment.numbers["limit"] = *profile.message_limit;
  for (const char* name : Profile::kTimes) {
    const auto time = profile.declared_time(name);
    if (!time) continue;
    const auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(*time);
    environment.numbers[name] = static_cast<std::uint64_t>(ms.count());
  }
}

/// What an earlier play has left in a queue is not to be found by a later one.
void define_destinations(const Profile& profile, std::uint64_t seed, std::uint64_t round,
                         Environment& environment) {
  if (!profile.stomp) return;
  const auto fresh = fmt::format("wsspec-{:08x}", mix(seed ^ mix(round)) >> 32);
  if (profile.stomp->queue) environment.texts["queue"] = *profile.stomp->queue + fresh;
  if (profile.stomp->topic) environment.texts["topic"] = *profile.stomp->topic + fresh;
}

std::uint64_t seed_of(const std::string& id, std::uint64_t seed) {
  return fnv1a64(id, kFnvBasis ^ seed);
}

}  // namespace

namespace {

/// Rooms get a name that no other play has.
std::optional<Case> played(const Profile& profile, const Case& script, std::uint64_t seed) {
  if (script.target == Target::hop) return written_out(script);
  if (!speaks(script)) return std::nullopt;
  return spoken(script, profile.rooms.value_or(Rooms{}).dialect,
                fmt::format("wsspec-{:08x}", seed_of(script.id, seed) >> 32));
}

}  // namespace

Player::State::State(const Case& script_, const Profile& profile_, const PlayOptions& options_)
    : as_played(played(profile_, script_, options_.seed)),
      script(as_played ? *as_played : script_),
      fans_out(is_about_fanout(script_)),
      profile(profile_),
      options(options_),
      recorder(profile_, options_.keep_transcript),
      cast(script_.steps),
      of_one_client(is_of_one_client(script_)),
      limit(wsspec::scaled(time_limit(script, profile), profile.time_scale)) {
  environment.make_head = [this](const Statement& statement) { return make_head(statement); };
  environment.fact = [this](std::string_view name) { return fact(name); };
  environment.seed = seed = seed_of(script.id, options.seed);
  environment.define(script.lets);
  environment.make_stomp = [this](const SendStomp& one) { return stomp_octets(one); };
  environment.message_header = [this](std::string_view name, std::uint64_t number) {
    return message_header(name, number);
  };
  define_facts(profile, environment);
  define_destinations(profile, seed, options.round, environment);
  speaks_stomp = std::ranges::find(script.needs, "stomp") != script.needs.end();
  single_frames = wants_frames(script);
  raw = contains<ExpectBytes>(script);
  asks_for_tls = contains<ExpectSecured>(script);
  expects_refusal = contains<ExpectRefused>(script);
  keeps_taken = names_in(script).contains("taken");
  for (std::size_t number = 0; number < cast.size(); ++number) add_line(number);
  for (std::size_t leg = 0; leg < legs(); ++leg) far_ends.push_back(legs() + leg);
  speak(*lines.front());
  for_each_step(script.steps, [this](const Step& step) {
    if (std::holds_alternative<ExpectSeries>(step.statement)) all_series.push_back(&step);
  });
  if (fans_out) recorder.meta("needs fanout");  // So that the log is read as such, too.
  recorder.lets(script.lets);
  enter(script.steps, 1, "");
  alone = of_one_client && begins_alone(script);
  if (alone) next_tick = {};
}

/// What comes about in the play; nothing: no such fact, or not yet.
std::optional<Bytes> Player::State::fact(std::string_view name) const {
  if (name == "taken") return taken;
  if (name == "waited") return in_words(waited);
  if (name == "waits") return waits_in_words();
  if (auto found = fact_of_crossing(name)) return found;
  if (name == "elsewhere") return other_origin(talk->request(), profile.features.contains("tls"));
  return fact_of_request(talk->request(), name);
}

void Player::State::add_line(std::size_t number) {
  const bool far = is_about_hop() && number >= legs();
  const bool serves = far || script.target.value_or(profile.tested) == Target::client;
  add_line(number, cast.on(number), serves ? Role::server : Role::client);
}

void Player::State::add_line(std::size_t number, On on, Role ours) {
  lines.push_back(std::make_unique<Line>(*this, number, std::move(on), ours, contains<ExpectFail>(script)));
  Line& added = *lines.back();
  Inbox& inbox = added.talk.inbox;
  inbox.show_frames(single_frames);
  inbox.stay_raw(raw);
  if (is_about_hop()) inbox.be_opaque();
  if (speaks_stomp) inbox.read_stomp();
  for_each_step(script.steps, [&](const Step& step) {
    const auto* expect = std::get_if<ExpectFrame>(&step.statement);
    if (expect && expect->fields.kind == FrameKind::ping) inbox.keep_pings(true);
    if (ours == Role::server && std::holds_alternative<ExpectRefused>(step.statement)) inbox.keep_pings(true);
  });
  const auto masked = profile.quirks.find(kMaskedClose);
  if (masked != profile.quirks.end() &&
      std::ranges::find(script.covers, masked->second) == script.covers.end())
    inbox.forgive_masked_close();
  inbox.on_arrival = [this, &added](Arrival& arrival) {
    if (arrival.kind == Arrival::Kind::head) added.last_head = arrival.head;
    recorder.about(added.on);
    recorder.received(arrival, single_frames, arrival.at);
  };
}

Duration Player::State::scaled(Duration time) const {
  return wsspec::scaled(time, profile.time_scale);
}

const Step* Player::State::current() const {
  if (stack.empty()) return nullptr;
  const Cursor& top = stack.back();
  return top.index < top.steps->size() ? &(*top.steps)[top.index] : nullptr;
}

void Player::State::enter(const std::vector<Step>& steps, std::uint64_t times, const std::string& name) {
  if (times == 0 || steps.empty()) return;
  if (!name.empty()) environment.numbers[name] = 0;
  stack.emplace_back();
  stack.back().steps = &steps;
  stack.back().rounds = times;
  stack.back().name = name;
}

// To the next member of the group that the step is about, or to the next step.
void Player::State::step_on() {
  Cursor& top = stack.back();
  if (++top.member < members((*top.steps)[top.index])) return;
  top.member = 0;
  ++top.index;
}

// Leaves finished blocks, so that current() is the next step to play or nullptr at the end of the case.
void Player::State::step_done() {
  step_open = false;
  phase = 0;
  close_then_end = false;
  step_on();
  while (!stack.empty() && stack.back().index >= stack.back().steps->size()) {
    Cursor& top = stack.back();
    if (++top.round < top.rounds) {
      top.index = 0;
      if (!top.name.empty()) environment.numbers[top.name] = top.round;
      return;
    }
    if (top.steps == &profile.preamble) talk->barrier = Conversation::Barrier::wanted;
    stack.pop_back();
    if (!stack.empty()) step_on();
  }
}

bool Player::State::in_preamble() const {
  return std::ranges::any_of(stack, [&](const Cursor& cursor) { return cursor.steps == &profile.preamble; });
}

void Player::State::begin_step(Instant now) {
  step_open = true;
  step_began = talk->progress = now;
  words_began = kNever;
  tally.reset();
  received_before = talk->inbox.received;
  silent_before = waits.silent;
  const Step& step = *current();
  if (!options.paced || !step.at) return;
  waits.own += std::max(*step.at - now, Duration::zero());
  talk->hold = std::max(talk->hold, *step.at);
}

std::optional<Action> Player::State::end_of_connection(Instant now) {
  if (!fixed) return std::nullopt;
  if (line->released || (alone && !has_come)) return Action::wait();
  line->released = true;
  if (talk->ended_well() || is_about_hop()) return Action::close();
  recorder.reset(now);
  return Action::reset();
}

Action Player::State::advance(Line& asking, Instant now) {
  for (int turns = 0;; ++turns) {
    speak(asking);
    line->begun = true;
    // Steps without input or output, in a loop of the case: let the transport look at its clock and the user.
    if (turns == kTurns) return Action::wait(now + Duration(1));
    if (auto action = end_of_connection(now)) return *action;
    if (auto action = end_of_former(now)) return *action;
    if (is_done_with(*line)) return Action::wait();
    if (now >= limit) {
      end_of_time(limit, now);
      continue;
    }
    if (auto action = attend_connection(now)) return *action;
    Line* acting = acting_line(asking, now);
    if (acting == nullptr) continue;
    if (acting != &asking && !is_absent(*acting)) {
      want(*acting);
      return idle(now);
    }
    speak(*acting);
    const Step* step = current();
    if (!step) {
      conclude(now);
      continue;
    }
    if (!step_open) {
      begin_step(now);
      continue;
    }
    if (is_send(*step) && is_absent(*acting) && !acting->unmade) {
      decide(Verdict::inconclusive, "nothing has come that could be answered", "", -1, now);
      continue;
    }
    if (is_send(*step)) {
      skip_unasked(now);
      perform(*step, now);
      continue;
    }
    if (auto action = await(*step, now)) {
      if (action->kind == Action::Kind::wait) action->until = std::min(action->until, limit);
      return *action;
    }
  }
}

// Silence has deadlines of its own, so whoever comes here saw something move all the time. That is held
// against the target only where the case says how long it may take.
void Player::State::end_of_time(Duration most, Instant now) {
  if (of_one_client && needs_nobody()) {
    stays_away = true;
    note(fmt::format("it was waited for no longer than {}", print(most)), now);
    return conclude(now);
  }
  const Verdict outcome = script.limit ? Verdict::fail : Verdict::inconclusive;
  decide(outcome,
         fmt::format("the case was not over within {}{}", print(most),
                     script.limit ? "" : ", though octets came or went all the time"),
         "", -1, now);
}

void Player::State::note(std::string text, Instant now) {
  if (std::ranges::find(notes, text) != notes.end()) return;
  recorder.note(text, now);
  notes.push_back(std::move(text));
}

void Player::State::lower(Grade grade, const std::string& why) {
  const bool lower_than =
      grade == Grade::weak ? floor != Grade::weak : grade == Grade::info && floor == Grade::pass;
  if (!lower_than) return;
  floor = grade;
  lowered = line;
  reason = why;
}

namespace {

/// RFC 9110 asks for these of proxies that a client has chosen.
bool is_must_of_proxies(const std::string& id) {
  return id == "rfc9110-7.6.3-1" || id == "rfc9110-7.7-1" || id == "rfc9110-15.2-1";
}

}  // namespace

// The strongest level that the case covers decides whether it can fail (docs/design.md "Verdicts" 3).
Level Player::State::level() const {
  if (!options.ledger) return Level::must;
  Level strongest = Level::may;
  for (const std::string& id : script.covers) {
    const auto found = options.ledger->find(id);
    if (found == options.ledger->end()) continue;
    if (found->second.level == Level::must) return Level::must;
    if (profile.hop_role == HopRole::proxy && is_must_of_proxies(id)) return Level::must;
    if (found->second.level == Level::should) strongest = Level::should;
  }
  return strongest;
}

std::string Player::State::clauses() const {
  if (!options.ledger) return "";
  std::string text;
  auto add = [&](const std::string& id) {
    const auto found = options.ledger->find(id);
    if (found == options.ledger->end()) return;
    const std::string clause = clause_of(found->second);
    if (text.find(clause + ",") != std::string::npos || text.ends_with(clause)) return;
    text += (text.empty() ? "" : ", ") + clause;
  };
  if (!requirement.empty()) {
    add(requirement);
    if (!text.empty()) return text;
  }
  for (const std::string& id : script.covers) add(id);
  return text;
}

void Player::State::decide(Verdict outcome, std::string why, std::string broken, int event, Instant now) {
  if (fixed) return;
  if (lines.size() > 1) {
    where = line->on;
    const bool of_one = !of_one_client || outcome == Verdict::fail || outcome == Verdict::inconclusive;
    if (of_one && outcome != Verdict::pass && outcome != Verdict::skipped && !why.empty())
      why = (is_about_hop() ? name_of(*line) : "on " + name_of(*line)) + ": " + why;
  }
  fix(outcome, std::move(why), std::move(broken), event, now);
}

void Player::State::fix(Verdict outcome, std::string why, std::string broken, int event, Instant now) {
  if (fixed) return;
  if (in_preamble() &&
      outcome != Verdict::pass) {  // The user's own steps: nothing is known of the target yet.
    outcome = Verdict::error;
    why = "the preamble does not go through: " + why;
    broken.clear();
  }
  // No clause limits what it may send; what we cannot hold we cannot judge.
  if (outcome == Verdict::fail && talk->inbox.overrun) outcome = Verdict::error;
  fixed = true;
  for (const auto& one : lines)
    if (one->begun && !one->released) want(*one);
  now_ended = now;
  moves(now);
  if (of_one_client)
    waits.own = std::max(waits.own, now);  // It goes by the client's pace, which was asked for.
  verdict = outcome;
  reason = std::move(why);
  requirement = std::move(broken);
  // A fault of the target's own making stands on its own clause; other failures on what the case covers.
  if (verdict == Verdict::fail && requirement.empty() && level() != Level::must) verdict = Verdict::weak;
  if (verdict != Verdict::fail && verdict != Verdict::weak && verdict != Verdict::inconclusive &&
      verdict != Verdict::error) {
    return;
  }
  failing = current();
  if (failing) expected = shown(*failing);
  actual = reason;
  recorder.mark_failing(
      event, expected.empty() ? reason : "expected: " + expected.substr(0, expected.find('\n')), now);
}

// The last step is met. What is still unread must not contradict it.
void Player::State::conclude(Instant now) {
  for (const auto& one : lines) {
    speak(*one);
    look_for_rest(now);
    judge_keys(now);
    if (is_crossing_changed(now)) return;
  }
  compare_orders(now);
  judge_comings(now);
  judge_prefaces(now);
  judge_operation(now);
  judge_held();
  conclude_well(now);
}

// What is true of each frame of a client, and only to be seen in many: judged in the cases that ask for many.
void Player::State::judge_keys(Instant now) {
  const bool asked = std::ranges::any_of(script.covers, [](const std::string& id) {
    return id == "rfc6455-5.3-2" || id == "rfc6455-5.3-3" || id == "rfc6455-5.3-4" || id == "rfc6455-10.3-1";
  });
  if (!asked || talk->ours == Role::client) return;
  const auto& keys = talk->inbox.keys;
  if (const auto pattern = find_pattern(keys))
    return decide(Verdict::fail, pattern->what, pattern->requirement, -1, now);
  note(fmt::format("{} masking keys were seen, and nothing speaks against them", keys.size()), now);
}

void Player::State::look_for_rest(Instant now) {
  skip_unasked(now);
  for (const Arrival& arrival : talk->inbox.main) {
    if (arrival.kind == Arrival::Kind::fault)
      return decide(Verdict::fail, arrival.what, arrival.requirement, arrival.event, now);
    // A connection of several on which nothing is expected is there to disturb the others.
    if (lines.size() > 1 && !line->asked) continue;
    if (!arrival.is_data() || is_own_words(arrival, nullptr)) continue;
    const std::string foreign = fans_out ? "" : foreign_octets(arrival.payload);
    return decide(
        Verdict::fail,
        describe(arrival) + " came that nothing asked for" + (foreign.empty() ? "" : "; " + foreign), "",
        arrival.event, now);
  }
}

void Player::State::conclude_well(Instant now) {
  const std::string why = reason;
  if (lowered != nullptr) speak(*lowered);
  decide(floor == Grade::weak   ? Verdict::weak
         : floor == Grade::info ? Verdict::info
                                : Verdict::pass,
         why, "", -1, now);
}

namespace {

// The line of `wanted` in the printed case: printing keeps the order of the steps, so the n-th step is the
// n-th.
int line_of(const std::string& text, const Case& script, const Step* wanted) {
  if (!wanted) return 0;
  int index = 0, found = -1;
  for_each_step(script.steps, [&](const Step& step) {
    if (&step == wanted) found = index;
    ++index;
  });
  Parsed parsed = parse(text, "");
  if (!parsed.errors.empty() || parsed.file.cases.empty() || found < 0) return 0;
  int line = 0;
  index = 0;
  for_each_step(parsed.file.cases.front().steps, [&](const Step& step) {
    if (index++ == found) line = step.place.line;
  });
  return line;
}

}  // namespace

CaseResult Player::State::take_result() {
  CaseResult result;
  result.id = script.id;
  result.topic = script.id.substr(0, script.id.find('.'));
  result.about = script.about;
  result.verdict = verdict;
  result.reason = profile.secrets.mask(reason);
  const auto any = [this](auto is) {
    return std::ranges::any_of(lines, [&](const auto& one) { return is(one->talk); });
  };
  if (any([](const Conversation& one) { return one.inbox.forgiven; })) notes.emplace_back(kMaskedClose);
  for (const std::string& text : notes) result.notes.push_back(profile.secrets.mask(text));
  result.clause = clauses();
  result.requirement = requirement;
  result.level = level();
  result.covers = script.covers;
  result.see = script.see;
  result.tags = script.tags;
  for (const std::string& see : script.see) {
    if (see.starts_with("autobahn/")) result.autobahn.push_back(see.substr(9));
  }
  result.expected = profile.secrets.mask(expected);
  result.actual = profile.secrets.mask(actual);
  if (options.keep_transcript) {
    File file;
    file.cases.push_back(script);
    result.script = print(file);
    result.failing_line = line_of(result.script, script, failing);
  }
  if (script.place.file) result.file = *script.place.file;
  result.line = script.place.line;
  result.sent_illegal = any([](const Conversation& one) { return one.outgoing.fault().has_value(); }) ||
                        contains<SendBytes>(script) || contains<SendHead>(script) ||
                        contains<SendReset>(script) || contains<SendRequest>(script) || names_tls(script) ||
                        contains<ExpectError>(script);
  result.close_code = talk->inbox.closed.value_or(std::nullopt);
  result.transcript = recorder.take(verdict == Verdict::pass ? kEventsOfPass : kEventsKept);
  result.duration = now_ended;
  result.delays = std::move(delays);
  return result;
}

}  // namespace wsspec
