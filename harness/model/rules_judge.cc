#include "model/rules_judge.h"

#include <fmt/format.h>

#include <algorithm>

#include "model/rules_close.h"

namespace wsspec {
namespace {

constexpr std::size_t kMostBreaches = 64, kMostExcused = 64, kMostLookahead = 256;
constexpr std::uint64_t kMostOutput = 64u << 20;

using enum BreachKind;
using enum Severity;

// A payload for people: what is printable as it is, the rest escaped, cut after 32 octets.
std::string shown(BytesView payload) {
  std::string out = "\"";
  for (const char c : payload.substr(0, 32)) {
    if (c >= ' ' && c < 0x7f && c != '"' && c != '\\') {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", octet(c));
    }
  }
  return out + (payload.size() > 32 ? fmt::format("\"... ({} octets)", payload.size()) : "\"");
}

bool same(const Stimulus& sent, const Output& got) {
  return sent.opcode == got.opcode && sent.payload == got.payload;
}

std::string_view echo_requirement(const Stimulus& sent) {
  if (sent.compressed) return "rfc7692-6.2-1";
  if (sent.fragmented) return "rfc6455-5.4-2";
  return sent.opcode == 2 ? "rfc6455-5.6-2" : "rfc6455-6.2-1";
}

// Whether a pong looks like a spoilt answer to this ping rather than like one of the endpoint's own accord.
bool resembles(BytesView pong, BytesView ping) {
  if (pong.size() < 4 || ping.size() < 4) return false;
  if (ping.starts_with(pong) || pong.starts_with(ping)) return true;
  if (pong.size() != ping.size()) return false;
  std::size_t equal = 0;
  for (std::size_t i = 0; i < ping.size(); ++i) equal += ping[i] == pong[i];
  return 2 * equal >= ping.size();
}

}  // namespace

Judge::Judge(Agreement agreement)
    : model_(agreement),
      reader_(agreement.tested, agreement.deflate,
              std::max(kMostOutput, std::min<std::uint64_t>(agreement.limits.message, 1u << 30))) {}

void Judge::add(BreachKind kind, Severity severity, std::string_view requirement, std::string text,
                bool lacks) {
  const bool known = std::ranges::any_of(
      breaches_, [&](const Breach& f) { return f.kind == kind && f.requirement == requirement; });
  if (known || breaches_.size() >= kMostBreaches) return;
  breaches_.push_back({kind, severity, std::string(requirement), std::move(text), model_.now().sent,
                       reader_.octets(), lacks});
}

void Judge::received(MutableBytes octets) {
  reader_.read(octets, *this);
}

void Judge::malformed(std::string_view requirement, std::string_view what, std::uint64_t) {
  add(malformed_output, fail, requirement, std::string(what));
}

void Judge::output(Output&& output) {
  switch (output.opcode) {
    case 8: return on_close(output.payload);
    case 9:
      last_ = "ping";
      ping_ = std::move(output.payload);
      return;
    case 10: return on_pong(output.payload);
    default: return on_message(output);
  }
}

void Judge::on_message(const Output& message) {
  last_ = "echo";
  if (!message.whole) {
    // Why it could not be read is told already; it stands for the echo that is due.
    if (!model_.now().echoes.empty()) model_.forget_echoes(1);
    return;
  }
  if (close_code_)
    return add(data_after_close, fail, "rfc6455-5.5.1-6", "a data message follows the endpoint's Close");
  const bool forbidden = model_.agreement().echoes && !match_echo(message) && match_forbidden(message);
  // An echo of our own broken text is told by the rule that was broken, not once more by its form.
  if (!message.text_fault.empty() && !forbidden)
    add(malformed_output, fail, "rfc6455-5.6-1", std::string(message.text_fault));
}

bool Judge::match_echo(const Output& message) {
  const std::deque<Stimulus>& due = model_.now().echoes;
  const std::size_t most = std::min(due.size(), kMostLookahead);
  for (std::size_t i = 0; i < most; ++i) {
    if (!same(due[i], message)) continue;
    if (i > 0) {
      add(wrong_echo, fail, stray_echo_.empty() ? "rfc6455-5.4-6" : echo_requirement(due[0]),
          stray_echo_.empty()
              ? fmt::format("the message {} was passed over", shown(due[0].payload))
              : fmt::format("the message {} came back as {}", shown(due[0].payload), stray_echo_),
          stray_echo_.empty());
    } else if (!stray_echo_.empty() && !model_.agreement().pushes) {
      add(wrong_echo, weak, "rfc6455-6.2-1", "a data message came that nothing asked for: " + stray_echo_);
    }
    stray_echo_.clear();
    digested_ = std::max(digested_, due[i].at);
    model_.forget_echoes(i + 1);
    return true;
  }
  return false;
}

// Returns true when a reaction to something forbidden was found.
bool Judge::match_forbidden(const Output& message) {
  const Expectation& now = model_.now();
  if (now.ruling == Ruling::unknown || now.reset) return true;
  for (const Stimulus& s : now.forbidden) {
    const bool same_payload = s.opcode != 9 && s.payload == message.payload;
    if (!same_payload || (s.opcode != message.opcode && s.payload.empty())) continue;
    // A message that only may be refused, because it is not finished, must not be delivered either.
    add(accepts_illegal, fail, s.requirement,
        fmt::format("the message {} is returned{}", shown(s.payload),
                    now.what.empty() ? "" : ", behind or in spite of " + now.what));
    return true;
  }
  // A spoilt copy of it: characters replaced, the end lost.
  const auto copied = std::ranges::find_if(now.forbidden, [&](const Stimulus& s) {
    return s.opcode != 9 && now.must_fail() && !now.close && resembles(message.payload, s.payload);
  });
  if (copied == now.forbidden.end()) return on_stray(message), false;
  add(accepts_illegal, fail, copied->requirement.empty() ? now.requirement : copied->requirement,
      fmt::format("the message {} comes back as {}, in spite of {}", shown(copied->payload),
                  shown(message.payload), now.what));
  return true;
}

void Judge::on_stray(const Output& message) {
  const Expectation& now = model_.now();
  if (model_.agreement().pushes || model_.agreement().own_words()) return;
  const std::string what = fmt::format("{} {}", opcode_name(message.opcode), shown(message.payload));
  // What it says before it closes is its own affair; that it goes on is the fault.
  if (now.echoes.empty() && now.must_fail() && !now.close) {
    if (behind_fault_.empty()) behind_fault_ = what;
    return;
  }
  if (now.echoes.empty())
    return add(wrong_echo, weak, "rfc6455-6.2-1", "a data message came that nothing asked for: " + what);
  // It may be of the endpoint's own accord; whether the due echo still comes decides.
  if (stray_echo_.empty()) stray_echo_ = what;
}

void Judge::on_pong(const Bytes& payload) {
  last_ = "pong";
  if (close_code_ || match_ping(payload)) return;
  if (std::ranges::find(excused_, payload) != excused_.end()) return;
  if (match_forbidden_ping(payload)) return;
  for (const Stimulus& ping : model_.now().pings) {
    if (!resembles(payload, ping.payload)) continue;
    add(wrong_pong, fail, "rfc6455-5.5.3-1",
        fmt::format("the ping {} is answered by the pong {}", shown(ping.payload), shown(payload)));
    return;
  }
  if (stray_pong_.empty()) stray_pong_ = shown(payload);
}

bool Judge::match_ping(const Bytes& payload) {
  const std::deque<Stimulus>& pings = model_.now().pings;
  // The newest of equal ones: it excuses the older, never the reverse.
  const auto found =
      std::find_if(pings.rbegin(), pings.rend(), [&](const Stimulus& s) { return s.payload == payload; });
  if (found == pings.rend()) return false;
  const std::size_t count = static_cast<std::size_t>(pings.rend() - found);
  for (std::size_t i = 0; i < count; ++i) excused_.push_back(pings[i].payload);
  while (excused_.size() > kMostExcused) excused_.pop_front();
  older_pong_only_ = count < pings.size();
  digested_ = std::max(digested_, found->at);
  model_.forget_pings(count);
  return true;
}

bool Judge::match_forbidden_ping(const Bytes& payload) {
  for (const Stimulus& s : model_.now().forbidden) {
    if (s.opcode != 9 || s.payload != payload) continue;
    const std::string& what = model_.now().what;
    const std::string text = fmt::format("the ping {} is answered{}", shown(payload),
                                         what.empty() ? "" : ", behind or in spite of " + what);
    // Short pongs are also sent of one's own accord, as a heartbeat.
    if (payload.size() < 4) {
      add(accepts_illegal, weak, s.requirement, text);
    } else if (model_.now().must_fail() && !model_.now().close) {
      if (!doubt_) doubt_ = Breach{accepts_illegal, fail, s.requirement, text};
    } else {
      add(accepts_illegal, fail, s.requirement, text);
    }
    return true;
  }
  return false;
}

// Control frames may be answered ahead of data that wait in a queue, and an application may have something to
// say. So what comes behind a fault is a fault only where the connection is not failed after all.
void Judge::resolve_doubt(Severity severity) {
  const Expectation& now = model_.now();
  if (doubt_) add(doubt_->kind, severity, doubt_->requirement, doubt_->text);
  if (!behind_fault_.empty() && now.must_fail())
    add(accepts_illegal, severity, now.requirement,
        fmt::format("behind {} comes {}, which nothing legal asked for", now.what, behind_fault_));
  doubt_.reset();
  behind_fault_.clear();
}

void Judge::on_close(const Bytes& payload) {
  const CloseBody body = parse_close(payload);
  const Expectation& now = model_.now();
  if (close_code_) return add(data_after_close, weak, "rfc6455-5.5.1-16", "a second Close follows the first");
  close_code_ = body.code.value_or(0);
  last_ = "close";
  resolve_doubt(weak);
  const auto echoed = now.close ? now.close->body.code : std::nullopt;
  const auto form = judge_close_form(model_.agreement().tested, body, body.stray_octet, echoed);
  if (form) add(form->kind, form->severity, form->requirement, form->text);
  if (now.reset || now.half_closed || now.ruling == Ruling::unknown) return;
  if (now.close) {
    const bool repeats = body.code && body.code == now.close->body.code && body.code != 1000;
    const bool of_application = model_.agreement().own_words() && now.data && !repeats;
    const bool other_cause = now.may_fail_from <= now.close->begin || of_application;
    const auto answer = other_cause ? std::nullopt : judge_close_answer(*now.close, body);
    if (answer && !form) add(answer->kind, answer->severity, answer->requirement, answer->text);
  } else if (!now.may_fail()) {
    judge_unasked_close(body);
  } else if (now.ruling == Ruling::must_fail && !form) {
    judge_failing_code(body);
  }
}

// An endpoint may close whenever it wants (7.3-1), but not by calling legal input a fault. Where an
// application reads the messages, the fault may be one of its own format.
void Judge::judge_unasked_close(const CloseBody& body) {
  const std::string text =
      fmt::format("all that was sent is legal, and the endpoint closes with {}", code_text(body.code));
  const Severity severity = model_.agreement().own_words() && model_.now().data ? weak : fail;
  switch (body.code.value_or(1000)) {
    case 1002: return add(rejects_legal, severity, "rfc6455-6.2-1", text);
    case 1007: return add(rejects_legal, severity, "rfc6455-5.6-1", text);
    // An endpoint for one type (7.4.1-2) or with an undeclared limit (10.4-1).
    case 1003: return add(rejects_legal, weak, "rfc6455-7.4.1-2", text);
    case 1009: return add(rejects_legal, weak, "rfc6455-10.4-1", text);
    default:
      return add(rejects_legal, weak,
                 model_.agreement().tested == Role::server ? "rfc6455-7.3-1" : "rfc6455-7.3-2", text);
  }
}

void Judge::judge_failing_code(const CloseBody& body) {
  if (is_fault_code(body.code)) return;
  add(wrong_code, weak, "rfc6455-7.4.1-5",
      fmt::format("the connection is failed for {}, with {}", model_.now().what, code_text(body.code)));
}

void Judge::ended(End how) {
  if (ended_) return;
  ended_ = true;
  reset_ = how == End::reset;
  resolve_doubt(weak);
  const Expectation& now = model_.now();
  if (now.reset || now.ruling == Ruling::unknown) return;
  if (now.close) return ended_after_close(how);
  if (now.may_fail() || now.half_closed || close_code_) return;
  add(rejects_legal, model_.agreement().own_words() && now.data ? weak : fail, "rfc6455-7.3-3",
      how == End::reset
          ? "all that was sent is legal, and the endpoint resets the connection"
          : "all that was sent is legal, and the endpoint drops the connection without a Close");
}

void Judge::ended_after_close(End how) {
  using enum SentClose::Demand;
  const Expectation& now = model_.now();
  if (close_code_ || (now.close->demand != orderly && now.close->demand != registered)) return;
  // A reset can destroy the Close in our own buffer; octets behind our Close, or a FIN, make that likely.
  const bool excusable = how == End::reset || now.sent != now.close->at || now.half_closed ||
                         now.may_fail() || now.close->inside_message || now.close->demand == registered ||
                         (model_.agreement().own_words() && now.data);
  add(no_close_reply, excusable ? weak : fail, "rfc6455-5.5.1-7",
      "the endpoint ends the connection without answering our Close");
}

bool Judge::alive_behind_doubt() const {
  return digested_ > model_.now().may_fail_from;
}

void Judge::silence(bool talks) {
  const Expectation& now = model_.now();
  if (ended_ || now.reset || now.ruling == Ruling::unknown) return;
  resolve_doubt(fail);
  if (now.must_fail() && !close_code_) {
    const bool reacted =
        std::ranges::any_of(breaches_, [](const Breach& f) { return f.kind == accepts_illegal; });
    if (!reacted)
      add(stalled, fail, now.requirement,
          fmt::format("neither a Close nor the end of the connection follows {}", now.what));
    return;
  }
  if (now.close && !close_code_)
    return add(no_close_reply, fail, "rfc6455-5.5.1-7", "our Close is not answered");
  if (now.close)
    return add(stalled, weak, "rfc6455-5.5.1-12", "both sides sent a Close, and the connection stays open");
  if (now.half_closed)
    return add(stalled, weak,
               model_.agreement().tested == Role::server ? "rfc6455-7.1.1-5" : "rfc6455-7.2.1-2",
               "our side of TCP is closed, and the endpoint's stays open");
  if (close_code_ || now.must_fail_by != kNoOffset) return;
  missing_echoes(talks);
  missing_pongs(talks);
}

void Judge::missing_echoes(bool talks) {
  const Expectation& now = model_.now();
  if (now.echoes.empty()) return;
  const Stimulus& due = now.echoes.front();
  const Severity severity = talks || (now.may_fail() && !alive_behind_doubt()) ? weak : fail;
  if (!stray_echo_.empty()) {
    return add(wrong_echo, severity, echo_requirement(due),
               fmt::format("the message {} came back as {}", shown(due.payload), stray_echo_));
  }
  const bool served_later = digested_ > due.at;
  add(served_later ? wrong_echo : stalled, severity, echo_requirement(due),
      fmt::format("the message {} does not come back{}", shown(due.payload),
                  served_later ? ", though later input was served" : ""),
      true);
}

void Judge::missing_pongs(bool talks) {
  const Expectation& now = model_.now();
  if (now.pings.empty()) return;
  const Stimulus& due = now.pings.back();
  const bool doubtful = talks || (now.may_fail() && !alive_behind_doubt()) || older_pong_only_;
  if (!stray_pong_.empty()) {
    return add(
        wrong_pong, doubtful ? weak : fail, "rfc6455-5.5.3-1",
        fmt::format("the ping {} is not answered, but the pong {} came", shown(due.payload), stray_pong_));
  }
  add(missing_pong, doubtful ? weak : fail, "rfc6455-5.5.2-2",
      fmt::format("the ping {} is not answered", shown(due.payload)));
}

bool Judge::settled() const {
  const Expectation& now = model_.now();
  if (ended_ || now.reset || now.ruling == Ruling::unknown) return true;
  if (now.must_fail() || now.close || now.half_closed || close_code_) return false;
  if (now.must_fail_by != kNoOffset) return true;
  return now.echoes.empty() && now.pings.empty();
}

std::string Judge::reaction() const {
  if (close_code_) return *close_code_ == 0 ? "close" : fmt::format("close-{}", *close_code_);
  if (ended_) return reset_ ? "reset" : "end";
  return last_;
}

}  // namespace wsspec
