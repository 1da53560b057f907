// A company as a case: what each sends, and what each is owed.
#include <fmt/format.h>

#include <algorithm>

#include "fuzzer/company.h"

namespace wsspec {
namespace {

class CompanyWriter {
 public:
  CompanyWriter(const CompanyPlan& plan, bool echoes)
      : plan_(plan), echoes_(echoes), owed_(plan.members.size()) {}

  std::vector<Step> steps() {
    for (std::size_t m = 0; m < plan_.members.size(); ++m)
      if (plan_.members[m].joins == 0) open(m);
    for (std::size_t round = 0; round < plan_.rounds.size(); ++round) write_round(round);
    return std::move(out_);
  }

 private:
  struct Owed {
    std::vector<Step> expected;  ///< In the order of what was sent.
    std::optional<ExpectFrame> message;
    bool stalls = false, lost = false, closed = false;  ///< Lost: a villain after its deed.
  };

  void put(std::size_t member, Step step) {
    step.on.name = CompanyPlan::name_of(member);
    out_.push_back(std::move(step));
  }

  void open(std::size_t member) {
    auto steps = opening_steps(plan_.members[member].opening, false);
    const auto& first = steps.front().statement;
    if (!std::holds_alternative<Open>(first) && !std::holds_alternative<Connect>(first))
      steps.insert(steps.begin(), step_of(Connect{}));
    for (Step& step : steps) put(member, std::move(step));
    const FuzzOpening& opening = plan_.members[member].opening;
    owed_[member].lost = !opening.plain();
    if (opening.plain() || !opening.cut.empty()) return;
    put(member, fuzz_pause(std::chrono::milliseconds(20)));  // So long until it is refused, mostly.
    put(member, step_of(SendReset{}));
  }

  // Those who join in a round; requests in pieces come by turns.
  void open_late(std::size_t round) {
    Burst burst;
    std::vector<Step> replies;
    for (std::size_t m = 0; m < plan_.members.size(); ++m) {
      const CompanyPlan::Member& who = plan_.members[m];
      if (who.joins != round) continue;
      if (!who.opening.plain() || who.opening.chop == 0) {
        open(m);
        continue;
      }
      put(m, step_of(Connect{}));
      auto steps = opening_steps(who.opening, false);
      auto& request = std::get<SendRequest>(steps[0].statement);
      burst.layout.chop = std::exchange(request.layout.chop, std::nullopt);
      burst.layout.gap = kOpeningGap;
      for (std::size_t i = 0; i < 2; ++i) steps[i].on.name = CompanyPlan::name_of(m);
      burst.sends.push_back(std::move(steps[0]));
      replies.push_back(std::move(steps[1]));
    }
    if (!burst.sends.empty()) out_.push_back(step_of(std::move(burst)));
    out_.insert(out_.end(), replies.begin(), replies.end());
  }

  bool talks(std::size_t member, std::size_t round) const {
    const CompanyPlan::Member& who = plan_.members[member];
    return (who.joins == 0 || who.joins < round) && !owed_[member].lost && !owed_[member].closed;
  }

  static bool fits(const FuzzInput& input) {
    if (input.steps.size() != 1) return false;
    const Statement& only = input.steps[0].statement;
    return std::holds_alternative<SendFrame>(only) || std::holds_alternative<SendBytes>(only);
  }

  void write_round(std::size_t round) {
    const auto& inputs = plan_.rounds[round];
    if (round > 0) open_late(round);
    Burst burst;
    for (std::size_t m = 0; m < inputs.size(); ++m) {
      if (talks(m, round) && fits(inputs[m])) add_to(burst, m, inputs[m].steps[0]);
    }
    if (burst.sends.size() == 1 && !burst.layout.chop) {
      out_.push_back(std::move(burst.sends[0]));
    } else if (!burst.sends.empty()) {
      out_.push_back(step_of(std::move(burst)));
    }
    for (std::size_t m = 0; m < inputs.size(); ++m) {
      if (!talks(m, round)) continue;
      for (const Step& step : inputs[m].steps) {
        if (!fits(inputs[m])) put(m, step);
        note(m, step);
      }
      owed_[m].lost = owed_[m].lost || (plan_.members[m].villain && is_misdeed(inputs[m]));
    }
    settle_all(round);
  }

  static bool is_misdeed(const FuzzInput& input) {
    return std::ranges::any_of(input.steps, [](const Step& step) {
      return std::holds_alternative<SendBytes>(step.statement) ||
             std::holds_alternative<SendReset>(step.statement);
    });
  }

  // A burst is cut as a whole.
  static void add_to(Burst& burst, std::size_t member, Step step) {
    if (auto* frame = std::get_if<SendFrame>(&step.statement)) {
      if (frame->layout.chop) burst.layout.chop = frame->layout.chop, burst.layout.gap = frame->layout.gap;
      frame->layout = {};
    }
    step.on.name = CompanyPlan::name_of(member);
    burst.sends.push_back(std::move(step));
  }

  // What a member is owed for a step of its own.
  void note(std::size_t member, const Step& step) {
    Owed& owed = owed_[member];
    if (std::holds_alternative<Stall>(step.statement)) owed.stalls = true;
    if (std::holds_alternative<ReadOn>(step.statement)) owed.stalls = false;
    const auto* frame = std::get_if<SendFrame>(&step.statement);
    if (frame == nullptr) return;
    const FrameKind kind = frame->fields.kind;
    ExpectFrame expected;
    if (kind == FrameKind::ping || kind == FrameKind::close) {
      expected.fields.kind = kind == FrameKind::ping ? FrameKind::pong : FrameKind::close;
      if (kind == FrameKind::ping) expected.payload = frame->payload;
      owed.closed = kind == FrameKind::close;
      owed.expected.push_back(step_of(std::move(expected)));
    } else {
      note_data(owed, *frame);
    }
  }

  void note_data(Owed& owed, const SendFrame& frame) {
    if (frame.fields.kind != FrameKind::cont) {
      owed.message.emplace().fields.kind = frame.fields.kind;
      owed.message->payload.emplace();
    }
    if (!owed.message) return;
    for (const Part& part : frame.payload->parts) {
      // What goes into the compression comes out of it.
      const auto* inner = part.kind == Part::Kind::call && part.name == "deflate"
                              ? std::get_if<Payload>(&part.arguments[0].value)
                              : nullptr;
      auto& all = owed.message->payload->parts;
      if (inner == nullptr)
        all.push_back(part);
      else
        all.insert(all.end(), inner->parts.begin(), inner->parts.end());
    }
    if (frame.fields.fin && frame.fields.fin->value == 0) return;
    if (echoes_) owed.expected.push_back(step_of(*owed.message));
    owed.message.reset();
  }

  // A ping of each, all at once, then all that each is owed.
  void settle_all(std::size_t round) {
    const auto& inputs = plan_.rounds[round];
    const auto hears = [&](std::size_t m) {
      return (talks(m, round) || owed_[m].closed) && !(owed_[m].stalls && inputs[m].leaves_unread);
    };
    Burst pings;
    for (std::size_t m = 0; m < inputs.size(); ++m)
      if (hears(m) && !owed_[m].closed) add_to(pings, m, fuzz_frame(FrameKind::ping, words(m, round)));
    if (pings.sends.size() == 1)
      out_.push_back(std::move(pings.sends[0]));
    else if (!pings.sends.empty())
      out_.push_back(step_of(std::move(pings)));
    for (std::size_t m = 0; m < inputs.size(); ++m)
      if (hears(m)) settle(m, round);
  }

  Bytes words(std::size_t member, std::size_t round) const {
    return plan_.members[member].mark + fmt::format(" round {}", round);
  }

  void settle(std::size_t member, std::size_t round) {
    Owed& owed = owed_[member];
    for (Step& step : std::exchange(owed.expected, {})) put(member, std::move(step));
    if (owed.closed) {
      owed.lost = true, owed.closed = false;
      return;
    }
    ExpectFrame pong;
    pong.fields.kind = FrameKind::pong;
    pong.payload = plain_payload(words(member, round), true);
    put(member, step_of(std::move(pong)));
  }

  const CompanyPlan& plan_;
  bool echoes_;
  std::vector<Owed> owed_;
  std::vector<Step> out_;
};

}  // namespace

std::string write_reproducer(const CompanyPlan& plan, const CompanyCause& cause, const ReproducerNotes& notes,
                             bool echoes) {
  Case one;
  one.tags = {kCompanyTag};
  one.steps = CompanyWriter(plan, echoes).steps();
  return write_reproducer(std::move(one), cause.cause, notes);
}

}  // namespace wsspec
