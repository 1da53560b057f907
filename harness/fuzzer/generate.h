// Generation and mutation of inputs: the grammar of what our end may send, and every way to spoil it.
//
// Most inputs are legal by construction, so that a connection carries many of them; the last one on a
// connection breaks a rule. Legal by files: generate.cc (messages), practise.cc (habits), mutate.cc (changes
// that keep or do not keep an input legal), spoil.cc (broken rules), opening.cc (requests), reply.cc (what is
// answered to a client). What it is not: an oracle; whether an input is legal is for model/rules.h to say.
// Deterministic: an input is a pure function of the seed, its number, the context and the corpus items that
// it is bred from. Sizes are bounded.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "fuzzer/habit.h"
#include "fuzzer/input.h"
#include "play/profile.h"
#include "protocol/extension.h"
#include "protocol/frame.h"
#include "protocol/mix.h"

namespace wsspec {

/// Where an input begins.
struct FuzzContext {
  const DeflateSettings* deflate = nullptr;  ///< As agreed; null: not.
  bool in_message = false;                   ///< The message of the input before is not finished.
  std::uint64_t message_limit = 0;           ///< As declared; 0: not.
  std::uint64_t session = 0;                 ///< Number of the connection,
  std::size_t index = 0;                     ///< and of the input on it.
  std::size_t most = 64;                     ///< Inputs that it may carry.
};

class InputMaker {
 public:
  /// The `number`-th input of the campaign with this seed. `ours`: which end sends it.
  InputMaker(std::uint64_t seed, std::uint64_t number, Role ours = Role::client)
      : random_(seed ^ mix(number)), ours_(ours) {}

  /// A request, or, where the target is a client, a reply.
  FuzzOpening opening(const Profile& profile);
  /// A few operations, all legal.
  std::vector<Step> legal(const FuzzContext& context);
  /// Legal ones, then one that breaks a rule or ends the connection.
  std::vector<Step> illegal(const FuzzContext& context);
  /// A legal input of this habit (not Habit::company: see company.h).
  std::vector<Step> practise(Habit habit, const FuzzContext& context);
  /// The habit whose turn it is, if one has; `seldom`: as where each input costs a connection.
  std::optional<Habit> habit(const FuzzContext& context, bool seldom = false);
  /// `parent` with changes that keep it legal.
  std::vector<Step> vary(std::vector<Step> parent, const FuzzContext& context);
  /// `parent` with any changes; `other` lends steps to splice in.
  std::vector<Step> mutate(std::vector<Step> parent, std::span<const Step> other, const FuzzContext& context);

  std::uint32_t below(std::uint32_t bound) { return random_.below(bound); }
  bool one_in(std::uint32_t n) { return below(n) == 0; }

 private:
  template <typename Table>
  const auto& pick(const Table& table) {
    return table[below(static_cast<std::uint32_t>(std::size(table)))];
  }
  // generate.cc
  Payload text(std::size_t most);
  Payload octets(std::size_t most);
  Bytes short_text(std::size_t most);
  std::size_t size(std::size_t most);
  FrameKind data_kind();
  void operations(std::vector<Step>& out, const FuzzContext& context);
  void message(std::vector<Step>& out, const FuzzContext& context);
  void compressed(std::vector<Step>& out);
  void compressed_fragments(std::vector<Step>& out);
  void fragments(std::vector<Step>& out);
  void finish_message(std::vector<Step>& out, BytesView rest);
  Step control();
  Step close();
  Number piece(const std::optional<Payload>& payload, std::uint32_t most);
  void layout(Step& step);
  void burst(std::vector<Step>& steps);
  // practise.cc
  std::size_t border();
  std::size_t border_size();
  Bytes any_octets(std::size_t count);
  Payload with_character(std::size_t place, std::size_t behind);
  void send_data(std::vector<Step>& out, Payload payload, FrameKind kind, const FuzzContext& context);
  void stall(std::vector<Step>& out);
  void deep_stall(std::vector<Step>& out);
  void paced_cut(std::vector<Step>& out, const FuzzContext& context);
  void paced_fragments(std::vector<Step>& out);
  void long_run(std::vector<Step>& out, const FuzzContext& context);
  void shape(std::vector<Step>& out, std::size_t which, const FuzzContext& context);
  void first_and_next(std::vector<Step>& out, const FuzzContext& context);
  void control_inside(std::vector<Step>& out, const FuzzContext& context);
  void equal_keys(std::vector<Step>& out, const FuzzContext& context);
  void border_character(std::vector<Step>& out, const FuzzContext& context);
  void context_after_large(std::vector<Step>& out, const FuzzContext& context);
  // spoil.cc
  void spoilt(std::vector<Step>& out, const FuzzContext& context);
  void spoil(SendFrame& frame, bool deflate);
  void wrong_text(std::vector<Step>& out, const FuzzContext& context);
  void wrong_deflate(std::vector<Step>& out, const FuzzContext& context);
  void behind_close(std::vector<Step>& out, const FuzzContext& context);
  void cut_off(std::vector<Step>& out, const FuzzContext& context);
  Step raw();
  std::string_view wrong_characters();
  // mutate.cc
  void vary_once(std::vector<Step>& steps, const FuzzContext& context);
  void insert(std::vector<Step>& list, std::size_t at, bool open, const FuzzContext& context);
  void mutate_once(std::vector<Step>& steps, std::span<const Step> other, const FuzzContext& context);
  void mutate_frame(SendFrame& frame);
  void mutate_payload(SendFrame& frame);
  void split_frame(std::vector<Step>& steps, std::size_t at);
  // opening.cc
  std::string offer();
  std::string deflate_variant(bool wild);
  Bytes key();
  void edit_request(FuzzOpening& out, const Profile& profile);
  void write_head(FuzzOpening& out, const Profile& profile);
  FuzzOpening request(const Profile& profile);
  // reply.cc
  FuzzOpening reply();
  std::string grant();
  std::vector<Edit> odd_extensions();
  void edit_reply(FuzzOpening& out);
  void write_reply(FuzzOpening& out);
  void refuse(FuzzOpening& out);
  void cut_reply(FuzzOpening& out);

  /// Only a client has keys to choose.
  void set_key(SendFrame& frame, MaskKey key) {
    if (ours_ == Role::client) frame.fields.mask = MaskField{MaskField::Kind::key, key};
  }

  SplitMix random_;
  Role ours_;
};

inline Number fuzz_number(std::uint64_t value) {
  return {value, {}};
}

/// Codes that a Close may carry, and all that it may not; for generation and mutation.
std::span<const std::uint16_t> fuzz_close_codes();

}  // namespace wsspec
