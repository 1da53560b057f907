// Where a fuzzing campaign happens: a target with what is declared about it, started when asked so, clients
// that come to us, or a built-in peer, over sockets or in memory. What `fuzz`, `minimize`, `replay` and
// `campaign` do alike.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "cli/built_in.h"
#include "cli/command_line.h"
#include "cli/served_tls.h"
#include "fuzzer/coverage_map.h"
#include "fuzzer/hosted_arena.h"
#include "fuzzer/loop.h"
#include "run/runner.h"
#include "run/suite.h"

namespace wsspec {

struct FuzzWanted {
  Settings settings;  ///< Without a URL: the built-in server, or client.
  Target tested = Target::server;
  std::optional<Serving> serving;        ///< Clients come to us,
  std::shared_ptr<const ServedTls> tls;  ///< perhaps over TLS,
  std::vector<std::string> way;          ///< by these words (FuzzCampaign::way).
  bool memory = false;
  bool coverage = false;                        ///< The target that is started shares its counters.
  std::vector<std::string> defects, liberties;  ///< Of the built-in server.
  std::string name;                             ///< For the report; empty: the URL.
};

/// A target, and what has to live as long as it does.
struct FuzzPlace {
  std::shared_ptr<const ServedTls> tls;  ///< Of clients.
  std::unique_ptr<BuiltIn> built_in;
  std::unique_ptr<CoverageMap> coverage;  ///< Null unless asked for.
  std::unique_ptr<FuzzArena> arena;
  HostedArena* hosted = nullptr;  ///< The arena, where clients come to us.
  std::optional<Dialer> dialer;   ///< Of a server, not in memory.
  RunOptions run;                 ///< What was declared.
  Profile profile;
  std::string name, url;
  std::vector<std::string> way;  ///< How a client comes (FuzzCampaign::way).
  std::string found;             ///< What meet_target() found out, in words.
  int jobs = 8;
  std::uint64_t seed = 1;
};

/// From configuration file, environment and flags; the argument at `url_at` is the URL. What does not go
/// together is an error.
Result<FuzzWanted> fuzz_wanted(const CommandLine& line, std::size_t url_at);
/// Starts what is to be started.
Result<FuzzPlace> fuzz_place(FuzzWanted wanted);
/// Finds out, as `run` does, whether it echoes, greets and so on, so that it is judged for what it is. An
/// error says why it cannot be reached, or how it refuses a correct opening handshake.
Result<void> meet_target(FuzzPlace& place, Duration most = std::chrono::seconds(15));

/// The requirements, for clauses in findings; empty when there is no case set.
std::map<std::string, Requirement> fuzz_ledger(const std::string& cases);
/// The sends to such a target of every *.wire file of a folder, or of one file. `lenient`: files that cannot
/// be used are passed over, for folders that a program filled.
Result<std::vector<FuzzTranscript>> read_fuzz_corpus(const std::string& path, Target tested,
                                                     bool lenient = false);

}  // namespace wsspec
