// The stage: everything the player holds while one case is played. Internal to play/; see player.h for the
// promise.
//
//   player.cc    the Endpoint face: what the transport asks and tells
//   stage.cc     walks the steps, keeps deadlines, fixes the verdict
//   perform.cc   sending: frames, heads, bursts, chops and gaps, automatic pongs and closes
//   await.cc     expecting: open, finish, either, quiet and plain expectations
#pragma once

#include <algorithm>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "play/inbox.h"
#include "play/judge.h"
#include "play/outgoing.h"
#include "play/player.h"
#include "play/recorder.h"
#include "play/request.h"
#include "protocol/deflate.h"
#include "protocol/handshake.h"
#include "script/assemble.h"

namespace wsspec {

// Waiting times before --time-scale; more in Patience.
inline constexpr Duration kLinger =
    std::chrono::milliseconds(60);  ///< After both Closes: for the end of TCP; only a note.
inline constexpr Duration kCaseLimit = std::chrono::seconds(60);
inline constexpr Duration kPerOctet = std::chrono::microseconds(250);  ///< Slower is no progress.

struct Player::State {
  State(const Case& script, const Profile& profile, const PlayOptions& options);

  // --- stage.cc
  Action advance(Instant now);
  void begin_step(Instant now);
  const Step* current() const;
  void step_done();
  void end_of_time(Duration limit, Instant now);
  void enter(const std::vector<Step>& steps, std::uint64_t times, const std::string& name);
  void decide(Verdict verdict, std::string reason, std::string requirement, int event, Instant now);
  void lower(Grade grade, const std::string& reason);
  void conclude(Instant now);
  void conclude_well(Instant now);
  void note(std::string text, Instant now);
  Duration scaled(Duration time) const;
  Level level() const;
  std::string clauses() const;
  CaseResult take_result();

  // --- perform.cc
  bool is_send(const Step& step) const;
  void perform(const Step& step, Instant now);
  Result<Assembled> assemble_step(const Step& step);
  Result<Bytes> request_head(const std::vector<Edit>& edits, const OpenOptions& options);
  void queue(Assembled assembled);
  std::optional<Action> pump(Instant now);
  void mind_manners(Instant now);
  void send_frame_now(Opcode opcode, BytesView payload, Instant now);
  bool script_closes_later() const;

  // --- await.cc
  std::optional<Action> await(const Step& step, Instant now);
  std::optional<Action> await_plain(const Step& step, Instant now);
  std::optional<Action> await_either(const Either& either, Instant now);
  std::optional<Action> await_quiet(const Step& step, Duration time, Instant now);
  std::optional<Action> await_open(const Open& open, Instant now);
  std::optional<Action> await_finish(const Finish& finish, Instant now);
  std::optional<Action> await_end_of_close(Instant now);
  void accept_upgrade(const Arrival& arrival, Instant now);
  bool tolerate(const Step& expectation, Instant now);
  bool is_own_words(const Arrival& arrival, const Step* expectation) const;
  void hear_words(Instant now);
  Instant end_of_talk(const Step& awaited) const;
  bool application_closed() const;
  std::string missed_field() const;
  void consume(const Judgement& answer, const Step* step, Instant now);
  void miss(const Judgement& answer, const Step& step, Instant now);
  std::optional<Verdict> excused_by_size(const Step& step);
  Duration patience(const Step& step) const;
  Instant silence_deadline(Duration patience) const;
  void gave_up(Waits::Kind& kind, Instant now);
  void answered(Waits::Kind& kind, Instant now) { kind.longest = std::max(kind.longest, now - step_began); }
  Waits::Kind& wait_for(const Step& step);
  void moves(Instant now);
  void skip_unasked(Instant now);
  bool in_preamble() const;
  std::optional<Action> await_barrier(Instant now);
  Scene scene() { return {inbox, outgoing, profile, script.covers, environment, single_frames}; }

  struct Cursor {
    const std::vector<Step>* steps;
    std::size_t index = 0;
    std::uint64_t round = 0, rounds = 1;
    std::string name;
  };
  struct Pending {
    Bytes bytes;
    std::vector<std::size_t> cuts;
    std::size_t next = 0, position = 0;
    Duration gap{};
  };

  const Case& script;
  const Profile& profile;
  const PlayOptions options;
  Environment environment;
  Inbox inbox;
  Outgoing outgoing;
  Recorder recorder;
  std::optional<Compressor> compressor;

  std::vector<Cursor> stack;
  std::deque<Pending> outbox;
  Instant hold{};         ///< Nothing is done before this: a gap, a pause, a paced line.
  bool gap_done = false;  ///< The pause before the next piece is over.
  bool stalling = false;  ///< Until `hold`: do not read either.
  Instant step_began{}, progress{};
  Instant moved{};                    ///< When octets last came or went.
  Duration silent_before{};           ///< Waits::silent when the step began.
  std::uint64_t received_before = 0;  ///< Octets when the step began.
  Instant words_began = kNever;       ///< When the target began to talk in the step, other than awaited.
  Waits waits;
  bool step_open = false;       ///< begin_step() was called for the current step.
  int phase = 0;                ///< Within open, finish, fail.
  bool close_then_end = false;  ///< A `fail` saw its Close; the end is awaited.
  bool muted = false, single_frames = false, raw = false;
  bool asks_for_tls = false;  ///< The case has a `< secured`.
  bool half_closed = false, want_half_close = false, want_reset = false;
  std::uint64_t replies = 0;  ///< Automatic answers, at most 100.
  bool close_answered = false;
  bool opened = false;  ///< Frames may be sent.
  /// A ping whose pong shows that all came that the target says ahead of the case: a greeting, or an answer
  /// that the preamble does not wait for.
  enum class Barrier { none, wanted, sent } barrier = Barrier::none;
  Instant barrier_began{};
  std::optional<DeflateSettings> deflate;

  bool fixed = false, released = false;
  Verdict verdict = Verdict::pass;
  Grade floor = Grade::pass;
  std::string reason, requirement, expected, actual;
  std::vector<std::string> notes;
  const Step* failing = nullptr;
  Instant now_ended{};
};

}  // namespace wsspec
