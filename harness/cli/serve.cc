// `wsspec serve`: the target is a client.
#include <fmt/format.h>

#include <charconv>

#include "cli/common.h"
#include "cli/print.h"
#include "cli/run.h"
#include "cli/verbs.h"

namespace wsspec {

namespace {

/// HOST:PORT, HOST or PORT.
Result<void> listen_at(const std::string& where, Serving& serving) {
  const auto colon = where.rfind(':');
  const bool all_digits = where.find_first_not_of("0123456789") == where.npos;
  const auto host = all_digits ? "" : where.substr(0, where.ends_with(']') ? where.npos : colon);
  const auto port = all_digits                                    ? where
                    : colon == where.npos || where.ends_with(']') ? ""
                                                                  : where.substr(colon + 1);
  if (!host.empty()) serving.host = host.starts_with('[') ? host.substr(1, host.size() - 2) : host;
  if (port.empty()) return {};
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), serving.port);
  if (error == std::errc() && end == port.data() + port.size()) return {};
  return fail_with("--listen", fmt::format("'{}' is no port", port), "1 to 65535, or 0 for any");
}

Result<void> read_duration(const CommandLine& line, const char* option, Duration& into) {
  if (!line.has(option)) return {};
  const auto read = parse_duration(line.get(option));
  if (!read) return fail_with(option, read.error().what, read.error().hint);
  into = *read;
  return {};
}

Result<Serving> serving_of(const CommandLine& line) {
  Serving serving;
  serving.exec = line.get("--exec");
  if (line.has("--listen"))
    if (auto good = listen_at(line.get("--listen"), serving); !good) return std::unexpected(good.error());
  if (!serving.exec.empty() && serving.port != 0)
    return fail_with("--listen", "with --exec each case has a port of its own", "leave out the port");
  for (const auto& [option, into] : {std::pair{"--connect-within", &serving.connect_timeout},
                                     {"--patience", &serving.patience},
                                     {"--grace", &serving.grace}})
    if (auto good = read_duration(line, option, *into); !good) return std::unexpected(good.error());
  serving.listening = [](const std::string& url) {
    say("wsspec: serving cases at {}; the client is to connect again after each\n", url);
  };
  return serving;
}

}  // namespace

int serve_verb(const CommandLine& line) {
  auto serving = serving_of(line);
  if (!serving) return usage_error(serving.error());
  return run_with(line, std::move(*serving));
}

}  // namespace wsspec
