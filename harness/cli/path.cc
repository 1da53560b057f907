// `wsspec path`: the target is a hop.
#include "cli/common.h"
#include "cli/hop_config.h"
#include "cli/run.h"
#include "cli/serving.h"
#include "cli/verbs.h"

namespace wsspec {

namespace {

/// What is said of a server says nothing of a hop: those options go with --server alone.
Result<void> refuse_facts_of_a_server(const CommandLine& line) {
  for (const OptionSpec& option : line.verb->options)
    if (is_of_an_application(option.setting) && line.has(option.name))
      return fail_with(option.name, "is about a server, and behind the hop there is ours",
                       "with --server URL in place of --behind it is yours");
  return {};
}

/// Only where both ends are ours can be told what a hop does.
Result<void> refuse_questions_to_both_ends(const CommandLine& line) {
  for (const char* option : {"--reload", "--stop", "--proxy-protocol", "--role", "--expect", "--idle-max"})
    if (line.has(option))
      return fail_with(option, "needs both ends of the hop, and the server behind it is yours",
                       "with --behind PORT in place of --server it is ours");
  return {};
}

template <typename T>
using Words = std::initializer_list<std::pair<std::string_view, T>>;

/// What the word of an option stands for; the first one where it is not given.
template <typename T>
Result<T> chosen(const CommandLine& line, const std::string& option, Words<T> words) {
  const std::string word = line.get(option, std::string(words.begin()->first));
  std::string all;
  for (const auto& [known, value] : words) {
    if (word == known) return value;
    all += (all.empty() ? "" : ", ") + std::string(known);
  }
  return fail_with(option, "'" + word + "' is none of those that can be chosen", all);
}

Result<Behind> behind_of(const CommandLine& line) {
  if (auto good = refuse_facts_of_a_server(line); !good) return std::unexpected(good.error());
  const auto place = parse_listen(line.get("--behind"));
  if (!place) return fail_with("--behind", place.error().what, place.error().hint);
  if (place->second == 0)
    return fail_with("--behind", "a hop has to know the port", "for example --behind 127.0.0.1:9700");
  Behind behind;
  behind.host = place->first;
  behind.port = place->second;
  behind.reload = line.get("--reload");
  behind.stop = line.get("--stop");
  using enum ProxyVersion;
  const auto version =
      chosen<ProxyVersion>(line, "--proxy-protocol", {{"any", any}, {"none", none}, {"v1", v1}, {"v2", v2}});
  if (!version) return std::unexpected(version.error());
  behind.proxy_protocol = *version;
  const auto role = chosen<HopRole>(
      line, "--role", {{"gateway", HopRole::gateway}, {"proxy", HopRole::proxy}, {"tcp", HopRole::tcp}});
  if (!role) return std::unexpected(role.error());
  behind.role = *role;
  return behind;
}

}  // namespace

int path_verb(const CommandLine& line) {
  if (line.has("--print-config")) return print_hop_config(line);
  if (line.arguments.empty()) return usage_error({"", "no URL of a hop", "wsspec path ws://127.0.0.1:8080/"});
  if (line.has("--behind") == line.has("--server"))
    return usage_error({"",
                        line.has("--server") ? "behind the hop there is either --behind or --server"
                                             : "what is behind the hop?",
                        "--behind [HOST:]PORT: we are, and listen there; --server URL: a server of yours, "
                        "which is asked there without the hop, too"});
  if (line.has("--server")) {
    if (auto good = refuse_questions_to_both_ends(line); !good) return usage_error(good.error());
    return run_with(line, {{}, {}, line.get("--server")});
  }
  const auto behind = behind_of(line);
  if (!behind) return usage_error(behind.error());
  return run_with(line, {{}, *behind, {}});
}

}  // namespace wsspec
