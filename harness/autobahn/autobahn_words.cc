#include "autobahn/autobahn_words.h"

#include <fmt/format.h>

#include <algorithm>

namespace wsspec {
namespace {

bool has_compression(std::string_view number) {
  return number.starts_with("12.") || number.starts_with("13.");
}

/// How a case that was judged and is not good went wrong, as far as the closing goes.
struct Closing {
  bool out_of_turn = false;  ///< The target closed, and closing was up to us.
  bool wrong_code = false;
  bool only_code = false;  ///< Nothing else is at fault.
};

Closing closing_of(const CaseResult& r, const Wire& wire) {
  Closing out;
  const WantedClose wanted = wanted_close(r);
  const bool first = wire.their_close && !wire.we_closed_first;
  const bool awaited = r.expected.contains("< fail") || r.expected.contains("< close");
  out.out_of_turn =
      first && (r.verdict == Verdict::weak ? !wanted.from_target : !awaited && !wanted.from_target);
  const bool decided = wire.close_decided || r.actual.contains("< close");
  const bool foreign =
      r.close_code && !wanted.any && std::ranges::find(wanted.codes, *r.close_code) == wanted.codes.end();
  out.wrong_code = r.close_code && (r.verdict == Verdict::weak ? foreign : decided);
  // Where the target had to close and only answered our Close, it has missed the fault.
  const bool missed = awaited && wanted.from_target && wire.we_closed_first;
  const bool in_place = awaited || r.expected.starts_with("finish");
  out.only_code = out.wrong_code &&
                  (r.verdict == Verdict::weak ? r.reason.starts_with("a Close frame") : in_place && !missed);
  return out;
}

std::string behavior_of(std::string_view number, const CaseResult& r, const Closing& closing) {
  switch (r.verdict) {
    case Verdict::pass: return "OK";
    case Verdict::info: return "INFORMATIONAL";
    case Verdict::skipped: return has_compression(number) ? "UNIMPLEMENTED" : "FAILED";
    case Verdict::weak:
    case Verdict::fail:
      if (closing.only_code && !r.target_died) return number.starts_with("7.") ? "FAILED" : "OK";
      return r.verdict == Verdict::weak ? "NON-STRICT" : "FAILED";
    case Verdict::inconclusive:
    case Verdict::error:
    case Verdict::not_run: break;
  }
  return "FAILED";
}

std::string close_of(const std::string& behavior, const CaseResult& r, const Wire& wire,
                     const Closing& closing) {
  if (behavior == "INFORMATIONAL") return behavior;
  if (behavior == "UNIMPLEMENTED" || r.verdict == Verdict::pass) return "OK";
  if (r.verdict == Verdict::error || r.verdict == Verdict::not_run || r.verdict == Verdict::skipped)
    return "FAILED";
  if (r.target_died) return "UNCLEAN";
  if (closing.out_of_turn && r.verdict != Verdict::weak) return "FAILED";
  if (closing.wrong_code) return "WRONG CODE";
  if (r.verdict == Verdict::weak || wire.their_close) return "OK";
  return wire.target_ended ? "UNCLEAN" : "FAILED BY CLIENT";
}

}  // namespace

AutobahnWords autobahn_words(std::string_view number, const CaseResult& r, const Wire& wire) {
  const bool judged = r.verdict == Verdict::weak || r.verdict == Verdict::fail;
  const Closing closing = judged || r.verdict == Verdict::inconclusive ? closing_of(r, wire) : Closing{};
  AutobahnWords words;
  words.behavior = behavior_of(number, r, closing);
  words.close = close_of(words.behavior, r, wire, closing);
  // Whatever made it red (a verdict that changed when repeated), no gate may read it as good.
  if (is_red(r, Gate{}) && !is_bad_word(words.behavior) && !is_bad_word(words.close))
    words.behavior = "FAILED";
  return words;
}

bool is_bad_word(std::string_view word) {
  return word != "OK" && word != "NON-STRICT" && word != "INFORMATIONAL" && word != "UNIMPLEMENTED";
}

std::string close_sentence(const AutobahnWords& words, const Wire& wire) {
  const std::string code = wire.their_close && wire.their_close->code
                               ? fmt::format("code {}", *wire.their_close->code)
                               : std::string("no code");
  if (words.close == "WRONG CODE")
    return "The server closed with " + code + ", which the case does not take.";
  if (words.close == "FAILED BY CLIENT") return "The server did not end the connection, so we had to.";
  if (words.close == "UNCLEAN") return "The connection ended without a Close frame of the server.";
  if (words.close == "FAILED")
    return wire.their_close ? "The server closed with " + code + " where closing was not its turn."
                            : "The case was not played to its end.";
  if (words.close == "INFORMATIONAL") return "How the connection ended is not judged.";
  if (wire.our_close && wire.their_close) return "Connection was properly closed.";
  return "The connection ended without two Close frames, which the case allows.";
}

}  // namespace wsspec
