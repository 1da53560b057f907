#include "run/runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "play/hop_facts.h"
#include "run/bare_ends.h"
#include "run/open_errors.h"
#include "run/proxyless.h"
#include "run/series.h"
#include "run/spread.h"
#include "run/utc.h"
#include "script/connect_terms.h"
#include "script/hash.h"
#include "target/probe.h"
#include "target/proc.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr Duration kTick = 20ms;
constexpr Duration kCaseCap = 10s;  // Ours comes so long after the player's own limit.
constexpr int kLargeAtOnce = 3;     // So many times 16 MiB, on both sides.
constexpr int kRefusals = 3;
constexpr Duration kLongRun = 45s, kMuchLost = 6s, kStuck = 15s;
constexpr Duration kPrompt = 500ms;  // What a connection may take before it counts as slow.
constexpr Duration kBusy = 20s;      // What a case may work.
constexpr Duration kLastCall = 4s;   // What is on the wire may go on for so long when the time is used up.
constexpr Duration kSlow = 2s;       // What makes a case one that hurts.

/// A weak verdict about a hop is often one of time: what came late, or not at all.
bool is_suspicious(const CaseResult& result, Target tested) {
  return !result.target_died && result.repeats.empty() &&
         (result.verdict == Verdict::fail || result.verdict == Verdict::error ||
          result.verdict == Verdict::inconclusive ||
          (result.verdict == Verdict::weak && tested == Target::hop));
}

/// What the target lacks, or the user does not allow.
std::optional<std::string> reason_not_to_play(const Case& one, const Selected& selected,
                                              const Profile& profile, const RunOptions& options) {
  if (auto reason = Player::reason_to_skip(one, profile); !reason.empty()) return reason;
  if (selected.too_long.contains(&one))
    return fmt::format("it measures for minutes, when it is asked to: --filter {}",
                       one.id.substr(0, one.id.find('.')));
  if (has_tag(one, "destructive") && !options.allow_destructive)
    return "destructive; needs --allow-destructive";
  const auto count = Cast(one.steps).at_once(one.steps);
  if (count > static_cast<std::size_t>(options.connections))
    return fmt::format("it has {} connections open, and {} are allowed (--connections)", count,
                       options.connections);
  return std::nullopt;
}

/// What counts of a server that is `by_itself` like that, and seen through a hop.
TargetFingerprint through_hop(const std::optional<TargetFingerprint>& by_itself, TargetFingerprint seen) {
  if (!by_itself) return seen;
  TargetFingerprint out = *by_itself;
  out.server_field = std::move(seen.server_field);
  out.extensions = std::move(seen.extensions);
  out.quirks = std::move(seen.quirks);
  out.hears_others |= seen.hears_others;
  out.one_at_a_time |= seen.one_at_a_time;
  return out;
}

/// In front of `list` goes what `others` has, which then has nothing.
void put_first(std::vector<std::size_t>& list, std::vector<std::size_t>& others) {
  list.insert(list.begin(), others.begin(), others.end());
  others.clear();
}

}  // namespace

Series::Series(const Suite& suite, const Selected& selected, const RunOptions& options, Observer* observer)
    : suite_(suite),
      selected_(selected),
      options_(options),
      observer_(observer),
      profile_(options.profile),
      losses_(options.profile.time_scale),
      jobs_(std::max(options.jobs, 1)) {
  run_.tool_version = options.tool_version;
  run_.caseset_version = suite.version;
  run_.target_name = shown_url(options.target_name);
  run_.url = shown_url(options.address.url());
  run_.transport = options.address.transport();
  run_.seed = options.seed;
  run_.arguments = options.arguments;
  run_.filter = selected.words;
  run_.destructive_allowed = options.allow_destructive;
  run_.started = utc_now();
  run_.jobs = options.jobs;
  run_.results.resize(selected.cases.size());
  settled_.resize(selected.cases.size());
  for (const auto* one : selected.cases) connections_.push_back(Cast(one->steps).size());
  schedule_ = schedule(selected);
  if (options.serving) expect_clients();
  if (options.behind) expect_hop();
  if (options.cost_budget.declared()) {  // Only what is played alone can be measured.
    for (auto* list : {&schedule_.large, &schedule_.together}) put_first(schedule_.alone, *list);
  }
}

Duration Series::scaled(Duration time) const {
  return wsspec::scaled(time, profile_.time_scale);
}

/// Processes cost more than connections do, and a client that comes back by itself is alone.
void Series::expect_clients() {
  add_features(*options_.serving, profile_);
  most_patient_ = jobs_;
  one_by_one_ = options_.serving->exec.empty() && jobs_ == 1;
  run_.url.clear();
  run_.transport = options_.serving->page           ? "page in a browser"
                   : options_.serving->exec.empty() ? "client that comes back"
                                                    : "client for each case";
  run_.tested = "client";
}

/// What is said of a server says nothing of a hop.
void Series::expect_hop() {
  for (const char* feature : {"echo", "deflate", "company"}) profile_.features.erase(feature);
  profile_.hop_role = options_.behind->role;
  run_.tested = "hop";
  if (options_.behind->direct) return;  // Between our own ends nobody names anybody, or has an operator.
  profile_.proxy_protocol = options_.behind->proxy_protocol;
  if (!options_.behind->reload.empty()) profile_.features.insert("reload");
  if (!options_.behind->stop.empty()) profile_.features.insert("stop");
}

void Series::remark(const std::string& text) {
  if (observer_ != nullptr) observer_->remark(profile_.secrets.mask(text));
}

void Series::stop(std::string reason, bool fatal) {
  stopping_ = true;
  // Each case that is not played gives it; what the target has printed is told once.
  if (stop_reason_.empty()) stop_reason_ = reason.substr(0, reason.find('\n'));
  if (fatal && run_.fatal.empty()) run_.fatal = std::move(reason);
}

PlayOptions Series::play_options(std::size_t index) const {
  PlayOptions play;
  play.seed = options_.seed ^ fnv1a64(selected_.cases[index]->id);
  play.round = run_.results[index].repeats.size() + (settled_[index] ? 1 : 0);
  play.paced = options_.paced;
  play.ledger = &suite_.ledger;
  play.patience = losses_.patience();
  return play;
}

CaseResult Series::unplayed(std::size_t index, Verdict verdict, std::string reason) const {
  Player player(*selected_.cases[index], profile_, play_options(index));
  player.abandon(reason, {});
  auto result = player.take_result();
  result.verdict = verdict;
  result.reason = std::move(reason);
  return result;
}

void Series::skip(std::size_t index, Verdict verdict, std::string reason) {
  run_.results[index] = unplayed(index, verdict, std::move(reason));
  settled_[index] = true;
  ++done_;
  if (observer_ != nullptr && verdict != Verdict::not_run)
    observer_->judged(run_.results[index], done_, selected_.cases.size());
}

// --- Playing ---

/// What was played once is played again when that is wanted, as long as there is time.
bool Series::is_left_out(std::size_t index, bool alone) {
  if (settled_[index]) return !alone && losses_.used_up();
  auto reason = losses_.reason_to_leave_out(selected_.cases[index]->id);
  if (reason) skip(index, Verdict::not_run, std::move(*reason));
  return reason.has_value();
}

std::size_t Series::in_flight() const {
  std::size_t count = 0;
  for (const auto& [key, play] : plays_) count += play.connections;
  return count;
}

bool Series::begin(std::size_t index, bool alone) {
  const auto& one = instead_ != nullptr ? *instead_ : *selected_.cases[index];
  if (auto reason = reason_not_to_play(one, selected_, profile_, options_)) {
    if (!settled_[index]) skip(index, Verdict::skipped, std::move(*reason));
    return false;
  }
  if (is_left_out(index, alone)) return false;
  const auto key = next_key_++;
  auto& play = plays_[key];
  play.index = index;
  play.alone = alone;
  play.in_company = plays_.size() > 1;
  play.player = std::make_unique<Player>(one, profile_, play_options(index));
  play.connections = play.player->connections();
  if (options_.rate > 0)
    next_launch_ +=
        Duration(static_cast<std::int64_t>(1e9 * static_cast<double>(play.connections - 1) / options_.rate));
  play.began = now();
  play.cap = play.began + scaled(time_limit(one, profile_)) + kCaseCap;
  play.hang_up =
      venue_->begin(one, *play.player, [this, key](const Parting& parting) { take_end(key, parting); });
  return true;
}

void Series::take_end(std::uint64_t key, const Parting& ending) {
  const auto found = plays_.find(key);
  if (found == plays_.end()) return;
  auto play = std::move(found->second);
  plays_.erase(found);
  const auto index = play.index;
  const bool unmade = ending.failure != Failure::none && ending.cannot.empty() && ending.death.empty();
  if (ending.failure == Failure::local && !stopping_)
    return lack_descriptors(index, play.alone, ending.detail);
  if (unmade && !stopping_) {
    doubt_ = true;
    if (!play.alone && ++refusals_[index] < kRefusals) {
      waiting_.push_front(index);
      driver_.stop();
      return;
    }
  }
  if (unmade)
    play.player->abandon(fmt::format("no connection: {}", ending.detail), {});
  else if (!play.player->done())
    play.player->abandon("the connection was given up", ending.duration);
  const auto& needs = selected_.cases[index]->needs;
  const bool each_for_itself = std::ranges::find(needs, "company") != needs.end();
  if (play.connections > 1 && each_for_itself) where_[index] = play.player->where();
  if (options_.serving) freshness_.add(*play.player);
  // A client that comes back lives, whatever was done to it before.
  if (options_.serving && !play.player->request().fields.empty()) evidence_.served(now() - ending.duration);
  auto result = play.player->take_result();
  if (!ending.cannot.empty()) {
    result.verdict = Verdict::skipped;
    result.reason = ending.cannot;
  }
  if (!ending.failed.empty() && result.verdict != Verdict::not_run) {
    result.verdict = Verdict::error;
    result.reason = ending.failed;
  }
  if (!ending.death.empty()) {  // Whatever came on the wire (RFC 6455 10.1).
    result.verdict = Verdict::fail;
    result.target_died = true;
    result.reason = "the client " + ending.death;
    if (result.clause.empty()) result.clause = "RFC 6455 section 10.1";
  }
  if (result.verdict != Verdict::pass) result.target_log = ending.log;
  if (ending.write_given_up)
    result.notes.push_back("the target stopped reading; the rest of our octets was dropped");
  if (play.cut) {  // Our end, not the target's: nothing was judged.
    result.verdict = Verdict::not_run;
    result.reason = stopping_ ? stop_reason_ : losses_.words_when_used_up();
  }
  result.started = play.began;
  result.duration = now() - play.began;
  count_loss(play, result, ending);
  if (play.alone) {
    single_ = std::move(result);
    single_octets_ = ending.sent + ending.received;
    driver_.stop();
    return;
  }
  settle(index, std::move(result), play.began, now());
  fill();
  if (plays_.empty()) driver_.stop();
}

/// Our own limit, of which the target knows nothing: fewer connections, or the end of the run.
void Series::lack_descriptors(std::size_t index, bool alone, const std::string& detail) {
  constexpr int kMostTries = 50;
  if (alone || ++lacks_ > kMostTries) {
    stop(fmt::format("no socket: {}; raise the limit of open files (ulimit -n)", detail), true);
    driver_.stop();
    return;
  }
  waiting_.push_front(index);
  if (plays_.empty()) {
    doubt_ = true;  // Of ourselves: serves() waits for those that linger.
    driver_.stop();
  }
  const auto fewer = std::max<int>(1, static_cast<int>(plays_.size()) / 2);
  if (!one_by_one_ || fewer < jobs_)
    remark(fmt::format("no socket: {}; going on with {} connections at a time", detail, fewer));
  jobs_ = std::min(jobs_, fewer);
  one_by_one_ = true;
}

/// What a case took in which nothing moved, beyond what it asked for itself; its share of it when others
/// waited too. Work is no loss, unless it goes on for very long.
void Series::count_loss(const Play& play, const CaseResult& result, const Ending& ending) {
  if (play.cut) return;
  const auto& waits = play.player->waits();
  const bool unmade = ending.failure != Failure::none;
  const auto positive = [](Duration time) { return std::max(time, Duration::zero()); };
  // One by one nothing else goes on while a case waits for itself.
  const auto own = one_by_one_ && !play.alone ? Duration::zero() : waits.own;
  // Where the way is long every answer is late.
  const auto still = positive(waits.silent - own - 10 * ending.connecting);
  const auto busy = positive(ending.duration - waits.own - waits.silent - scaled(kBusy));
  const bool red = result.verdict == Verdict::fail || result.verdict == Verdict::error;
  const auto lost = red && !unmade ? positive(ending.duration - own - scaled(kPrompt))
                    : unmade       ? positive(ending.connecting - scaled(kPrompt))
                                   : still + busy;
  const bool silent = waits.any_unanswered() && result.verdict != Verdict::pass;
  std::string fault;
  if (unmade || silent || (red && lost > Duration::zero())) fault = result.reason;
  if (fault.empty() && lost >= scaled(kSlow)) fault = "slow";
  if (play.in_company && result.verdict == Verdict::error) starved_.push_back(play.index);
  const auto beside = std::ranges::count_if(
      plays_, [&](const auto& one) { return !has_tag(*selected_.cases[one.second.index], "slow"); });
  losses_.played(result.id, fault, lost / (beside + 1), waits);
}

void Series::settle(std::size_t index, CaseResult result, Instant began, Instant ended) {
  if (shows_service(result)) evidence_.served(began);
  // No answer to a handshake, and nobody was served since: it may hang.
  if (result.verdict == Verdict::error && evidence_.last_service() < began) doubt_ = true;
  evidence_.ended(index, ended, result.sent_illegal);
  if (has_tag(*selected_.cases[index], "bulk") && result.verdict == Verdict::pass) result.transcript = {};
  const bool first = !settled_[index];
  hide_secrets(result, profile_.secrets);
  run_.results[index] = std::move(result);
  settled_[index] = true;
  done_ += first;
  if (looks_dead()) doubt_ = true;
  if (first && observer_ != nullptr) observer_->judged(run_.results[index], done_, selected_.cases.size());
}

/// Puts as many cases on the wire as may be.
void Series::fill() {
  if (doubt_ || alone_ || stop_wanted()) return;
  // A case has as many jobs as connections; one of more than there are has all of them.
  const auto room = [&](std::size_t index, std::size_t most) {
    return plays_.empty() || in_flight() + connections_[index] <= most;
  };
  const auto allowed = [&] {
    if (options_.rate <= 0) return true;
    if (now() < next_launch_) return false;
    next_launch_ =
        std::max(next_launch_, now() - 1s) + Duration(static_cast<std::int64_t>(1e9 / options_.rate));
    return true;
  };
  // Polite runs keep to `jobs` altogether.
  const auto extra = options_.rate > 0 || one_by_one_ ? 0 : most_patient_;
  while (!patient_.empty() && light_ < extra && (!careful_ || waiting_.empty()) && allowed()) {
    const auto index = patient_.front();
    patient_.pop_front();
    light_ += begin(index, false);
  }
  if (extra == 0 && !patient_.empty()) {
    waiting_.insert(one_by_one_ ? waiting_.end() : waiting_.begin(), patient_.begin(), patient_.end());
    patient_.clear();
  }
  const auto light = std::ranges::count_if(
      plays_, [&](const auto& play) { return has_tag(*selected_.cases[play.second.index], "slow"); });
  light_ = extra == 0 ? 0 : static_cast<int>(light);
  while (!waiting_.empty() &&
         room(waiting_.front(), static_cast<std::size_t>(jobs_) + static_cast<std::size_t>(light_)) &&
         allowed()) {
    const auto index = waiting_.front();
    waiting_.pop_front();
    begin(index, false);
  }
}

/// What no event tells: interrupts, the budget, overdue cases, the target process, the rate.
/// What is lost is counted when a case ends. A target that keeps cases moving for ever is told by the clock:
/// when the run is long, and much was lost or a case that is to be short is on the wire for long.
bool Series::takes_for_ever() const {
  // Silent tunnels of a hop are watched because somebody has asked for it.
  const bool watching = std::ranges::any_of(
      selected_.cases, [&](const Case* one) { return watches(*one) && !selected_.too_long.contains(one); });
  const auto watched = watching ? profile_.idle_max.value_or(Duration::zero()) : Duration::zero();
  if (options_.rate > 0 || options_.cost_budget.declared() ||
      now() < scaled(options_.serving ? 4 * kLongRun : kLongRun) + watched)
    return false;
  return losses_.lost() >= scaled(kMuchLost) || std::ranges::any_of(plays_, [&](const auto& one) {
           const auto& script = *selected_.cases[one.second.index];
           const bool long_by_nature =
               has_tag(script, "slow") || has_tag(script, "limit") || has_tag(script, "bulk");
           return !long_by_nature && now() - one.second.began >= scaled(kStuck);
         });
}

void Series::tick() {
  if (looks_dead()) doubt_ = true;
  stop_wanted();
  if (takes_for_ever()) losses_.give_up();
  if (!losses_.used_up()) last_call_ = now() + scaled(kLastCall);
  const bool closing = now() >= last_call_;
  for (auto& [key, play] : plays_) {
    const bool overdue = now() >= play.cap;
    // What is played alone once more is about a verdict that stands already.
    const bool all_over = stopping_ || (closing && !(play.alone && settled_[play.index]));
    if (!overdue && !all_over) continue;
    if (!overdue && !play.player->done()) play.cut = true;  // Later ticks find it done.
    if (!play.player->done())
      play.player->abandon(overdue     ? "the case took longer than any case may"
                           : stopping_ ? stop_reason_
                                       : losses_.words_when_used_up(),
                           now() - play.began);
    play.hang_up();
  }
  fill();
  if (plays_.empty()) driver_.stop();
}

bool Series::stop_wanted() {
  if (!stopping_ && options_.interrupted != nullptr && options_.interrupted->load()) {
    run_.interrupted = true;
    stop("interrupted", false);
  }
  if (!stopping_ && now() >= budget_end_) stop("the time budget was used up", false);
  return stopping_;
}

/// Lets what is on the wire come to its end.
void Series::drain() {
  if (plays_.empty()) return;
  const auto ticks = driver_.every(kTick, [this] { tick(); });
  while (!plays_.empty()) driver_.run();
}

/// To be played with the others once more, and its result then replaced.
void Series::play_again(std::size_t index) {
  (has_tag(*selected_.cases[index], "slow") && !one_by_one_ ? patient_ : waiting_).push_back(index);
}

/// The target holds one connection at a time.
void Series::keep_to_one() {
  remark("the target serves one connection at a time: going on with one");
  jobs_ = 1;
  one_by_one_ = true;
  profile_.features.erase("company");
  for (const auto index : std::exchange(starved_, {}))
    if (settled_[index] && run_.results[index].verdict == Verdict::error) play_again(index);
}

void Series::play_together(const std::vector<std::size_t>& patient, const std::vector<std::size_t>& others) {
  together_ = true;
  patient_.assign(patient.begin(), patient.end());
  waiting_.assign(others.begin(), others.end());
  while (!stop_wanted() && (!patient_.empty() || !waiting_.empty())) {
    fill();
    if (plays_.empty() && !doubt_) {  // All skipped, or the rate holds us back.
      if (options_.rate > 0) driver_.rest(std::min(next_launch_ - now(), kTick));
      continue;
    }
    drain();
    if (doubt_) investigate();
  }
  drain();
  if (doubt_) investigate();
  together_ = false;
}

std::optional<CaseResult> Series::play_once(std::size_t index, const Case* instead) {
  single_.reset();
  if (options_.rate > 0) {
    while (now() < next_launch_ && !stop_wanted()) driver_.rest(std::min(next_launch_ - now(), kTick));
    next_launch_ =
        std::max(next_launch_, now() - 1s) + Duration(static_cast<std::int64_t>(1e9 / options_.rate));
  }
  instead_ = instead;
  const bool begun = begin(index, true);
  instead_ = nullptr;
  if (!begun) return std::nullopt;
  alone_ = true;
  drain();
  alone_ = false;
  return std::move(single_);
}

void Series::play_alone(const std::vector<std::size_t>& indices) {
  for (const auto index : indices) {
    if (stop_wanted()) return;
    if (process_) process_->take_log(0);
    const auto began = now();
    auto result = play_measured(index, false);
    if (!result) continue;
    settle(index, std::move(*result), began, now());
    hold_to_proportion(index);
    hold_to_budget(index);
    if (doubt_) investigate();
  }
}

void Series::repeat_suspicious(Instant until) {
  for (std::size_t index = 0; index < run_.results.size() && options_.repeat > 0; ++index) {
    if (stop_wanted() || now() >= until) return;
    if (!settled_[index] || !is_suspicious(run_.results[index], options_.profile.tested)) continue;
    // What tell_company_apart() has judged was played twice already.
    if (run_.results[index].verdict == Verdict::inconclusive && where_.contains(index)) continue;
    for (int round = 0; round < options_.repeat && now() < until && !stop_wanted(); ++round) {
      const auto began = now();
      auto again = play_once(index);
      if (!again || stop_wanted()) break;  // Cut short by the budget it says nothing about the target.
      if (shows_service(*again)) evidence_.served(began);
      evidence_.ended(index, now(), again->sent_illegal);
      auto& first = run_.results[index];
      first.repeats.push_back(again->verdict);
      if (again->verdict != first.verdict) {
        // An error was no verdict at all; any other first verdict stands, marked as flaky.
        if (first.verdict == Verdict::error) {
          again->repeats = std::move(first.repeats);
          again->repeats.insert(again->repeats.begin(), Verdict::error);
          again->repeats.pop_back();
          first = std::move(*again);
        }
        first.flaky = true;
      }
      if (looks_dead()) doubt_ = true;
      if (doubt_) investigate();
    }
  }
}

/// A case of several connections is about what they do to each other. Where the one that failed fails alone,
/// too, the case says nothing of that; where there is no time left to find out, nobody knows.
void Series::tell_company_apart(Instant until) {
  for (const auto& [index, where] : where_) {
    auto& first = run_.results[index];
    if (!settled_[index] || first.verdict != Verdict::fail || first.target_died) continue;
    if (stop_wanted()) return;
    if (now() >= until) {
      first.verdict = Verdict::inconclusive;
      first.reason += "; no time was left to see what a client gets alone";
      continue;
    }
    const auto script = alone(*selected_.cases[index], where);
    const auto began = now();
    const auto again = play_once(index, &script);
    if (!again || stop_wanted()) return;
    if (shows_service(*again)) evidence_.served(began);
    evidence_.ended(index, now(), again->sent_illegal);
    if (again->verdict == Verdict::fail) {
      first.verdict = Verdict::inconclusive;
      first.reason =
          fmt::format("{}; follows from what a client gets alone: {}", first.reason, again->reason);
    } else if (again->verdict == Verdict::pass) {
      first.notes.push_back("alone, the same is in order");
    }
    if (doubt_) investigate();
  }
}

/// The hop may be another one behind each of them, and behind the last none at all: nobody is blamed for
/// that.
void Series::play_operated() {
  for (const auto index : schedule_.operated) {
    if (stop_wanted()) return;
    const auto began = now();
    auto result = play_once(index);
    if (!result) continue;
    settle(index, std::move(*result), began, now());
    doubt_ = false;
  }
}

// --- Begin and end ---

bool Series::prepare() {
  if (options_.launch) {
    auto launch = *options_.launch;
    launch.interrupted = options_.interrupted;
    if (budget_end_ != kNever) launch.until = std::chrono::steady_clock::now() + (budget_end_ - now());
    process_ = std::make_unique<TargetProcess>(std::move(launch), options_.address.host,
                                               options_.address.port, options_.address.unix_path);
    if (auto started = process_->start(); !started) {
      if (stop_wanted()) return false;
      const auto& error = started.error();
      // A log is shown as lines of its own.
      const auto* between = error.hint.empty() ? "" : error.hint.find('\n') != error.hint.npos ? "\n" : "; ";
      stop(fmt::format("{}: {}{}{}", error.where, error.what, between, error.hint), true);
      return false;
    }
  }
  using Made = Result<std::unique_ptr<Venue>>;
  const auto& [address, dial] = std::tie(options_.address, options_.dial);
  auto venue = options_.serving  ? Made(host_clients(driver_, *options_.serving, profile_.time_scale))
               : options_.behind ? cross_hop(driver_, address, dial, behind_with_process())
                                 : Dialing::make(driver_, address, dial);
  if (!venue) {
    stop(fmt::format("{}: {}", venue.error().where, venue.error().what), true);
    return false;
  }
  venue_ = std::move(*venue);
  return true;
}

/// The operator's commands may be about the process that we have started.
Behind Series::behind_with_process() const {
  Behind behind = *options_.behind;
  const std::string pid = process_ ? std::to_string(process_->pid()) : "";
  for (auto* command : {&behind.reload, &behind.stop})
    for (auto at = command->find("{pid}"); at != command->npos && !pid.empty(); at = command->find("{pid}"))
      command->replace(at, 5, pid);
  return behind;
}

bool Series::meet_target() {
  ProbeOptions how;
  how.sizes = how.neighbours = profile_.features.contains("loopback");
  how.interrupted = options_.interrupted;
  if (options_.serving) how.sizes = how.neighbours = false;
  if (budget_end_ != kNever) how.limit = std::min(how.limit, std::max(Duration{}, budget_end_ - now()));
  Probed probed;
  if (options_.probe)
    probed = venue_->meet(profile_, how);
  else
    probed.liveness = venue_->proof_of_life(profile_, 5s, options_.interrupted);
  if (stop_wanted()) return false;
  const auto& said = probed.liveness;
  const bool served = said.reach == Reach::serves || said.reach == Reach::wrong;
  if (looks_dead() || (!served && process_ && process_->death(scaled(300ms)))) die_before_the_first_case();
  if (!served) {
    stop(death_in_probe_.value_or(said.hint.empty() ? said.message : said.message + "; " + said.hint), true);
    return false;
  }
  if (death_in_probe_) {  // It served, and then something of the probe was too much for it.
    auto words = *death_in_probe_;
    if (!revive(words)) {
      stop(std::move(words), true);
      return false;
    }
    how.sizes = false;
    if (options_.probe) probed = venue_->meet(profile_, how);
  }
  if (said.reach == Reach::wrong) remark(said.message);
  if (options_.probe && !options_.behind) {
    probed.fingerprint = through_hop(options_.by_itself, std::move(probed.fingerprint));
    run_.fingerprint = probed.fingerprint;
    if (said.reach == Reach::serves) {
      if (options_.serving && profile_.subprotocols.empty())
        profile_.subprotocols = split_list(probed.fingerprint.subprotocols);
      const auto found = apply(probed.fingerprint, options_.declared, options_.address, profile_);
      remark((options_.serving ? "the client " : "the target ") + in_words(found));
      if (found.hears_others || found.one_at_a_time) go_one_by_one();
    } else {
      apply(options_.declared, profile_);
    }
  }
  process_before_ = process_ ? process_->sample() : venue_->sample();
  return true;
}

/// Connections disturb each other: no case has company from here on.
void Series::go_one_by_one() {
  auto& alone = schedule_.alone;
  for (auto* list : {&schedule_.large, &schedule_.patient, &schedule_.together}) put_first(alone, *list);
  run_.jobs = jobs_ = 1;
}

/// What is wrong each time is told once: where no case that is about it was selected or saw it, by the first
/// that saw it.
void Series::judge_quirks() {
  for (const auto& [what, requirement] : profile_.quirks) {
    const auto graded = [&](const CaseResult& result) {
      return (result.verdict == Verdict::fail || result.verdict == Verdict::weak) &&
             std::ranges::find(result.covers, requirement) != result.covers.end();
    };
    const auto saw = [&](const CaseResult& result) {
      return result.verdict != Verdict::fail &&
             std::ranges::any_of(result.notes,
                                 [&](const std::string& note) { return note.find(what) != note.npos; });
    };
    if (std::ranges::any_of(run_.results, graded)) continue;
    const auto first = std::ranges::find_if(run_.results, saw);
    const auto clause = suite_.ledger.find(requirement);
    if (first == run_.results.end() || clause == suite_.ledger.end()) continue;
    first->verdict = clause->second.level == Level::must ? Verdict::fail : Verdict::weak;
    first->reason = what;
    first->clause = clause_of(clause->second);
    first->covers.push_back(requirement);
  }
}

void Series::finish() {
  if (death_in_probe_) blame_for_probe();
  tell_bare_ends_apart(run_.results);
  tell_open_errors_once(run_.results);
  judge_quirks();
  if (options_.serving) freshness_.judge(run_.results, suite_.ledger);
  if (options_.serving) judge_first_delays(run_.results, suite_.ledger);
  if (options_.serving) tell_proxyless_once(run_.results);
  for (std::size_t index = 0; index < run_.results.size(); ++index) {
    if (!settled_[index]) skip(index, Verdict::not_run, stop_reason_.empty() ? "not reached" : stop_reason_);
    for (const auto& id : run_.results[index].covers)
      if (const auto found = suite_.ledger.find(id); found != suite_.ledger.end())
        run_.requirements.insert(*found);
  }
  // One that was started again counts anew.
  const auto after = process_ ? process_->sample() : venue_ ? venue_->sample() : std::nullopt;
  if (after && process_before_ && deaths_ == 0 && (!process_ || process_->starts() == 1))
    run_.target_cpu_seconds = after->cpu_seconds - process_before_->cpu_seconds;
  if (process_) process_->stop();
  if (const auto self = sample_self()) {
    run_.own_cpu_seconds = self->cpu_seconds;
    run_.own_memory_peak = self->memory_peak;
  }
  run_.duration = now();
}

RunResult Series::run() {
  if (observer_ != nullptr) observer_->planned(run_, selected_.cases.size(), time_for_faults(options_));
  if (options_.budget) budget_end_ = now() + *options_.budget;
  if (!selected_.cases.empty() && prepare() && meet_target()) {
    play_together(schedule_.patient, schedule_.together);
    jobs_ = std::min(jobs_, kLargeAtOnce);
    play_together({}, schedule_.large);
    if (options_.cost_budget.declared()) await_idle();
    play_alone(schedule_.alone);
    const auto until = now() + std::min(options_.repeat_budget, losses_.left());
    tell_company_apart(until);
    repeat_suspicious(until);
    judge_growth(until);
    confirm_delays(until);
    last_proof();
    play_operated();
  }
  finish();
  hide_secrets(run_, profile_.secrets);  // Also what blame and the end of the run added.
  return std::move(run_);
}

RunResult run_cases(const Suite& suite, const Selected& selected, const RunOptions& options,
                    Observer* observer) {
  return Series(suite, selected, options, observer).run();
}

Duration time_for_faults(const RunOptions& options) {
  return std::chrono::duration_cast<Duration>(Losses::kMost * options.profile.time_scale);
}

std::vector<std::string> plan_of(const Selected& selected, const RunOptions& options) {
  std::vector<std::string> lines;
  for (const auto* one : selected.cases) {
    auto line = one->id;
    if (const auto reason = reason_not_to_play(*one, selected, options.profile, options))
      line += "  (skipped: " + *reason + ")";
    lines.push_back(std::move(line));
  }
  return lines;
}

}  // namespace wsspec
