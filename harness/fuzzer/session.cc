#include "fuzzer/session.h"

#include <fmt/format.h>

#include <algorithm>

#include "play/request.h"
#include "protocol/handshake.h"
#include "run/suite.h"
#include "script/assemble.h"
#include "script/print.h"

namespace wsspec {
namespace {

constexpr std::size_t kMostLog = 400;
constexpr int kMostPatience = 8;  ///< Silences that an input may take, whatever trickles in.

}  // namespace

// Writes what comes back as expectations.
class FuzzSession::Log final : public OutputReader::Sink {
 public:
  explicit Log(std::vector<Step>& out) : out_(out) {}
  void output(Output&& output) override {
    if (out_.size() >= kMostLog) return;
    ExpectFrame expected;
    switch (output.opcode) {
      case 1: expected.fields.kind = FrameKind::text; break;
      case 2: expected.fields.kind = FrameKind::binary; break;
      case 10: expected.fields.kind = FrameKind::pong; break;
      case 8: {
        const CloseBody body = parse_close(output.payload);
        expected.fields.kind = FrameKind::close;
        if (!body.stray_octet) expected.codes = {body.code ? Code{false, {*body.code, {}}} : Code{true, {}}};
        out_.push_back(step_of(expected));
        return;
      }
      default: return;  // Pings come whenever they want.
    }
    if (output.whole) expected.payload = payload_of(output.payload);
    out_.push_back(step_of(expected));
  }
  void malformed(std::string_view, std::string_view what, std::uint64_t) override {
    if (!out_.empty()) out_.back().comment = std::string(what);
  }

 private:
  std::vector<Step>& out_;
};

FuzzSession::FuzzSession(const Profile& profile, FuzzOpening opening, const FuzzSessionOptions& options,
                         Source source, Observer observer)
    : profile_(profile), options_(options), source_(std::move(source)), observer_(std::move(observer)) {
  transcript_.opening = std::move(opening);
  environment_.seed = options.seed;
}

Action FuzzSession::next(Instant now) {
  if (over_) return ended_ && !reset_ ? Action::close() : Action::reset();
  switch (phase_) {
    case Phase::request: begin(now); return Action::send(request_);
    case Phase::head:
      if (now < progress_ + options_.silence) return Action::wait(progress_ + options_.silence);
      unanswered_ = silent_ = true;
      give_up(now);
      return Action::reset();
    default: return work(now);
  }
}

void FuzzSession::begin(Instant now) {
  OpenOptions open;
  open.offer = transcript_.opening.offer;
  auto request = make_request(profile_, open, transcript_.opening.edits, environment_);
  request_ = request ? std::move(*request) : Bytes{};
  progress_ = now;
  phase_ = Phase::head;
}

void FuzzSession::received(MutableBytes bytes, Instant now) {
  progress_ = now;
  if (over_) return;
  if (!judge_) return read_head(bytes);
  take(bytes);
}

void FuzzSession::take(MutableBytes bytes) {
  if (options_.log) {
    Log log(log_);
    scratch_.assign(view(bytes));
    log_reader_->read(scratch_, log);
  }
  judge_->received(bytes);
}

void FuzzSession::ended(End how, Instant now) {
  progress_ = now;
  ended_ = true;
  reset_ = how == End::reset;
  if (judge_) return judge_->ended(how);
  if (phase_ == Phase::head && transcript_.opening.edits.empty() && !head_.done())
    add_breach(BreachKind::rejects_legal, "6455-4.2.2-16",
               "a correct opening handshake gets no answer, the connection ends");
  over_ = true;
}

void FuzzSession::add_breach(BreachKind kind, std::string_view requirement, std::string text) {
  own_.push_back({kind, Severity::fail, std::string(requirement), std::move(text), 0, 0});
}

void FuzzSession::read_head(MutableBytes bytes) {
  BytesView rest = view(bytes);
  if (head_.done() || !head_.feed(rest)) return;
  const std::size_t left = rest.size();
  judge_reply();
  if (judge_ && left > 0) take(bytes.subspan(bytes.size() - left));
}

void FuzzSession::judge_reply() {
  HeadParser parser;
  BytesView sent = request_;
  parser.feed(sent);
  const Head& request = parser.head();
  const auto status = parse_status_line(head_.head().start);
  if (!status || status->status != 101) {
    // Whom to serve is the server's own choice; a plain request was welcome before (loop.h looks at that).
    over_ = true;
    return;
  }
  if (!transcript_.opening.edits.empty()) {
    judge_edited(request);
    if (!own_.empty()) {
      over_ = true;
      return;
    }
  }
  Reply reply;
  for (const Violation& violation : check_reply(head_.head(), request, reply)) {
    if (violation.requirement.empty()) continue;
    add_breach(BreachKind::malformed_output, violation.requirement, violation.what);
  }
  if (!own_.empty() || !transcript_.opening.edits.empty()) {
    over_ = true;
    return;
  }
  accept(reply);
}

void FuzzSession::judge_edited(const Head& request) {
  for (const Violation& violation : check_request(request)) {
    // What the server may read leniently (4.1: about the client; HTTP's own rules) demands no refusal.
    if (!violation.requirement.starts_with("6455-4.2.1-")) continue;
    // 4.2.2 calls decoding the key unnecessary; drafts 7 and 8 may be spoken beside version 13 (4.4).
    const std::string *key = request.find("Sec-WebSocket-Key"),
                      *version = request.find("Sec-WebSocket-Version");
    if (violation.requirement == "6455-4.2.1-8" && key != nullptr && !key->empty()) continue;
    if (violation.requirement == "6455-4.2.1-9" && version != nullptr && (*version == "7" || *version == "8"))
      continue;
    add_breach(BreachKind::accepts_illegal, violation.requirement,
               "the request is accepted although " + violation.what);
    return;
  }
}

void FuzzSession::accept(const Reply& reply) {
  if (!reply.extensions.empty()) {
    const auto offers = parse_extensions(transcript_.opening.offer);
    const auto settings = offers ? read_deflate_reply(reply.extensions.front(), *offers)
                                 : Result<DeflateSettings>(fail_with("", "no offer"));
    if (!settings) {
      add_breach(BreachKind::malformed_output, settings.error().where, settings.error().what);
      over_ = true;
      return;
    }
    deflate_ = *settings;
    compressor_.emplace(deflate_->client_max_window_bits, !deflate_->client_no_context_takeover);
    environment_.compressor = &*compressor_;
  }
  Agreement agreement;
  agreement.deflate = deflate_;
  agreement.echoes = profile_.features.contains("echo");
  agreement.pushes = profile_.greets;
  if (profile_.message_limit) agreement.limits = {*profile_.message_limit, *profile_.message_limit};
  judge_.emplace(agreement);
  if (options_.log) log_reader_.emplace(Role::server, deflate_, 64u << 20);
  phase_ = Phase::inputs;
}

// Sends what is to be sent, waits for what is due, fetches the next input.
Action FuzzSession::work(Instant now) {
  for (;;) {
    if (judge_->ended()) {
      out_.reset();
      input_done(now);
      return next(now);
    }
    if (auto action = put_out(now)) return *action;
    mind_manners();
    if (!manners_.empty()) {
      judge_->sent(manners_);
      scratch_ = std::move(manners_);
      manners_.clear();
      return Action::send(scratch_);
    }
    if (judge_->closed_by_endpoint()) return wait_for_end(now);
    if (!have_input_) {
      if (fetch_input(now)) continue;
      over_ = true;
      return next(now);
    }
    if (step_ < input_.size()) {
      perform(input_[step_++], now);
      continue;
    }
    if (!barrier_sent_) {
      if (judge_->model().now().must_fail()) return wait_for_end(now);
      barrier_sent_ = true;
      progress_ = now;
      if (may_probe()) send_barrier(now);
      continue;
    }
    if (judge_->model().now().must_fail() || !judge_->settled()) {
      return wait_for_end(now);
    }
    input_done(now);
    if (over_) return next(now);
  }
}

bool FuzzSession::fetch_input(Instant now) {
  if (inputs_ >= options_.most_inputs) return false;
  auto input = source_(deflate_);
  if (!input) return false;
  input_ = std::move(*input);
  step_ = 0;
  have_input_ = true;
  barrier_sent_ = probed_ = false;
  input_began_ = progress_ = now;
  features_.clear();
  return true;
}

void FuzzSession::perform(const Step& step, Instant now) {
  const std::string before(state());
  Outgoing out;
  if (std::holds_alternative<SendEof>(step.statement)) {
    out.kind = Outgoing::Kind::fin;
  } else if (std::holds_alternative<SendReset>(step.statement)) {
    out.kind = Outgoing::Kind::reset;
  } else {
    auto assembled = assemble(step.statement, environment_, Role::client);
    if (!assembled || assembled->bytes.empty()) return;  // Such as deflate() without an agreement.
    out.bytes = std::move(assembled->bytes);
    out.cuts = std::move(assembled->cuts);
    if (!assembled->frames.empty()) {
      const FrameHeader& h = assembled->frames.front().header;
      note_feature(fmt::format("{}/{}{}{}{}/{}", before, h.opcode, h.fin, h.rsv, h.mask.has_value(),
                               h.length < 126     ? (h.length == 0 ? 0 : 1)
                               : h.length < 65536 ? 2
                                                  : 3));
    }
  }
  transcript_.steps.push_back(step);
  if (options_.log) log_.push_back(step);
  out_ = std::move(out);
  progress_ = now;
}

std::optional<Action> FuzzSession::put_out(Instant now) {
  if (!out_) return std::nullopt;
  if (judge_->closed_by_endpoint() && out_->next == 0) {
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
    input_done(now);
    over_ = true;
    return Action::reset();
  }
  if (out_->next == out_->cuts.size()) {
    out_.reset();
    return std::nullopt;
  }
  const std::size_t end = out_->cuts[out_->next++];
  const BytesView piece = BytesView(out_->bytes).substr(out_->position, end - out_->position);
  out_->position = end;
  judge_->sent(piece);
  return Action::send(piece);
}

// A client answers the Close of its server.
void FuzzSession::mind_manners() {
  const Expectation& now = judge_->model().now();
  if (close_answered_ || !judge_->closed_by_endpoint() || now.close || now.half_closed || now.reset) return;
  if (state() != "idle" && !state().starts_with("in-")) return;
  close_answered_ = true;
  manners_ = make_frame(Opcode::close, make_close(1000), next_mask_key(environment_));
}

bool FuzzSession::may_probe() const {
  const Expectation& now = judge_->model().now();
  if (now.half_closed || now.reset || now.close || now.ruling == Ruling::unknown) return false;
  const auto where = state();
  return where == "idle" || where.starts_with("in-") || where == "failed";
}

void FuzzSession::send_barrier(Instant now) {
  perform(fuzz_frame(FrameKind::ping, fmt::format("wsspec {:x} {}", options_.seed & 0xffffff, ++barriers_)),
          now);
}

// The connection has to end, or something is due.
Action FuzzSession::wait_for_end(Instant now) {
  const bool fault = judge_->model().now().must_fail() && !judge_->closed_by_endpoint();
  if (fault && !probed_ && may_probe()) {
    if (now < progress_ + options_.pause) return Action::wait(progress_ + options_.pause);
    probed_ = barrier_sent_ = true;
    send_barrier(now);
    if (auto action = put_out(now)) return *action;
  }
  // A target that reacts to what came behind its fault is known to go on: no need to wait for the deadline.
  const bool reacted = std::ranges::any_of(judge_->breaches(), [](const Breach& b) {
    return b.severity == Severity::fail && b.kind == BreachKind::accepts_illegal;
  });
  // Behind the target's Close only its form and the end of TCP are left, and how soon that comes is open.
  if (judge_->closed_by_endpoint()) {
    const Instant enough = progress_ + 2 * options_.pause;
    if (now < enough) return Action::wait(enough);
    input_done(now);
    over_ = true;
    return Action::reset();
  }
  const Instant cap = input_began_ + kMostPatience * options_.silence;
  const Instant deadline = std::min(cap, progress_ + (reacted ? options_.pause : options_.silence));
  if (now < deadline) return Action::wait(deadline);
  silent_ = true;
  give_up(now);
  return Action::reset();
}

void FuzzSession::give_up(Instant now) {
  if (judge_) {
    judge_->silence();
    input_done(now);
  }
  over_ = true;
}

void FuzzSession::input_done(Instant) {
  if (have_input_) {
    ++inputs_;
    have_input_ = false;
    note_feature(
        fmt::format("{}/{}/{}", state(), ruling_name(judge_->model().now().ruling), judge_->reaction()));
    for (const Breach& breach : judge_->breaches()) note_feature(breach.requirement);
    if (observer_) observer_(input_, features_);
  }
  const bool broken =
      std::ranges::any_of(judge_->breaches(), [](const Breach& b) { return b.severity == Severity::fail; });
  const Expectation& model = judge_->model().now();
  if (broken || judge_->ended() || model.ruling != Ruling::must_accept || model.half_closed || model.reset)
    over_ = true;
}

void FuzzSession::note_feature(std::string_view event) {
  const std::uint64_t options = deflate_ ? 1 : 0;
  features_.insert(fnv1a64(event) * 31 + options);
}

std::vector<FuzzCause> FuzzSession::causes() const {
  std::vector<FuzzCause> out;
  const auto add = [&](const Breach& breach) {
    out.push_back({std::string(breach_name(breach.kind)), breach.severity, breach.requirement,
                   std::string(state()), judge_ ? judge_->reaction() : "reply", breach.text});
  };
  for (const Breach& breach : own_) add(breach);
  if (judge_) {
    for (const Breach& breach : judge_->breaches()) add(breach);
  }
  std::ranges::stable_sort(out, {}, [](const FuzzCause& c) { return c.severity == Severity::fail ? 0 : 1; });
  return out;
}

}  // namespace wsspec
