// What a company sends: messages, fragments, contexts and pings beside each other, and the fault, the end or
// the silence of one of them among the others. All but the villain keep the rules.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "fuzzer/company.h"
#include "protocol/frame.h"
#include "protocol/mix.h"

namespace wsspec {
namespace {

using namespace std::chrono_literals;

constexpr std::uint64_t kCompanySalt = 0x636f6d70616e79;

class Planner {
 public:
  Planner(std::uint64_t seed, std::uint64_t number, const Profile& profile, std::size_t most)
      : maker_(seed ^ kCompanySalt, number), profile_(profile) {
    plan_.seed = mix(seed ^ mix(number)) | 1;
    deflate_ = profile.features.contains("deflate") && maker_.one_in(2);
    const std::size_t wanted = maker_.one_in(2)   ? 2
                               : maker_.one_in(3) ? 5 + maker_.below(4)
                                                  : 2 + maker_.below(3);
    for (std::size_t i = 0; i < std::clamp<std::size_t>(wanted, 2, most); ++i) add_member();
  }

  CompanyPlan make() {
    if (maker_.one_in(3)) messages(1);
    switch (maker_.below(10)) {
      case 0:
      case 1: messages(3); break;
      case 2:
      case 3: fragments(); break;
      case 4: pings(); break;
      case 5: context(); break;
      case 6: fault(); break;
      case 7: stall(); break;
      case 8: handshakes(); break;
      default: newcomer(); break;
    }
    messages(1);
    if (maker_.one_in(4)) closes();
    return std::move(plan_);
  }

 private:
  CompanyPlan::Member& add_member() {
    auto& member = plan_.members.emplace_back();
    if (deflate_) member.opening.offer = "permessage-deflate";
    member.mark = fmt::format("<w{:07x}>", mix(plan_.seed + plan_.members.size()) & 0xfffffff);
    return member;
  }
  std::size_t count() const { return plan_.members.size(); }

  std::vector<FuzzInput>& round() {
    plan_.rounds.emplace_back(count());
    for (FuzzInput& input : plan_.rounds.back()) input.joined = true;
    return plan_.rounds.back();
  }

  // The mark again and again, so that any stretch of it tells whose it is.
  Payload marked(std::size_t member, std::size_t size) {
    const Bytes& mark = plan_.members[member].mark;
    return fuzz_text(std::max(size, mark.size()), mark + fmt::format(" {:x}", maker_.below(1 << 20)));
  }
  std::size_t size() {
    return maker_.one_in(30)  ? 65'000 + maker_.below(2000)
           : maker_.one_in(3) ? 1000 + maker_.below(8000)
                              : 10 + maker_.below(300);
  }
  FrameKind kind() { return maker_.one_in(3) ? FrameKind::binary : FrameKind::text; }
  // What cannot be compressed much, with the mark in it again and again.
  Payload noise(std::size_t member, std::size_t octets) {
    Bytes out;
    while (out.size() < octets) {
      out += plan_.members[member].mark;
      for (int i = 0; i < 40; ++i) out += static_cast<char>(maker_.below(256));
    }
    return plain_payload(std::move(out), false);
  }
  // Compressed only where that was offered.
  Step message(std::size_t member, std::size_t octets, FrameKind kind) {
    const bool compressed = !plan_.members[member].opening.offer.empty();
    const bool noisy = kind == FrameKind::binary && octets < 12'000 && maker_.one_in(2);
    Payload payload = noisy ? noise(member, octets) : marked(member, octets);
    return fuzz_data(kind, compressed ? fuzz_deflated(std::move(payload)) : std::move(payload), compressed);
  }

  // Each sends a message; in pieces by turns, mostly, where there is something to cut.
  void messages(std::uint32_t rounds) {
    for (std::uint32_t n = rounds + maker_.below(2); n > 0; --n) {
      auto& now = round();
      const std::size_t octets = size();
      // What repeats is short when it is compressed.
      const bool shrinks = deflate_ && maker_.one_in(2);
      const auto pieces = static_cast<std::uint32_t>((shrinks ? 60 : octets) / (2 + maker_.below(4)));
      const bool cut = !maker_.one_in(3);
      for (std::size_t i = 0; i < count(); ++i) {
        Step step = message(i, octets, kind());
        if (cut) {
          auto& layout = std::get<SendFrame>(step.statement).layout;
          layout.chop = fuzz_number(std::max(7u, pieces));
          layout.gap = 1ms;
        }
        now[i].steps = {std::move(step)};
      }
    }
  }

  // Fragments in one instant or by turns; some end within a character.
  void fragments() {
    std::vector<FrameKind> kinds(count());
    for (FrameKind& one : kinds) one = kind();
    const bool turns = maker_.one_in(2);
    const std::uint32_t pieces = 2 + maker_.below(3);
    for (std::uint32_t piece = 0; piece < pieces; ++piece) {
      for (std::size_t from = 0; from < (turns ? count() : 1); ++from) {
        auto& now = round();
        for (std::size_t i = 0; i < count(); ++i) {
          if (turns && i != from) continue;
          Payload payload = marked(i, 20 + maker_.below(100));
          if (piece > 0)
            payload.parts.insert(payload.parts.begin(), plain_payload("\x82\xac", false).parts[0]);
          if (piece + 1 < pieces) payload.parts.push_back(plain_payload("\xe2", false).parts[0]);
          now[i].steps = {fuzz_data(piece == 0 ? kinds[i] : FrameKind::cont, std::move(payload), false,
                                    piece + 1 == pieces)};
        }
      }
      // One who has finished, or not begun, may say something whole between them.
      if (turns && piece == 0 && maker_.one_in(2)) whole_beside_fragments();
    }
  }
  void whole_beside_fragments() {
    auto& now = round();
    for (std::size_t i = 0; i < count(); ++i)
      now[i].steps = {fuzz_frame(FrameKind::ping, plan_.members[i].mark + " within")};
  }

  void pings() {
    for (std::uint32_t n = 2 + maker_.below(3); n > 0; --n) {
      auto& now = round();
      for (std::size_t i = 0; i < count(); ++i)
        now[i].steps = {fuzz_frame(FrameKind::ping, plan_.members[i].mark + fmt::format(" {}", n))};
    }
  }

  // The same words again and again, which each refers back to.
  void context() {
    for (std::uint32_t n = 3 + maker_.below(4); n > 0; --n) {
      const bool turns = maker_.one_in(2);
      for (std::size_t from = 0; from < (turns ? count() : 1); ++from) {
        auto& now = round();
        for (std::size_t i = 0; i < count(); ++i) {
          if (turns && i != from) continue;
          Payload payload = plain_payload(plan_.members[i].mark + " says again and again", true);
          const bool compressed = !plan_.members[i].opening.offer.empty();
          if (compressed) payload = fuzz_deflated(std::move(payload));
          now[i].steps = {fuzz_data(FrameKind::text, std::move(payload), compressed)};
        }
      }
    }
  }

  // What one does wrong, or how it ends, while the others talk.
  std::vector<Step> misdeed() {
    const auto octets = [](BytesView bytes) {
      return step_of(SendBytes{plain_payload(Bytes(bytes), false), {}});
    };
    using namespace std::string_view_literals;
    switch (maker_.below(8)) {
      case 0: return {octets("\x83\x80\0\0\0\0"sv)};
      case 1: return {octets("\x81\x81\0\0\0\0\xff"sv)};
      case 2: return {octets("\x80\x80\0\0\0\0"sv)};
      case 3:
        return {
            octets("\x81\x01"
                   "a"sv)};
      case 4: return {step_of(SendReset{})};
      case 5: return {octets("\x01\x85\0\0\0\0Hello"sv), step_of(SendReset{})};
      case 6: return {octets("\x81\xfe\x01"sv), maker_.one_in(2) ? step_of(SendReset{}) : step_of(SendEof{})};
      default: return {octets("\x01\x85\0\0\0\0Hello"sv), step_of(SendEof{})};
    }
  }
  void fault() {
    plan_.members[0].villain = true;
    messages(1);
    auto& now = round();
    for (std::size_t i = 1; i < count(); ++i) now[i].steps = {message(i, size(), kind())};
    now[0].steps = misdeed();
    now[0].joined = false;
    messages(1);
  }

  // One does not read while the others are served, and reads on.
  void stall() {
    auto& first = round();
    auto& steps = first[0].steps;
    first[0].leaves_unread = true;
    steps.push_back(step_of(Stall{}));
    const bool deep = maker_.one_in(3);
    for (std::size_t sum = 0, each = deep ? 65'000 : 4000; sum < (deep ? 6u << 20 : 200'000u); sum += each) {
      Payload payload = marked(0, each);
      steps.push_back(fuzz_data(FrameKind::text, std::move(payload), false));
    }
    for (std::uint32_t n = 2; n > 0; --n) {
      auto& now = round();
      now[0].leaves_unread = true;
      for (std::size_t i = 1; i < count(); ++i) now[i].steps = {message(i, size(), kind())};
    }
    round()[0].steps = {step_of(ReadOn{})};
  }

  // One more comes, rightly or not, while the others are there.
  void newcomer() {
    messages(1);
    const std::size_t joins = plan_.rounds.size();
    auto& late = add_member();
    late.joins = joins;
    for (auto& inputs : plan_.rounds) inputs.resize(count());
    if (!maker_.one_in(3)) {
      do late.opening = maker_.opening(profile_);
      while (late.opening.plain());
      late.villain = true;
    }
    pings();
  }

  // Several ask at once, in pieces by turns, and not for the same.
  void handshakes() {
    messages(1);
    const std::size_t joins = plan_.rounds.size(), more = 2 + maker_.below(2);
    const std::uint32_t chop = 15 + maker_.below(80);
    for (std::size_t i = 0; i < more; ++i) {
      auto& late = add_member();
      late.joins = joins;
      late.opening.chop = chop;
      late.opening.offer.clear();
      if (deflate_ && (plan_.seed >> i) % 2 == 0) late.opening.offer = "permessage-deflate";
    }
    for (auto& inputs : plan_.rounds) inputs.resize(count());
    pings();
    pings();
  }

  void closes() {
    auto& now = round();
    for (std::size_t i = 0; i < count(); ++i) {
      Step step = fuzz_frame(FrameKind::close, plan_.members[i].mark);
      std::get<SendFrame>(step.statement).code = fuzz_number(1000);
      now[i].steps = {std::move(step)};
    }
  }

  InputMaker maker_;
  const Profile& profile_;
  CompanyPlan plan_;
  bool deflate_ = false;
};

}  // namespace

CompanyPlan plan_company(const CompanyNumber& which, const Profile& profile) {
  CompanyPlan plan = Planner(which.seed, which.number, profile, which.most).make();
  plan.planned_as = which;
  return plan;
}

std::string words_of(const CompanyNumber& which) {
  return fmt::format("seed {}, number {}, up to {}", which.seed, which.number, which.most);
}

std::optional<CompanyNumber> company_of_journal(std::string_view reproducer) {
  constexpr std::string_view kLabel = "# company:";
  const auto begin = reproducer.find(kLabel);
  if (begin == reproducer.npos) return std::nullopt;
  std::string_view line = reproducer.substr(begin + kLabel.size());
  line = line.substr(0, line.find('\n'));
  std::array<std::uint64_t, 3> numbers{};
  for (auto& number : numbers) {
    line.remove_prefix(std::min(line.find_first_of("0123456789"), line.size()));
    const auto [end, error] = std::from_chars(line.data(), line.data() + line.size(), number);
    if (error != std::errc()) return std::nullopt;
    line.remove_prefix(static_cast<std::size_t>(end - line.data()));
  }
  constexpr std::uint64_t kMost = 26;  // Named by letters.
  if (numbers[2] < 2 || numbers[2] > kMost) return std::nullopt;
  return CompanyNumber{numbers[0], numbers[1], static_cast<std::size_t>(numbers[2])};
}

}  // namespace wsspec
