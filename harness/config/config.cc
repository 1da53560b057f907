#include "config/config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "config/setting_table.h"
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

/// How to run and what to report. Neither whom to reach and with what credentials, nor what to start, nor
/// what is allowed to hide a fault of somebody else's.
bool holds_for_any(std::string_view key) {
  constexpr std::string_view kKeys[] = {
      "connect_timeout", "ready_timeout", "jobs", "connections", "repeat",  "rate",    "time_scale",
      "budget",          "seed",          "bulk", "probe",       "include", "exclude", "fail_on",
      "cases",           "json",          "html", "junit",       "sarif"};
  return std::ranges::find(kKeys, key) != std::end(kKeys);
}

bool same_url(const std::optional<std::string>& one, const std::string& other) {
  if (!one) return false;
  const auto a = parse_address(*one), b = parse_address(other);
  return a && b && *a == *b;
}

class Reader {
 public:
  explicit Reader(const std::string& file) : file_(file) {}

  std::string place(const toml::source_region& region) const {
    return fmt::format("{}:{}:{}", file_, region.begin.line, region.begin.column);
  }

  /// Paths are relative to the file that holds them.
  std::string beside(const std::string& path) const {
    return path == "-" || path.empty() ? path : (std::filesystem::path(file_).parent_path() / path).string();
  }
  static bool is_file(const std::string& path) {
    std::error_code error;
    return path.ends_with(".wire") || std::filesystem::is_regular_file(path, error);
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
    const bool path = row->info.type == "FILE" || row->info.type == "DIR";
    const bool list = row->info.type.starts_with('[');
    const auto set_one = [&](const toml::node& one) -> Result<void> {
      auto value = scalar(one);
      if (value && (path || (row->info.type == "FILE|STEPS" && is_file(beside(*value)))))
        *value = beside(*value);
      if (!value)
        return fail_with(place(one.source()), fmt::format("'{}' takes another kind of value", key.str()),
                         fmt::format("{} = {}", key.str(), row->info.example));
      auto done = row->set(settings, *value);
      if (!done) done.error().where = fmt::format("{}: {}", place(one.source()), key.str());
      return done;
    };
    if (const auto* words = node.as_table();
        words != nullptr && (row->info.key == "dialect" || row->info.key == "stomp"))
      return set_words(settings, *row, *words);
    const auto* array = node.as_array();
    if (array == nullptr) return set_one(node);
    if (!list)
      return fail_with(where, fmt::format("'{}' takes one value", key.str()),
                       fmt::format("{} = {}", key.str(), row->info.example));
    for (const auto& one : *array)
      if (auto done = set_one(one); !done) return done;
    return {};
  }

  /// [dialect], [stomp]: a value for each word.
  Result<void> set_words(Settings& settings, const SettingRow& row, const toml::table& words) const {
    for (const auto& [word, node] : words) {
      const auto* text = node.as_string();
      if (text == nullptr)
        return fail_with(place(word.source()), fmt::format("'{}' is no text", word.str()),
                         fmt::format("{} = \"...\"", word.str()));
      auto done = row.set(settings, fmt::format("{}={}", word.str(), text->get()));
      if (!done) done.error().where = fmt::format("{}: {}", place(word.source()), row.info.key);
      if (!done) return done;
    }
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

  Result<void> set_default(Config& config, const toml::key& key, const toml::node& node) const {
    if (auto done = set(config.defaults, key, node); !done) return done;
    if (!holds_for_any(find_setting(key.str())->info.key)) {
      if (key.str() != "url") config.about_targets.emplace_back(key.str());
      return {};
    }
    return set(config.for_any, key, node);
  }

  Result<void> read(Config& config, const toml::table& root) const {
    for (const auto& [key, node] : root) {
      Result<void> done;
      if (key.str() == "target")
        done = named(config.targets, key, node);
      else if (key.str() == "profile")
        done = named(config.profiles, key, node);
      else if (key.str() != "default_target")
        done = set_default(config, key, node);
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
  if (!given.empty()) {
    auto config = load_config(given);
    if (config) config->named = true;
    return config;
  }
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

namespace {

/// The target of that URL; the default one when there are several. Empty: none.
std::string target_at(const Config& config, const std::string& url) {
  const auto is_there = [&](const std::string& name) {
    auto settings = settings_for(config, name, "");
    return settings && same_url(settings->url, url);
  };
  if (!config.default_target.empty() && is_there(config.default_target)) return config.default_target;
  for (const auto& [name, unused] : config.targets)
    if (is_there(name)) return name;
  return "";
}

bool has_url(const Config& config) {
  return config.defaults.url ||
         std::ranges::any_of(config.targets, [](const auto& one) { return one.second.url.has_value(); });
}

/// A URL that is not the file's.
Result<FileSettings> settings_for_stranger(const Config& config, const std::string& profile,
                                           const std::string& url) {
  auto known = config;
  known.default_target.clear();
  known.defaults = config.for_any;
  auto settings = settings_for(known, "", profile);
  if (!settings) return std::unexpected(settings.error());
  FileSettings taken{std::move(*settings), "", ""};
  if (!config.about_targets.empty())
    taken.remark =
        fmt::format("{} says nothing about {}, so its {} {} not used", config.file, url,
                    fmt::join(config.about_targets, ", "), config.about_targets.size() == 1 ? "is" : "are");
  else if (!config.targets.empty())
    taken.remark =
        fmt::format("{} has no target at {}; --target NAME takes the settings of another", config.file, url);
  return taken;
}

}  // namespace

Result<FileSettings> settings_from_file(const Config& config, const std::string& target,
                                        const std::string& profile, const std::string& url) {
  FileSettings taken;
  taken.target = !target.empty() ? target : url.empty() ? config.default_target : target_at(config, url);
  const bool own = url.empty() || !taken.target.empty() || same_url(config.defaults.url, url) ||
                   (config.named && !has_url(config));
  if (!config.file.empty() && !own) return settings_for_stranger(config, profile, url);
  auto known = config;
  known.default_target = taken.target;
  auto settings = settings_for(known, "", profile);
  if (!settings) return std::unexpected(settings.error());
  taken.settings = std::move(*settings);
  if (!config.file.empty())
    taken.remark = taken.target.empty()
                       ? fmt::format("settings of {}", config.file)
                       : fmt::format("settings of [target.{}] in {}", taken.target, config.file);
  return taken;
}

namespace {

/// As a TOML string: a target's words are among what is quoted.
std::string toml_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text)
    out += c == '"' || c == '\\'               ? fmt::format("\\{}", c)
           : (c >= 0 && c < 0x20) || c == 0x7f ? fmt::format("\\u{:04x}", c)
                                               : std::string(1, c);
  return out + "\"";
}

/// Facts that hold without being asked for again; as comments when nobody was there to ask.
std::string facts(const TargetFingerprint* found) {
  const auto fact = [&](std::string_view key, bool value, std::string_view meaning) {
    return fmt::format("{}{:27} # {}\n", found == nullptr ? "# " : "", fmt::format("{} = {}", key, value),
                       meaning);
  };
  const TargetFingerprint usual = [] {
    TargetFingerprint one;
    one.echoes = true;
    return one;
  }();
  const auto& is = found == nullptr ? usual : *found;
  return fact("echo", is.echoes, "it sends messages back") + fact("greets", is.greets, "it speaks first") +
         fact("deflate", is.extensions.find("permessage-deflate") != std::string::npos,
              "it agrees to permessage-deflate");
}

constexpr const char* kTlsKeys =
    "# ca = \"ca.pem\"                       # who signed its certificate, if not one of the system's\n"
    "# insecure = true                      # or do not verify it\n"
    "# cert = \"client.pem\"                 # our own certificate\n"
    "# key = \"client.key\"\n"
    "# server_name = \"echo.example\"        # for SNI and verification, if not the URL's\n";

constexpr const char* kReachKeys =
    "# start = \"node server.js {port}\"     # start it, watch it, end it\n"
    "# ready = \"tcp\"                       # or \"http\", or \"log:listening\"\n"
    "# subprotocol = \"chat\"                # sent with every correct opening handshake\n"
    "# preamble = \"login.wire\"             # steps played behind each opening handshake: a login\n"
    "# header = [\"Origin: https://app.example\"]   # a token is better kept in the variable WSSPEC_HEADER\n"
    "# secret_header = [\"X-Token\"]         # no report shows its value, as with Authorization and Cookie\n";

constexpr const char* kRest =
    "# subprotocols = [\"chat\"]\n"
    "# origins = [\"https://app.example\"]\n"
    "# message_limit = \"16M\"\n"
    "# handshake_timeout = \"10s\"\n"
    "# ping_interval = \"30s\"              # it pings so often; ping_timeout, idle_limit: when it gives up\n"
    "# missing_path = \"/missing\"\n"
    "# fanout = \"others\"                  # what a client says comes to the others; or \"all\"\n\n"
    "# wsspec run --profile ci\n"
    "[profile.ci]\n"
    "fail_on = \"weak\"\n"
    "json = \"wsspec.json\"\n"
    "junit = \"wsspec.xml\"\n"
    "# baseline = \"wsspec.baseline\"\n";

}  // namespace

std::string sample_config(const Settings& settings, const TargetFingerprint* found,
                          const std::string& trouble) {
  const std::string url = settings.url.value_or("ws://127.0.0.1:9001");
  std::string text =
      "# wsspec: what to test and how. A flag beats a WSSPEC_... variable beats this file. wsspec run --help "
      "tells more.\n"
      "# Keys up here are defaults for all targets. Paths are relative to this file.\n\n"
      "# jobs = 8\n"
      "# connections = 64                   # of one case\n"
      "# time_scale = 1.0                     # slower machine, more patience\n\n"
      "[target.local]\n";
  text += fmt::format("url = {}\n", toml_text(url));
  text += kReachKeys;
  if (url.starts_with("wss")) text += kTlsKeys;
  if (settings.subprotocol) text += fmt::format("subprotocol = {}\n", toml_text(*settings.subprotocol));
  if (settings.ca) text += fmt::format("ca = {}\n", toml_text(*settings.ca));
  if (settings.insecure) text += fmt::format("insecure = {}\n", *settings.insecure);
  text += "\n# Facts. What is declared is judged; what is not is found out, or only reported.\n";
  if (found == nullptr && !trouble.empty()) text += "# Not found out: " + toml_text(trouble) + "\n";
  return text + facts(found) + kRest;
}

}  // namespace wsspec
