// FuzzLoop: a fuzzing campaign against one target, with the protocol as the oracle.
//
//   make sessions -> play many at once -> a cause not seen before? let the rest end -> minimise, replay, keep
//   -> go on
//
// Findings are kept twice: at once with the whole journal, so that nothing is lost when we are killed, and
// again when minimised. What it is not: files or a terminal; a Keeper does that.
// Invariants: session k and all its inputs are a function of seed, k, what the target answered in it, and
// what it sees of the corpus (corpus.h): the first k / 2 - 256 sessions. So the number of jobs changes
// neither inputs nor findings of a target that answers alike; only where a campaign stops and how often a
// cause was hit depend on the clock. A finding has been replayed three times on fresh connections and says
// how often it showed. run() returns by bound(): no input is begun behind `time`, and what was found by then
// has a reserve in which it is replayed and minimised, as far as that gets.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <string>
#include <vector>

#include "fuzzer/arena.h"
#include "fuzzer/company.h"
#include "fuzzer/corpus.h"
#include "fuzzer/generate.h"
#include "fuzzer/reproducer.h"
#include "play/result.h"
#include "report/finding.h"

namespace wsspec {

/// What is seen beside the wire, such as the counters of an instrumented target. With it each input has a
/// connection of its own and one job does all, so that what is seen belongs to one input.
class FuzzFeedback {
 public:
  virtual ~FuzzFeedback() = default;
  virtual void begin() = 0;  ///< A session is about to be played.
  /// What was reached since, each edge once.
  virtual void collect(std::vector<ReachedEdge>& reached) = 0;
  virtual std::uint64_t edges() const = 0;  ///< Seen so far, for the report.
};

struct FuzzOptions {
  Profile profile;
  std::uint64_t seed = 1;
  std::uint64_t most_inputs = 0;  ///< 0: until the time is over.
  Duration time = kNever;         ///< For inputs.
  int jobs = 8;
  bool weak = false;                   ///< Also findings where only a SHOULD is not followed.
  std::vector<FuzzTranscript> corpus;  ///< Seeds beside the grammar.
  const std::map<std::string, Requirement>* ledger = nullptr;
  std::vector<FuzzFinding> known;                  ///< Of an earlier run that is resumed.
  std::vector<FuzzTranscript> unsettled;           ///< Journals that it had no time to look into,
  std::vector<CompanyNumber> unsettled_companies;  ///< and those of companies.
  const std::atomic<bool>* interrupted = nullptr;
  std::string target_name;
  std::uint64_t first_session = 0;   ///< Where an interrupted campaign goes on.
  std::size_t most_findings = 0;     ///< Stop at so many new violations; 0: go on.
  FuzzFeedback* feedback = nullptr;  ///< Not owned.
};

/// Who keeps findings and tells people.
class FuzzKeeper {
 public:
  virtual ~FuzzKeeper() = default;
  virtual void keep(const FuzzFinding& finding) { (void)finding; }
  /// A kept one turned out to be the same as another.
  virtual void drop(const std::string& signature) { (void)signature; }
  /// One of an earlier run does not show any more.
  virtual void gone(const FuzzFinding& finding) { (void)finding; }
  /// An input that showed something new.
  virtual void learned(const std::vector<Step>& input) { (void)input; }
  virtual void progress(const FuzzCampaign& campaign) { (void)campaign; }
  virtual void remark(const std::string& text) { (void)text; }
};

class FuzzLoop {
 public:
  FuzzLoop(FuzzOptions options, FuzzArena& arena, FuzzKeeper& keeper);
  FuzzCampaign run();
  /// Minimises one transcript that shows some fault; an error when it shows none.
  Result<FuzzFinding> minimize_one(const FuzzTranscript& transcript);
  /// Whether a plain connection with one ping works.
  bool serves();
  /// When run() ends, whatever the target does: `time` and a reserve for what is found at its end.
  static Duration bound(Duration time);
  /// What one transcript shows now; "crash", "hang" or "absent" when the target does not live through it.
  std::vector<FuzzCause> causes_of(const FuzzTranscript& transcript);

 private:
  /// Findings with the same rule and kind but another state or reaction.
  static constexpr int kMostPerRule = 4;
  static constexpr std::size_t kMostRecent = 48;

  struct Suspect {
    FuzzTranscript transcript;
    FuzzCause cause;
    Duration at{};
    std::uint64_t inputs = 0;
    bool silent = false;  ///< The session ended by a deadline.
  };

  // loop.cc
  bool over() const;
  bool tests_a_client() const { return options_.profile.tested == Target::client; }
  Role ours() const { return tests_a_client() ? Role::server : Role::client; }
  void note_first_cause(const FuzzSession& session);
  Duration elapsed() const { return arena_.elapsed() - began_; }
  /// Interrupted, or the reserve is used up: nothing more is played.
  bool halted() const;
  Duration scaled(Duration time) const;
  bool lives_long(std::uint64_t session) const;
  FuzzArena::Group make_group();
  std::unique_ptr<FuzzSession> make_session();
  std::optional<FuzzInput> make_input(const FuzzContext& context);
  bool may_practise(Habit habit) const;
  void play_on();
  void learn(FuzzSession& session);
  void harvest(FuzzSession& session, const FuzzArena::Outcome& outcome);
  void count_habits(const FuzzSession& session);
  void suspect(const FuzzSession& session, FuzzCause cause);
  bool count_known(const std::string& signature);
  void keep_raw(const std::string& signature, const FuzzCause& cause, std::string reproducer);
  void remember(FuzzTranscript transcript);
  void tick();
  void take_sample();

  // loop_company.cc
  struct CompanySuspect {
    CompanyPlan plan;
    CompanyCause what;
    Duration at{};
    std::uint64_t inputs = 0;
  };
  static std::uint64_t companies_before(std::uint64_t session);
  std::size_t most_company() const;
  FuzzArena::Group make_company();
  bool harvest_company(FuzzSession& session, const FuzzArena::Outcome& outcome);
  void suspect_company(const CompanyPlan& plan, const std::vector<CompanyCause>& causes);
  void look_again(const CompanyNumber& which);
  std::vector<CompanyCause> play_company(const CompanyPlan& plan, Duration silence);
  std::optional<CompanyCause> company_shows(const CompanyPlan& plan, const FuzzCause& cause,
                                            Duration silence);
  void settle_companies();
  bool shows_alone(const CompanySuspect& suspect);
  std::optional<FuzzFinding> settle_company(const CompanySuspect& suspect);
  CompanyPlan smaller_company(CompanyPlan plan, const FuzzCause& cause, Duration patience);

  // loop_findings.cc
  void look_again(const FuzzTranscript& transcript);
  void meet_known();
  bool still_there(const FuzzFinding& finding);
  void settle_suspects();
  /// Nothing when there was no time to replay it once.
  std::optional<FuzzFinding> settle(const Suspect& suspect, Duration patience);
  Duration patience() const;
  Duration proof_silence() const;
  FuzzTranscript reproducible(const Suspect& suspect, bool& joined);
  void store(FuzzFinding finding, const std::string& raw_signature);

  // loop_health.cc
  FuzzTranscript silence() const;
  void settle_death();
  void blame(FuzzFinding& finding, const FuzzCause& cause, const std::vector<FuzzTranscript>& recent);
  /// How long is waited where a death is looked into.
  struct Patience {
    Duration silence;           ///< For what is due on a connection.
    Duration absence = kNever;  ///< For a client to come back; no longer than the user said.
  };
  std::optional<FuzzCause> death_by(const FuzzTranscript& transcript, Patience patience);
  bool serves_within(Duration silence);
  bool is_dead();
  Patience healthy_patience();
  FuzzCause cause_of_death(bool silent);
  FuzzCause cause_of_absence(bool silent) const;
  void know_absence();
  void check_memory();
  void check_processor(bool last);
  bool spins();

  // loop_findings.cc
  struct ReplayOptions {
    bool log = false, joined = false, pin = false;
    Duration silence = std::chrono::seconds(1);
  };
  struct Smaller {
    FuzzTranscript transcript;
    bool fully = true;  ///< Else the time was over before all was tried.
  };
  std::unique_ptr<FuzzSession> replay(const FuzzTranscript& transcript, const ReplayOptions& how);
  std::optional<FuzzCause> shows(const FuzzTranscript& transcript, const FuzzCause& cause,
                                 const ReplayOptions& how);
  Smaller smaller(const FuzzTranscript& start, const FuzzCause& cause, bool joined, Duration patience);
  FuzzFinding finding_of(const FuzzCause& cause) const;
  ReproducerNotes notes_for(const FuzzCause& cause, std::string stability) const;

  FuzzOptions options_;
  FuzzArena& arena_;
  FuzzKeeper& keeper_;
  FuzzCampaign campaign_;
  FuzzCorpus corpus_;
  HabitCounts habits_;
  std::map<std::string, std::string> signatures_;  ///< Raw signature to that of its finding.
  std::map<std::string, int> per_rule_;
  std::vector<Suspect> suspects_;
  std::vector<CompanySuspect> company_suspects_;
  std::vector<std::shared_ptr<FuzzCompany>> companies_;  ///< Being played.
  std::uint64_t next_company_ = 0, more_companies_ = 0;
  std::deque<FuzzTranscript> recent_;  ///< The last sessions, for whom to blame.
  std::uint64_t next_session_ = 0;
  int refused_ = 0, unanswered_ = 0;
  std::size_t known_ = 0;         ///< How many of the findings are of an earlier run.
  std::uint64_t unsettled_ = 0;   ///< Suspects for which no time was left; their journals are kept.
  std::uint64_t locked_out_ = 0;  ///< Connections whose preamble was not answered.
  std::uint64_t endless_ = 0;     ///< Connections cut off because the target talked on and on.
  Duration began_{};
  bool reachable_ = true;      ///< When last asked whether it serves.
  std::string why_not_;        ///< Then: what was in the way.
  bool absent_ = false;        ///< A client that runs stayed away when it was waited for last.
  bool fell_silent_ = false;   ///< On the last connection something due did not come.
  Duration absence_ = kNever;  ///< Known to stay away: so long is it waited for while inputs are played.
  Duration answer_time_{};     ///< Of a client, the longest when nothing was wrong.
  Duration last_sample_{};
  std::vector<std::pair<std::uint64_t, std::uint64_t>> memory_;  ///< Inputs, resident octets.
  Instant next_look_{};                                          ///< At the target's processor time.
};

}  // namespace wsspec
