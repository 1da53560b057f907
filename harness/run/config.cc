#include "run/config.h"

#include <fmt/format.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "run/setting_table.h"
#include "script/diagnostics.h"

#undef TOML_SHARED_LIB
#undef TOML_HEADER_ONLY  // The packaged library is built with exceptions; the header alone can do without.
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#define TOML_ENABLE_FORMATTERS 0
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wshadow"
#pragma GCC diagnostic ignored "-Wpedantic"
#include <toml++/toml.h>
#pragma GCC diagnostic pop

namespace wsspec {
namespace {

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  std::string place(const toml::source_region& region) const {
    return fmt::format("{}:{}:{}", file_, region.begin.line, region.begin.column);
  }

  /// A scalar as a flag would give it.
  std::optional<std::string> scalar(const toml::node& node) const {
    if (const auto* text = node.as_string()) return text->get();
    if (const auto* number = node.as_integer()) return std::to_string(number->get());
    if (const auto* number = node.as_floating_point()) return fmt::format("{}", number->get());
    if (const auto* on = node.as_boolean()) return on->get() ? "true" : "false";
    return std::nullopt;
  }

  Result<void> set(Settings& settings, const toml::key& key, const toml::node& node) const {
    const auto where = place(key.source());
    const auto* row = find_setting(key.str());
    if (row == nullptr)
      return fail_with(where, fmt::format("unknown key '{}'", key.str()), setting_hint(key.str()));
    const bool list = row->info.type.starts_with('[');
    const auto set_one = [&](const toml::node& one) -> Result<void> {
      const auto value = scalar(one);
      if (!value)
        return fail_with(place(one.source()), fmt::format("'{}' takes another kind of value", key.str()),
                         fmt::format("{} = {}", key.str(), row->info.example));
      auto done = row->set(settings, *value);
      if (!done) done.error().where = fmt::format("{}: {}", place(one.source()), key.str());
      return done;
    };
    const auto* array = node.as_array();
    if (array == nullptr) return set_one(node);
    if (!list)
      return fail_with(where, fmt::format("'{}' takes one value", key.str()),
                       fmt::format("{} = {}", key.str(), row->info.example));
    for (const auto& one : *array)
      if (auto done = set_one(one); !done) return done;
    return {};
  }

  Result<void> set_all(Settings& settings, const toml::table& table) const {
    for (const auto& [key, node] : table)
      if (auto done = set(settings, key, node); !done) return done;
    return {};
  }

  /// [target.NAME] or [profile.NAME]
  Result<void> named(std::map<std::string, Settings>& all, const toml::key& kind,
                     const toml::node& node) const {
    const auto* tables = node.as_table();
    const auto hint = fmt::format("[{}.NAME]", kind.str());
    if (tables == nullptr)
      return fail_with(place(kind.source()), fmt::format("'{}' is a table of tables", kind.str()), hint);
    for (const auto& [name, table] : *tables) {
      const auto* inner = table.as_table();
      if (inner == nullptr)
        return fail_with(place(name.source()), fmt::format("'{}' stands in no table", name.str()), hint);
      if (auto done = set_all(all[std::string(name.str())], *inner); !done) return done;
    }
    return {};
  }

  Result<void> read(Config& config, const toml::table& root) const {
    for (const auto& [key, node] : root) {
      Result<void> done;
      if (key.str() == "target")
        done = named(config.targets, key, node);
      else if (key.str() == "profile")
        done = named(config.profiles, key, node);
      else if (key.str() != "default_target")
        done = set(config.defaults, key, node);
      else if (const auto value = scalar(node))
        config.default_target = *value;
      if (!done) return done;
    }
    if (config.default_target.empty() && config.targets.size() == 1)
      config.default_target = config.targets.begin()->first;
    if (!config.default_target.empty() && !config.targets.contains(config.default_target))
      return fail_with(file_, fmt::format("default_target '{}' is not in the file", config.default_target),
                       hint_among(config.targets, config.default_target));
    return {};
  }

  static std::string hint_among(const std::map<std::string, Settings>& all, std::string_view name) {
    std::vector<std::string_view> names;
    for (const auto& [known, settings] : all) names.push_back(known);
    auto hint = did_you_mean(name, names);
    if (!hint.empty() || names.empty()) return hint;
    hint = "there are: ";
    for (const auto& known : names) hint += (hint.ends_with(": ") ? "" : ", ") + std::string(known);
    return hint;
  }

 private:
  std::string file_;
};

}  // namespace

Result<Config> parse_config(std::string_view text, const std::string& name) {
  const Reader reader(name);
  const auto parsed = toml::parse(text, name);
  if (!parsed)
    return fail_with(reader.place(parsed.error().source()), std::string(parsed.error().description()),
                     "the file is TOML");
  Config config;
  config.file = name;
  if (auto done = reader.read(config, parsed.table()); !done) return std::unexpected(done.error());
  return config;
}

Result<Config> load_config(const std::string& path) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (error) return fail_with(path, "cannot be read: " + error.message(), "wsspec init writes one");
  if (size > (1U << 20)) return fail_with(path, "larger than a configuration can be");
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return fail_with(path, "cannot be read");
  return parse_config(text.str(), path);
}

Result<Config> find_config(const std::string& given) {
  if (!given.empty()) return load_config(given);
  std::error_code error;
  if (std::filesystem::exists("wsspec.toml", error)) return load_config("wsspec.toml");
  return Config{};
}

Result<Settings> settings_for(const Config& config, const std::string& target, const std::string& profile) {
  auto settings = config.defaults;
  const auto lay = [&](const std::map<std::string, Settings>& all, const std::string& name,
                       const char* kind) -> Result<void> {
    const auto found = all.find(name);
    if (found == all.end()) {
      return fail_with(config.file.empty() ? "wsspec.toml" : config.file,
                       fmt::format("there is no {} '{}'", kind, name),
                       all.empty() ? fmt::format("[{}.{}]", kind, name) : Reader::hint_among(all, name));
    }
    settings.overlay(found->second);
    return {};
  };
  const auto& chosen = target.empty() ? config.default_target : target;
  if (!chosen.empty())
    if (auto done = lay(config.targets, chosen, "target"); !done) return std::unexpected(done.error());
  if (!profile.empty())
    if (auto done = lay(config.profiles, profile, "profile"); !done) return std::unexpected(done.error());
  return settings;
}

std::string sample_config(const std::string& url) {
  std::string text =
      "# wsspec: what to test and how. A flag beats a WSSPEC_... variable beats this file. wsspec run --help "
      "tells more.\n"
      "# Keys up here are defaults for all targets.\n\n"
      "# jobs = 8\n"
      "# time_scale = 1.0         # slower machine, more patience\n\n"
      "[target.local]\n";
  text += fmt::format("url = \"{}\"\n", url);
  text +=
      "# start = \"node server.js {port}\"   # start it, watch it, end it\n"
      "# ready = \"tcp\"                      # or \"http\", or \"log:listening\"\n"
      "# header = [\"Authorization: Bearer ...\"]\n\n"
      "# Facts. What is declared is judged; what is not is only reported.\n"
      "# subprotocols = [\"chat\"]\n"
      "# origins = [\"https://app.example\"]\n"
      "# message_limit = \"16M\"\n"
      "# handshake_timeout = \"10s\"\n"
      "# missing_path = \"/missing\"\n\n"
      "# wsspec run --profile ci\n"
      "[profile.ci]\n"
      "fail_on = \"weak\"\n"
      "json = \"wsspec.json\"\n"
      "junit = \"wsspec.xml\"\n"
      "# baseline = \"wsspec.baseline\"\n";
  return text;
}

}  // namespace wsspec
