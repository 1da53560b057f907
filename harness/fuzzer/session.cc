#include "fuzzer/session.h"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "fuzzer/handshake_oracle.h"
#include "play/opening.h"
#include "protocol/handshake.h"
#include "protocol/mix.h"
#include "script/assemble.h"
#include "script/hash.h"
#include "script/print.h"

namespace wsspec {
namespace {

constexpr std::size_t kMostLog = 400, kPage = 4096;
constexpr std::size_t kMostLogged = 400;  ///< Octets of a payload; of longer ones only the kind.
constexpr int kMostPatience = 4;          ///< Silences that waiting may take, whatever trickles in,
constexpr int kMostForInput = 12;         ///< and an input with all its writes.
constexpr Duration kLookAgain = std::chrono::milliseconds(5);  ///< For the others of a company.

// The keys that were drawn, so that others draw them too. A split message draws one for each fragment: left.
void pin_masks(Step& step, std::span<const AssembledFrame> frames) {
  if (auto* frame = std::get_if<SendFrame>(&step.statement)) {
    if (frames.size() != 1 || frame->fields.mask || !frames[0].header.mask) return;
    frame->fields.mask = MaskField{MaskField::Kind::key, *frames[0].header.mask};
  } else if (auto* burst = std::get_if<Burst>(&step.statement)) {
    if (burst->sends.size() != frames.size()) return;
    for (std::size_t i = 0; i < frames.size(); ++i) pin_masks(burst->sends[i], frames.subspan(i, 1));
  }
}

}  // namespace

// Writes what comes back as expectations.
class FuzzSession::Log final : public OutputReader::Sink {
 public:
  explicit Log(std::vector<Step>& out) : out_(out) {}
  void output(Output&& output) override {
    if (out_.size() >= kMostLog) return;
    ExpectFrame expected;
    expected.fields.kind = kind_of(output.opcode);
    switch (output.opcode) {
      case 1:
      case 2:
      case 10: break;
      case 8: {
        const CloseBody body = parse_close(output.payload);
        if (!body.stray_octet) expected.codes = {body.code ? Code{false, {*body.code, {}}} : Code{true, {}}};
        out_.push_back(step_of(expected));
        return;
      }
      default: return;  // Pings come whenever they want.
    }
    if (output.whole && output.payload.size() <= kMostLogged) expected.payload = payload_of(output.payload);
    out_.push_back(step_of(expected));
  }
  void malformed(std::string_view, std::string_view what, std::uint64_t) override {
    if (!out_.empty()) out_.back().comment = std::string(what);
  }

 private:
  std::vector<Step>& out_;
};

// Looks for what only other connections have sent.
class FuzzSession::Stranger final : public OutputReader::Sink {
 public:
  explicit Stranger(FuzzSession& session) : session_(session) {}
  void output(Output&& output) override {
    for (const Bytes& mark : session_.options_.strange) {
      const std::size_t at = BytesView(output.payload).find(mark);
      if (at == BytesView::npos) continue;
      session_.add_breach(
          BreachKind::foreign_octets, output.opcode == 10 ? "rfc6455-5.5.3-1" : "rfc6455-6.2-1",
          fmt::format("octets that only another connection has sent come at {} of {} of {} octets", at,
                      opcode_name(output.opcode), output.payload.size()));
    }
  }
  void malformed(std::string_view, std::string_view, std::uint64_t) override {}

 private:
  FuzzSession& session_;
};

FuzzSession::FuzzSession(const Profile& profile, FuzzOpening opening, const FuzzSessionOptions& options,
                         Source source)
    : profile_(profile),
      ours_(profile.tested == Target::client ? Role::server : Role::client),
      options_(options),
      source_(std::move(source)) {
  transcript_.tested = profile.tested;
  transcript_.opening = std::move(opening);
  // What the preamble compresses would be missing in the judge's window.
  if (!profile.preamble.empty() && transcript_.opening.plain()) transcript_.opening.offer.clear();
  transcript_.seed = options.seed;
  environment_.seed = options.seed;
  environment_.fact = [this](std::string_view name) { return fact_of_request(name); };
  if (ours_ == Role::server) phase_ = Phase::asked;
}

Action FuzzSession::next(Instant now) {
  if (over_) return ended_ && !reset_ ? Action::close() : Action::reset();
  switch (phase_) {
    case Phase::request: return send_request(now);
    case Phase::head: return wait_for_head(now);
    case Phase::preamble: return log_in(now);
    case Phase::asked: return await_request(now);
    case Phase::reply: return send_reply(now);
    case Phase::watch: return watch_client(now);
    default: return work(now);
  }
}

// --- The wire ---

void FuzzSession::received(MutableBytes bytes, Instant now) {
  progress_ = now;
  heard_ += bytes.size();
  if (over_) return;
  if (phase_ == Phase::preamble) return hear_preamble(bytes);
  if (phase_ == Phase::watch) return watch(bytes);
  if (phase_ == Phase::asked || phase_ == Phase::reply) return hear_request(view(bytes), now);
  if (!judge_) return read_head(bytes);
  take(bytes);
}

void FuzzSession::take(MutableBytes bytes) {
  if (options_.log) {
    Log log(log_);
    scratch_.assign(view(bytes));
    log_reader_->read(scratch_, log);
  }
  if (stranger_reader_) {
    Stranger stranger(*this);
    scratch_.assign(view(bytes));
    stranger_reader_->read(scratch_, stranger);
  }
  judge_->received(bytes);
  if (!std::exchange(opened_, true)) answer_time_ = progress_ - told_at_;
}

void FuzzSession::ended(End how, Instant now) {
  progress_ = now;
  ended_ = true;
  reset_ = how == End::reset;
  if (judge_ && slow_) {  // Too slow for it.
    over_ = true;
    return input_done();
  }
  if (judge_ && is_turned_away()) return turn_away();
  if (judge_) return judge_->ended(how);
  if (phase_ == Phase::watch) {
    watch_over();
    return;
  }
  if (phase_ == Phase::reply && demand_.kind == ReplyDemand::Kind::take && own_.empty()) return turn_away();
  locked_out_ = phase_ == Phase::preamble;
  HeadParser parser;
  BytesView sent = our_head_;
  parser.feed(sent);
  if (ours_ == Role::client && !head_.done() && must_be_served(profile_, transcript_.opening, parser.head()))
    add_breach(BreachKind::rejects_legal, "rfc6455-4.2.2-16",
               "a correct opening handshake gets no answer, the connection ends");
  over_ = true;
}

void FuzzSession::add_breach(BreachKind kind, std::string_view requirement, std::string text) {
  own_.push_back({kind, Severity::fail, std::string(requirement), std::move(text), 0, 0});
}

// --- Inputs ---

// Sends what is to be sent, waits for what is due, fetches the next input.
Action FuzzSession::work(Instant now) {
  for (;;) {
    if (judge_->ended()) {
      out_.reset();
      hold_.reset();
      input_done();
      return next(now);
    }
    if (talks_without_end(now)) return cut_short();
    if (auto action = put_out(now)) return *action;
    if (auto action = hold(now)) return *action;
    mind_manners();
    if (!manners_.empty()) {
      judge_->sent(manners_);
      scratch_ = std::move(manners_);
      manners_.clear();
      return Action::send(scratch_);
    }
    if (judge_->closed_by_endpoint()) return wait_for_end(now);
    if (!have_input_) {
      if (now < began_ + options_.most_time && !may_begin()) return rest(now + kLookAgain);
      if (fetch_input(now) || say_goodbye(now)) continue;
      over_ = true;
      return next(now);
    }
    if (step_ < input_.steps.size()) {
      perform(std::move(input_.steps[step_++]), now);
      continue;
    }
    if (stalled_ && input_.leaves_unread) {
      input_done();
      continue;
    }
    if (stalled_) {  // Its `read` was left out.
      perform(step_of(ReadOn{}), now);
      continue;
    }
    if (!barrier_sent_) {
      if (judge_->model().now().must_fail()) return wait_for_end(now);
      barrier_sent_ = true;
      progress_ = now;
      if (may_probe()) send_barrier(now);
      continue;
    }
    if (judge_->model().now().must_fail() || !judge_->settled()) return wait_for_end(now);
    input_done();
    if (over_) return next(now);
  }
}

// One that joins late has spent a round on its opening handshake.
bool FuzzSession::may_begin() const {
  return !options_.may_begin || options_.may_begin(inputs_ + (options_.joins > 0 ? options_.joins + 1 : 0));
}

bool FuzzSession::fetch_input(Instant now) {
  if (inputs_ >= options_.most_inputs || now >= began_ + options_.most_time) return false;
  FuzzContext context;
  context.deflate = deflate_ ? &*deflate_ : nullptr;
  context.in_message = state().starts_with("in-");
  context.message_limit = profile_.message_limit.value_or(0);
  context.session = options_.number;
  context.index = inputs_;
  context.most = options_.most_inputs;
  auto input = source_(context);
  if (!input) return false;
  begin_input(std::move(*input), now);
  return true;
}

// A server that has no more to say closes, as people do; many clients take a bare end for an error.
bool FuzzSession::say_goodbye(Instant now) {
  if (ours_ != Role::server || !may_probe() || std::exchange(says_goodbye_, true)) return false;
  SendFrame close;
  close.fields.kind = FrameKind::close;
  close.code = Number{1000, {}};
  begin_input({{step_of(close)}}, now);
  return true;
}

void FuzzSession::begin_input(FuzzInput input, Instant now) {
  input_ = std::move(input);
  step_ = 0;
  have_input_ = true;
  barrier_sent_ = probed_ = false;
  input_began_ = progress_ = now;
  heard_ = 0;
  slow_ = stalled_;
  digests_.emplace_back().first_step = transcript_.steps.size();
  digests_.back().legal = !state().starts_with("in-");
  digests_.back().habit = input_.habit;
}

void FuzzSession::perform(Step step, Instant now) {
  Outgoing out;
  if (std::holds_alternative<SendEof>(step.statement)) {
    out.kind = Outgoing::Kind::fin;
  } else if (std::holds_alternative<SendReset>(step.statement)) {
    out.kind = Outgoing::Kind::reset;
  } else if (perform_timing(step.statement, now)) {
    out.cuts.clear();
  } else {
    auto assembled = assemble(step.statement, environment_, ours_);
    if (!assembled || assembled->bytes.empty()) return;  // Such as deflate() without an agreement.
    out.bytes = std::move(assembled->bytes);
    out.cuts = std::move(assembled->cuts);
    out.gap = assembled->gap;
    frames_ += assembled->frames.size();
    if (options_.pin) pin_masks(step, assembled->frames);
    if (!digests_.empty()) digests_.back().cost += assembled->frames.size();
    const std::uint64_t before = fnv1a64(state());
    for (const AssembledFrame& frame : assembled->frames) {
      const FrameHeader& h = frame.header;
      const std::uint64_t length = h.length == 0 ? 0 : h.length < 126 ? 1 : h.length < 65536 ? 2 : 3;
      const std::uint64_t bits = h.opcode | std::uint64_t{h.rsv} << 4 | std::uint64_t{h.fin} << 7 |
                                 std::uint64_t{h.mask.has_value()} << 8 | length << 9;
      note_feature(before ^ mix(bits));
    }
    const bool last = step_ == input_.steps.size() && !barrier_sent_;
    if (input_.joined && last && out.cuts.size() == 1) join_barrier(step, out);
  }
  if (options_.log) log_.push_back(step);
  transcript_.steps.push_back(std::move(step));
  out_ = std::move(out);
  progress_ = now;
}

// A pause, or whether we read: true when it was one of these.
bool FuzzSession::perform_timing(const Statement& statement, Instant now) {
  if (const auto* pause = std::get_if<Pause>(&statement)) {
    hold_ = Hold{pause->time.fixed, now, std::nullopt};
    return true;
  }
  if (std::holds_alternative<Stall>(statement)) return stalled_ = slow_ = true;
  if (!std::holds_alternative<ReadOn>(statement)) return false;
  stalled_ = false;
  return true;
}

// The barrier right behind the last step, in the same write, as a burst says it.
void FuzzSession::join_barrier(Step& step, Outgoing& out) {
  Step ping = make_barrier();
  auto assembled = assemble(ping.statement, environment_, ours_);
  if (!assembled) return;
  barrier_sent_ = probed_ = true;
  out.bytes += assembled->bytes;
  out.cuts.back() = out.bytes.size();
  if (auto* burst = std::get_if<Burst>(&step.statement); burst != nullptr) {
    burst->sends.push_back(std::move(ping));
    return;
  }
  Burst burst;
  if (auto* frame = std::get_if<SendFrame>(&step.statement)) frame->layout.chop.reset();
  burst.sends = {std::move(step), std::move(ping)};
  step = step_of(std::move(burst));
}

std::optional<Action> FuzzSession::put_out(Instant now) {
  if (!out_) return std::nullopt;
  if (judge_->closed_by_endpoint() && out_->next == 0) {
    out_.reset();
    return std::nullopt;
  }
  if (judge_->model().now().half_closed &&
      out_->kind != Outgoing::Kind::reset) {  // Nothing may follow a FIN.
    out_.reset();
    return std::nullopt;
  }
  if (out_->kind == Outgoing::Kind::fin) {
    out_.reset();
    judge_->sent_fin();
    return Action::half_close();
  }
  if (out_->kind == Outgoing::Kind::reset) {
    out_.reset();
    judge_->sent_reset();
    input_done();
    over_ = true;
    return Action::reset();
  }
  if (out_->next == out_->cuts.size()) {
    out_.reset();
    return std::nullopt;
  }
  if (hold_ && out_->next > 0) {
    if (now < *hold_->until) return rest(*hold_->until);
    hold_.reset();
  } else if (out_->next > 0 && out_->gap > Duration{}) {
    hold_ = Hold{out_->gap, now, now + out_->gap};
    return rest(*hold_->until);
  }
  const std::size_t end = out_->cuts[out_->next++];
  const BytesView piece = BytesView(out_->bytes).substr(out_->position, end - out_->position);
  out_->position = end;
  judge_->sent(piece);
  if (!digests_.empty()) digests_.back().cost += 1 + piece.size() / kPage;
  return Action::send(piece);
}

// A pause of the input: its time begins when all that was due ahead of it has come.
std::optional<Action> FuzzSession::hold(Instant now) {
  if (!hold_) return std::nullopt;
  if (!hold_->until) {
    const Instant enough = hold_->began + options_.silence;
    const bool due = !stalled_ && !judge_->model().now().must_fail() && !judge_->settled();
    if (due && now < enough) return rest(enough);
    hold_->until = now + hold_->time;
  }
  if (now < *hold_->until && !judge_->closed_by_endpoint()) return rest(*hold_->until);
  hold_.reset();
  progress_ = now;
  return std::nullopt;
}

Action FuzzSession::rest(Instant until) const {
  return stalled_ ? Action::stall(until) : Action::wait(until);
}

// What anybody answers: a ping (5.5.2), and a Close, also where the other side fails the
// connection (7.1.2), before TCP ends.
void FuzzSession::mind_manners() {
  if (judge_->closed_by_endpoint()) return answer_close();
  if (!may_probe() || state() == "failed" || judge_->model().within_frame()) return;
  if (const auto ping = judge_->take_ping()) manners_ = own_frame(Opcode::pong, *ping);
}

void FuzzSession::answer_close() {
  const Expectation& now = judge_->model().now();
  if (close_answered_ || now.close || now.half_closed || now.reset) return;
  if (state() != "idle" && state() != "failed" && !state().starts_with("in-")) return;
  close_answered_ = true;
  manners_ = own_frame(Opcode::close, make_close(1000));
}

Bytes FuzzSession::own_frame(Opcode opcode, BytesView payload) {
  std::optional<MaskKey> key;
  if (ours_ == Role::client) key = next_mask_key(environment_);
  return make_frame(opcode, payload, key);
}

bool FuzzSession::may_probe() const {
  const Expectation& now = judge_->model().now();
  if (now.half_closed || now.reset || now.close || now.ruling == Ruling::unknown) return false;
  const auto where = state();
  return where == "idle" || where.starts_with("in-") || where == "failed";
}

Step FuzzSession::make_barrier() {
  return fuzz_frame(FrameKind::ping, barrier_mark(options_.seed) + std::to_string(++barriers_));
}

void FuzzSession::send_barrier(Instant now) {
  perform(make_barrier(), now);
}

// Whatever comes renews the patience, so that something else has to bound it.
bool FuzzSession::talks_without_end(Instant now) const {
  if (!have_input_) return heard_ > options_.most_octets;
  return heard_ > options_.most_octets || now >= input_began_ + kMostForInput * options_.silence;
}

// No rule says how much an endpoint may send, so that nothing is judged but what it did before.
Action FuzzSession::cut_short() {
  endless_ = over_ = true;
  have_input_ = false;
  return Action::reset();
}

// The connection has to end, or something is due.
Action FuzzSession::wait_for_end(Instant now) {
  const Expectation& model = judge_->model().now();
  const Instant cap = input_began_ + kMostPatience * options_.silence;
  const bool fault = model.must_fail() && !judge_->closed_by_endpoint();
  if (fault && !probed_ && may_probe()) {
    const Instant enough = std::min(cap, progress_ + options_.pause);
    if (now < enough) return Action::wait(enough);
    probed_ = barrier_sent_ = true;
    send_barrier(now);
    if (auto action = put_out(now)) return *action;
  }
  // What follows a fault may be its consequence, so there is nothing more to wait for.
  if (broken()) {
    input_done();
    return Action::reset();
  }
  // Behind both Closes, or its alone, it is the server that ends TCP (7.1.1).
  if (ours_ == Role::server && judge_->closed_by_endpoint() && !model.half_closed && !model.reset) {
    judge_->sent_fin();
    return Action::half_close();
  }
  // What is left then is only poor style when it does not come, and how soon it comes is open.
  const bool only_late = judge_->closed_by_endpoint() || model.half_closed;
  if (only_late && !options_.patient) {
    const Instant enough = std::min(cap, progress_ + 2 * options_.pause);
    if (now < enough) return Action::wait(enough);
    input_done();
    over_ = true;
    return Action::reset();
  }
  const Duration patience =
      judge_->in_doubt() ? std::min(options_.grace, options_.silence) : options_.silence;
  const Instant deadline = std::min(cap, progress_ + patience);
  if (now < deadline) return Action::wait(deadline);
  endless_ = now < progress_ + patience;
  silent_ = !judge_->in_doubt();
  give_up();
  return Action::reset();
}

void FuzzSession::give_up() {
  if (judge_) {
    unanswered_ = hello_;
    judge_->silence(endless_);
    input_done();
  }
  over_ = true;
}

bool FuzzSession::broken() const {
  return std::ranges::any_of(judge_->breaches(),
                             [](const Breach& b) { return b.severity == Severity::fail; });
}

void FuzzSession::input_done() {
  const Expectation& model = judge_->model().now();
  if (broken() || judge_->ended() || judge_->closed_by_endpoint() || model.ruling != Ruling::must_accept ||
      model.half_closed || model.reset)
    over_ = true;
  if (!have_input_) return;
  if (std::exchange(hello_, false)) {
    have_input_ = false;
    return;
  }
  ++inputs_;
  have_input_ = false;
  note_feature(fnv1a64(state()) ^
               mix(fnv1a64(judge_->reaction()) + static_cast<std::uint64_t>(model.ruling)));
  for (const Breach& breach : judge_->breaches()) note_feature(fnv1a64(breach.requirement));
  Digest& digest = digests_.back();
  digest.last_step = transcript_.steps.size();
  digest.legal = digest.legal && !over_;
  std::ranges::sort(digest.features);
  const auto [from, to] = std::ranges::unique(digest.features);
  digest.features.erase(from, to);
}

void FuzzSession::note_feature(std::uint64_t event) {
  if (!digests_.empty() && have_input_ + inputs_ == digests_.size())
    digests_.back().features.push_back(mix(event + (deflate_ ? 1 : 0)));
}

std::vector<FuzzCause> FuzzSession::causes() const {
  std::vector<FuzzCause> out;
  const auto status = parse_status_line(head_.head().start);
  const std::string handshake_reaction = used_                   ? "used"
                                         : ours_ == Role::server ? ended_ ? "end" : "none"
                                         : !head_.done()         ? ended_ ? "end" : "none"
                                         : status                ? fmt::format("reply-{}", status->status)
                                                                 : "reply";
  const auto add = [&](const Breach& breach) {
    out.push_back({std::string(breach_name(breach.kind)), breach.severity, breach.requirement,
                   std::string(state()), judge_ ? judge_->reaction() : handshake_reaction, breach.text});
  };
  if (judge_) {
    for (const Breach& breach : judge_->breaches())
      if (!excused(breach)) add(breach);
  }
  // A client is the same in each request, so that what is wrong with it must not hide anything else.
  for (const Breach& breach : own_) add(breach);
  std::ranges::stable_sort(out, {}, [](const FuzzCause& c) { return c.severity == Severity::fail ? 0 : 1; });
  return out;
}

// A target may have left out what a slow client was owed.
bool FuzzSession::excused(const Breach& breach) const {
  return slow_ && breach.lacks;
}

Bytes barrier_mark(std::uint64_t seed) {
  return fmt::format("wsspec {:x} ", seed & 0xffffff);
}

bool is_barrier(const Step& step) {
  if (const auto* burst = std::get_if<Burst>(&step.statement))
    return !burst->sends.empty() && is_barrier(burst->sends.back());
  const auto* frame = std::get_if<SendFrame>(&step.statement);
  return frame != nullptr && frame->fields.kind == FrameKind::ping && frame->payload &&
         frame->payload->parts.size() == 1 && frame->payload->parts[0].bytes.starts_with("wsspec ");
}

FuzzInput without_barrier(std::vector<Step> steps) {
  FuzzInput out;
  out.steps = std::move(steps);
  if (out.steps.empty() || !is_barrier(out.steps.back())) return out;
  auto* burst = std::get_if<Burst>(&out.steps.back().statement);
  if (burst == nullptr) {
    out.steps.pop_back();
    return out;
  }
  out.joined = true;
  burst->sends.pop_back();
  if (burst->sends.empty()) {
    out.steps.pop_back();
  } else if (burst->sends.size() == 1) {
    Step only = std::move(burst->sends.front());
    out.steps.back() = std::move(only);
  }
  return out;
}

std::vector<Step> barriers_apart(const std::vector<Step>& steps) {
  std::vector<Step> out;
  for (const Step& step : steps) {
    const auto* burst = std::get_if<Burst>(&step.statement);
    if (burst != nullptr && is_barrier(step)) {
      FuzzInput rest = without_barrier({step});
      out.insert(out.end(), rest.steps.begin(), rest.steps.end());
      out.push_back(burst->sends.back());
    } else {
      out.push_back(step);
    }
  }
  return out;
}

}  // namespace wsspec
