// The judge: holds what an endpoint sends against what the reference model (rules.h) allows, and lists what
// is wrong.
//
//   Judge judge({.deflate = settings});
//   judge.sent(octets);       // whatever goes out behind the handshake, as it goes out
//   judge.received(octets);   // whatever comes back
//   judge.ended(how);         // once, when the stream ends
//   judge.silence();          // or: a deadline passed and what is due did not come
//   judge.in_doubt()          // true: a Close that comes now makes good what was seen, silence() does not
//   judge.settled()           // true: nothing more is due, no need to wait
//
// What it is not: a clock. Whoever waits decides what silence is; everything else is decided by events.
// Invariants: what the specifications leave open never makes a `fail` (docs/case-guide.md); each breach
// is told once per rule; the number of breaches is bounded.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/breach.h"
#include "model/rules.h"
#include "model/rules_output.h"
#include "protocol/endpoint.h"

namespace wsspec {

class Judge final : private OutputReader::Sink {
 public:
  explicit Judge(Agreement agreement);

  void sent(BytesView octets) { model_.sent(octets); }
  void sent_fin() { model_.sent_fin(); }
  void sent_reset() { model_.sent_reset(); }
  /// Unmasks in place.
  void received(MutableBytes octets);
  void ended(End how);
  /// The deadline passed: whatever is due is missing. `talks`: other octets came all the time, so that an
  /// answer may still stand in their queue.
  void silence(bool talks = false);

  bool settled() const;
  /// It answered a ping behind a fault: a queue when it closes now, a fault of its own when it goes on.
  bool in_doubt() const { return doubt_.has_value(); }
  bool ended() const { return ended_; }
  bool closed_by_endpoint() const { return close_code_.has_value(); }
  /// The endpoint answered something that was sent after so many octets: all before was digested.
  std::uint64_t digested() const { return digested_; }
  /// The endpoint's latest ping, once: the pong that it is owed answers all before it, too (5.5.2, 5.5.3).
  std::optional<Bytes> take_ping() { return std::exchange(ping_, std::nullopt); }
  const Model& model() const { return model_; }
  const std::vector<Breach>& breaches() const { return breaches_; }
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
  void missing_echoes(bool talks);
  void missing_pongs(bool talks);
  void resolve_doubt(Severity severity);
  bool alive_behind_doubt() const;
  void add(BreachKind kind, Severity severity, std::string_view requirement, std::string text,
           bool lacks = false);

  Model model_;
  OutputReader reader_;
  std::vector<Breach> breaches_;
  std::optional<int> close_code_;  ///< Of the endpoint's first Close; 0 = without a code.
  bool ended_ = false, reset_ = false;
  std::uint64_t digested_ = 0;
  std::deque<Bytes> excused_;  ///< Pings that a later pong made superfluous; a late pong to them is no stray.
  std::string stray_echo_, stray_pong_;  ///< The first output that fits nothing, for the report.
  std::string behind_fault_;             ///< The first message that came where only a Close may.
  std::optional<Breach> doubt_;
  bool older_pong_only_ = false;  ///< Of several pings the endpoint answered an older one last.
  std::optional<Bytes> ping_;     ///< Not taken yet.
  const char* last_ = "none";
};

}  // namespace wsspec
