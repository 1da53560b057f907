// `wsspec serve`: the target is a client.
#include "cli/common.h"
#include "cli/run.h"
#include "cli/served_tls.h"
#include "cli/serving.h"
#include "cli/verbs.h"

namespace wsspec {

int serve_verb(const CommandLine& line) {
  if (!line.arguments.empty()) return serve_script(line);
  if (line.has("--autobahn") || line.has("--autobahn-spec")) return serve_autobahn(line);
  auto serving = serving_of(line, "cases");
  if (!serving) return usage_error(serving.error());
  const auto tls = ServedTls::of(line, serving->host);
  if (!tls) return usage_error(tls.error());
  tls->serve(*serving);
  serving->verified = !line.has("--insecure");
  return run_with(line, {*serving, {}, {}});
}

}  // namespace wsspec
