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

Result<Behind> behind_of(const CommandLine& line) {
  if (auto good = refuse_facts_of_a_server(line); !good) return std::unexpected(good.error());
  const auto place = parse_listen(line.get("--behind"));
  if (!place) return fail_with("--behind", place.error().what, place.error().hint);
  if (place->second == 0)
    return fail_with("--behind", "a hop has to know the port", "for example --behind 127.0.0.1:9700");
  Behind behind;
  behind.host = place->first;
  behind.port = place->second;
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
  if (line.has("--server")) return run_with(line, {{}, {}, line.get("--server")});
  const auto behind = behind_of(line);
  if (!behind) return usage_error(behind.error());
  return run_with(line, {{}, *behind, {}});
}

}  // namespace wsspec
