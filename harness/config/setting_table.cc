#include "config/setting_table.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "play/expected_fact.h"
#include "script/diagnostics.h"

namespace wsspec {
namespace {

using Set = Result<void> (*)(Settings&, std::string_view);

template <typename T>
Result<T> read_number(std::string_view text, const char* example) {
  T value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size())
    return fail_with("", fmt::format("'{}' is no number that fits here", text), example);
  return value;
}

Result<bool> read_bool(std::string_view text) {
  if (text == "true" || text == "yes" || text == "on" || text == "1") return true;
  if (text == "false" || text == "no" || text == "off" || text == "0") return false;
  return fail_with("", fmt::format("'{}' is neither yes nor no", text), "yes or no");
}

/// 65536, 64K, 16M, 1G.
Result<std::uint64_t> read_octets(std::string_view text) {
  int shift = 0;
  auto digits = text;
  if (!digits.empty()) {
    const char unit = digits.back();
    shift = unit == 'K' || unit == 'k'   ? 10
            : unit == 'M' || unit == 'm' ? 20
            : unit == 'G' || unit == 'g' ? 30
                                         : 0;
    if (shift != 0) digits.remove_suffix(1);
  }
  auto value = read_number<std::uint64_t>(digits, "65536, 64K or 16M");
  if (!value) return value;
  if (*value > (~0ULL >> shift)) return fail_with("", fmt::format("'{}' is too large", text));
  return *value << shift;
}

/// What goes into a request must not be able to end its line.
Result<void> check_line(std::string_view value) {
  const auto* bad =
      std::ranges::find_if(value, [](char c) { return (c >= 0 && c < 0x20 && c != '\t') || c == 0x7f; });
  if (bad == value.end()) return {};
  return fail_with(
      "", fmt::format("holds a control character (0x{:02x}) at position {}", *bad, bad - value.begin() + 1),
      "plain text on one line");
}

template <auto Member>
Result<void> line(Settings& settings, std::string_view value) {
  if (auto good = check_line(value); !good) return good;
  settings.*Member = std::string(value);
  return {};
}
template <auto Member>
Result<void> text(Settings& settings, std::string_view value) {
  settings.*Member = std::string(value);
  return {};
}
template <auto Member>
Result<void> flag(Settings& settings, std::string_view value) {
  auto read = read_bool(value);
  if (!read) return std::unexpected(read.error());
  settings.*Member = *read;
  return {};
}
template <auto Member>
Result<void> duration(Settings& settings, std::string_view value) {
  auto read = parse_duration(value);
  if (!read) return std::unexpected(read.error());
  settings.*Member = *read;
  return {};
}
template <auto Member>
Result<void> list(Settings& settings, std::string_view value) {
  (settings.*Member).emplace_back(value);
  return {};
}
/// A list of tokens, which may also come joined by commas.
template <auto Member>
Result<void> tokens(Settings& settings, std::string_view value) {
  if (auto good = check_line(value); !good) return good;
  while (true) {
    const auto comma = value.find(',');
    const auto one = trim_blanks(value.substr(0, comma));
    if (one.empty()) return fail_with("", "an empty element in the list", "a, b, c");
    (settings.*Member).emplace_back(one);
    if (comma == value.npos) return {};
    value.remove_prefix(comma + 1);
  }
}
template <auto Member, int Least, int Most>
Result<void> integer(Settings& settings, std::string_view value) {
  auto read = read_number<int>(value, "a whole number");
  if (!read) return std::unexpected(read.error());
  if (*read < Least || *read > Most)
    return fail_with("", fmt::format("{} is out of range", *read), fmt::format("{} to {}", Least, Most));
  settings.*Member = *read;
  return {};
}
template <auto Member>
Result<void> octets(Settings& settings, std::string_view value) {
  auto read = read_octets(value);
  if (!read) return std::unexpected(read.error());
  settings.*Member = *read;
  return {};
}
template <auto Member>
Result<void> positive(Settings& settings, std::string_view value) {
  auto read = read_number<double>(value, "a number such as 0.5 or 3");
  if (!read) return std::unexpected(read.error());
  if (!std::isfinite(*read) || *read <= 0 || *read > 1e6)
    return fail_with("", fmt::format("{} is out of range", value), "more than 0");
  settings.*Member = *read;
  return {};
}

Result<void> path(Settings& settings, std::string_view value) {
  if (!value.starts_with('/')) return fail_with("", "a path begins with '/'", "/missing");
  if (std::ranges::any_of(value, [](char c) { return c <= 0x20 || c >= 0x7f; }))
    return fail_with("", "the path has a blank, a control character or one outside ASCII",
                     "percent-encode it");
  settings.missing_path = std::string(value);
  return {};
}

Result<void> header(Settings& settings, std::string_view value) {
  const auto colon = value.find(':');
  if (colon == value.npos || !is_token(value.substr(0, colon)))
    return fail_with("", "a header field is a name, a colon and a value", "'Name: value'");
  if (auto good = check_line(value); !good) return good;
  settings.header.push_back(
      {std::string(value.substr(0, colon)), std::string(trim_blanks(value.substr(colon + 1)))});
  return {};
}

/// One of a few words.
template <auto Member, typename Value, std::size_t Count>
Result<void> choose(Settings& settings, std::string_view value,
                    const std::pair<std::string_view, Value> (&choices)[Count]) {
  std::vector<std::string_view> words;
  for (const auto& [word, chosen] : choices) {
    words.push_back(word);
    if (word != value) continue;
    settings.*Member = chosen;
    return {};
  }
  auto hint = did_you_mean(value, words);
  return fail_with("", fmt::format("'{}' is none of its values", value),
                   hint.empty() ? fmt::format("one of {}", fmt::join(words, ", ")) : hint);
}

Result<void> fanout(Settings& settings, std::string_view value) {
  constexpr std::pair<std::string_view, Fanout> kWays[] = {
      {"none", Fanout::none}, {"others", Fanout::others}, {"all", Fanout::all}};
  return choose<&Settings::fanout>(settings, value, kWays);
}
Result<void> delivery(Settings& settings, std::string_view value) {
  constexpr std::pair<std::string_view, Delivery> kWays[] = {{"exactly-once", Delivery::exactly_once},
                                                             {"at-most-once", Delivery::at_most_once},
                                                             {"at-least-once", Delivery::at_least_once}};
  return choose<&Settings::delivery>(settings, value, kWays);
}
Result<void> order(Settings& settings, std::string_view value) {
  constexpr std::pair<std::string_view, Order> kWays[] = {
      {"sender", Order::sender}, {"total", Order::total}, {"none", Order::none}};
  return choose<&Settings::order>(settings, value, kWays);
}
Result<void> slow(Settings& settings, std::string_view value) {
  constexpr std::pair<std::string_view, SlowMember> kWays[] = {
      {"buffered", SlowMember::buffered}, {"dropped", SlowMember::dropped}, {"closed", SlowMember::closed}};
  return choose<&Settings::slow>(settings, value, kWays);
}
Result<void> history(Settings& settings, std::string_view value) {
  auto read = read_number<std::uint64_t>(value, "0, or how many old messages who joins later gets");
  if (!read) return std::unexpected(read.error());
  if (*read > 10'000) return fail_with("", fmt::format("{} is out of range", value), "0 to 10000");
  settings.history = *read;
  return {};
}
Result<void> dialect(Settings& settings, std::string_view value) {
  Dialect whole;
  if (auto good = add_to_dialect(whole, value); !good) return good;
  settings.dialect.emplace_back(value);
  return {};
}

Result<void> nodes(Settings& settings, std::string_view value) {
  if (auto address = parse_address(value); !address) return std::unexpected(address.error());
  settings.nodes.emplace_back(value);
  return {};
}
Result<void> balancer(Settings& settings, std::string_view value) {
  if (auto address = parse_address(value); !address) return std::unexpected(address.error());
  settings.balancer = value;
  return {};
}
Result<void> act(Settings& settings, std::string_view value) {
  const auto equals = value.find('=');
  const auto name = value.substr(0, equals);
  const bool good = !name.empty() && std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
  });
  if (!good || equals == value.npos || equals + 1 == value.size())
    return fail_with("", fmt::format("'{}' is no NAME=COMMAND", value), "'kill-2=./node.sh kill 2'");
  settings.act.emplace_back(value);
  return {};
}
Result<void> stomp(Settings& settings, std::string_view value) {
  StompTarget whole;
  if (auto good = add_to_stomp(whole, value); !good) return good;
  settings.stomp.emplace_back(value);
  return {};
}

Result<void> expectation(Settings& settings, std::string_view value) {
  if (auto read = read_expectation(value); !read) return std::unexpected(read.error());
  settings.expect.emplace_back(value);
  return {};
}

Result<void> fail_on(Settings& settings, std::string_view value) {
  settings.fail_on = std::string(value);  // Its words are the gate's; report/ reads them.
  return {};
}

using S = Settings;
const SettingRow kRows[] = {
    {{"url", "URL", "Where the target is", "\"ws://127.0.0.1:9001\""}, line<&S::url>},
    {{"header", "[FIELD]", "Sent with every opening handshake: 'Name: value'",
      "[\"Authorization: Bearer x\"]"},
     header},
    {{"secret_header", "[NAME]",
      "A header field whose value nothing may show; only well-known harmless ones, such as Origin, are shown",
      "[\"User-Agent\"]"},
     list<&S::secret_header>},
    {{"secret", "[TEXT]", "A further text that nothing may show; best given by WSSPEC_SECRET",
      "[\"s3cret\"]"},
     list<&S::secret>},
    {{"subprotocol", "NAME", "Sent with every correct opening handshake", "\"chat\""}, line<&S::subprotocol>},
    {{"preamble", "FILE|STEPS",
      "Steps of the notation played after each opening handshake, for instance a login; or a file of them",
      "\"login.wire\""},
     text<&S::preamble>},
    {{"proxy", "URL", "An HTTP proxy to CONNECT through: http://user:password@host:port",
      "\"http://127.0.0.1:3128\""},
     line<&S::proxy>},
    {{"insecure", "bool", "Do not verify the target's certificate", "true"}, flag<&S::insecure>},
    {{"ca", "FILE", "Certificate authorities to trust, PEM", "\"ca.pem\""}, text<&S::ca>},
    {{"cert", "FILE", "Our own certificate, PEM", "\"client.pem\""}, text<&S::cert>},
    {{"key", "FILE", "Its private key, PEM", "\"client.key\""}, text<&S::key>},
    {{"server_name", "NAME", "Name for SNI and verification, if not the URL's", "\"echo.example\""},
     line<&S::server_name>},
    {{"tls_version", "1.2|1.3", "Only this version of TLS", "\"1.3\""}, text<&S::tls_version>},
    {{"connect_timeout", "TIME", "For TCP, proxy and TLS together; default 5s", "\"5s\""},
     duration<&S::connect_timeout>},
    {{"start", "COMMAND", "Start the target with this command and watch it; {port} is the URL's",
      "\"node server.js {port}\""},
     text<&S::start>},
    {{"start_directory", "DIR", "Where to run that command", "\"build\""}, text<&S::start_directory>},
    {{"start_env", "[NAME=VALUE]", "Added to its environment", "[\"ASAN_OPTIONS=abort_on_error=1\"]"},
     list<&S::start_env>},
    {{"ready", "tcp|http|log:REGEX", "How to tell that it is ready; default tcp", "\"log:listening\""},
     text<&S::ready>},
    {{"ready_timeout", "TIME", "How long to wait for that; default 20s", "\"20s\""},
     duration<&S::ready_timeout>},
    {{"budget_cpu", "TIME", "Needs --start: a case that costs the target more CPU time than this fails",
      "\"500ms\""},
     duration<&S::budget_cpu>},
    {{"budget_memory", "OCTETS", "Needs --start: a case that costs it more memory than this fails",
      "\"64M\""},
     octets<&S::budget_memory>},
    {{"budget_descriptors", "N", "Needs --start: a case that leaves more descriptors open than this fails",
      "8"},
     integer<&S::budget_descriptors, 0, 1'000'000>},
    {{"budget_threads", "N", "Needs --start: a case that leaves more threads running than this fails", "8"},
     integer<&S::budget_threads, 0, 1'000'000>},
    {{"subprotocols", "[NAME]", "Declared fact: the subprotocols that the target supports",
      "[\"chat\", \"superchat\"]"},
     tokens<&S::subprotocols>},
    {{"origins", "[ORIGIN]", "Declared fact: the origins it allows; it must refuse others",
      "[\"https://app.example\"]"},
     tokens<&S::origins>},
    {{"message_limit", "OCTETS", "Declared fact: it must refuse larger messages", "\"16M\""},
     octets<&S::message_limit>},
    {{"handshake_timeout", "TIME", "Declared fact: it must end a handshake that is not complete by then",
      "\"10s\""},
     duration<&S::handshake_timeout>},
    {{"ping_interval", "TIME", "Declared fact: it pings so often where nothing else is said", "\"30s\""},
     duration<&S::ping_interval>},
    {{"ping_timeout", "TIME", "Declared fact: it ends a connection that does not answer its ping by then",
      "\"10s\""},
     duration<&S::ping_timeout>},
    {{"idle_limit", "TIME", "Declared fact: it ends a connection from which no frame comes for so long",
      "\"60s\""},
     duration<&S::idle_limit>},
    {{"idle_max", "TIME",
      "A hop: watch silent tunnels for so long, for its idle limit, in parallel; default 75s where they are "
      "measured at all",
      "\"75s\""},
     duration<&S::idle_max>},
    {{"expect", "[NAME<op>VALUE]",
      "A hop: a fact that must hold, else the run is red: idle>=60s, pings=both, head>=16KiB, latency<=5ms",
      "[\"idle>=60s\", \"latency<=5ms\"]"},
     expectation},
    {{"missing_path", "PATH", "Declared fact: a path that it does not serve", "\"/missing\""}, path},
    {{"echo", "yes|no", "Declared fact: it sends data messages back; found out otherwise", "true"},
     flag<&S::echo>},
    {{"reconnects", "bool",
      "Declared fact: a client connects again when its connection ends; its delays are measured, which takes "
      "minutes",
      "false"},
     flag<&S::reconnects>},
    {{"closes_first", "bool",
      "Declared fact: a client that finds \"close\" in WSSPEC_ACTION closes in place of sending back the "
      "first "
      "message",
      "false"},
     flag<&S::closes_first>},
    {{"greets", "yes|no", "Declared fact: it speaks first; found out otherwise", "false"}, flag<&S::greets>},
    {{"deflate", "yes|no", "Declared fact: it agrees to permessage-deflate; found out otherwise", "true"},
     flag<&S::deflate>},
    {{"fanout", "none|others|all",
      "Declared fact: who hears what a member of a room says; all: the member itself, too", "\"others\""},
     fanout},
    {{"history", "N", "Declared fact: how many old messages who joins a room later gets; default 0", "0"},
     history},
    {{"delivery", "exactly-once|at-most-once|at-least-once",
      "Declared fact: whether messages of a room may be lost or come again; default exactly-once",
      "\"at-most-once\""},
     delivery},
    {{"order", "sender|total|none",
      "Declared fact: the order in which members hear: each sender's, one for all, none; default sender",
      "\"total\""},
     order},
    {{"slow", "buffered|dropped|closed",
      "Declared fact: a member that reads too slowly gets all in the end, misses some, or is sent away",
      "\"buffered\""},
     slow},
    {{"dialect", "[plain|WORD=TEMPLATE]",
      "How to say things in a room: plain, or a template for join, joined, say, hear, leave, with {room} and "
      "{text}; escape=json; in a file a table",
      "[\"join=/join {room}\", \"leave=/leave\"]"},
     dialect},
    {{"nodes", "[URL]", "A server of several nodes: where two of them are reached, past the balancer",
      "[\"ws://127.0.0.1:9001/\", \"ws://127.0.0.1:9002/\"]"},
     nodes},
    {{"balancer", "URL", "A server of several nodes: the balancer before them", "\"ws://127.0.0.1:9000/\""},
     balancer},
    {{"act", "[NAME=COMMAND]",
      "A server of several nodes: what its operator types to kill-2, start-2, drain-2, pause-2, resume-2, "
      "stop-broker, start-broker; ends when it is done; in a file a table",
      "[\"kill-2=./node.sh kill 2\", \"start-2=./node.sh start 2\"]"},
     act},
    {{"stomp", "[WORD=VALUE]",
      "Declared fact: a broker that speaks STOMP; host, login, passcode, queue and topic (what their names "
      "begin "
      "with), kind=text or binary, heart-beat, own=no where who sends does not get it, subscribe=NAME:VALUE; "
      "in a file a table",
      "[\"queue=/queue/\", \"topic=/topic/\", \"login=guest\"]"},
     stomp},
    {{"probe", "yes|no", "Find out what the target can do before the first case; default yes", "true"},
     flag<&S::probe>},
    {{"jobs", "N", "Connections in flight; default 8, elsewhere than on loopback 2", "8"},
     integer<&S::jobs, 1, 1000>},
    {{"connections", "N", "Connections that one case may have open; default 64, elsewhere than on loopback 4",
      "64"},
     integer<&S::connections, 1, 64>},
    {{"rate", "N", "New connections a second at most; default none, elsewhere than on loopback 10", "10"},
     positive<&S::rate>},
    {{"repeat", "N", "How often a fail, error or inconclusive is played again, alone; default 1", "1"},
     integer<&S::repeat, 0, 100>},
    {{"time_scale", "X", "Multiplies all waiting times", "1.0"}, positive<&S::time_scale>},
    {{"client_time_scale", "X",
      "How much faster the clock of a client runs than ours: what it waited is multiplied by it", "1.0"},
     positive<&S::client_time_scale>},
    {{"budget", "TIME", "For the whole run; what is left then is not run, and red", "\"60s\""},
     duration<&S::budget>},
    {{"seed", "N", "Of masking and handshake keys; default: a new one each time, written in the report", "1"},
     octets<&S::seed>},
    {{"include", "[PATTERN]", "Play only cases that match", "[\"close.*\", \"autobahn/6.*\"]"},
     list<&S::include>},
    {{"exclude", "[PATTERN]", "Leave out cases that match", "[\"tag:slow\"]"}, list<&S::exclude>},
    {{"bulk", "bool", "Also the many large cases that Autobahn is known for", "false"}, flag<&S::bulk>},
    {{"allow_destructive", "bool", "Also cases that may harm a target, elsewhere than on loopback", "false"},
     flag<&S::allow_destructive>},
    {{"allow_flaky", "bool", "A verdict that changed when repeated is not red", "false"},
     flag<&S::allow_flaky>},
    {{"allow_not_run", "bool", "Cases that a budget left unplayed are not red", "false"},
     flag<&S::allow_not_run>},
    {{"fail_on", "WORD", "Also red: weak, info, inconclusive", "\"weak\""}, fail_on},
    {{"baseline", "FILE", "Known failures", "\"wsspec.baseline\""}, text<&S::baseline>},
    {{"cases", "DIR", "The case set", "\"cases\""}, text<&S::cases>},
    {{"json", "FILE", "Write the JSON report", "\"wsspec.json\""}, text<&S::json>},
    {{"html", "FILE", "Write the HTML report", "\"wsspec.html\""}, text<&S::html>},
    {{"junit", "FILE", "Write JUnit XML", "\"wsspec.xml\""}, text<&S::junit>},
    {{"sarif", "FILE", "Write SARIF", "\"wsspec.sarif\""}, text<&S::sarif>},
};

std::string underscored(std::string_view key) {
  std::string out(key);
  std::ranges::replace(out, '-', '_');
  return out;
}

}  // namespace

std::span<const SettingRow> setting_rows() {
  return kRows;
}

const SettingRow* find_setting(std::string_view key) {
  const auto wanted = underscored(key);
  const auto* found = std::ranges::find(kRows, wanted, [](const SettingRow& row) { return row.info.key; });
  return found == std::end(kRows) ? nullptr : found;
}

std::string setting_hint(std::string_view key) {
  std::vector<std::string_view> keys = {"default_target", "target", "profile"};
  for (const auto& row : kRows) keys.push_back(row.info.key);
  auto hint = did_you_mean(underscored(key), keys);
  return hint.empty() ? fmt::format("there are: {}", fmt::join(keys, ", ")) : hint;
}

std::span<const SettingInfo> setting_infos() {
  static const std::vector<SettingInfo> infos = [] {
    std::vector<SettingInfo> out;
    for (const auto& row : kRows) out.push_back(row.info);
    return out;
  }();
  return infos;
}

Result<Duration> parse_duration(std::string_view text) {
  constexpr std::pair<std::string_view, double> kUnits[] = {
      {"ns", 1}, {"us", 1e3}, {"ms", 1e6}, {"s", 1e9}, {"min", 60e9}, {"m", 60e9}, {"h", 3600e9}};
  const auto unit_at = text.find_first_not_of("0123456789.");
  const auto* unit =
      std::ranges::find(kUnits, unit_at == text.npos ? std::string_view("s") : text.substr(unit_at),
                        &std::pair<std::string_view, double>::first);
  const auto number = read_number<double>(text.substr(0, unit_at), "");
  if (unit == std::end(kUnits) || !number || !(*number > 0) || *number * unit->second > 1e18)
    return fail_with("", fmt::format("'{}' is no length of time", text), "500ms, 1.5s or 2m");
  return Duration(static_cast<std::int64_t>(*number * unit->second));
}

Result<void> set_setting(Settings& settings, std::string_view key, std::string_view value) {
  const auto* row = find_setting(key);
  if (row == nullptr) return fail_with(std::string(key), "unknown key", setting_hint(key));
  auto set = row->set(settings, value);
  if (!set) set.error().where = std::string(key);
  return set;
}

}  // namespace wsspec
