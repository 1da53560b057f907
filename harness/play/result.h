// The result model: one CaseResult per case played, one RunResult per run. Reports are pure functions of it.
//
// Invariants: planned == results.size() (cases not run are there as such); a verdict other than pass has a
// reason; a fail, weak or info that judges names at least one clause.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "play/secrets.h"
#include "play/transcript.h"

namespace wsspec {

enum class Verdict { pass, weak, info, fail, inconclusive, skipped, error, not_run };
inline constexpr Verdict kVerdicts[] = {Verdict::fail,         Verdict::error,  Verdict::weak,
                                        Verdict::inconclusive, Verdict::info,   Verdict::pass,
                                        Verdict::skipped,      Verdict::not_run};
std::string_view verdict_name(Verdict verdict);
std::optional<Verdict> verdict_from(std::string_view name);

enum class Level { must, should, may };
std::string_view level_name(Level level);  ///< "MUST", "SHOULD", "MAY".

/// An entry of the ledger (cases/requirements.json).
struct Requirement {
  std::string id;       ///< "rfc6455-5.5.1-7": spec, section, number there.
  std::string spec;     ///< "rfc6455" (protocol/spec.h).
  std::string section;  ///< "5.5.1".
  Level level = Level::must;
  bool negative = false;  ///< MUST NOT, SHOULD NOT.
  std::string role, text, testable, how, not_covered;
};
/// "RFC 6455 section 5.5.1".
std::string clause_of(const Requirement& requirement);
/// Where that section is to be read; empty when the spec is not known here.
std::string link_of(const Requirement& requirement);

/// What one case cost the target, where it was launched by us and could be watched.
struct Cost {
  double cpu_seconds = 0;
  std::uint64_t memory_peak = 0;     ///< Octets of resident memory above the level before the case.
  int descriptors = 0, threads = 0;  ///< Change over the case.
};

/// A note of CaseResult: the case writes in pieces, and a target that joins them may have read them as one.
inline constexpr std::string_view kUnreadPiece = "the target was not seen to read between two writes of ours";

/// The same case, played against the server without the hop in front of it.
struct DirectPlay {
  Verdict verdict = Verdict::not_run;
  std::string reason;
  Transcript transcript;
  bool flaky = false;
  Verdict through = Verdict::not_run;  ///< Of the play through the hop, before it was judged beside this one.
};

struct CaseResult {
  std::string id;
  std::string topic;  ///< The id's first word.
  std::string about;
  Verdict verdict = Verdict::not_run;
  std::string reason;              ///< One line for people: what was seen instead.
  std::vector<std::string> notes;  ///< Remarks that change no verdict: "ended without a Close frame".
  std::string clause;        ///< "RFC 6455 section 5.1" of the requirement judged; several joined by ", ".
  Level level = Level::may;  ///< The strongest level covered.
  std::string requirement;   ///< Ledger id of the fault that the target made by itself; else empty.
  std::vector<std::string> covers, see, tags, autobahn;  ///< autobahn: the numbers of `see autobahn/...`.
  std::string expected, actual;                          ///< In the notation; empty when passed.
  std::string script;                                    ///< The instance as text (print.h).
  int failing_line = 0;  ///< Line within `script` (from 1) that was not met; 0 = none.
  std::string file;      ///< Source file of the case, relative to the cases folder.
  int line = 0;          ///< Line there.
  Transcript transcript;
  bool sent_illegal = false;  ///< We broke the protocol on purpose: liveness has to be shown afterwards.
  bool flaky = false;
  std::vector<Verdict> repeats;             ///< Verdicts of repetitions, when suspicion led to some.
  std::optional<std::uint16_t> close_code;  ///< Of the target's Close frame.
  std::optional<std::string> baseline;      ///< The reason, when the baseline expected this verdict.
  bool unexpected_pass = false;             ///< The baseline expected something else.
  bool target_died = false;
  std::string target_log;  ///< What a launched target printed during the case, cut.
  std::optional<Cost> cost;
  std::vector<Duration> delays;      ///< Of a client, before each connection but its first, by its clock.
  std::optional<DirectPlay> direct;  ///< Where the target is a hop in front of a server of somebody's own.
  // Never compared, kept apart in JSON:
  Instant started{};  ///< Since the run began.
  Duration duration{};
};

/// What the cases of one `each` share of their ids: all before the bracket.
inline std::string_view family_of(std::string_view id) {
  return id.substr(0, id.find('['));
}

/// Neither skipped nor left unplayed.
inline bool was_judged(const CaseResult& result) {
  return result.verdict != Verdict::skipped && result.verdict != Verdict::not_run;
}

struct TargetFingerprint {
  std::string server_field;  ///< Of the 101 reply; a client's User-Agent.
  std::string extensions;    ///< Granted to the plain offer; what a client offers.
  std::string subprotocols;  ///< That a client asks for.
  bool echoes = false;       ///< At least one of the kinds below.
  bool echoes_text = false, echoes_binary = false, echoes_empty = false;
  bool own_words = false;      ///< Answers messages with something else than their echo.
  bool hears_others = false;   ///< A message of one connection reaches another.
  bool one_at_a_time = false;  ///< A second connection is served only when the first has ended.
  bool greets = false, limits_messages = false, checks_origin = false;
  std::optional<std::uint64_t> message_limit;
  std::vector<std::string> remarks;
  std::map<std::string, std::string> quirks;  ///< Profile::quirks
};

struct RunResult {
  std::string tool_version, caseset_version;
  std::string target_name, url, transport;
  std::string tested = "server";  ///< What the target is: "server", "client" or "hop".
  std::string server;             ///< Of a hop in front of a server of somebody's own: that server's URL.
  std::uint64_t seed = 0;
  std::vector<std::string> arguments;  ///< As given; in place of a secret the variable that may hold it.
  std::string filter;                  ///< In words.
  std::string shard;                   ///< "1/2" or empty.
  bool interrupted = false, destructive_allowed = false, bulk = false;
  std::optional<TargetFingerprint> fingerprint;
  std::vector<CaseResult> results;          ///< In the order of the case set.
  std::vector<std::string> stale_baseline;  ///< Entries that matched nothing or whose date has passed.
  std::string fatal;                        ///< Why the run ended early: unreachable, died; empty otherwise.
  std::map<std::string, Requirement> requirements;  ///< Those that the results refer to.
  // Kept apart in JSON:
  std::string started;  ///< ISO 8601, UTC.
  Duration duration{};
  double own_cpu_seconds = 0;
  std::uint64_t own_memory_peak = 0;
  std::optional<double> target_cpu_seconds;
  int jobs = 1;
};

/// Masks the secrets wherever a result holds text: what the target said or printed may hold them, too.
void hide_secrets(CaseResult& result, const Secrets& secrets);
void hide_secrets(RunResult& run, const Secrets& secrets);

/// How many results have each verdict.
std::map<Verdict, int> tally(const RunResult& run);

/// Which verdicts make a run red.
struct Gate {
  bool weak = false, info = false, inconclusive = false;
  bool allow_flaky = false;
  bool allow_not_run = false;  ///< A budget may leave cases unplayed without making the run red.
};
bool is_red(const CaseResult& result, const Gate& gate);

/// Exit codes (README).
enum class Exit : int {
  as_expected = 0,
  red = 1,
  usage = 2,
  internal = 3,
  nothing_selected = 4,
  unreachable = 5,
  stale_baseline = 6,
  interrupted = 130
};
/// The exit code that a finished run deserves; never `as_expected` unless planned = judged + skipped + not
/// run adds up.
Exit exit_of(const RunResult& run, const Gate& gate);

}  // namespace wsspec
