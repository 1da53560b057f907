#include "cli/serving.h"

#include <fmt/format.h>

#include <charconv>

#include "cli/common.h"
#include "cli/print.h"
#include "script/print.h"

namespace wsspec {

Result<std::pair<std::string, std::uint16_t>> parse_listen(const std::string& where) {
  std::pair<std::string, std::uint16_t> place = {"127.0.0.1", 0};
  const auto colon = where.rfind(':');
  const bool only_port = where.find_first_not_of("0123456789") == where.npos;
  const bool only_host = !only_port && (colon == where.npos || where.ends_with(']'));
  auto host = only_port ? "" : only_host ? where : where.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (!host.empty()) place.first = host;
  if (only_host) return place;
  const auto port = only_port ? where : where.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), place.second);
  if (error == std::errc() && end == port.data() + port.size()) return place;
  return fail_with("--listen", fmt::format("'{}' is no port", port), "1 to 65535, or 0 for any");
}

namespace {

/// HOST:PORT, HOST or PORT.
Result<void> listen_at(const std::string& where, Serving& serving) {
  const auto place = parse_listen(where);
  if (!place) return std::unexpected(place.error());
  serving.host = place->first;
  serving.port = place->second;
  return {};
}

}  // namespace

Result<Serving> serving_of(const CommandLine& line, const std::string& what, Duration patience) {
  Serving serving;
  serving.patience = patience;
  serving.exec = line.get("--exec");
  serving.start = line.get("--start");
  serving.page = line.has("--page");
  if (!serving.exec.empty() && (serving.page || !serving.start.empty()))
    return fail_with("--exec", "starts a client for each connection, --start and --page have one for all",
                     "choose");
  if (line.has("--listen"))
    if (auto good = listen_at(line.get("--listen"), serving); !good) return std::unexpected(good.error());
  if (!serving.exec.empty() && serving.port != 0)
    return fail_with("--listen", "with --exec each connection has a port of its own", "leave out the port");
  for (const auto& [option, into] : {std::pair{"--connect-within", &serving.connect_timeout},
                                     {"--patience", &serving.patience},
                                     {"--grace", &serving.grace}})
    if (auto good = read_duration(line, option, *into); !good) return std::unexpected(good.error());
  serving.listening = [page = serving.page, what](const std::string& url) {
    if (page)
      say("wsspec: open {} in the browser under test\n", url);
    else
      say("wsspec: serving {} at {}; the client is to connect again after each\n", what, url);
  };
  return serving;
}

std::vector<std::string> way_of(const CommandLine& line) {
  std::vector<std::string> words = {"--serve"};
  if (line.has("--tls")) words.emplace_back("--tls");
  for (const char* option : {"--exec", "--start", "--listen", "--ca-file", "--certificate", "--key",
                             "--connect-within", "--grace", "--patience"})
    if (line.has(option)) words.insert(words.end(), {option, line.get(option)});
  return words;
}

std::string name_of_client(const std::vector<std::string>& way) {
  for (std::size_t i = 1; i < way.size(); ++i)
    if (way[i - 1] == "--exec" || way[i - 1] == "--start") return way[i];
  return "client";
}

}  // namespace wsspec
