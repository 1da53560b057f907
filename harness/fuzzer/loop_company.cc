// Companies: when one is played, and what becomes of what is wrong in it.
#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "fuzzer/loop.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kCompanyShare = 48;  ///< Sessions for each company.
constexpr std::size_t kMostMembers = 8;
constexpr Duration kCompanySilence = 700ms, kCompanyProof = 3s, kShort = 250ms;
constexpr int kCompanyReplays = 5, kTimesShown = 2, kSilentReplays = 2;
constexpr unsigned kMostTries = 120;

// The same in each company, whatever its members were doing.
FuzzCause plain_cause(FuzzCause cause) {
  cause.state = "company";
  cause.reaction.clear();
  return cause;
}

// What came shows as soon as it comes; what did not come takes a silence.
bool comes_of_silence(const FuzzCause& cause) {
  static constexpr std::string_view kSilent[] = {"stalled", "missing-pong", "wrong-pong", "wrong-echo",
                                                 "no-close-reply"};
  return std::ranges::find(kSilent, cause.kind) != std::end(kSilent);
}
Duration proof_of(const FuzzCause& cause) {
  return comes_of_silence(cause) ? kCompanyProof : kShort;
}

}  // namespace

std::uint64_t FuzzLoop::companies_before(std::uint64_t session) {
  return session / kCompanyShare;
}

// Where nothing tells which octets are whose, or a connection at a time is all that may be made: none.
std::size_t FuzzLoop::most_company() const {
  const Profile& profile = options_.profile;
  if (options_.feedback != nullptr || !profile.features.contains("company") || !profile.preamble.empty())
    return 0;
  if (arena_.waiting_is_free()) return kMostMembers;
  return std::min<std::size_t>(static_cast<std::size_t>(std::max(0, options_.jobs)), kMostMembers);
}

FuzzArena::Group FuzzLoop::make_company() {
  const std::size_t most = most_company();
  if (most < 2 || next_company_ > companies_before(next_session_) + more_companies_) return {};
  FuzzSessionOptions session;
  session.silence = scaled(kCompanySilence);
  const CompanyNumber which{options_.seed, next_company_++, most};
  companies_.push_back(FuzzCompany::make(plan_company(which, options_.profile), options_.profile, session));
  campaign_.connections += companies_.back()->plan().members.size();
  return companies_.back()->take_sessions();
}

bool FuzzLoop::harvest_company(FuzzSession& session, const FuzzArena::Outcome& outcome) {
  const bool counts = outcome.connected && !outcome.stopped;
  const auto found = std::ranges::find_if(
      companies_, [&](const std::shared_ptr<FuzzCompany>& one) { return one->ended(session, counts); });
  if (found == companies_.end()) return false;
  campaign_.inputs += session.inputs();
  if (!outcome.connected && !outcome.stopped) ++refused_;
  if (counts && !session.transcript().steps.empty()) remember(session.take_transcript());
  if (!(*found)->over()) return true;
  const std::shared_ptr<FuzzCompany> company = std::move(*found);
  companies_.erase(found);
  ++habits_[Habit::company];
  suspect_company(company->plan(), company->causes());
  return true;
}

void FuzzLoop::suspect_company(const CompanyPlan& plan, const std::vector<CompanyCause>& causes) {
  if (causes.empty()) return;
  CompanyCause what = causes.front();
  what.cause = plain_cause(std::move(what.cause));
  const std::string signature = what.cause.signature();
  if (count_known(signature)) return;
  auto notes = notes_for(what.cause, "not yet replayed");
  notes.company = words_of(plan.planned_as);
  keep_raw(signature, what.cause, write_reproducer(plan, what, notes, options_.profile.echoes()));
  company_suspects_.push_back({plan, std::move(what), elapsed(), campaign_.inputs});
}

// One that was kept at once, before a kill kept us from looking into it.
void FuzzLoop::look_again(const CompanyNumber& which) {
  if (most_company() < 2) return;
  const CompanyPlan plan = plan_company(which, options_.profile);
  for (int i = 0; i < kCompanyReplays && company_suspects_.empty() && !over(); ++i) {
    suspect_company(plan, play_company(plan, kCompanySilence));
    if (arena_.death()) return settle_death();
  }
  settle_companies();
}

// --- What becomes of a suspect ---

std::vector<CompanyCause> FuzzLoop::play_company(const CompanyPlan& plan, Duration silence) {
  FuzzSessionOptions session;
  session.silence = scaled(silence);
  session.grace = scaled(std::clamp<Duration>(silence / 6, 80ms, 500ms));
  const auto company = FuzzCompany::make(plan, options_.profile, session);
  arena_.play_many(
      1, [&] { return company->take_sessions(); },
      [&](FuzzSession& one, const FuzzArena::Outcome& outcome) {
        company->ended(one, outcome.connected && !outcome.stopped);
      },
      [] {});
  return company->over() ? company->causes() : std::vector<CompanyCause>{};
}

std::optional<CompanyCause> FuzzLoop::company_shows(const CompanyPlan& plan, const FuzzCause& cause,
                                                    Duration silence) {
  for (CompanyCause& one : play_company(plan, silence))
    if (one.cause.same_rule(cause)) return std::move(one);
  return std::nullopt;
}

void FuzzLoop::settle_companies() {
  auto suspects = std::move(company_suspects_);
  company_suspects_.clear();
  for (const CompanySuspect& one : suspects) {
    const std::string raw = one.what.cause.signature();
    if (!halted() && !one.what.foreign() && shows_alone(one)) {
      keeper_.drop(raw);
      continue;  // Not one of companies: it stays known as such, and sessions find it.
    }
    auto finding = settle_company(one);
    if (halted() && !finding) {
      ++unsettled_;
      continue;
    }
    if (finding) {
      store(std::move(*finding), raw);
    } else {  // Once, and never again: nothing is known.
      keeper_.drop(raw);
      signatures_.erase(raw);
    }
    if (!halted() && arena_.death()) settle_death();
  }
}

// Without the others it is a matter of the one connection.
bool FuzzLoop::shows_alone(const CompanySuspect& one) {
  CompanyPlan alone = one.plan;
  const std::size_t member = one.what.member;
  alone.members = {alone.members[member]};
  alone.members[0].joins = 0;
  for (auto& round : alone.rounds) round = {round[member]};
  return company_shows(alone, one.what.cause, kCompanyProof) &&
         company_shows(alone, one.what.cause, kCompanyProof);
}

// Octets of another connection are a finding however often they come again; all else has to show twice.
std::optional<FuzzFinding> FuzzLoop::settle_company(const CompanySuspect& one) {
  const int replays = comes_of_silence(one.what.cause) ? kSilentReplays : kCompanyReplays;
  const auto count = [&](const CompanyPlan& plan, CompanyCause& what) {
    int hits = 0;
    for (int i = 0; i < replays && !halted(); ++i) {
      if (auto again = company_shows(plan, one.what.cause, proof_of(one.what.cause)))
        ++hits, what = std::move(*again);
    }
    return hits;
  };
  CompanyCause what = one.what;
  CompanyPlan plan = one.plan;
  int hits = count(plan, what);
  if (!one.what.foreign() && hits < kTimesShown) return std::nullopt;
  if (hits >= kTimesShown) {
    CompanyPlan small = smaller_company(plan, one.what.cause, patience());
    CompanyCause then = what;
    if (const int again = count(small, then); again >= kTimesShown)
      plan = std::move(small), what = std::move(then), hits = again;
  }
  what.cause = plain_cause(std::move(what.cause));
  what.cause.text = fmt::format("on {}: {}", CompanyPlan::name_of(what.member), what.cause.text);
  FuzzFinding finding = finding_of(what.cause);
  finding.first_seen = one.at;
  finding.first_input = one.inputs;
  finding.stable = hits == replays;
  const std::string stability = fmt::format("{} of {}", hits, replays);
  if (!finding.stable) finding.message += fmt::format(" (seen in {} replays)", stability);
  finding.reproducer =
      write_reproducer(plan, what, notes_for(what.cause, stability), options_.profile.echoes());
  return finding;
}

// Fewer rounds, then fewer members, then who says nothing in a round.
CompanyPlan FuzzLoop::smaller_company(CompanyPlan plan, const FuzzCause& cause, Duration patience) {
  const Instant deadline = elapsed() + patience;
  unsigned tries = 0;
  const auto attempt = [&](CompanyPlan next) {
    if (++tries > kMostTries || halted() || elapsed() >= deadline) return false;
    // A race does not show each time.
    if (!company_shows(next, cause, kCompanySilence) && !company_shows(next, cause, kCompanySilence))
      return false;
    plan = std::move(next);
    return true;
  };
  for (std::size_t r = plan.rounds.size(); r-- > 0;) {
    CompanyPlan next = plan;
    next.rounds.erase(next.rounds.begin() + static_cast<std::ptrdiff_t>(r));
    for (auto& member : next.members) member.joins -= member.joins > r;
    attempt(std::move(next));
  }
  for (std::size_t m = plan.members.size(); m-- > 0 && plan.members.size() > 2;) {
    CompanyPlan next = plan;
    const auto at = static_cast<std::ptrdiff_t>(m);
    next.members.erase(next.members.begin() + at);
    for (auto& round : next.rounds) round.erase(round.begin() + at);
    attempt(std::move(next));
  }
  for (std::size_t r = 0; r < plan.rounds.size(); ++r) {
    for (std::size_t m = 0; m < plan.members.size(); ++m) {
      if (plan.rounds[r][m].steps.empty()) continue;
      CompanyPlan next = plan;
      next.rounds[r][m].steps.clear();
      attempt(std::move(next));
    }
  }
  return plan;
}

}  // namespace wsspec
