// The reference model: what an endpoint may, must and must not do, given every octet it was sent (RFC 6455,
// RFC 7692).
//
// It is the oracle of the fuzzer and the check on our own cases. It has three values, because the
// specifications leave much open (docs/case-guide.md), and a window, because nobody says at which octet
// of a broken frame to notice. What it is not: a receiver (message.h), nor a judge of replies (rules_judge.h
// holds the endpoint's octets against it). Invariants: how the octets are cut never matters; no socket, clock
// or randomness; what is unclear is never must_fail.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/rules_close.h"
#include "protocol/bytes.h"
#include "protocol/close.h"
#include "protocol/extension.h"
#include "protocol/frame.h"
#include "protocol/header_rules.h"
#include "protocol/inflate.h"
#include "protocol/message.h"
#include "protocol/utf8.h"

namespace wsspec {

/// What the opening handshake agreed on, and what is declared about the endpoint under test.
struct Agreement {
  Role tested = Role::server;
  std::optional<DeflateSettings> deflate{};
  bool echoes = true;                                                  ///< It returns data messages,
  bool echoes_text = true, echoes_binary = true, echoes_empty = true;  ///< of these kinds.
  bool pushes = false;     ///< It also sends data messages of its own accord; these are not judged.
  MessageLimits limits{};  ///< What it declares to take; anything larger is its own affair.

  /// Whether a message of that kind comes back.
  bool returns(std::uint8_t opcode, bool empty) const {
    return echoes && (opcode == 1 ? echoes_text : echoes_binary) && (!empty || echoes_empty);
  }
  /// It answers some messages as its application wants: by words of its own, by none, or by closing.
  bool own_words() const { return !(echoes && echoes_text && echoes_binary && echoes_empty); }
};

enum class Ruling {
  must_accept,  ///< All was legal: it serves on.
  may_fail,     ///< Left open by the specifications, or not yet decided: serving and failing are both right.
  must_fail,    ///< A rule was broken: it fails the connection within the window.
  must_close,   ///< A Close was sent that ends the connection in an orderly way.
  unknown,      ///< Even what the octets mean is open: only the form of its output can be judged.
};
std::string_view ruling_name(Ruling ruling);

inline constexpr std::uint64_t kNoOffset = std::numeric_limits<std::uint64_t>::max();

/// A data message or a ping that was sent.
struct Stimulus {
  std::uint8_t opcode = 0;  ///< 1, 2 or 9; also reserved ones among the forbidden.
  Bytes payload;            ///< Inflated.
  std::uint64_t at = 0;     ///< It was complete after so many sent octets.
  bool fragmented = false, compressed = false;
  std::string requirement{};  ///< Among the forbidden: the rule that a reaction breaks.
};

/// Everything that can be said after the octets sent so far. Offsets count sent octets.
struct Expectation {
  Ruling ruling = Ruling::must_accept;
  std::uint64_t sent = 0;
  std::uint64_t may_fail_from = kNoOffset;  ///< Failing is allowed once so many octets were sent.
  std::uint64_t must_fail_by = kNoOffset;   ///< Failing is required once so many octets were sent.
  std::string requirement, what;            ///< Why it may or must fail.
  std::deque<Stimulus> echoes;              ///< Data messages to be returned, in this order.
  std::deque<Stimulus> pings;               ///< The last one needs a pong, the others may have one.
  std::deque<Stimulus>
      forbidden;  ///< Sent after the fault or the Close, or broken: no reaction may come. Bounded.
  std::optional<SentClose> close;
  bool data = false;         ///< Some data frame was begun: an application may have had its say on it.
  bool half_closed = false;  ///< We sent FIN: echoes become optional, the endpoint ends.
  bool reset = false;        ///< We sent RST: nothing is expected any more.

  bool may_fail() const { return may_fail_from <= sent; }
  bool must_fail() const { return must_fail_by <= sent; }
};

class Model {
 public:
  explicit Model(Agreement agreement);
  /// Octets behind the opening handshake, as they went out to the endpoint under test.
  void sent(BytesView octets);
  void sent_fin();
  void sent_reset();

  const Expectation& now() const { return now_; }
  /// The caller saw the first `count` echoes come, or the pongs to the first `count` pings.
  void forget_echoes(std::size_t count);
  void forget_pings(std::size_t count);
  /// A short name of the protocol state, for signatures: "idle", "header", "ping-frame", "in-text", "failed",
  /// ...
  std::string_view state() const;
  /// A frame is begun and not ended.
  bool within_frame() const { return held_ != 0 || in_payload_; }
  const Agreement& agreement() const { return agreement_; }

 private:
  enum class Phase { serving, failed, closing, unknown };
  bool complete_header(BytesView& octets);
  void judge_partial_header();
  const HeaderRule* find_fault(const FrameHeader& h) const;
  void begin_frame();
  void check_open_questions(const FrameHeader& h);
  void take_payload(BytesView piece);
  void take_text(BytesView piece, std::uint64_t begin, Utf8Validator before);
  void inflate(BytesView piece);
  void end_frame();
  void end_message();
  void end_inflation();
  void check_partial_close();
  void end_close();
  void end_forbidden();
  void allow_failing(std::uint64_t from, std::string_view requirement, std::string_view what);
  void demand_failing(std::uint64_t from, std::uint64_t by, std::string_view requirement,
                      std::string_view what);
  void give_up(std::string_view requirement, std::string_view what);
  void forbid(Stimulus stimulus);
  void update_ruling();
  Stimulus take_message();

  Agreement agreement_;
  Expectation now_;
  Phase phase_ = Phase::serving;
  // The frame under way.
  std::array<char, kMaxHeader> head_{};
  std::size_t held_ = 0;
  bool in_payload_ = false;
  FrameHeader header_;
  std::uint64_t frame_begin_ = 0, payload_done_ = 0;
  Bytes control_;
  // The message under way.
  std::uint8_t message_opcode_ = 0;
  bool compressed_ = false, fragmented_ = false, text_broken_ = false, too_large_ = false;
  std::uint64_t message_begin_ = 0, message_octets_ = 0;
  Bytes message_;
  Utf8Validator utf8_;
  // The context of what we compress.
  std::optional<Inflater> inflater_;
  bool takeover_ = true, history_unsure_ = false;
  InflateFault inflate_fault_ = InflateFault::none;
  std::size_t forbidden_octets_ = 0;
};

}  // namespace wsspec
