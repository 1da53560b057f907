#include "run/autobahn_spec.h"

#include <algorithm>
#include <charconv>
#include <nlohmann/json.hpp>

namespace wsspec {

namespace {

using Json = nlohmann::json;

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
  if (name == "failByDrop") return true;  // The fuzzing client sets it itself, whatever the file says.
  if (name == "version") return value == 13 || value == 18;  // 18 is its own name for RFC 6455.
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
        return fail_with(where + "." + name, "is not between 0 and 3600 seconds");
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
    const std::string place = where + "." + name;
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

bool any_matches(const std::vector<std::string>& patterns, const std::string& number) {
  return std::ranges::any_of(patterns,
                             [&](const std::string& pattern) { return autobahn_matches(pattern, number); });
}

bool matches_any(const std::string& pattern, const std::set<std::string>& known) {
  return std::ranges::any_of(known,
                             [&](const std::string& number) { return autobahn_matches(pattern, number); });
}

}  // namespace

bool autobahn_matches(std::string_view pattern, std::string_view text) {
  if (pattern.find('*') == std::string_view::npos) return pattern == text;
  // A prefix match with holes: the pieces between the stars occur in this order, the first one at the start.
  std::size_t at = 0;
  bool first = true;
  while (true) {
    const std::size_t star = pattern.find('*');
    const std::string_view piece = pattern.substr(0, star);
    if (first ? !text.starts_with(piece) : text.find(piece, at) == std::string_view::npos) return false;
    at = first ? piece.size() : text.find(piece, at) + piece.size();
    first = false;
    if (star == std::string_view::npos) return true;
    pattern.remove_prefix(star + 1);
  }
}

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

Result<AutobahnSpec> parse_autobahn_spec(std::string_view text, const std::string& name) {
  const Json document = Json::parse(text, nullptr, false, true);
  if (document.is_discarded()) return fail_with(name, "is not JSON");
  if (!document.is_object()) return fail_with(name, "is not an object");
  AutobahnSpec spec;
  std::optional<double> handshake;
  for (const auto& [key, value] : document.items()) {
    const std::string where = name + ": " + key;
    if (key == "outdir" && value.is_string()) {
      spec.outdir = value.get<std::string>();
    } else if (key == "options") {
      if (auto done = read_options(value, spec, handshake, where); !done)
        return std::unexpected(done.error());
    } else if (key == "cases" || key == "exclude-cases") {
      auto patterns = texts(value, where);
      if (!patterns) return std::unexpected(patterns.error());
      (key == "cases" ? spec.cases : spec.exclude) = std::move(*patterns);
    } else if (key == "exclude-agent-cases" && value.is_object()) {
      for (const auto& [agent, patterns] : value.items()) {
        auto list = texts(patterns, where);
        if (!list) return std::unexpected(list.error());
        spec.exclude_by_agent[agent] = std::move(*list);
      }
    } else if (key == "servers" && value.is_array()) {
      for (const Json& one : value) {
        auto server = read_server(one, spec, where);
        if (!server) return std::unexpected(server.error());
        spec.servers.push_back(std::move(*server));
      }
    } else {
      ignore(spec, key);
    }
  }
  for (AutobahnServer& server : spec.servers)
    if (!server.handshake_seconds) server.handshake_seconds = handshake;
  if (spec.servers.empty())
    return fail_with(name, "names no server", "\"servers\": [{\"url\": \"ws://127.0.0.1:9001\"}]");
  if (spec.cases.empty()) spec.cases = {"*"};
  return spec;
}

Result<std::vector<std::string>> selected_numbers(const AutobahnSpec& spec, const std::string& agent,
                                                  const std::set<std::string>& known) {
  for (const std::string& pattern : spec.cases) {
    if (pattern.find('*') == std::string::npos && !known.contains(pattern))
      return fail_with("cases", "'" + pattern + "' names no case",
                       "wsspec list --autobahn prints all numbers");
  }
  std::vector<std::string> numbers;
  for (const std::string& number : known) {
    if (!any_matches(spec.cases, number) || any_matches(spec.exclude, number)) continue;
    const bool left_out = std::ranges::any_of(spec.exclude_by_agent, [&](const auto& entry) {
      return autobahn_matches(entry.first, agent) && any_matches(entry.second, number);
    });
    if (!left_out) numbers.push_back(number);
  }
  std::ranges::sort(numbers, number_before);
  return numbers;
}

std::vector<std::string> idle_patterns(const AutobahnSpec& spec, const std::set<std::string>& known) {
  std::vector<std::string> idle;
  const auto look = [&](const std::vector<std::string>& patterns) {
    for (const std::string& pattern : patterns)
      if (!matches_any(pattern, known)) idle.push_back(pattern);
  };
  look(spec.cases);
  look(spec.exclude);
  for (const auto& [agent, patterns] : spec.exclude_by_agent) look(patterns);
  return idle;
}

}  // namespace wsspec
