// Config: wsspec.toml, in which targets and ways to run against them are written down (TOML 1.0).
//
// Order of precedence: flag over environment over the chosen profile over the chosen target over the file's
// defaults. Keys of the file are the flags without dashes in front and with `_` for `-`. At the top level
// they are defaults; the tables [target.NAME] and [profile.NAME] hold the same keys. `default_target` names
// the target to take without --target. An unknown key is an error with its place and the nearest known key: a
// typo must not switch a check off.
#pragma once

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "play/profile.h"
#include "protocol/error.h"
#include "run/runner.h"

namespace wsspec {

/// What can be set for a run; an absent member was not set there.
struct Settings {
  std::optional<std::string> url;
  // Reaching it.
  std::optional<std::string> proxy, ca, cert, key, server_name, tls_version;
  std::optional<bool> insecure;
  std::optional<Duration> connect_timeout;
  std::vector<Field> header;
  std::vector<std::string> secret_header;  ///< Names of fields that would pass for harmless.
  std::vector<std::string> secret;         ///< Further texts that nothing may show.
  std::optional<std::string> subprotocol, preamble;
  // Starting it.
  std::optional<std::string> start, start_directory, ready;
  std::vector<std::string> start_env;
  std::optional<Duration> ready_timeout;
  // What a case may cost it.
  std::optional<Duration> budget_cpu;
  std::optional<std::uint64_t> budget_memory;
  std::optional<int> budget_descriptors, budget_threads;
  // Declared facts.
  std::vector<std::string> subprotocols, origins;
  std::optional<std::uint64_t> message_limit;
  std::optional<Duration> handshake_timeout, ping_interval, ping_timeout, idle_limit, idle_max;
  std::optional<std::string> missing_path;
  std::vector<std::string> expect;  ///< Each as read_expectation() takes it (play/expected_fact.h).
  std::optional<bool> echo, greets, deflate, reconnects, closes_first;
  std::optional<Fanout> fanout;
  std::optional<std::uint64_t> history;
  std::optional<Delivery> delivery;
  std::optional<Order> order;
  std::optional<SlowMember> slow;
  std::vector<std::string> stomp;    ///< Each as add_to_stomp() takes it.
  std::vector<std::string> dialect;  ///< Each as add_to_dialect() takes it.
  // How to run.
  std::optional<int> jobs, connections, repeat;
  std::optional<double> rate, time_scale, client_time_scale;
  std::optional<Duration> budget;
  std::optional<std::uint64_t> seed;
  std::optional<bool> bulk, allow_destructive, allow_flaky, allow_not_run, probe;
  std::vector<std::string> include, exclude;
  std::optional<std::string> baseline, fail_on, cases;
  std::optional<std::string> json, html, junit, sarif;

  /// Takes from `other` what it sets; its headers and environment come on top of ours, its other lists
  /// replace ours.
  void overlay(const Settings& other);
  bool operator==(const Settings&) const = default;
};

struct Config {
  std::string file;
  Settings defaults;
  std::map<std::string, Settings> targets, profiles;
  std::string default_target;  ///< Of the file; the only target when there is one.
  Settings for_any;            ///< Of the defaults what says how to run, not whom to reach and how.
  std::vector<std::string> about_targets;  ///< The keys of the other defaults.
  bool named = false;                      ///< The user named the file himself.
};

Result<Config> parse_config(std::string_view text, const std::string& name);
Result<Config> load_config(const std::string& path);
/// `given`, else ./wsspec.toml if it exists, else an empty Config. Paths in a file are relative to it.
Result<Config> find_config(const std::string& given);

/// Defaults, target and profile put together; unknown names are errors with a hint.
Result<Settings> settings_for(const Config& config, const std::string& target, const std::string& profile);
/// What a file says about a URL, and what people should know about that.
struct FileSettings {
  Settings settings;
  std::string target;  ///< Of the file; empty: none.
  std::string remark;  ///< One line; empty when nothing came from a file and nothing was left out.
};
/// `url`: given by hand, or empty. A URL that is not the file's own gets neither its credentials nor its
/// commands: a target's settings are taken when the URL is that target's or `target` names it, and of the
/// defaults only what holds for whatever is tested.
Result<FileSettings> settings_from_file(const Config& config, const std::string& target,
                                        const std::string& profile, const std::string& url);
/// WSSPEC_URL, WSSPEC_JOBS, ...: each key in capitals.
Result<Settings> settings_from_environment();
/// Reads one setting from text, as a flag or a variable gives it. `key` as in the file.
Result<void> set_setting(Settings& settings, std::string_view key, std::string_view value);

/// A key: for help, manual and hints. A flag of type "bool" needs no value; "[...]" may be given more than
/// once.
struct SettingInfo {
  std::string_view key, type, meaning, example;
};
std::span<const SettingInfo> setting_infos();

/// What of the settings must not be shown; what the preamble sends is added by run_options().
Secrets secrets_of(const Settings& settings);

/// From settings to what the runner takes: parses the URL, polite defaults, declared facts, secrets.
Result<RunOptions> run_options(const Settings& settings);

/// "1.5s", "200ms", "2m": a positive duration.
Result<Duration> parse_duration(std::string_view text);

/// What `wsspec init` writes: the target's URL, what was found out about it, or else why nothing was.
std::string sample_config(const Settings& settings, const TargetFingerprint* found = nullptr,
                          const std::string& trouble = {});

}  // namespace wsspec
