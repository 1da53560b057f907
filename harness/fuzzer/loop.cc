#include "fuzzer/loop.h"

#include <fmt/format.h>

#include <algorithm>
#include <ranges>

#include "fuzzer/generate.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr Duration kSuspicion = 700ms;  ///< Silence that makes a suspect; loop_findings.cc looks again.
constexpr std::uint64_t kSessionSalt = 0x73657373696f6e;
constexpr std::uint32_t kPatientShare = 256, kIllegalShare = 12;
// Some connections live long, because some faults need a count: the hundredth message, the window's second
// turn.
constexpr std::uint64_t kLongShare = 60, kLongInputs = 1024;
constexpr std::uint32_t kIllegalShareOfLong = 512;
constexpr std::uint64_t kManyFrames = 1000;  ///< On one connection: Habit::long_run.
constexpr std::uint64_t kMostCost = 1000;    ///< Of an input that others are bred from.
constexpr unsigned kIndexBits = 12;
constexpr std::uint64_t kMostLockedOut = 20;
constexpr Duration kLeastReserve = 3s, kMostReserve = 15s;

}  // namespace

FuzzLoop::FuzzLoop(FuzzOptions options, FuzzArena& arena, FuzzKeeper& keeper)
    : options_(std::move(options)),
      arena_(arena),
      keeper_(keeper),
      corpus_(options_.first_session,
              options_.feedback != nullptr ? FuzzCorpus::Order::in_turn : FuzzCorpus::Order::many_at_once) {
  campaign_.seed = options_.seed;
  campaign_.target_name = options_.target_name;
  campaign_.engine = "wsspec";
  if (options_.feedback != nullptr) options_.jobs = 1;
  for (const FuzzTranscript& transcript : options_.corpus)
    for (FuzzInput& input : inputs_of(transcript, false)) corpus_.seed(std::move(input.steps));
  next_session_ = options_.first_session;
  next_company_ = companies_before(next_session_);
  arena_.stop_when([this] { return halted(); });
}

bool FuzzLoop::over() const {
  if (!campaign_.fatal.empty() || (options_.interrupted != nullptr && *options_.interrupted)) return true;
  const auto counts = [](const FuzzFinding& f) { return f.verdict != Verdict::info; };
  const auto found = std::ranges::count_if(campaign_.findings | std::views::drop(known_), counts);
  if (options_.most_findings > 0 && static_cast<std::size_t>(found) >= options_.most_findings) return true;
  if (options_.most_inputs > 0 && campaign_.inputs >= options_.most_inputs) return true;
  return elapsed() >= options_.time;
}

Duration FuzzLoop::bound(Duration time) {
  return time >= kNever - kMostReserve ? kNever
                                       : time + std::clamp<Duration>(time / 4, kLeastReserve, kMostReserve);
}

bool FuzzLoop::halted() const {
  return (options_.interrupted != nullptr && *options_.interrupted) || elapsed() >= bound(options_.time);
}

FuzzCampaign FuzzLoop::run() {
  began_ = arena_.elapsed();
  if (!serves()) {
    campaign_.fatal = !reachable_        ? "the target cannot be reached"
                      : tests_a_client() ? "the client does not use a connection with a correct reply"
                                         : "the target does not answer a correct opening handshake with 101";
    if (!reachable_ && !why_not_.empty()) campaign_.fatal += ": " + why_not_;
    return campaign_;
  }
  meet_known();
  for (const FuzzTranscript& transcript : options_.unsettled) look_again(transcript);
  for (const CompanyNumber& which : options_.unsettled_companies) look_again(which);
  while (!over()) {
    play_on();
    // Several that fall silent at once are one hang, and each would take its time alone.
    const bool silent = std::ranges::any_of(suspects_, &Suspect::silent);
    if (!halted() && (refused_ > 0 || unanswered_ > 0 || silent || arena_.death())) settle_death();
    settle_companies();
    settle_suspects();
    check_processor(false);
  }
  if (campaign_.fatal.empty() && !halted()) check_processor(true);
  campaign_.interrupted = options_.interrupted != nullptr && *options_.interrupted;
  take_sample();
  check_memory();
  campaign_.duration = elapsed();
  if (unsettled_ > 0)
    keeper_.remark(
        fmt::format("no time was left to replay {} suspects; --resume looks into them first", unsettled_));
  if (locked_out_ > 0)
    keeper_.remark(fmt::format("the preamble was not answered on {} connections", locked_out_));
  if (endless_ > 0)
    keeper_.remark(
        fmt::format("the target talks without end: {} connections were cut off, and what is due on them"
                    " is not judged",
                    endless_));
  return campaign_;
}

// Until something is to be looked at.
void FuzzLoop::play_on() {
  arena_.wait_at_most(absence_);
  arena_.play_many(
      options_.jobs, [this] { return make_group(); },
      [this](FuzzSession& session, const FuzzArena::Outcome& outcome) { harvest(session, outcome); },
      [this] { tick(); });
  arena_.wait_at_most(kNever);
}

Duration FuzzLoop::scaled(Duration time) const {
  return std::chrono::duration_cast<Duration>(time * options_.profile.time_scale);
}

// --- Inputs ---

FuzzArena::Group FuzzLoop::make_group() {
  // What was found is looked at when nothing else disturbs the target.
  const bool found = !suspects_.empty() || !company_suspects_.empty();
  if (over() || found || refused_ > 0 || unanswered_ > 0) return {};
  FuzzArena::Group out = make_company();
  if (!out.empty()) return out;
  if (auto one = make_session()) out.push_back(std::move(one));
  return out;
}

std::unique_ptr<FuzzSession> FuzzLoop::make_session() {
  if (!corpus_.may_begin(next_session_)) return nullptr;  // A slow one: all that are open end first.
  const std::uint64_t number = next_session_++;
  InputMaker maker(options_.seed ^ kSessionSalt, number, ours());
  ++campaign_.connections;
  FuzzSessionOptions session;
  session.seed = mix(options_.seed ^ mix(number)) | 1;
  session.number = number;
  if (lives_long(number)) session.most_inputs = kLongInputs;
  session.silence = scaled(kSuspicion);
  session.patient = maker.one_in(kPatientShare) || arena_.waiting_is_free();
  if (options_.feedback != nullptr) {
    session.most_inputs = 1;
    options_.feedback->begin();
  }
  FuzzOpening opening = maker.opening(options_.profile);
  if (!options_.profile.features.contains("deflate")) opening.offer.clear();
  return std::make_unique<FuzzSession>(options_.profile, std::move(opening), session,
                                       [this](const FuzzContext& context) { return make_input(context); });
}

bool FuzzLoop::lives_long(std::uint64_t session) const {
  return mix(options_.seed + mix(session)) % kLongShare == 0;
}

std::optional<FuzzInput> FuzzLoop::make_input(const FuzzContext& context) {
  if (over()) return std::nullopt;
  InputMaker maker(options_.seed, context.session << kIndexBits | context.index, ours());
  FuzzInput out;
  const auto habit = maker.habit(context, options_.feedback != nullptr);
  if (habit && may_practise(*habit)) {
    out.habit = habit;
    out.steps = maker.practise(*habit, context);
    out.joined = !maker.one_in(4);
    return out;
  }
  if (maker.one_in(lives_long(context.session) ? kIllegalShareOfLong : kIllegalShare)) {
    const FuzzCorpus::Item* parent =
        maker.one_in(2) ? corpus_.parent(maker, context.session, false) : nullptr;
    const FuzzCorpus::Item* other = corpus_.parent(maker, context.session, false);
    out.steps = parent == nullptr || other == nullptr ? maker.illegal(context)
                                                      : maker.mutate(parent->steps, other->steps, context);
    out.joined = maker.one_in(4);
    return out;
  }
  // What the target's code tells of an input is worth more than what the wire tells.
  const bool fresh = maker.one_in(options_.feedback != nullptr ? 6 : 2);
  const FuzzCorpus::Item* parent = fresh ? nullptr : corpus_.parent(maker, context.session, true);
  out.steps = parent == nullptr ? maker.legal(context) : maker.vary(parent->steps, context);
  out.joined = !maker.one_in(8);
  return out;
}

// Where nothing comes back nobody owes much.
bool FuzzLoop::may_practise(Habit habit) const {
  return habit != Habit::deep_stall || options_.profile.features.contains("echo");
}

void FuzzLoop::learn(FuzzSession& session) {
  std::vector<FuzzCorpus::Candidate> candidates;
  const FuzzTranscript& transcript = session.transcript();
  const bool legal = session.causes().empty();
  for (const FuzzSession::Digest& digest : session.digests()) {
    if (digest.last_step <= digest.first_step || digest.cost > kMostCost) continue;
    FuzzCorpus::Candidate candidate;
    candidate.features = digest.features;
    candidate.cost = digest.cost;
    if (options_.feedback != nullptr) options_.feedback->collect(candidate.reached);
    candidate.legal = digest.legal && legal;
    if (!corpus_.knows(candidate)) {
      const auto from = transcript.steps.begin() + static_cast<std::ptrdiff_t>(digest.first_step),
                 to = transcript.steps.begin() + static_cast<std::ptrdiff_t>(digest.last_step);
      candidate.steps = without_barrier({from, to}).steps;
    } else if (candidate.reached.empty()) {
      continue;
    }
    candidates.push_back(std::move(candidate));
  }
  corpus_.bring(session.number(), std::move(candidates),
                [this](const FuzzCorpus::Item& item) { keeper_.learned(item.steps); });
}

// --- What came out ---

void FuzzLoop::harvest(FuzzSession& session, const FuzzArena::Outcome& outcome) {
  if (harvest_company(session, outcome)) return;
  const bool plain = session.transcript().opening.plain();
  campaign_.inputs += plain ? session.inputs() : 1;
  learn(session);
  count_habits(session);
  endless_ += session.endless();
  locked_out_ += session.locked_out();
  if (outcome.stopped) return;
  // Nobody hears anything behind a locked door.
  if (campaign_.inputs == 0 && locked_out_ >= kMostLockedOut)
    campaign_.fatal = "the target does not answer the preamble as it says";
  if (!outcome.connected) {
    ++refused_;
    absent_ = outcome.absent;
    why_not_ = outcome.detail;
    return;
  }
  fell_silent_ = session.silent();
  if (session.unanswered()) ++unanswered_;
  note_first_cause(session);
  if (!session.transcript().steps.empty() || !plain) remember(session.take_transcript());
}

// One at a time: what follows the first fault may be its consequence, and is found again without it.
void FuzzLoop::note_first_cause(const FuzzSession& session) {
  const auto causes = session.causes();
  if (!causes.empty() && (causes.front().severity == Severity::fail || options_.weak))
    suspect(session, causes.front());
}

void FuzzLoop::remember(FuzzTranscript transcript) {
  recent_.push_back(std::move(transcript));
  if (recent_.size() > kMostRecent) recent_.pop_front();
}

void FuzzLoop::count_habits(const FuzzSession& session) {
  for (const FuzzSession::Digest& digest : session.digests())
    if (digest.habit && *digest.habit != Habit::long_run && digest.last_step > digest.first_step)
      ++habits_[*digest.habit];
  if (session.frames() >= kManyFrames) ++habits_[Habit::long_run];
}

void FuzzLoop::suspect(const FuzzSession& session, FuzzCause cause) {
  const FuzzTranscript& transcript = session.transcript();
  const std::string signature = cause.signature();
  if (count_known(signature)) return;
  if (per_rule_[cause.kind + cause.requirement] >= kMostPerRule) return;
  keep_raw(signature, cause, write_reproducer(transcript, cause, notes_for(cause, "not yet replayed")));
  suspects_.push_back({transcript, std::move(cause), elapsed(), campaign_.inputs, session.silent()});
}

// False: it is new.
bool FuzzLoop::count_known(const std::string& signature) {
  const auto known = signatures_.find(signature);
  if (known == signatures_.end()) return false;
  for (FuzzFinding& finding : campaign_.findings) finding.hits += finding.signature == known->second;
  return true;
}

// At once, before a replay may be cut short.
void FuzzLoop::keep_raw(const std::string& signature, const FuzzCause& cause, std::string reproducer) {
  signatures_[signature] = signature;
  FuzzFinding raw = finding_of(cause);
  raw.reproducer = std::move(reproducer);
  raw.stable = false;
  keeper_.keep(raw);
}

void FuzzLoop::tick() {
  if (elapsed() - last_sample_ < 1s) return;
  take_sample();
  keeper_.progress(campaign_);
}

void FuzzLoop::take_sample() {
  last_sample_ = elapsed();
  campaign_.corpus = corpus_.size();
  campaign_.habits.clear();
  for (std::size_t i = 0; i < kHabits; ++i) {
    const auto habit = static_cast<Habit>(i);
    campaign_.habits.emplace_back(habit_name(habit), habits_[habit]);
  }
  campaign_.duration = last_sample_;
  const std::uint64_t edges = options_.feedback == nullptr ? 0 : options_.feedback->edges();
  campaign_.samples.push_back(
      {last_sample_, campaign_.inputs, corpus_.features(), edges, campaign_.findings.size()});
  if (const auto sample = arena_.sample()) {
    memory_.emplace_back(campaign_.inputs, sample->memory);
  }
}

}  // namespace wsspec
