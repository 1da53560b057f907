// The judge: does what has arrived meet one expectation? Pure questions about an inbox; nothing is consumed
// here.
//
// Source of the rules: docs/notation.md "Meaning", docs/design.md "Verdicts" 2. What it is not: deadlines
// (player.cc).
#pragma once

#include <string>
#include <vector>

#include "play/conversation.h"
#include "play/kept.h"
#include "play/profile.h"
#include "play/result.h"
#include "script/ast.h"
#include "script/functions.h"

namespace wsspec {

/// The answer about one expectation at one moment.
struct Judgement {
  enum class Kind {
    matched,   ///< Met; `take` says what it used up.
    pending,   ///< Not decided by what has arrived.
    mismatch,  ///< Something else came.
    broken,    ///< The expectation itself cannot be evaluated (`reason`).
  };
  Kind kind = Kind::pending;
  enum class Take { nothing, front, one, pong, raw, beat, close_then_end } take = Take::nothing;
  std::size_t raw_octets = 0;
  std::size_t index = 0;            ///< Take::pong: which of the pongs; one: of the arrivals.
  std::optional<std::size_t> ping;  ///< The ping that is answered by this.
  bool weak = false;                ///< Met, but poorer than it should be (`reason`).
  bool hurry = false;               ///< pending, but something speaks against it already (`reason`).
  bool left = false;                ///< mismatch: the peer went away for reasons of its own: no judgement.
  std::string reason;               ///< Why weak or mismatch; for people.
  std::string requirement;          ///< mismatch by a fault: the ledger id.
  std::string note;                 ///< Remark that changes no verdict.
  int event = -1;                   ///< The transcript event that decided.

  static Judgement pending() { return {}; }
  static Judgement met(Take what) {
    Judgement answer;
    answer.kind = Kind::matched;
    answer.take = what;
    return answer;
  }
  static Judgement not_met(std::string why, int at = -1) {
    Judgement answer;
    answer.kind = Kind::mismatch;
    answer.reason = std::move(why);
    answer.event = at;
    return answer;
  }
};

struct Scene {
  const Conversation& talk;
  const Profile& profile;
  const std::vector<std::string>& covers;  ///< Of the case.
  Environment& environment;
  bool single_frames = false;
  const Conversation* across = nullptr;  ///< Our other end of the hop; null: there is none.
  bool leaves = false;                   ///< Its operator has told it to go away, or may have.
};

/// What came is none of what is expected.
Judgement instead(const Arrival& arrival);

/// `lenient`: a Close with another code also meets `fail`, weakly.
Judgement judge(const Step& expectation, const Scene& scene, bool lenient);

/// The way through a hop from our other end to this one.
Way way_to(const Conversation& here, const Conversation& across);

/// Index of the first pong in the inbox that answers a ping which was sent at or behind the fault, or -1.
int pong_after_fault(const Scene& scene);

/// True when the first arrival is the echo of a message sent ahead of the fault, which may still be on its
/// way.
bool is_earlier_echo(const Scene& scene);

}  // namespace wsspec
