// Losses: what silence, slowness and deaths of the target have cost a run so far, and what is left out for
// it.
//
// However broken a target is, a run has so much time for its faults and no more. While little is lost nothing
// is left out. Then cases of the same kind give way to the one that stands for them, and at the end all the
// rest. What it is not: a judge. Who is left out is `not_run` and says for whom, so that nothing is lost
// silently; the cases that were played carry the red. Kinds: the case (`length.huge[7]` is one of
// `length.huge`), then the topic.
#pragma once

#include <map>
#include <optional>
#include <string>

#include "play/player.h"

namespace wsspec {

class Losses {
 public:
  /// What a run has for faults of the target, before --time-scale.
  static constexpr Duration kMost = std::chrono::seconds(30);

  explicit Losses(double time_scale = 1) : scale_(time_scale) {}

  /// A case that was played. `fault`: how it hurt ("the target died", "nothing came"), empty when it did not;
  /// `lost`: the time that it took beyond what it asked for itself, its share when others were on the wire.
  void played(const std::string& id, const std::string& fault, Duration lost, const Waits& waits = {});
  /// Time that went to something else: a restart, the search for who killed it.
  void spent(Duration lost) { lost_ += lost; }

  /// Why this case is not to be played; nothing when it is.
  std::optional<std::string> reason_to_leave_out(const std::string& id);
  /// Shorter for what never comes, once that has been seen often.
  Patience patience() const;
  /// Nothing more is to be played.
  bool used_up() const { return gave_up_ || lost_ >= scaled(kMost); }
  /// The run as a whole has had its time.
  void give_up() { gave_up_ = true; }
  std::string words_when_used_up() const;
  Duration lost() const { return lost_; }
  Duration left() const {
    return gave_up_ ? Duration::zero() : std::max(scaled(kMost) - lost_, Duration::zero());
  }

 private:
  struct Kind {
    std::string first, fault;  ///< The first case that hurt so, and how.
    int alike = 0;             ///< How many hurt in that way, one after the other.
    int played = 0, hurt = 0, left_out = 0;
  };
  Duration scaled(Duration time) const;
  Duration learned(const Waits::Kind& seen, Duration usual, Duration least) const;
  static void count(Kind& kind, const std::string& id, const std::string& fault);
  static std::string same_as(const Kind& kind);

  double scale_ = 1;
  bool gave_up_ = false;
  Duration lost_{};
  Waits seen_;  ///< Summed; the longest of all.
  std::string first_;
  std::map<std::string, Kind> families_, topics_;
};

}  // namespace wsspec
