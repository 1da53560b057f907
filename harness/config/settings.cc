// What is done with settings: laying one over another, the environment, and the step to what the runner takes
// (config.h).
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>

#include "config/config.h"
#include "config/setting_table.h"
#include "script/functions.h"
#include "script/walk.h"
#include "target/preamble.h"

namespace wsspec {
namespace {

template <typename T>
void take(std::optional<T>& ours, const std::optional<T>& theirs) {
  if (theirs) ours = theirs;
}
template <typename T>
void take(std::vector<T>& ours, const std::vector<T>& theirs) {
  if (!theirs.empty()) ours = theirs;
}

/// What the preamble sends and waits for: a login, most often.
void add_preamble(const std::vector<Step>& steps, Secrets& secrets) {
  Environment environment;
  const auto add = [&](const Payload& payload) {
    const auto text = evaluate(payload, environment);
    if (!text) return;
    secrets.add(*text);
    secrets.scan(*text, true);
  };
  for_each_step(steps, [&](const Step& step) {
    if (const auto* frame = std::get_if<SendFrame>(&step.statement); frame && frame->payload)
      add(*frame->payload);
    if (const auto* frame = std::get_if<ExpectFrame>(&step.statement); frame && frame->payload)
      add(*frame->payload);
    if (const auto* bytes = std::get_if<SendBytes>(&step.statement)) add(bytes->payload);
  });
}

Result<DialOptions> dial_options(const Settings& settings, DialOptions dial) {
  if (settings.proxy) {
    auto proxy = parse_proxy(*settings.proxy);
    if (!proxy) return std::unexpected(proxy.error());
    dial.proxy = *proxy;
  }
  dial.tls.insecure = settings.insecure.value_or(false);
  dial.tls.ca_file = settings.ca.value_or("");
  dial.tls.certificate_file = settings.cert.value_or("");
  dial.tls.key_file = settings.key.value_or("");
  dial.tls.server_name = settings.server_name.value_or("");
  dial.tls.version = settings.tls_version.value_or("");
  dial.connect_timeout = settings.connect_timeout.value_or(dial.connect_timeout);
  if (!dial.tls.version.empty() && dial.tls.version != "1.2" && dial.tls.version != "1.3")
    return fail_with("tls_version",
                     fmt::format("'{}' is no TLS version that can be chosen", dial.tls.version),
                     "1.2 or 1.3");
  if (dial.tls.certificate_file.empty() && !dial.tls.key_file.empty())
    return fail_with("key", "a key without its certificate", "--cert FILE");
  return dial;
}

void set_feature(Profile& profile, const char* name, const std::optional<bool>& on) {
  if (!on) return;
  if (*on)
    profile.features.insert(name);
  else
    profile.features.erase(name);
}

/// What is declared of rooms; nothing without `fanout`, on which all else depends.
Result<std::optional<Rooms>> rooms_of(const Settings& settings) {
  const char* other = settings.history            ? "history"
                      : settings.delivery         ? "delivery"
                      : settings.order            ? "order"
                      : settings.slow             ? "slow"
                      : !settings.dialect.empty() ? "dialect"
                                                  : nullptr;
  if (!settings.fanout && other != nullptr)
    return fail_with(other, "this is about rooms, and nothing says who hears what is said there",
                     "declare fanout, too: others or all");
  if (!settings.fanout) return std::optional<Rooms>();
  Rooms rooms;
  rooms.fanout = *settings.fanout;
  rooms.history = settings.history.value_or(rooms.history);
  rooms.delivery = settings.delivery.value_or(rooms.delivery);
  rooms.order = settings.order.value_or(rooms.order);
  rooms.slow = settings.slow.value_or(rooms.slow);
  for (const auto& word : settings.dialect)
    if (auto good = add_to_dialect(rooms.dialect, word); !good) return std::unexpected(good.error());
  if (rooms.dialect.joined && !rooms.dialect.join)
    return fail_with("dialect", "'joined' answers a 'join', and there is none", "join = \"...\"");
  return rooms;
}

/// What a broker declares; nothing where nothing is.
Result<std::optional<StompTarget>> stomp_of(const Settings& settings, Secrets& secrets) {
  if (settings.stomp.empty()) return std::optional<StompTarget>();
  StompTarget target;
  for (const auto& word : settings.stomp)
    if (auto good = add_to_stomp(target, word); !good) return std::unexpected(good.error());
  if (target.passcode) secrets.add(*target.passcode);
  return target;
}

Result<Profile> profile_for(const Settings& settings, Profile profile) {
  profile.headers = settings.header;
  profile.secrets = secrets_of(settings);
  const auto named = [&](std::string_view name) {
    return std::ranges::any_of(profile.headers,
                               [&](const Field& field) { return same_text(field.name, name); });
  };
  profile.subprotocol = settings.subprotocol.value_or("");
  if (settings.preamble) {
    auto steps = read_preamble(*settings.preamble);
    if (!steps) return std::unexpected(steps.error());
    add_preamble(*steps, profile.secrets);
    profile.preamble = std::move(*steps);
  }
  profile.subprotocols = settings.subprotocols;
  profile.origins = settings.origins;
  profile.message_limit = settings.message_limit;
  profile.handshake_timeout = settings.handshake_timeout;
  profile.ping_interval = settings.ping_interval;
  profile.ping_timeout = settings.ping_timeout;
  profile.idle_limit = settings.idle_limit;
  profile.idle_max = settings.idle_max;
  profile.missing_path = settings.missing_path;
  if (profile.missing_path && !profile.missing_path->starts_with('/'))
    return fail_with("missing_path", "a path begins with '/'", "/missing");
  auto rooms = rooms_of(settings);
  if (!rooms) return std::unexpected(rooms.error());
  profile.rooms = std::move(*rooms);
  auto stomp = stomp_of(settings, profile.secrets);
  if (!stomp) return std::unexpected(stomp.error());
  profile.stomp = std::move(*stomp);
  profile.greets = settings.greets.value_or(false);
  profile.time_scale = settings.time_scale.value_or(1.0);
  profile.client_time_scale = settings.client_time_scale.value_or(1.0);
  set_feature(profile, "echo", settings.echo);
  set_feature(profile, "deflate", settings.deflate);
  set_feature(profile, "greeting", settings.greets);
  set_feature(profile, "reconnect", settings.reconnects);
  set_feature(profile, "closes-first", settings.closes_first);
  // An allowed origin goes with every request, or the target would have to refuse us.
  if (!profile.origins.empty() && !named("Origin"))
    profile.headers.push_back({"Origin", profile.origins.front()});
  return profile;
}

}  // namespace

void Settings::overlay(const Settings& other) {
  take(url, other.url);
  take(proxy, other.proxy), take(ca, other.ca), take(cert, other.cert), take(key, other.key);
  take(server_name, other.server_name), take(tls_version, other.tls_version);
  take(insecure, other.insecure);
  take(connect_timeout, other.connect_timeout);
  for (const auto& field : other.header) {
    std::erase_if(header, [&](const Field& ours) { return same_text(ours.name, field.name); });
  }
  header.insert(header.end(), other.header.begin(), other.header.end());
  secret_header.insert(secret_header.end(), other.secret_header.begin(), other.secret_header.end());
  secret.insert(secret.end(), other.secret.begin(), other.secret.end());
  take(subprotocol, other.subprotocol), take(preamble, other.preamble);
  take(start, other.start), take(start_directory, other.start_directory), take(ready, other.ready);
  start_env.insert(start_env.begin(), other.start_env.begin(), other.start_env.end());
  take(ready_timeout, other.ready_timeout);
  take(budget_cpu, other.budget_cpu), take(budget_memory, other.budget_memory);
  take(budget_descriptors, other.budget_descriptors), take(budget_threads, other.budget_threads);
  take(subprotocols, other.subprotocols), take(origins, other.origins);
  take(message_limit, other.message_limit), take(handshake_timeout, other.handshake_timeout);
  take(ping_interval, other.ping_interval), take(ping_timeout, other.ping_timeout);
  take(idle_limit, other.idle_limit), take(idle_max, other.idle_max), take(expect, other.expect);
  take(missing_path, other.missing_path);
  take(fanout, other.fanout), take(history, other.history), take(delivery, other.delivery);
  take(order, other.order), take(slow, other.slow), take(dialect, other.dialect);
  take(stomp, other.stomp);
  take(echo, other.echo), take(greets, other.greets), take(deflate, other.deflate), take(probe, other.probe);
  take(reconnects, other.reconnects), take(closes_first, other.closes_first);
  take(client_time_scale, other.client_time_scale);
  take(jobs, other.jobs), take(connections, other.connections), take(repeat, other.repeat),
      take(rate, other.rate), take(time_scale, other.time_scale);
  take(budget, other.budget), take(seed, other.seed);
  take(bulk, other.bulk), take(allow_destructive, other.allow_destructive),
      take(allow_flaky, other.allow_flaky), take(allow_not_run, other.allow_not_run);
  take(include, other.include), take(exclude, other.exclude);
  take(baseline, other.baseline), take(fail_on, other.fail_on), take(cases, other.cases);
  take(json, other.json), take(html, other.html), take(junit, other.junit), take(sarif, other.sarif);
}

Result<Settings> settings_from_environment() {
  Settings settings;
  for (const auto& row : setting_rows()) {
    std::string name = "WSSPEC_";
    for (const char c : row.info.key) name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
    const char* value = std::getenv(name.c_str());
    if (value == nullptr || *value == '\0') continue;
    auto set = row.set(settings, value);
    if (!set) {
      set.error().where = name;
      return std::unexpected(set.error());
    }
  }
  return settings;
}

Secrets secrets_of(const Settings& settings) {
  Secrets secrets;
  for (const auto& field : settings.header) {
    const auto same = [&](const std::string& name) { return same_text(name, field.name); };
    if (std::ranges::any_of(settings.secret_header, same)) secrets.add(field.value);
    secrets.add_field(field.name, field.value);
  }
  if (settings.url) secrets.add_url(*settings.url);
  if (settings.proxy) secrets.add_proxy(*settings.proxy);
  if (settings.subprotocol) secrets.scan(*settings.subprotocol);
  if (settings.start) secrets.scan(*settings.start);
  for (const auto& variable : settings.start_env) secrets.add_variable(variable);
  for (const auto& text : settings.secret) secrets.add(text);
  return secrets;
}

Result<RunOptions> run_options(const Settings& settings) {
  if (!settings.url) return fail_with("", "no URL", "wsspec run ws://127.0.0.1:9001");
  auto address = parse_address(*settings.url);
  if (!address) return std::unexpected(address.error());
  auto options = default_run_options(*address, settings.proxy.has_value());
  auto dial = dial_options(settings, options.dial);
  if (!dial) return std::unexpected(dial.error());
  options.dial = *dial;
  auto profile = profile_for(settings, options.profile);
  if (!profile) return std::unexpected(profile.error());
  options.profile = std::move(*profile);
  options.declared = {settings.echo, settings.deflate};
  if (settings.start) {
    if (!address->is_loopback())
      return fail_with("start", "the target to start is not on this machine", "a loopback URL");
    Launch launch;
    launch.command = *settings.start;
    launch.directory = settings.start_directory.value_or("");
    launch.environment = settings.start_env;
    launch.ready = settings.ready.value_or(launch.ready);
    launch.ready_timeout = settings.ready_timeout.value_or(launch.ready_timeout);
    options.launch = std::move(launch);
  }
  options.cost_budget = {settings.budget_cpu, settings.budget_memory, settings.budget_descriptors,
                         settings.budget_threads};
  if (options.cost_budget.declared() && !options.launch)
    return fail_with("budget", "costs are known only of a target that wsspec starts itself",
                     "add --start COMMAND");
  options.jobs = settings.jobs.value_or(options.jobs);
  // Where who is connected hears everybody, two cases at once would hear each other.
  const auto& rooms = options.profile.rooms;
  if (rooms && rooms->fanout != Fanout::none && rooms->dialect.is_open()) options.jobs = 1;
  options.connections = settings.connections.value_or(options.connections);
  options.repeat = settings.repeat.value_or(options.repeat);
  options.rate = settings.rate.value_or(options.rate);
  options.budget = settings.budget;
  options.seed = settings.seed.value_or(options.seed);
  options.allow_destructive = settings.allow_destructive.value_or(options.allow_destructive);
  options.probe = settings.probe.value_or(true);
  return options;
}

}  // namespace wsspec
