// The recorder: writes the transcript while a case is played.
//
// What it is not: a printer of trees (script/print.h). Invariants: no secret of the profile is ever written;
// at most kEventsKept events are held, the first half and the last ones.
#pragma once

#include <deque>
#include <string>

#include "play/inbox.h"
#include "play/profile.h"
#include "play/transcript.h"
#include "script/assemble.h"

namespace wsspec {

inline constexpr std::size_t kEventsKept = 1000;
inline constexpr std::size_t kEventsOfPass = 80;  ///< Nobody replays a long pass: reports stay small.

class Recorder {
 public:
  Recorder(const Profile& profile, bool enabled) : profile_(profile), enabled_(enabled) {}

  /// What follows is about this connection of several.
  void about(const On& on) { on_ = on; }
  /// A statement of the script that puts octets on the wire. Names of `repeat` variables become their
  /// numbers.
  void sent(const Step& step, const Assembled& assembled, const Environment& environment, Instant now);
  /// A head of ours: the statement and, for people, its lines.
  void sent_head(const std::string& line, BytesView head, Instant now);
  /// What our other end has sent through a hop has come: the statement that took so many octets.
  void kept(const std::string& line, std::size_t octets, Instant now);
  /// Something that the player does by itself, shown as a comment.
  void manners(BytesView frame, Role ours, Instant now);
  /// We end the connection with RST, because the verdict was fixed before its orderly end.
  void reset(Instant now);
  /// An arrival; sets arrival.event.
  void received(Arrival& arrival, bool single_frames, Instant now);
  void note(std::string text, Instant now);
  /// The statement `line` stands for the event's octets exactly and is shorter.
  void rewrite(int event, std::string line);
  void mark_failing(int event, std::string comment, Instant now);
  /// A line ahead of the first step.
  void meta(const std::string& line);
  void lets(const std::vector<Let>& lets);

  /// At most `most` events; the middle goes.
  Transcript take(std::size_t most);
  /// The steps of the preamble are no part of the case, and may hold a password: of them a remark says only
  /// what kind of thing went by.
  void hide(bool on) { hidden_ = on; }

 private:
  int add(Event event);
  std::string shown(const Bytes& head) const;
  const Profile& profile_;
  Event* find(int event);
  std::string prefixed(std::string line) const;
  On on_;  ///< Without a name: there is only one.
  bool enabled_, hidden_ = false;
  Transcript transcript_;     ///< The first half of the events, and how many were dropped.
  std::deque<Event> latest_;  ///< The second half.
};

/// The step with loop counters as numbers, as a log must have it.
Step resolved(Step step, const Environment& environment);

/// One line for people about an arrival: "Close 1002 (protocol error)", "text message, 5 octets".
std::string describe(const Arrival& arrival);
/// The arrival as an expectation of the notation.
std::string notation(const Arrival& arrival, bool single_frames);

}  // namespace wsspec
