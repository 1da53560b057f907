// FuzzSession: one connection on which inputs are sent and judged (protocol/endpoint.h: no I/O in here). It
// plays the client of a server, or the server of a client.
//
//   handshake, preamble -> input, barrier ping, pong -> next input ... until a finding, a fault, a Close or
//   enough inputs
//
// A client shows what it makes of a reply only by what it does then (docs/testing-clients.md): a barrier in
// front of the first input asks it, or a probe where nothing else follows.
//
// The barrier is a ping with a unique payload: its pong proves that all before was digested, so no time is
// spent on waiting for nothing. Where a reaction is due that ends the connection, a short pause and then a
// ping show a target that goes on as if nothing had happened. What it is not: a scheduler, nor a minimiser.
// Invariants: bounded time (silence deadlines, counted from the last progress, and a cap that no progress
// moves) and memory; what talks without end is cut off after so many octets; the inputs sent since the
// connection was made are in transcript(); the judge saw these, and the answers that any client owes its
// server: a pong to its latest ping, a Close to its Close. Ahead of a pause the target answers what it owes,
// so that it has read what was sent; an input that stalls ends reading again. No rule says how much a target
// must keep for who does not read: that it ends such a connection, or leaves messages out, is no fault.
#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "fuzzer/generate.h"
#include "fuzzer/input.h"
#include "fuzzer/reply_oracle.h"
#include "model/rules_judge.h"
#include "play/profile.h"
#include "protocol/deflate.h"
#include "protocol/endpoint.h"
#include "protocol/handshake.h"
#include "protocol/http.h"
#include "script/functions.h"

namespace wsspec {

/// Why something is a finding: what stays the same when its input gets smaller.
struct FuzzCause {
  std::string kind;  ///< breach_name(), "crash", "hang", ...
  Severity severity = Severity::fail;
  std::string requirement;
  std::string state, reaction;  ///< Of the model and the target, at the end of the session.
  std::string text;             ///< One sentence.
  std::string log{};            ///< What a target printed before it died.

  /// Equal for equal causes over runs and machines.
  std::string signature() const { return kind + "/" + requirement + "/" + state + "/" + reaction; }
  bool same_rule(const FuzzCause& other) const {
    return kind == other.kind && requirement == other.requirement;
  }
};

struct FuzzSessionOptions {
  std::uint64_t seed = 1;                          ///< Handshake key, masking keys, barriers.
  std::uint64_t number = 0;                        ///< For FuzzContext.
  std::size_t most_inputs = 64;                    ///< Per connection.
  Duration silence = std::chrono::seconds(3);      ///< Without progress, until something due is missing.
  Duration pause = std::chrono::milliseconds(40);  ///< Before the ping behind a fault.
  /// For a Close behind a pong that should not have come: it may have been on its way.
  Duration grace = std::chrono::milliseconds(80);
  Duration most_time = std::chrono::seconds(30);  ///< Then no further input is begun.
  std::uint64_t most_octets = 64u << 20;          ///< That may come while one input is digested.
  bool patient = false;  ///< Also wait for what is only late: the end of TCP behind a Close.
  bool log = false;      ///< Keep what comes back, for a reproducer.
  bool pin = false;      ///< Write masking keys into the transcript.
  /// Beside other connections (company.h): whether it may go on to this round; asked again when woken, or
  /// soon.
  std::function<bool(std::size_t round)> may_begin{};
  std::size_t joins = 0;         ///< The round in which its request goes out; 0: at once.
  std::vector<Bytes> strange{};  ///< What only others send: a finding where it comes.
};

struct FuzzInput {
  std::vector<Step> steps;
  bool joined = false;  ///< The barrier goes out in one write with the last step.
  std::optional<Habit> habit{};
  bool leaves_unread = false;  ///< Where it stalls the next input begins so: no barrier, and nothing is read.
};

class FuzzSession final : public Endpoint {
 public:
  /// The next input of this connection; none: it ends. Called once the handshake is done.
  using Source = std::function<std::optional<FuzzInput>(const FuzzContext&)>;

  FuzzSession(const Profile& profile, FuzzOpening opening, const FuzzSessionOptions& options, Source source);

  Action next(Instant now) override;
  void received(MutableBytes bytes, Instant now) override;
  void ended(End how, Instant now) override;
  bool reading() const override { return !stalled_; }

  bool done() const { return over_; }
  /// How the arena is told to ask again.
  void on_wake(std::function<void()> wake) { wake_ = std::move(wake); }
  void wake() const {
    if (wake_) wake_();
  }
  /// The opening handshake succeeded.
  bool opened() const { return opened_; }
  /// The preamble got no answer, or its end: nothing was tried.
  bool locked_out() const { return locked_out_; }
  /// How long a client took from the reply to its first octets; nothing while it has said none.
  Duration answer_time() const { return answer_time_; }
  /// What the reply said about extensions; empty: nothing.
  std::string granted() const;
  /// A connection came about and the target neither answered the handshake nor ended it.
  bool unanswered() const { return unanswered_; }
  const FuzzTranscript& transcript() const { return transcript_; }
  FuzzTranscript take_transcript() { return std::move(transcript_); }
  /// Sends and what came back, in the order of the wire; with `log` only.
  const std::vector<Step>& log() const { return log_; }
  std::size_t inputs() const { return inputs_; }
  /// Frames sent, the barriers among them.
  std::uint64_t frames() const { return frames_; }
  std::uint64_t number() const { return options_.number; }
  /// Something due did not come: the session ended by a deadline.
  bool silent() const { return silent_; }
  /// Octets came and came, and what was due was not among them.
  bool endless() const { return endless_; }
  /// What is wrong, the worst first.
  std::vector<FuzzCause> causes() const;
  /// Values of names, for inputs from files.
  void define(const std::vector<Let>& lets) { environment_.define(lets); }

  /// What was seen while input `index` was digested: state, event, reaction; sorted, unique.
  struct Digest {
    std::size_t first_step = 0, last_step = 0;  ///< Of the transcript; the barrier included.
    bool legal = false;      ///< It began between messages, and the connection could go on behind it.
    std::uint64_t cost = 1;  ///< Frames, writes and pages of octets, in all.
    std::optional<Habit> habit{};
    std::vector<std::uint64_t> features;
  };
  const std::vector<Digest>& digests() const { return digests_; }

 private:
  class Log;
  class Login;
  class Watch;
  class Stranger;
  enum class Phase { request, head, asked, reply, watch, preamble, inputs };
  struct Outgoing {
    Bytes bytes;
    std::vector<std::size_t> cuts;
    std::size_t next = 0, position = 0;
    Duration gap{};  ///< Between two writes.
    enum class Kind { octets, fin, reset } kind = Kind::octets;
  };

  // session_reply.cc
  Action await_request(Instant now);
  void hear_request(BytesView bytes, Instant now);
  std::optional<Bytes> fact_of_request(std::string_view name) const;
  void settle_grant(FuzzOpening& opening) const;
  Action compose_reply(Instant now);
  Result<Head> reply_head();
  void join_reply(Instant now);
  Action send_reply(Instant now);
  void ask_whether_taken(Instant now);
  Action probe_client();
  void watch(MutableBytes bytes);
  Action watch_client(Instant now);
  Action watch_over();
  bool is_turned_away() const;
  void turn_away();
  // session_opening.cc
  void begin(Instant now);
  Result<Bytes> head_octets();
  Action send_piece();
  Action send_request(Instant now);
  Action wait_for_head(Instant now);
  Action give_up_on_head(bool endless);
  void read_head(MutableBytes bytes);
  void judge_reply();
  void accept(const Reply& reply);
  std::string offered() const;
  Action log_in(Instant now);
  void hear_preamble(MutableBytes bytes);
  void begin_inputs();
  void take(MutableBytes bytes);

  Action work(Instant now);
  bool fetch_input(Instant now);
  void begin_input(FuzzInput input, Instant now);
  bool say_goodbye(Instant now);
  bool may_begin() const;
  void perform(Step step, Instant now);
  void join_barrier(Step& step, Outgoing& out);
  bool perform_timing(const Statement& statement, Instant now);
  std::optional<Action> put_out(Instant now);
  std::optional<Action> hold(Instant now);
  Action rest(Instant until) const;
  bool excused(const Breach& breach) const;
  void mind_manners();
  void answer_close();
  Bytes own_frame(Opcode opcode, BytesView payload);
  bool may_probe() const;
  Step make_barrier();
  void send_barrier(Instant now);
  Action wait_for_end(Instant now);
  bool talks_without_end(Instant now) const;
  Action cut_short();
  bool broken() const;
  void input_done();
  void give_up();
  void note_feature(std::uint64_t event);
  void add_breach(BreachKind kind, std::string_view requirement, std::string text);
  std::string_view state() const { return judge_ ? judge_->model().state() : "handshake"; }

  const Profile& profile_;
  const Role ours_;  ///< Which end the fuzzer plays.
  FuzzSessionOptions options_;
  Source source_;
  FuzzTranscript transcript_;
  std::vector<Step> log_;
  Environment environment_;
  std::optional<Compressor> compressor_;
  std::optional<DeflateSettings> deflate_;
  std::optional<Judge> judge_;
  std::optional<OutputReader> log_reader_, stranger_reader_;
  std::function<void()> wake_;
  std::vector<Breach> own_;            ///< Of the handshake.
  HeadParser head_{{1U << 20, 5000}};  ///< The target's.
  Bytes our_head_, manners_, scratch_;
  std::size_t our_head_at_ = 0;
  Phase phase_ = Phase::request;
  bool over_ = false, unanswered_ = false, ended_ = false, reset_ = false, silent_ = false, cut_off_ = false;
  bool endless_ = false, opened_ = false, locked_out_ = false;
  std::size_t preamble_at_ = 0, told_ = 0;  ///< Of the preamble; messages that came and no step expected yet.
  std::optional<OutputReader> preamble_reader_;

  // Of a server:
  ReplyDemand demand_;
  Duration answer_time_{};
  Instant asked_{}, told_at_{};  ///< When the request was complete, and when all of the reply was out.
  bool hello_ = false;           ///< The barrier in front of the first input is under way.
  bool says_goodbye_ = false;    ///< The last input is a Close of our own.
  // Of a reply that is watched: frames come, or a Close; HTTP does; we have ended TCP.
  bool used_ = false, closes_ = false, speaks_http_ = false, finned_ = false;
  std::optional<OutputReader> watch_reader_;

  FuzzInput input_;
  std::size_t step_ = 0, inputs_ = 0;
  bool have_input_ = false, barrier_sent_ = false, probed_ = false, close_answered_ = false;
  std::uint64_t barriers_ = 0;
  std::optional<Outgoing> out_;
  struct Hold {
    Duration time{};
    Instant began{};
    std::optional<Instant> until{};  ///< Once all that was due has come.
  };
  std::optional<Hold> hold_;  ///< Nothing is sent meanwhile.
  bool stalled_ = false;      ///< Nothing is read.
  bool slow_ = false;         ///< It was so on this connection.
  std::uint64_t frames_ = 0;
  Instant began_{}, progress_{}, input_began_{};
  std::uint64_t heard_ = 0;  ///< Octets since the input began.
  std::vector<Digest> digests_;
};

/// Between the pieces of a request, where a session has company.
inline constexpr Duration kOpeningGap = std::chrono::milliseconds(1);
/// What the barriers of a session with this seed begin with.
Bytes barrier_mark(std::uint64_t seed);
/// The input without the barrier behind it, and whether that went out with the last step.
FuzzInput without_barrier(std::vector<Step> steps);
/// The steps, and each barrier that went out with one as a step of its own.
std::vector<Step> barriers_apart(const std::vector<Step>& steps);
/// Whether a step is, or ends in, a barrier of a session.
bool is_barrier(const Step& step);

}  // namespace wsspec
