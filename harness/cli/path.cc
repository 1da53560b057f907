// `wsspec path`: the target is a hop.
#include "cli/common.h"
#include "cli/run.h"
#include "cli/serving.h"
#include "cli/verbs.h"

namespace wsspec {

namespace {

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

}  // namespace

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
  behind.reload = line.get("--reload");
  behind.stop = line.get("--stop");
  using enum ProxyVersion;
  const auto version =
      chosen<ProxyVersion>(line, "--proxy-protocol", {{"any", any}, {"none", none}, {"v1", v1}, {"v2", v2}});
  if (!version) return usage_error(version.error());
  behind.proxy_protocol = *version;
  const auto role = chosen<HopRole>(
      line, "--role", {{"gateway", HopRole::gateway}, {"proxy", HopRole::proxy}, {"tcp", HopRole::tcp}});
  if (!role) return usage_error(role.error());
  behind.role = *role;
  return run_with(line, {{}, behind});
}

}  // namespace wsspec
