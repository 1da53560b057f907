#include "cli/hop_config.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <pwd.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <vector>

#include "cli/common.h"
#include "cli/print.h"
#include "cli/serving.h"
#include "cli/verbs.h"
#include "net/address.h"
#include "report/page.h"
#include "script/diagnostics.h"

namespace wsspec {

/// Of ci/zoo/hops, by name. Generated (cmake/Embed.cmake).
const std::map<std::string_view, PageFile>& hop_files();

namespace {

constexpr std::uint16_t kFront = 25000, kBack = 25100;

std::vector<std::string_view> split(std::string_view text, char at) {
  std::vector<std::string_view> out;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find(at, begin), text.size());
    out.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return out;
}

struct HopRow {
  std::string_view name, kind, config, start;
};

/// Those of the table that pass WebSocket on by a file; the columns are named in ci/zoo/lib.sh.
std::vector<HopRow> hop_rows() {
  std::vector<HopRow> out;
  for (const auto line : split(hop_files().at("hops.tsv").text, '\n')) {
    const auto cells = split(line, '\t');
    if (line.starts_with('#') || cells.size() < 8 || cells[2] == "connect" || cells[6] == "-") continue;
    out.push_back({cells[0], cells[2], cells[6], cells[7]});
  }
  return out;
}

using Places = std::vector<std::pair<std::string, std::string>>;

std::string filled(std::string_view text, const Places& places) {
  std::string out(text);
  for (const auto& [place, value] : places)
    for (std::size_t at = 0; (at = out.find(place, at)) != out.npos; at += value.size())
      out.replace(at, place.size(), value);
  return out;
}

/// Whom it becomes when it may.
std::string user_of_hops() {
  if (geteuid() == 0) return "www-data";
  const passwd* me = getpwuid(geteuid());
  return me != nullptr ? me->pw_name : "nobody";
}

Result<std::uint16_t> front_of(const CommandLine& line) {
  if (line.arguments.empty()) return kFront;
  const auto address = parse_address(line.arguments.front());
  if (!address) return std::unexpected(address.error());
  return address->port;
}

Result<std::uint16_t> back_of(const CommandLine& line) {
  if (line.has("--server")) {
    const auto address = parse_address(line.get("--server"));
    if (!address) return fail_with("--server", address.error().what, address.error().hint);
    return address->port;
  }
  if (!line.has("--behind")) return kBack;
  const auto place = parse_listen(line.get("--behind"));
  if (!place) return fail_with("--behind", place.error().what, place.error().hint);
  return place->second;
}

}  // namespace

Result<HopConfig> hop_config(const std::string& name, std::uint16_t front, std::uint16_t back,
                             const std::string& folder, const std::string& user) {
  const auto rows = hop_rows();
  const auto row = std::ranges::find(rows, name, &HopRow::name);
  if (row == rows.end()) {
    std::vector<std::string_view> names;
    for (const auto& one : rows) names.push_back(one.name);
    return fail_with("--print-config", fmt::format("there is none for '{}'", name),
                     fmt::format("there are: {}", fmt::join(names, ", ")));
  }
  HopConfig out;
  out.file = row->config;
  const Places places = {{"{front}", std::to_string(front)},
                         {"{back}", std::to_string(back)},
                         {"{dir}", folder},
                         {"{user}", user},
                         {"{config}", folder + "/" + out.file}};
  out.text = filled(hop_files().at(row->config).text, places);
  out.start = filled(row->start, places);
  return out;
}

int print_hop_config(const CommandLine& line) {
  const auto front = front_of(line), back = back_of(line);
  if (!front) return usage_error(front.error());
  if (!back) return usage_error(back.error());
  std::error_code none;
  const auto here = std::filesystem::current_path(none).string();
  const auto config = hop_config(line.get("--print-config"), *front, *back, here, user_of_hops());
  if (!config) return usage_error(config.error());
  put("{}", config->text);
  say("wsspec: {} to {}; as {} in this folder it is started by: {}\n", *front, *back, config->file,
      config->start);
  if (config->text.find(".pem") != std::string::npos)
    say("wsspec: it wants a certificate: cert.pem, key.pem, or both in one as both.pem, in this folder\n");
  return 0;
}

}  // namespace wsspec
