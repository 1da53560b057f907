// `wsspec path`: the target is a hop.
#include "cli/common.h"
#include "cli/run.h"
#include "cli/serving.h"
#include "cli/verbs.h"

namespace wsspec {

int path_verb(const CommandLine& line) {
  if (!line.has("--behind"))
    return usage_error({"--behind", "where does the hop find its server? We listen there",
                        "for example --behind 127.0.0.1:9700"});
  const auto place = parse_listen(line.get("--behind"));
  if (!place) return usage_error({"--behind", place.error().what, place.error().hint});
  if (place->second == 0)
    return usage_error({"--behind", "a hop has to know the port", "for example --behind 127.0.0.1:9700"});
  Behind behind;
  behind.host = place->first;
  behind.port = place->second;
  return run_with(line, {{}, behind});
}

}  // namespace wsspec
