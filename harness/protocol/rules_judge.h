// The judge: holds what an endpoint sends against what the reference model (rules.h) allows, and lists what
// is wrong.
//
//   Judge judge({.deflate = settings});
//   judge.sent(octets);       // whatever goes out behind the handshake, as it goes out
//   judge.received(octets);   // whatever comes back
//   judge.ended(how);         // once, when the stream ends
//   judge.silence();          // or: a deadline passed and nothing more came
//   judge.settled()           // true: nothing more is due, no need to wait
//
// What it is not: a clock. Whoever waits decides what silence is; everything else is decided by events.
// Invariants: what the specifications leave open never makes a `fail` (case guide, section 12); each finding
// is told once per rule; the number of findings is bounded.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/endpoint.h"
#include "protocol/rules.h"
#include "protocol/rules_output.h"

namespace wsspec {

enum class FindingKind {
  accepts_illegal,   ///< It reacted to what it had to refuse.
  rejects_legal,     ///< It failed or dropped the connection although all was legal.
  malformed_output,  ///< It sent something that nobody may send.
  wrong_echo,  ///< A message came back changed, out of order or not at all, though later input was served.
  missing_pong,
  wrong_pong,
  no_close_reply,
  data_after_close,
  wrong_code,
  stalled,  ///< A required reaction did not come.
};
std::string_view finding_name(FindingKind kind);  ///< "accepts-illegal", ...

enum class Severity { fail, weak };

struct Finding {
  FindingKind kind = FindingKind::stalled;
  Severity severity = Severity::fail;
  std::string requirement;     ///< Ledger id.
  std::string text;            ///< One sentence.
  std::uint64_t sent = 0;      ///< Octets that had been sent by then,
  std::uint64_t received = 0;  ///< and that had come back.
};

/// What is wrong with a Close frame as the answer to the Close that was sent; nothing when all is well.
std::optional<Finding> judge_close_answer(const SentClose& sent, const CloseBody& answer);
/// What is wrong with a Close frame by itself. `echoed`: the code that was sent, which may be repeated.
std::optional<Finding> judge_close_form(Role sender, const CloseBody& body, bool one_octet,
                                        std::optional<std::uint16_t> echoed);

class Judge final : private OutputReader::Sink {
 public:
  explicit Judge(Agreement agreement);

  void sent(BytesView octets) { model_.sent(octets); }
  void sent_fin() { model_.sent_fin(); }
  void sent_reset() { model_.sent_reset(); }
  /// Unmasks in place.
  void received(MutableBytes octets);
  void ended(End how);
  /// The deadline passed: whatever is due is missing.
  void silence();

  bool settled() const;
  bool ended() const { return ended_; }
  bool closed_by_endpoint() const { return close_code_.has_value(); }
  /// The endpoint answered something that was sent after so many octets: all before was digested.
  std::uint64_t digested() const { return digested_; }
  const Model& model() const { return model_; }
  const std::vector<Finding>& findings() const { return findings_; }
  /// A short name of how the endpoint reacted last, for signatures: "none", "echo", "pong", "close-1002",
  /// "end", "reset".
  std::string reaction() const;

 private:
  void output(Output&& output) override;
  void malformed(std::string_view requirement, std::string_view what, std::uint64_t offset) override;

  void on_message(const Output& message);
  bool match_echo(const Output& message);
  bool match_forbidden(const Output& message);
  void on_stray(const Output& message);
  void on_pong(const Bytes& payload);
  bool match_ping(const Bytes& payload);
  bool match_forbidden_ping(const Bytes& payload);
  void on_close(const Bytes& payload);
  void judge_unasked_close(const CloseBody& body);
  void judge_failing_code(const CloseBody& body);
  void ended_after_close(End how);
  void missing_echoes();
  void missing_pongs();
  bool alive_behind_doubt() const;
  void add(FindingKind kind, Severity severity, std::string_view requirement, std::string text);

  Model model_;
  OutputReader reader_;
  std::vector<Finding> findings_;
  std::optional<int> close_code_;  ///< Of the endpoint's first Close; 0 = without a code.
  bool ended_ = false, reset_ = false;
  std::uint64_t digested_ = 0;
  std::deque<Bytes> excused_;  ///< Pings that a later pong made superfluous; a late pong to them is no stray.
  std::string stray_echo_, stray_pong_;  ///< The first output that fits nothing, for the report.
  bool older_pong_only_ = false;         ///< Of several pings the endpoint answered an older one last.
  const char* last_ = "none";
};

}  // namespace wsspec
