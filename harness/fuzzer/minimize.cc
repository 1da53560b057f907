#include "fuzzer/minimize.h"

#include <algorithm>

#include "protocol/utf8.h"

namespace wsspec {
namespace {

class Reduction {
 public:
  Reduction(FuzzTranscript start, const FuzzTrial& shows, MinimizeLimits limits)
      : best_(std::move(start)), shows_(shows), limits_(std::move(limits)) {}

  FuzzTranscript run() {
    drop_offer();
    for (const auto reset : {+[](FuzzOpening& o) { o.chop = 0; }, +[](FuzzOpening& o) { o.joined = false; },
                             +[](FuzzOpening& o) { o.delay = {}; }})
      change_opening(reset);
    drop_messages();
    drop_steps();
    drop_edits();
    drop_lines();
    flatten();
    for (std::size_t round = 0; round < 3; ++round) {
      const auto before = best_.steps;
      for (std::size_t i = 0; i < best_.steps.size(); ++i) uncompress(i);
      drop_offer();
      for (std::size_t i = 0; i < best_.steps.size(); ++i) simplify(i);
      drop_messages();
      drop_steps();
      if (before == best_.steps) break;
    }
    return best_;
  }

 private:
  bool attempt(FuzzTranscript next) {
    if (next.steps == best_.steps && next.opening == best_.opening) return false;
    if (tries_ >= limits_.tries || !limits_.may_go_on()) return false;
    ++tries_;
    if (!shows_(next)) return false;
    best_ = std::move(next);
    return true;
  }

  void drop_offer() {
    if (best_.opening.offer.empty()) return;
    FuzzTranscript next = best_;
    next.opening.offer.clear();
    if (attempt(next)) return;
    next.opening.offer = "permessage-deflate";
    attempt(std::move(next));
  }

  void drop_edits() {
    for (std::size_t i = 0; i < best_.opening.edits.size() && best_.opening.edits.size() > 1;) {
      FuzzTranscript next = best_;
      next.opening.edits.erase(next.opening.edits.begin() + static_cast<std::ptrdiff_t>(i));
      if (!attempt(std::move(next))) ++i;
    }
  }

  // A fragmented message goes as a whole, with what stands between its frames: half of one breaks a rule.
  void drop_messages() {
    for (std::size_t at = 0; at < best_.steps.size(); ++at) {
      while (at < best_.steps.size() && begins_message(best_.steps[at])) {
        std::size_t end = at + 1;
        while (end < best_.steps.size() && !ends_message(best_.steps[end])) ++end;
        if (end >= best_.steps.size()) break;
        FuzzTranscript next = best_;
        const auto begin = next.steps.begin() + static_cast<std::ptrdiff_t>(at);
        next.steps.erase(begin, begin + static_cast<std::ptrdiff_t>(end - at + 1));
        if (!attempt(std::move(next))) break;
      }
    }
  }

  static bool unfinished(const SendFrame& frame) { return frame.fields.fin && frame.fields.fin->value == 0; }
  static bool begins_message(const Step& step) {
    const auto* frame = std::get_if<SendFrame>(&step.statement);
    return frame != nullptr && unfinished(*frame) &&
           (frame->fields.kind == FrameKind::text || frame->fields.kind == FrameKind::binary);
  }
  static bool ends_message(const Step& step) {
    const auto* frame = std::get_if<SendFrame>(&step.statement);
    return frame != nullptr && !unfinished(*frame) && frame->fields.kind == FrameKind::cont;
  }

  void change_opening(void (*change)(FuzzOpening&)) {
    FuzzTranscript next = best_;
    change(next.opening);
    attempt(std::move(next));
  }

  // The first line stays.
  void drop_lines() {
    for (std::size_t i = 1; i < best_.opening.lines.size();) {
      FuzzTranscript next = best_;
      next.opening.lines.erase(next.opening.lines.begin() + static_cast<std::ptrdiff_t>(i));
      if (!attempt(std::move(next))) ++i;
    }
  }

  // Later inputs found it, mostly, so chunks go from the front.
  void drop_steps() {
    for (std::size_t size = std::max<std::size_t>(1, best_.steps.size() / 2);; size /= 2) {
      for (std::size_t at = 0; at < best_.steps.size();) {
        FuzzTranscript next = best_;
        const auto begin = next.steps.begin() + static_cast<std::ptrdiff_t>(at);
        next.steps.erase(begin, begin + static_cast<std::ptrdiff_t>(std::min(size, next.steps.size() - at)));
        if (!attempt(std::move(next))) at += size;
      }
      if (size <= 1) return;
    }
  }

  void flatten() {
    for (std::size_t i = 0; i < best_.steps.size(); ++i) {
      const auto* burst = std::get_if<Burst>(&best_.steps[i].statement);
      if (burst == nullptr) continue;
      FuzzTranscript next = best_;
      const auto place = next.steps.erase(next.steps.begin() + static_cast<std::ptrdiff_t>(i));
      std::vector<Step> sends = burst->sends;
      for (Step& step : sends)
        if (auto* frame = std::get_if<SendFrame>(&step.statement)) frame->layout.chop = burst->layout.chop;
      next.steps.insert(place, sends.begin(), sends.end());
      if (attempt(std::move(next))) {
        drop_messages();
        drop_steps();
        i = static_cast<std::size_t>(-1);
        continue;
      }
      shrink_burst(i);
    }
  }

  void shrink_burst(std::size_t at) {
    for (std::size_t i = 0;;) {
      FuzzTranscript next = best_;
      auto& burst = std::get<Burst>(next.steps[at].statement);
      if (i >= burst.sends.size() || burst.sends.size() < 2) return;
      burst.sends.erase(burst.sends.begin() + static_cast<std::ptrdiff_t>(i));
      if (!attempt(std::move(next))) ++i;
    }
  }

  template <typename Change>
  bool change_frame(std::size_t at, Change change) {
    FuzzTranscript next = best_;
    auto* frame = std::get_if<SendFrame>(&next.steps[at].statement);
    if (frame == nullptr) return false;
    change(*frame);
    return attempt(std::move(next));
  }

  void simplify(std::size_t at) {
    if (auto* bytes = std::get_if<SendBytes>(&best_.steps[at].statement)) {
      (void)bytes;
      return simplify_bytes(at);
    }
    if (!std::holds_alternative<SendFrame>(best_.steps[at].statement)) return;
    change_frame(at, [](SendFrame& f) { f.layout = {}; });
    change_frame(at, [](SendFrame& f) { f.fields.mask.reset(); });
    change_frame(at, [](SendFrame& f) { f.fields.rsv.reset(); });
    change_frame(at, [](SendFrame& f) { f.fields.fin.reset(); });
    change_frame(at, [](SendFrame& f) { f.fields.len.reset(), f.fields.lenbits.reset(); });
    shrink_payload(at);
  }

  void simplify_bytes(std::size_t at) {
    for (;;) {
      FuzzTranscript next = best_;
      auto& payload = std::get<SendBytes>(next.steps[at].statement).payload;
      if (payload.parts.size() != 1 || payload.parts[0].bytes.size() < 2) return;
      payload.parts[0].bytes.pop_back();
      if (!attempt(std::move(next))) return;
    }
  }

  static const Bytes* literal(const SendFrame& frame) {
    if (!frame.payload || frame.payload->parts.size() != 1) return nullptr;
    const Part& part = frame.payload->parts[0];
    const bool plain = (part.kind == Part::Kind::text || part.kind == Part::Kind::hex) && !part.times;
    return plain ? &part.bytes : nullptr;
  }

  // deflate-blocks("long text", 7) becomes deflate("a") where that will do.
  void simplify_call(std::size_t at) {
    const auto change_call = [&](auto change) {
      return change_frame(at, [&](SendFrame& f) {
        if (f.payload && f.payload->parts.size() == 1 && f.payload->parts[0].kind == Part::Kind::call)
          change(f.payload->parts[0]);
      });
    };
    change_call([](Part& call) {
      if (!call.name.starts_with("deflate-")) return;
      call.name = "deflate";
      call.arguments.resize(1);
    });
    const auto set_text = [&](Bytes text) {
      return change_call([&](Part& call) {
        if (!call.name.starts_with("deflate") || call.arguments.empty()) return;
        call.arguments[0].value = plain_payload(text, true);
      });
    };
    if (set_text("") || set_text("a")) return;
    set_text("Hello");
  }

  // What is compressed cannot be cut, and mostly need not be compressed.
  void uncompress(std::size_t at) {
    change_frame(at, [](SendFrame& f) {
      if (!f.payload || f.payload->parts.size() != 1) return;
      const Part call = f.payload->parts[0];
      if (call.kind != Part::Kind::call || !call.name.starts_with("deflate") || call.arguments.empty())
        return;
      const auto* plain = std::get_if<Payload>(&call.arguments[0].value);
      if (plain == nullptr || plain->parts.empty()) return;
      f.payload = *plain;
      f.fields.rsv.reset();
    });
  }

  void shrink_payload(std::size_t at) {
    simplify_call(at);
    flatten_payload(at);
    if (change_frame(at, [](SendFrame& f) { f.payload = plain_payload("", true); })) return;
    for (std::size_t cut = 1 << 16; cut > 0; cut /= 2) {
      while (cut_payload(at, cut, true)) continue;
      while (cut_payload(at, cut, false)) continue;
    }
    change_frame(at, [](SendFrame& f) {
      if (const Bytes* bytes = literal(f)) f.payload = plain_payload(Bytes(bytes->size(), 'a'), true);
    });
  }

  // Runs such as "a"*1000 as octets, which can be cut.
  void flatten_payload(std::size_t at) {
    constexpr std::size_t kMost = 1 << 17;
    change_frame(at, [](SendFrame& f) {
      if (!f.payload) return;
      Bytes octets;
      for (const Part& part : f.payload->parts) {
        const bool literal = part.kind == Part::Kind::text || part.kind == Part::Kind::hex;
        const std::uint64_t times = part.times ? part.times->value : 1;
        if (!literal || times > kMost || octets.size() + times * part.bytes.size() > kMost) return;
        for (std::uint64_t i = 0; i < times; ++i) octets += part.bytes;
      }
      const bool text = is_utf8(octets);
      f.payload = plain_payload(std::move(octets), text);
    });
  }

  // Cuts octets off one end.
  bool cut_payload(std::size_t at, std::size_t octets, bool back) {
    return change_frame(at, [&](SendFrame& f) {
      const Bytes* bytes = literal(f);
      if (bytes == nullptr || bytes->size() <= octets) return;
      Bytes rest = back ? bytes->substr(0, bytes->size() - octets) : bytes->substr(octets);
      const bool text = is_utf8(rest);
      f.payload = plain_payload(std::move(rest), text);
    });
  }

  FuzzTranscript best_;
  const FuzzTrial& shows_;
  MinimizeLimits limits_;
  unsigned tries_ = 0;
};

}  // namespace

FuzzTranscript minimize(FuzzTranscript start, const FuzzTrial& shows, MinimizeLimits limits) {
  return Reduction(std::move(start), shows, std::move(limits)).run();
}

}  // namespace wsspec
