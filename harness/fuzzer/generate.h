// Generation and mutation of inputs: the grammar of what a client may send, and every way to spoil it.
//
// What it is not: an oracle; nothing here knows whether an input is legal. Deterministic: an input is a pure
// function of the seed, the input's number and the corpus items that it is bred from. Sizes are bounded.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fuzzer/input.h"
#include "protocol/extension.h"
#include "script/mix.h"

namespace wsspec {

class InputMaker {
 public:
  /// The `number`-th input of the campaign with this seed.
  InputMaker(std::uint64_t seed, std::uint64_t number) : random_(seed ^ mix(number)) {}

  FuzzOpening opening();
  /// One to six operations; `deflate` as the connection agreed. Now and then one breaks a rule, mostly the
  /// last.
  std::vector<Step> input(const std::optional<DeflateSettings>& deflate);
  /// `parent` with a few changes; `other` lends steps to splice in.
  std::vector<Step> mutate(std::vector<Step> parent, std::span<const Step> other,
                           const std::optional<DeflateSettings>& deflate);

  std::uint32_t below(std::uint32_t bound) { return random_.below(bound); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

 private:
  template <typename Table>
  const auto& pick(const Table& table) {
    return table[below(static_cast<std::uint32_t>(std::size(table)))];
  }
  Bytes text(std::size_t most);
  Bytes octets(std::size_t most);
  std::size_t size(std::size_t most);
  FrameKind data_kind();
  void message(std::vector<Step>& out, const std::optional<DeflateSettings>& deflate);
  void fragments(std::vector<Step>& out, SendFrame first);
  Step control();
  Step close();
  void spoilt(std::vector<Step>& out);
  void spoil(SendFrame& frame);
  void wrong_text(std::vector<Step>& out);
  Step raw();
  void layout(Step& step);
  void burst(std::vector<Step>& steps);
  void mutate_once(std::vector<Step>& steps, std::span<const Step> other,
                   const std::optional<DeflateSettings>& deflate);
  void mutate_frame(SendFrame& frame);
  void mutate_payload(SendFrame& frame);
  void split_frame(std::vector<Step>& steps, std::size_t at);

  SplitMix random_;
};

}  // namespace wsspec
