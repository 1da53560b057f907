// Series: the state of one run over the network. Internal to these files; see runner.h for the
// promise.
//
//   runner.cc    plays the schedule with `jobs` in flight, repeats what is suspicious, fills the result
//   measure.cc   what a case costs the target, and whether that is within the declared budget;
//                how the time for an answer grows
//   blame.cc     what to do when the target does not answer any more: who killed it, and does it come back
#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/driver.h"
#include "play/player.h"
#include "run/evidence.h"
#include "run/freshness.h"
#include "run/growth.h"
#include "run/losses.h"
#include "run/runner.h"
#include "run/schedule.h"
#include "run/venue.h"

namespace wsspec {

class Series {
 public:
  Series(const Suite& suite, const Selected& selected, const RunOptions& options, Observer* observer);
  RunResult run();

 private:
  /// One case on the wire.
  struct Play {
    std::size_t index = 0;
    std::unique_ptr<Player> player;
    Venue::HangUp hang_up;
    Instant began{}, cap{};
    std::size_t connections = 1;
    bool alone = false;
    bool in_company = false;  ///< Others were on the wire when it began.
    bool cut = false;         ///< The run ended before the case did.
  };

  // --- runner.cc
  bool prepare();
  bool meet_target();
  void go_one_by_one();
  void judge_quirks();
  void expect_clients();
  void expect_hop();
  void expect_nodes();
  void play_together(const std::vector<std::size_t>& patient, const std::vector<std::size_t>& others);
  void play_operated();
  Behind behind_with_process() const;
  void play_alone(const std::vector<std::size_t>& indices);
  void repeat_suspicious(Instant until);
  void tell_company_apart(Instant until);
  void finish();

  void fill();
  bool is_left_out(std::size_t index, bool alone);
  std::size_t in_flight() const;
  bool begin(std::size_t index, bool alone);
  void take_end(std::uint64_t key, const Parting& parting);
  void lack_descriptors(std::size_t index, bool alone, const std::string& detail);
  void count_loss(const Play& play, const CaseResult& result, const Ending& ending);
  void play_again(std::size_t index);
  void keep_to_one();
  void settle(std::size_t index, CaseResult result, Instant began, Instant ended);
  bool takes_for_ever() const;
  void tick();
  void drain();
  std::optional<CaseResult> play_once(std::size_t index, const Case* instead = nullptr);
  bool stop_wanted();
  void skip(std::size_t index, Verdict verdict, std::string reason);
  CaseResult unplayed(std::size_t index, Verdict verdict, std::string reason) const;
  PlayOptions play_options(std::size_t index) const;
  Instant now() const { return driver_.now(); }
  Duration scaled(Duration time) const;
  void remark(const std::string& text);
  void stop(std::string reason, bool fatal);

  // --- measure.cc
  void await_idle();
  std::optional<ProcessSample> await_pause();
  void charge_nobody(std::size_t index);
  std::optional<CaseResult> play_measured(std::size_t index, bool settled);
  void hold_to_budget(std::size_t index);
  void hold_to_proportion(std::size_t index);

  void judge_growth(Instant until);
  void confirm_delays(Instant until);
  std::optional<Duration> time_alone(std::size_t index);
  std::optional<AnswerTimes> times_alone(const GrowthFamily& family);

  // --- blame.cc
  bool looks_dead();
  void investigate();
  void give_verdict_of_death(std::size_t index, const std::string& how);
  bool revive(std::string& how);
  bool serves(int attempts);
  std::string death_words();
  void blame(const std::vector<std::size_t>& suspects, const std::string& how);
  bool try_alone(std::size_t index);
  bool find_killers(std::vector<std::size_t> suspects, const std::vector<std::size_t>& passed);
  void put_back(std::size_t index);
  void find_out_who_did_it();
  void die_before_the_first_case();
  void blame_for_probe();
  void last_proof();

  const Suite& suite_;
  const Selected& selected_;
  const RunOptions& options_;
  Observer* observer_;
  Profile profile_;
  std::unique_ptr<Venue> venue_;
  std::unique_ptr<TargetProcess> process_;
  std::optional<ProcessSample> process_before_;

  RunResult run_;
  std::vector<bool> settled_;
  std::vector<std::size_t> connections_;  ///< How many each case opens.
  std::size_t done_ = 0;
  Schedule schedule_;
  std::deque<std::size_t> patient_, waiting_;
  std::map<std::uint64_t, Play> plays_;  ///< By key, in the order of their begin.
  std::uint64_t next_key_ = 0;
  int light_ = 0;  ///< Of them from `patient_`.
  std::map<std::size_t, int>
      refusals_;  ///< How often the connection for a case was refused though the target serves.
  Evidence evidence_;
  Freshness freshness_;  ///< Of a client.
  Losses losses_;
  int most_patient_ = 32;    ///< Cases that only wait, beside the jobs.
  int jobs_ = 1;             ///< Connections in flight now.
  bool one_by_one_ = false;  ///< Nothing is to be played beside anything else, not even what only waits.
  bool together_ = false;    ///< play_together() is at work: what is put back is played.
  bool careful_ = false;     ///< What only waits is played when the rest is over.
  int deaths_ = 0, lacks_ = 0;
  Instant last_call_ = kNever;        ///< When what is on the wire is cut, the time for faults being used up.
  int restless_ = 0;                  ///< How often the target did not rest behind a case.
  std::vector<std::size_t> starved_;  ///< Got no answer to the handshake in the company of others.
  std::optional<std::string> death_in_probe_;
  std::string log_of_probe_;
  Instant next_launch_{}, budget_end_ = kNever;
  bool doubt_ = false;  ///< Something says that the target may be dead: find out before going on.
  bool alone_ = false;  ///< play_once() is at work: nobody else may be on the wire.
  std::optional<CaseResult> single_;            ///< The result of play_once().
  std::uint64_t single_octets_ = 0;             ///< And what crossed the wire, both ways.
  const Case* instead_ = nullptr;               ///< What play_once() plays in place of the case itself.
  std::map<std::size_t, On> where_;             ///< On which of several connections a case failed.
  std::optional<std::size_t> measured_before_;  ///< The case whose cost may still come in.
  bool stopping_ = false;
  std::string stop_reason_;  ///< For the cases then not run.
  Driver driver_;            ///< Last: its end calls back into us.
};

}  // namespace wsspec
