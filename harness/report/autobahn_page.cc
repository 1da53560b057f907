#include "report/autobahn_page.h"

#include <fmt/format.h>

#include <map>
#include <nlohmann/json.hpp>
#include <vector>

#include "report/text.h"

namespace wsspec {
namespace {

using Json = nlohmann::json;

constexpr std::string_view kHead = R"(<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>WebSocket test report</title>
<style>
body { font: 14px sans-serif; margin: 2em }
table { border-collapse: collapse }
td, th { border: 1px solid #ccc; padding: 2px 8px; text-align: left }
td.case_ok { background: #dff0d8 } td.case_non_strict, td.case_info, td.case_unimplemented { background: #fcf8e3 }
td.case_failed, td.case_failed a { background: #d9534f; color: #fff }
</style></head><body>
<h1>WebSocket test report</h1>
<p>In the shape of the Autobahn test suite, by wsspec. What is red is explained in the report of
<code>--html</code>.</p>
<table>
)";

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : visible(text)) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

// Whatever is not known to be good is red.
std::string_view class_of(std::string_view verdict) {
  if (verdict == "OK") return "case_ok";
  if (verdict == "NON-STRICT") return "case_non_strict";
  if (verdict == "INFORMATIONAL") return "case_info";
  if (verdict == "UNIMPLEMENTED") return "case_unimplemented";
  return "case_failed";
}

std::string text_of(const Json& one, const char* key) {
  const auto found = one.find(key);
  return found != one.end() && found->is_string() ? found->get<std::string>() : std::string();
}

/// "2.10" behind "2.9".
std::vector<unsigned long> parts_of(const std::string& number) {
  std::vector<unsigned long> parts;
  for (std::size_t at = 0; at < number.size();) {
    const std::size_t end = std::min(number.find('.', at), number.size());
    parts.push_back(std::strtoul(number.substr(at, end - at).c_str(), nullptr, 10));
    at = end + 1;
  }
  return parts;
}

std::string cells_of(const Json& agent, const std::string& number) {
  const auto found = agent.find(number);
  if (found == agent.end() || !found->is_object())
    return "<td class=\"case_failed\" colspan=\"2\">missing</td>";
  const std::string behavior = text_of(*found, "behavior"), close = text_of(*found, "behaviorClose");
  return fmt::format("<td class=\"{}\"><a href=\"{}\">{}</a></td><td class=\"{}\">{}</td>",
                     class_of(behavior), escaped(text_of(*found, "reportfile")), escaped(behavior),
                     class_of(close), escaped(close));
}

}  // namespace

Result<std::string> write_autobahn_page(std::string_view index) {
  const Json agents = Json::parse(index, nullptr, false);
  if (!agents.is_object()) return fail_with("index.json", "is no index of agents");
  std::map<std::vector<unsigned long>, std::string> numbers;
  std::string out(kHead), header = "<tr><th>case</th>";
  for (const auto& [name, cases] : agents.items()) {
    if (!cases.is_object()) return fail_with("index.json", "is no index of agents");
    header += fmt::format("<th colspan=\"2\">{}</th>", escaped(name));
    for (const auto& [number, one] : cases.items()) numbers.emplace(parts_of(number), number);
  }
  out += header + "</tr>\n";
  for (const auto& [parts, number] : numbers) {
    out += fmt::format("<tr><td>{}</td>", escaped(number));
    for (const auto& [name, cases] : agents.items()) out += cells_of(cases, number);
    out += "</tr>\n";
  }
  return out += "</table></body></html>\n";
}

}  // namespace wsspec
