// The stage: everything the player holds while one case is played. Internal to play/; see player.h for the
// promise.
//
//   player.cc    the face: what the transport of a connection asks and tells
//   stage.cc     walks the steps, keeps deadlines, fixes the verdict
//   lines.cc     several connections: whose turn it is, whom a line is about, whose octets came
//   perform.cc   sending: frames, heads, bursts, chops and gaps, automatic pongs and closes
//   room.cc      what is said in a room: series, copies, one order for all
//   times.cc     times of a case: shares of declared ones, deadlines that nothing moves, pauses
//   coming.cc    one client that comes again and again: its connections in a row, its delays
//   crossing.cc  a hop between two ends of ours: who is across, tokens, ends that have not come
//   preface.cc   what a hop says ahead of its connections of who its client is
//   drain.cc     the command of a hop's operator: what becomes of tunnels
//   measured.cc  what is found out of a hop and no clause judges, in words for notes
//   broker.cc    STOMP: frames of ours, its login, what a refusal is
//   await.cc     expecting: open, finish, either, quiet and plain expectations
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "play/conversation.h"
#include "play/fate.h"
#include "play/judge.h"
#include "play/opening.h"
#include "play/player.h"
#include "play/recorder.h"
#include "play/tally.h"
#include "protocol/handshake.h"
#include "script/assemble.h"
#include "script/cast.h"

namespace wsspec {

// Waiting times before --time-scale; more in Patience.
inline constexpr Duration kLinger =
    std::chrono::milliseconds(60);  ///< After both Closes: for the end of TCP; only a note.
inline constexpr Duration kCaseLimit = std::chrono::seconds(60);
inline constexpr Duration kPerOctet = std::chrono::microseconds(250);  ///< Slower is no progress.

inline constexpr std::uint64_t kNoLimit = ~std::uint64_t{0};

/// The case is about what members of a room hear of each other.
bool is_about_fanout(const Case& script);

struct Player::State {
  State(const Case& script, const Profile& profile, const PlayOptions& options);

  struct Line;

  // --- stage.cc
  Action advance(Line& asking, Instant now);
  std::optional<Action> end_of_connection(Instant now);
  void begin_step(Instant now);
  const Step* current() const;
  void step_done();
  void step_on();
  void add_line(std::size_t number, On on, Role ours);
  void add_line(std::size_t number);
  void end_of_time(Duration limit, Instant now);
  void enter(const std::vector<Step>& steps, std::uint64_t times, const std::string& name);
  void decide(Verdict verdict, std::string reason, std::string requirement, int event, Instant now);
  void fix(Verdict verdict, std::string reason, std::string requirement, int event, Instant now);
  void lower(Grade grade, const std::string& reason);
  void conclude(Instant now);
  void look_for_rest(Instant now);
  void judge_keys(Instant now);
  void conclude_well(Instant now);
  void note(std::string text, Instant now);
  Duration scaled(Duration time) const;
  std::optional<Bytes> fact(std::string_view name) const;
  Level level() const;
  std::string clauses() const;
  CaseResult take_result();

  // --- lines.cc
  void speak(Line& line);
  void want(const Line& line);
  Line* line_about(const Step& step);
  std::size_t members(const Step& step) const;
  Line* busy_line() const;
  Line* acting_line(Line& asking, Instant now);
  Action idle(Instant now);
  Action let_go(Instant now);
  std::string shown(const Step& step) const;
  std::string foreign_octets(BytesView payload) const;

  // --- coming.cc
  bool needs_nobody() const;
  bool has_newcomer() const;
  bool is_done_with(const Line& one) const;
  std::string name_of(const Line& one) const;
  std::size_t come(Instant now);
  std::optional<Action> attend_connection(Instant now);
  std::optional<Action> end_of_former(Instant now);
  void go_on_without(Instant now);
  void turn_to_next(const Step& step, Instant now);
  std::optional<Action> await_again(const Step& step, Instant now);
  std::optional<Action> await_absence(const Step& step, const Absence& absence, Instant now);
  std::optional<Action> await_shut(const Shut& closed, Instant now);
  std::optional<Action> wait_without(Instant until, Instant now);
  Instant deadline_of_coming(const Step& step) const;
  Duration time_of(const Absence& absence) const;
  std::optional<Judgement> judge_coming(const Step& step) const;
  void judge_comings(Instant now);
  void judge_same_keys(Instant now);
  void judge_delays(Instant now);

  // --- crossing.cc
  bool is_about_hop() const { return script.target == Target::hop; }
  std::size_t leg_of(const Line& one) const;
  std::size_t legs() const { return is_about_hop() ? cast.size() / 2 : 0; }
  Line* across(const Line& one) const;
  bool is_absent(const Line& one) const;
  std::size_t arrive(std::size_t leg, Instant now);
  void leave(Line& far);
  std::string token(std::size_t leg) const;
  void mark(Head& request, const std::vector<Edit>& edits) const;
  bool is_crossing_changed(Instant now);
  bool is_smuggled(const Arrival& arrival, Instant now);
  bool is_head_changed(const Arrival& arrival, Instant now);
  void agree();
  std::string part_in_words() const;

  // --- preface.cc
  static void judge_name(const ProxyHeader& header, const ConnectionName& client, Prefaced& out);
  static void take_preface(Line& far, const Preface& preface, const ConnectionName& client);
  void judge_prefaces(Instant now);

  // --- drain.cc
  void operate(const Step& step, Instant now);
  void turn_away(Line& one, const std::string& why, Instant now);
  Fate fate_of(std::size_t leg) const;
  Newcomers newcomers() const;
  bool is_broken_by_operation(std::size_t leg, const Fate& fate, Instant now);
  void judge_operation(Instant now);

  // --- measured.cc
  std::string waits_in_words() const;
  std::string ending_in_words() const;
  std::string lived_in_words() const;
  std::string status_in_words() const;
  std::string added_in_words() const;
  std::uint64_t under_way(const Conversation& from, const Conversation& to) const;
  void judge_held();
  std::optional<Bytes> fact_of_crossing(std::string_view name) const;

  // --- room.cc
  struct Numbered {
    bool made = false;
    Bytes first;  ///< By which it is known whether it is still this.
    std::uint64_t count = 0;
    std::unordered_map<std::uint64_t, std::uint64_t> numbers;  ///< By the hash of the message.
  };
  struct Limits {
    std::uint64_t lost, repeated, reordered;
  };
  Result<const Numbered*> numbered(const Step& step, const MessageSeries& series);
  std::optional<std::uint64_t> number_in(const Step& step, const Arrival& arrival);
  const Step* series_with(const Arrival& arrival, const Step* except);
  Limits limits_of(const MessageSeries& series) const;
  const Arrival* take_of_series(const Step& step, Instant now);
  void rewrite_heard(const Step& step, std::uint64_t number, const Arrival& arrival);
  std::optional<Action> await_series(const Step& step, Instant now);
  void end_series(const Step& step, const Arrival* other, Instant now);
  void hear(const Arrival& arrival);
  bool is_said(BytesView payload) const;
  bool is_own_copy(BytesView payload) const;
  bool is_legal_copy(const Arrival& arrival);
  void compare_orders(Instant now);

  // --- perform.cc
  bool is_send(const Step& step) const;
  void perform(const Step& step, Instant now);
  bool perform_state(const Step& step, Instant now);
  void perform_burst(const Burst& burst, Instant now);
  Result<Head> make_head(const Statement& statement);
  void queue(Assembled assembled);
  std::optional<Action> pump(Instant now);
  std::optional<Action> pump_outbox(Instant now);
  std::optional<Action> between_pieces(const Conversation::Pending& pending, Instant now);
  std::optional<Action> await_reader(Instant now);
  void mind_manners(Instant now);
  Bytes frame_of_ours(Opcode opcode, BytesView payload);
  void send_frame_now(Opcode opcode, BytesView payload, Instant now);
  bool script_closes_later() const;
  Result<std::string> words_of(const Payload& note);

  // --- broker.cc
  const StompTarget& stomp_target() const;
  Result<std::pair<Bytes, bool>> stomp_octets(const SendStomp& line);
  void ask_receipts(BytesView stream);
  std::optional<Bytes> message_header(std::string_view name, std::uint64_t number) const;
  void send_stomp(const SendStomp& frame, const std::string& shown_as, Instant now);
  std::optional<Action> await_login(const Login& login, Instant now);
  std::optional<Action> await_error(const Step& step, bool must, Instant now);
  std::optional<Action> judge_refusal(const Step& step, bool must, Instant now);
  bool ends_refusal(const Arrival& end, bool must, Instant now);
  void probe_session(Instant now);
  void agree_on_beats(const StompFrame& ours, const StompFrame& theirs);
  bool waits_by(std::string_view name) const;
  std::optional<Action> give_up_refusal(Instant now);

  // --- times.cc
  Duration time_of(const Time& time) const;
  std::optional<Action> await_moment(Instant moment, Instant now);
  void begin_stall(const Stall& stall, Instant now);
  Judgement judge_in_time(const Step& step, bool lenient, Instant now);
  std::string silence_of(const Step& step) const;

  // --- await.cc
  std::optional<Action> await(const Step& step, Instant now);
  std::optional<Action> await_plain(const Step& step, Instant now);
  std::optional<Action> await_either(const Either& either, Instant now);
  /// How long a step is to last by itself, in time; nothing: it is over when something comes.
  std::optional<Duration> span_of(const Step& step) const;
  std::optional<Action> await_quiet(const Step& step, Duration time, Instant now);
  std::optional<Action> await_open(const Open& open, Instant now);
  std::optional<Action> await_finish(const Finish& finish, Instant now);
  std::optional<Action> await_end_of_close(Instant now);
  std::optional<Action> await_answer(const Open& open, Instant now);
  std::string refused_choice() const;
  bool refused_agreement() const;
  bool turn_roles(OpenOptions& wanted, const Arrival& request, Instant now);
  bool is_to_end_first(const Step& step) const;
  std::optional<Action> await_request(const Open& open, Instant now);
  std::optional<Action> await_head(const char* missing, Instant now);
  std::optional<Action> begin_talk();
  void send_head(Result<Head> head, Instant now);
  void upgraded(const Head& reply, int event, Instant now);
  bool tolerate(const Step& expectation, Instant now);
  bool is_own_words(const Arrival& arrival, const Step* expectation);
  bool repeats_what_is_due(const Arrival& arrival, const Step& expectation);
  void hear_words(Instant now);
  Instant end_of_talk(const Step& awaited) const;
  bool application_closed() const;
  std::string missed_field() const;
  bool is_full() const;
  void consume(const Judgement& answer, const Step* step, Instant now);
  bool may_be_lost(const Step& step) const;
  bool leaving_is_judged() const;
  void miss(const Judgement& answer, const Step& step, Instant now);
  std::optional<Verdict> excused_by_size(const Step& step);
  Duration patience(const Step& step) const;
  Instant silence_deadline(Duration patience) const;
  void gave_up(Waits::Kind& kind, Instant now);
  void answered(Waits::Kind& kind, Instant now) { kind.longest = std::max(kind.longest, now - step_began); }
  Waits::Kind& wait_for(const Step& step);
  void moves(Instant now);
  void skip_unasked(Instant now);
  void skip_pings(const Step& step);
  bool in_preamble() const;
  std::optional<Action> await_barrier(Instant now);
  Scene scene() {
    const Line* other = across(*line);
    return {*talk,
            profile,
            script.covers,
            environment,
            single_frames,
            other ? &other->talk : nullptr,
            operation.has_value()};
  }

  struct Cursor {
    const std::vector<Step>* steps;
    std::size_t index = 0;
    std::uint64_t round = 0, rounds = 1;
    std::string name;
    std::size_t member = 0;  ///< Of the group that the step at `index` is about as a whole.
    Line* bound = nullptr;   ///< Whom lines are about that name no connection, or its whole group.
  };
  /// One connection as the transport sees it.
  struct Line final : Endpoint {
    Line(State& stage_, std::size_t number_, On on_, Role ours, bool deep)
        : stage(stage_), number(number_), on(std::move(on_)), talk(ours, deep) {}
    Action next(Instant now) override {
      Action action = stage.advance(*this, now);
      action.reading = action.reading && !talk.stalled;
      return action;
    }
    bool reading() const override { return !talk.stalled; }
    void received(MutableBytes bytes, Instant now) override;
    void received_head(const Head& head, Instant now) override;
    void ended(End how, Instant now) override;
    void was_read(bool seen, Instant now) override;
    /// Our end of the connection, or the client's if that is first.
    void over(Instant now) { over_at = std::min(over_at, now); }
    State& stage;
    const std::size_t number;
    const On on;
    Conversation talk;
    bool begun = false;                   ///< The transport has it.
    bool asked = false;                   ///< Something was expected on it.
    bool released = false;                ///< The transport was told that it is over.
    bool left = false;                    ///< Its connection goes on without us.
    bool unmade = false;                  ///< The connection did not come about: nobody asks this end.
    Prefaced prefaced;                    ///< Of a connection that a hop has made.
    int answered = 0;                     ///< The status of the final answer that was taken on it.
    Instant came_at{}, over_at = kNever;  ///< Of a client that comes by itself.
    Instant ended_at = kNever;            ///< The other side's end came.
    Head last_head;                       ///< That came.
    struct Heard {
      std::uint64_t hash;
      Bytes begin;  ///< Of the message, to be shown.
    };
    std::vector<Heard> heard;                 ///< What was asked for and came, in a room; each once.
    std::unordered_set<std::uint64_t> known;  ///< The hashes of these.
  };

  const std::optional<Case> as_played;  ///< The case in the words of the target, or with `open` written out.
  const Case& script;
  const bool fans_out;
  const Profile& profile;
  const PlayOptions options;
  Environment environment;
  Recorder recorder;
  const Cast cast;
  std::uint64_t seed = 0;
  std::vector<std::unique_ptr<Line>> lines;
  std::vector<std::size_t> called;  ///< See Player::take_wanted().
  Line* line = nullptr;             ///< Whom the current step is about,
  Conversation* talk = nullptr;     ///< and what was said there.
  On where;                         ///< Where the verdict was found.

  std::map<std::size_t, bool> forwarded_changed;  ///< By leg: its first request came other than it was sent.
  std::optional<Operate> operation;               ///< The operator's command, once it was given,
  Instant operated_at{};                          ///< when it was,
  bool operation_due = false;                     ///< and whether the transport has not taken it yet.
  std::string turned_away;                        ///< Why the first connection behind it could not be made.
  std::set<std::size_t> open_before;              ///< Legs whose tunnel was open then.
  std::size_t tunnels = 1;                        ///< That were made so far.
  std::vector<std::size_t> far_ends;  ///< Of each leg, the newest connection that the hop has made to us.

  // One client that comes again and again.
  const bool of_one_client;
  bool has_come = false;         ///< For the first time.
  bool alone = false;            ///< What is played says that nobody comes, and nobody was expected so far.
  std::size_t newest = 0;        ///< The connection that the script is about.
  bool shut = false;             ///< Who connects is refused.
  bool unseen = false;           ///< Attempts may have been refused meanwhile: the delay is not known.
  bool stays_away = false;       ///< It did not come when it was waited for.
  Instant next_tick = kNever;    ///< See Player::due().
  std::vector<Duration> delays;  ///< By the client's clock.

  std::vector<Cursor> stack;
  Instant step_began{};
  Instant moved{};                    ///< When octets last came or went.
  Duration silent_before{};           ///< Waits::silent when the step began.
  std::uint64_t received_before = 0;  ///< Octets when the step began.
  Instant words_began = kNever;       ///< When the target began to talk in the step, other than awaited.
  Waits waits;
  std::vector<Duration>
      kept_waits;     ///< Of `kept` lines since the last note, from the last write of the other end.
  Duration waited{};  ///< How long the last line that awaits something took,
  Bytes taken;        ///< and the payload of what the last one took, if a line asks for it.
  bool keeps_taken = false;
  const Duration limit;                 ///< Of the case, scaled.
  std::optional<Tally> tally;           ///< Of the series that is awaited.
  std::vector<const Step*> all_series;  ///< Of the case.
  std::map<std::pair<const Step*, std::size_t>, Numbered> numbered_series;  ///< Of each connection.
  std::unordered_set<std::uint64_t> told;  ///< Hashes of what members of the room have heard.
  bool step_open = false;                  ///< begin_step() was called for the current step.
  int phase = 0;                           ///< Within open, finish, fail.
  bool close_then_end = false;             ///< A `fail` saw its Close; the end is awaited.
  bool single_frames = false, raw = false;
  bool asks_for_tls = false;  ///< The case has a `< secured`.
  bool expects_refusal = false;
  bool speaks_stomp = false;
  std::optional<std::string> refused_receipt;          ///< The receipt-id of an ERROR frame that came.
  std::map<std::string, Duration, std::less<>> beats;  ///< As agreed upon at `login`: "beat", "own-beat".

  bool fixed = false;
  Verdict verdict = Verdict::pass;
  Grade floor = Grade::pass;
  Line* lowered = nullptr;  ///< On whom what lowered it was seen.
  std::string reason, requirement, expected, actual;
  std::vector<std::string> notes;
  const Step* failing = nullptr;
  Instant now_ended{};
};

}  // namespace wsspec
