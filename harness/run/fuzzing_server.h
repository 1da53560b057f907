// FuzzingServer: the protocol of Autobahn|Testsuite's fuzzing server, so that its drivers run as they are: a
// client asks by the path of its request what it wants, a count of cases, a case, its result, the reports.
//
// Who asks decides what is played, in which order and how much at once; nothing is repeated. Results are kept
// by the name that the client gives itself. What was not asked for is not run, and red. Invariants: control
// connections are judged by nothing; names and paths are hostile and bounded; an interrupt loses no result.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "net/tls_host.h"
#include "play/profile.h"
#include "play/result.h"
#include "protocol/error.h"
#include "run/suite.h"

namespace wsspec {

struct FuzzingServerOptions {
  std::string host = "127.0.0.1";
  std::uint16_t port = 9001;
  std::shared_ptr<const TlsHost> tls;  ///< Clients are served over TLS; null: in clear.
  std::vector<std::string> numbers;    ///< Autobahn's, in the order in which a client counts them.
  Profile profile;
  std::uint64_t seed = 0;
  std::string tool_version;
  std::vector<std::string> arguments;
  bool stops_on_request = false;              ///< `/stopServer` ends us.
  std::optional<std::string> expected_agent;  ///< Ends when this one has asked for its reports.
  std::optional<Duration> until_idle;         ///< Ends when nobody has come for so long.
  const std::atomic<bool>* interrupted = nullptr;
  std::function<void(const std::string& url)> listening;
  /// A case of an agent is over.
  std::function<void(const std::string& agent, const CaseResult& result)> judged;
  /// A client wants the reports written now.
  std::function<void(std::vector<RunResult> agents)> report;
};

/// Serves until it is stopped; one result for each agent that has asked for a case. An error when we cannot
/// listen.
Result<std::vector<RunResult>> serve_on_request(const Suite& suite, const FuzzingServerOptions& options);

}  // namespace wsspec
