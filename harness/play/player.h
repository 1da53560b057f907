// The player: interprets one case, at either end of its connection, and comes to a verdict. Sans-IO: the
// transport gets one Endpoint (protocol/endpoint.h) for each connection.
//
// What it is not: a scheduler or a transport; it never looks at a clock, and the masking keys and handshake
// keys come from the seed, so a play is a pure function of (case, profile, seed, what the target did and
// when). Invariants: it ends in bounded time (case limit, deadlines) and memory (received octets held are
// bounded); it judges by docs/design.md "Verdicts" and docs/notation.md; once the verdict is fixed it never
// changes, and next() answers close or reset.
#pragma once

#include <memory>

#include "play/preface.h"
#include "play/profile.h"
#include "play/result.h"
#include "protocol/endpoint.h"
#include "protocol/tls.h"
#include "script/ast.h"

namespace wsspec {

/// How long the player waits for what does not come, before --time-scale. It bounds silence, not work: what
/// moves at a rate that gets anywhere renews it.
struct Patience {
  Duration handshake = std::chrono::seconds(5);
  Duration answer = std::chrono::seconds(4);  ///< An awaited message, pong, Close or end.
  Duration close = std::chrono::seconds(1);   ///< `finish`: the Close reply; only a note.
};

/// What it waited for in one play. `unanswered`: the patience was used up so often.
struct Waits {
  struct Kind {
    int unanswered = 0;
    Duration longest{};  ///< Until something did come.
  };
  Kind handshake, answer, close;
  Duration own{};     ///< Pauses and silences that the case itself asked for.
  Duration silent{};  ///< In which nothing moved for half a second or more; the own among them.
  bool any_unanswered() const { return handshake.unanswered + answer.unanswered + close.unanswered > 0; }
};

struct PlayOptions {
  Patience patience{};
  std::uint64_t seed = 0;
  std::uint64_t round = 0;      ///< Which play of the case it is in the run: destinations are new in each.
  bool paced = false;           ///< Keep the `@` times of a log.
  bool keep_transcript = true;  ///< false: self-test and bulk runs that need only the verdict.
  const std::map<std::string, Requirement>* ledger = nullptr;  ///< For levels and clauses; may be null.
};

/// How long a case may take, before --time-scale: its own `limit` or a minute, and what it waits by times
/// that the target declares.
Duration time_limit(const Case& script, const Profile& profile);

class Player {
 public:
  /// `script`, `profile` and the ledger must outlive the player.
  Player(const Case& script, const Profile& profile, const PlayOptions& options);
  ~Player();

  /// Why the case cannot be played at all (an absent `needs`, another role than the target's), or empty.
  static std::string reason_to_skip(const Case& script, const Profile& profile);

  /// How many connections the case has. The first one is made before the play begins, by the transport.
  std::size_t connections() const;
  /// Our end of a connection; lives as long as the player. All of them go by one clock, that of the first.
  Endpoint& end(std::size_t connection = 0);
  /// The connections that are to be made, or asked again with next(), since the last call: ask after each
  /// call of an end when there are several.
  std::vector<std::size_t> take_wanted();
  /// A connection that was wanted could not be made. Behind an operation of a hop's operator that is how it
  /// ends.
  void not_made(std::size_t connection, const std::string& why, Instant now);
  // A client that comes by itself, more than once in the case: the transport tells of each.
  /// The case is about several connections of one client.
  static bool is_of_one_client(const Case& script);
  /// It begins with nobody being there, and may be over before anybody comes (`none` on its first lines).
  static bool begins_alone(const Case& script);
  /// TCP of the client was accepted; answers the number of its end. By the clock of the first, which comes at
  /// 0, or where the case begins alone later than that.
  std::size_t come(Instant now);
  /// Nobody asks an end while no connection is there: tick() is to be called then. kNever: it is not.
  Instant due() const;
  void tick(Instant now);
  /// Connections are to be refused; looked at after each call of an end and of tick().
  bool is_shut() const;
  // A hop between two ends of ours: the transport connects the first half of the ends to it, and tells of
  // the connections that it makes to us.
  static bool is_about_hop(const Case& script) { return script.target == Target::hop; }
  /// What the requests of a leg can be told by, somewhere in their heads: 16 hexadecimal digits.
  std::string token(std::size_t leg) const;
  /// The hop has connected for `leg`; answers the number of the end that plays it. `preface`: what was taken
  /// off its begin. `client`: the connection that we made for the leg, as the hop sees it; empty: unknown.
  std::size_t arrive(std::size_t leg, Instant now, const Preface& preface = {},
                     const ConnectionName& client = {});
  /// The connection of this end serves requests of others from now on: it is no end of the case any more, and
  /// must be at rest between two requests.
  void leave(std::size_t connection);
  /// What the hop's operator is to do now; ask as for take_wanted(). Nothing waits for its end.
  std::optional<Operate> take_operation();
  /// How TLS came about, when the transport was asked to tell (net/tls_client.h).
  void secured(const TlsFacts& facts, Instant now);
  /// The same as what a transport calls; the player must outlive it.
  TlsTell hears_of_tls() {
    return [this](const TlsFacts& facts, Instant now) { secured(facts, now); };
  }
  /// Begins the note of a TLS handshake that failed; why stands behind it.
  static constexpr std::string_view kNoTls = "no TLS: ";

  bool done() const;
  /// Gives up from outside (interrupt, target dead): the verdict becomes `error` with the reason unless
  /// already fixed.
  void abandon(const std::string& reason, Instant now);
  const Waits& waits() const;
  /// The latest request of the first connection, ours or the client's; empty: none was there.
  const Head& request() const;
  /// The masking keys of the frames that came on it.
  const std::vector<MaskKey>& keys() const;
  /// The connection on which the verdict was found; without a name where there is only one.
  const On& where() const;
  /// The result; call once done(). Moves the transcript out.
  CaseResult take_result();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace wsspec
