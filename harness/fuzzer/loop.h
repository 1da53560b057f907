// FuzzLoop: a fuzzing campaign against one target, with the protocol as the oracle.
//
//   make sessions -> play many at once -> a cause not seen before? let the rest end -> minimise, replay, keep
//   -> go on
//
// Findings are kept twice: at once with the whole journal, so that nothing is lost when we are killed, and
// again when minimised. What it is not: files or a terminal; a Keeper does that. Invariants: the n-th input
// is a function of seed, n and the corpus; with one job the whole campaign is. A finding has been replayed
// three times on fresh connections and says how often it showed.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "fuzzer/arena.h"
#include "fuzzer/reproducer.h"
#include "play/result.h"
#include "report/finding.h"

namespace wsspec {

struct FuzzOptions {
  Profile profile;
  std::uint64_t seed = 1;
  std::uint64_t most_inputs = 0;  ///< 0: until the time is over.
  Duration time = std::chrono::seconds(60);
  int jobs = 8;
  bool weak = false;                   ///< Also findings where only a SHOULD is not followed.
  std::vector<FuzzTranscript> corpus;  ///< Seeds beside the grammar.
  const std::map<std::string, Requirement>* ledger = nullptr;
  std::vector<FuzzFinding> known;  ///< Of an earlier run that is resumed.
  const std::atomic<bool>* interrupted = nullptr;
  std::string target_name;
};

/// Who keeps findings and tells people.
class FuzzKeeper {
 public:
  virtual ~FuzzKeeper() = default;
  virtual void keep(const FuzzFinding& finding) { (void)finding; }
  /// A kept one turned out to be the same as another.
  virtual void drop(const std::string& signature) { (void)signature; }
  virtual void progress(const FuzzCampaign& campaign) { (void)campaign; }
  virtual void remark(const std::string& text) { (void)text; }
};

class FuzzLoop {
 public:
  FuzzLoop(FuzzOptions options, FuzzArena& arena, FuzzKeeper& keeper);
  FuzzCampaign run();
  /// Minimises one transcript that shows some fault; an error when it shows none.
  Result<FuzzFinding> minimize_one(const FuzzTranscript& transcript);

 private:
  struct Suspect {
    FuzzTranscript transcript;
    FuzzCause cause;
  };
  bool over() const;
  std::unique_ptr<FuzzSession> make_session();
  std::optional<std::vector<Step>> make_input(const std::optional<DeflateSettings>& deflate);
  void learn(const std::vector<Step>& input, const std::set<std::uint64_t>& features);
  void harvest(FuzzSession& session, const FuzzArena::Outcome& outcome);
  void suspect(const FuzzTranscript& transcript, FuzzCause cause);
  void tick();
  void take_sample();

  void settle_suspects();
  FuzzFinding settle(const Suspect& suspect);
  void settle_death();
  bool serves();
  bool kills(const FuzzTranscript& transcript);
  FuzzCause cause_of_death();
  void check_memory();
  void store(FuzzFinding finding, const std::string& raw_signature);

  std::unique_ptr<FuzzSession> replay(const FuzzTranscript& transcript, bool log, int patience);
  std::optional<FuzzCause> shows(const FuzzTranscript& transcript, const FuzzCause& cause, int patience);
  FuzzFinding finding_of(const FuzzCause& cause) const;
  ReproducerNotes notes_for(const FuzzCause& cause, std::string stability) const;

  FuzzOptions options_;
  FuzzArena& arena_;
  FuzzKeeper& keeper_;
  FuzzCampaign campaign_;
  std::vector<FuzzTranscript> corpus_;
  std::set<std::uint64_t> seen_;
  std::map<std::string, std::string> signatures_;  ///< Raw signature to that of its finding.
  std::map<std::string, int> per_rule_;
  std::vector<Suspect> suspects_;
  std::deque<FuzzTranscript> recent_;  ///< The last sessions, for whom to blame.
  std::uint64_t next_input_ = 0, next_session_ = 0;
  int refused_ = 0, unanswered_ = 0;
  bool opened_once_ = false;
  Duration last_sample_{};
  std::vector<std::pair<std::uint64_t, std::uint64_t>> memory_;  ///< Inputs, resident octets.
};

}  // namespace wsspec
