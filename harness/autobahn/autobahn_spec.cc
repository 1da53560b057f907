#include "autobahn/autobahn_spec.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace wsspec {

namespace {

using Json = nlohmann::json;

/// "line 3, column 5" of the octet that the parser stumbled over.
std::string place_of(std::string_view text, std::size_t at) {
  const auto before = text.substr(0, at);
  const auto line = std::ranges::count(before, '\n') + 1;
  const std::size_t begin = before.rfind('\n') + 1;  // npos + 1 is 0.
  return "line " + std::to_string(line) + ", column " + std::to_string(at - begin + 1);
}

Result<Json> read_json(std::string_view text, const std::string& name) {
  try {
    return Json::parse(text, nullptr, true, true);
  } catch (const Json::parse_error& error) {
    const std::size_t at = std::min(error.byte > 0 ? error.byte - 1 : 0, text.size());
    const std::size_t last = text.substr(0, at).find_last_not_of(" \t\r\n");
    const bool comma = last != std::string_view::npos && text[last] == ',' && at < text.size() &&
                       (text[at] == ']' || text[at] == '}');
    return fail_with(name, "is not JSON: " + place_of(text, at),
                     comma ? "there is a comma behind the last element" : "");
  }
}

Result<std::vector<std::string>> texts(const Json& value, const std::string& where) {
  if (!value.is_array()) return fail_with(where, "is not a list of texts");
  std::vector<std::string> all;
  for (const Json& one : value) {
    if (!one.is_string()) return fail_with(where, "is not a list of texts");
    all.push_back(one.get<std::string>());
  }
  return all;
}

// Options of Autobahn's endpoint with the value that this runner has by its nature: then there is nothing to
// warn of.
struct Natural {
  std::string_view name;
  bool value;
};
constexpr Natural kNatural[] = {{"tcpNoDelay", true},
                                {"utf8validateIncoming", true},
                                {"applyMask", true},
                                {"maskClientFrames", true},
                                {"acceptMaskedServerFrames", false}};

bool is_natural(std::string_view name, const Json& value) {
  // The fuzzing client sets the first itself, whatever the file says; of versions there is one.
  if (name == "failByDrop" || name == "version") return true;
  const auto* found = std::ranges::find(kNatural, name, &Natural::name);
  return found != std::end(kNatural) && value == found->value;
}

void ignore(AutobahnSpec& spec, const std::string& name) {
  if (std::ranges::find(spec.ignored, name) == spec.ignored.end()) spec.ignored.push_back(name);
}

Result<void> read_options(const Json& options, AutobahnSpec& spec, std::optional<double>& handshake,
                          const std::string& where) {
  if (!options.is_object()) return fail_with(where, "is not an object");
  for (const auto& [name, value] : options.items()) {
    if (name == "openHandshakeTimeout" && value.is_number()) {
      handshake = value.get<double>();
      if (*handshake <= 0 || *handshake > 3600)
        return fail_with(fmt::format("{}.{}", where, name), "is not between 0 and 3600 seconds");
    } else if (!is_natural(name, value)) {
      ignore(spec, name);
    }
  }
  return {};
}

std::string* text_member(AutobahnServer& server, std::string_view name) {
  if (name == "url") return &server.url;
  if (name == "agent") return &server.agent;
  if (name == "hostname") return &server.hostname;
  return name == "origin" ? &server.origin : nullptr;
}

Result<AutobahnServer> read_server(const Json& value, AutobahnSpec& spec, const std::string& where) {
  if (!value.is_object() || !value.contains("url") || !value["url"].is_string()) {
    return fail_with(where, "a server is an object with a url");
  }
  AutobahnServer server;
  for (const auto& [name, member] : value.items()) {
    const std::string place = fmt::format("{}.{}", where, name);
    if (name == "options") {
      if (auto done = read_options(member, spec, server.handshake_seconds, place); !done)
        return std::unexpected(done.error());
    } else if (name == "protocols") {
      auto protocols = texts(member, place);
      if (!protocols) return std::unexpected(protocols.error());
      server.protocols = std::move(*protocols);
    } else if (std::string* slot = text_member(server, name); slot == nullptr) {
      ignore(spec, "servers." + name);
    } else if (!member.is_string()) {
      return fail_with(place, "is not a text");
    } else {
      *slot = member.get<std::string>();
    }
  }
  return server;
}

bool any_matches(const std::vector<AutobahnPattern>& patterns, const std::string& number) {
  return std::ranges::any_of(patterns,
                             [&](const AutobahnPattern& pattern) { return pattern.matches(number); });
}

bool matches_any(const AutobahnPattern& pattern, const std::set<std::string>& known) {
  return std::ranges::any_of(known, [&](const std::string& number) { return pattern.matches(number); });
}

/// `8.*`, `11.*` or `14*`: a section as a whole, and there is none of that number.
bool is_section_without_cases(const std::string& pattern, const std::set<std::string>& known) {
  const std::size_t end = pattern.find_first_not_of("0123456789");
  if (end == 0 || end == std::string::npos) return false;
  const std::string section = pattern.substr(0, end) + ".";
  return std::ranges::none_of(known, [&](const std::string& number) { return number.starts_with(section); });
}

Result<std::vector<AutobahnPattern>> read_patterns(const Json& value, AutobahnPattern::Kind kind,
                                                   const std::string& where) {
  auto list = texts(value, where);
  if (!list) return std::unexpected(list.error());
  std::vector<AutobahnPattern> patterns;
  for (std::string& text : *list) {
    auto pattern = AutobahnPattern::of(std::move(text), kind, where);
    if (!pattern) return std::unexpected(pattern.error());
    patterns.push_back(std::move(*pattern));
  }
  return patterns;
}

Result<void> read_agent_exclusions(const Json& value, AutobahnSpec& spec, const std::string& where) {
  if (!value.is_object()) return fail_with(where, "is not an object");
  for (const auto& [agent, numbers] : value.items()) {
    auto name = AutobahnPattern::of(agent, AutobahnPattern::Kind::whole, where);
    if (!name) return std::unexpected(name.error());
    auto cases = read_patterns(numbers, AutobahnPattern::Kind::whole, fmt::format("{}.{}", where, agent));
    if (!cases) return std::unexpected(cases.error());
    spec.exclude_by_agent.push_back({std::move(*name), std::move(*cases)});
  }
  return {};
}

Result<void> read_servers(const Json& value, AutobahnSpec& spec, const std::string& where) {
  if (!value.is_array()) return fail_with(where, "is not a list of servers");
  for (std::size_t i = 0; i < value.size(); ++i) {
    auto server = read_server(value[i], spec, where + "[" + std::to_string(i) + "]");
    if (!server) return std::unexpected(server.error());
    spec.servers.push_back(std::move(*server));
  }
  return {};
}

Result<void> read_member(const std::string& key, const Json& value, AutobahnSpec& spec,
                         std::optional<double>& handshake, const std::string& where) {
  if (key == "options") return read_options(value, spec, handshake, where);
  if (key == "servers") return read_servers(value, spec, where);
  if (key == "exclude-agent-cases") return read_agent_exclusions(value, spec, where);
  if (key == "cases" || key == "exclude-cases") {
    auto patterns = read_patterns(value, AutobahnPattern::Kind::open, where);
    if (!patterns) return std::unexpected(patterns.error());
    (key == "cases" ? spec.cases : spec.exclude) = std::move(*patterns);
  } else if (key == "outdir" && value.is_string()) {
    spec.outdir = value.get<std::string>();
  } else if (key == "url" && value.is_string()) {
    spec.url = value.get<std::string>();
  } else {
    ignore(spec, key);
  }
  return {};
}

/// The other spec of the incumbent: it says where to listen, not whom to test.
bool is_for_clients(const Json& document) {
  return !document.contains("servers") &&
         std::ranges::any_of(std::initializer_list<const char*>{"url", "webport", "key", "cert"},
                             [&](const char* key) { return document.contains(key); });
}

}  // namespace

bool number_before(const std::string& a, const std::string& b) {
  auto parts = [](const std::string& text) {
    std::vector<int> numbers;
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find('.', begin), text.size());
      int value = 0;
      std::from_chars(text.data() + begin, text.data() + end, value);
      numbers.push_back(value);
      begin = end + 1;
    }
    return numbers;
  };
  return parts(a) < parts(b);
}

Result<AutobahnSpec> parse_autobahn_spec(std::string_view text, const std::string& name, Role tested) {
  const auto document = read_json(text, name);
  if (!document) return std::unexpected(document.error());
  if (!document->is_object()) return fail_with(name, "is not an object");
  if (tested == Role::server && is_for_clients(*document))
    return fail_with(name, "is a spec for testing clients (fuzzingserver)",
                     "wsspec serve --autobahn-spec FILE takes it");
  if (tested == Role::client && document->contains("servers"))
    return fail_with(name, "is a spec for testing servers (fuzzingclient)",
                     "wsspec run --autobahn-spec FILE takes it");
  AutobahnSpec spec;
  std::optional<double> handshake;
  for (const auto& [key, value] : document->items()) {
    if (auto done = read_member(key, value, spec, handshake, fmt::format("{}: {}", name, key)); !done)
      return std::unexpected(done.error());
  }
  for (AutobahnServer& server : spec.servers)
    if (!server.handshake_seconds) server.handshake_seconds = handshake;
  if (tested == Role::server && spec.servers.empty())
    return fail_with(name, "names no server", "\"servers\": [{\"url\": \"ws://127.0.0.1:9001\"}]");
  if (!document->contains("cases"))
    spec.cases.push_back(*AutobahnPattern::of("*", AutobahnPattern::Kind::open, name));
  return spec;
}

Result<std::vector<std::string>> selected_numbers(const AutobahnSpec& spec, const std::string& agent,
                                                  const std::set<std::string>& known) {
  for (const AutobahnPattern& pattern : spec.cases) {
    if (pattern.exact() && !known.contains(pattern.text()))
      return fail_with("cases", "'" + pattern.text() + "' names no case",
                       "wsspec list --autobahn prints all numbers");
  }
  std::vector<std::string> numbers;
  for (const std::string& number : known) {
    if (!any_matches(spec.cases, number) || any_matches(spec.exclude, number)) continue;
    const bool left_out = std::ranges::any_of(spec.exclude_by_agent, [&](const auto& entry) {
      return entry.agent.matches(agent) && any_matches(entry.cases, number);
    });
    if (!left_out) numbers.push_back(number);
  }
  std::ranges::sort(numbers, number_before);
  return numbers;
}

std::vector<std::string> idle_patterns(const AutobahnSpec& spec, const std::set<std::string>& known) {
  std::vector<std::string> idle;
  const auto look = [&](const std::vector<AutobahnPattern>& patterns) {
    for (const AutobahnPattern& pattern : patterns)
      if (!matches_any(pattern, known) && !is_section_without_cases(pattern.text(), known))
        idle.push_back(pattern.text());
  };
  look(spec.cases);
  look(spec.exclude);
  for (const auto& entry : spec.exclude_by_agent) look(entry.cases);
  return idle;
}

}  // namespace wsspec
