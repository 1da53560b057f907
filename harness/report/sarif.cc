#include "report/sarif.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "protocol/spec.h"
#include "report/campaign.h"
#include "report/cause.h"
#include "report/headline.h"
#include "report/json_model.h"
#include "report/text.h"
#include "script/hash.h"

namespace wsspec {
namespace {

std::string hash_of(std::initializer_list<std::string_view> parts) {
  std::uint64_t sum = kFnvBasis;
  for (const std::string_view part : parts) sum = fnv1a64("\xff", fnv1a64(part, sum));
  return fmt::format("{:016x}", sum);
}

struct Entry {
  std::string rule, title, about, clause, section_link, message, place, fingerprint;
  std::vector<std::string> tags;
  int line = 1;
  double severity = 5.0;  ///< CVSS-like, of the rule.
  std::optional<std::string> suppressed;
};

Json rule_json(const Entry& entry) {
  Json tags = {"security"};
  for (const auto& tag : entry.tags)
    if (tags.size() < 10 && tag != "security") tags.push_back(one_line(tag, 60));
  const std::string about = one_line(entry.about.empty() ? entry.title : entry.about, 1000);
  Json rule = {
      {"id", one_line(entry.rule, 250)},
      {"shortDescription", {{"text", one_line(entry.title.empty() ? entry.rule : entry.title, 250)}}},
      {"fullDescription", {{"text", about}}},
      {"help", {{"text", entry.clause.empty() ? about : about + " (" + one_line(entry.clause) + ")"}}},
      {"properties", {{"tags", tags}, {"security-severity", fmt::format("{:.1f}", entry.severity)}}}};
  if (!entry.section_link.empty()) rule["helpUri"] = entry.section_link;
  return rule;
}

/// A path as a URI reference: GitHub refuses spaces and other raw characters.
std::string uri_of(std::string_view path) {
  std::string out;
  for (const char c : path) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       std::string_view("-._~/").find(c) != std::string_view::npos;
    if (plain)
      out += c;
    else
      out += fmt::format("%{:02X}", static_cast<unsigned>(static_cast<unsigned char>(c)));
  }
  return out.empty() ? "wsspec" : out;
}

Json result_of(const Entry& entry, std::size_t index) {
  Json region = {{"startLine", std::max(entry.line, 1)}};
  Json location = {{"physicalLocation",
                    {{"artifactLocation", {{"uri", uri_of(entry.place)}}}, {"region", std::move(region)}}}};
  Json result = {{"ruleId", one_line(entry.rule, 250)},
                 {"ruleIndex", index},
                 {"level", "error"},
                 {"message", {{"text", one_line(entry.message, 1000)}}},
                 {"locations", Json::array({std::move(location)})},
                 {"partialFingerprints", {{"primaryLocationLineHash", entry.fingerprint + ":1"}}}};
  if (entry.suppressed)
    result["suppressions"] =
        Json::array({{{"kind", "external"}, {"justification", one_line(*entry.suppressed)}}});
  return result;
}

std::string document(std::vector<Entry> entries, const std::string& version, const std::string& headline) {
  std::ranges::stable_sort(entries, std::greater<>{}, &Entry::severity);
  if (entries.size() > kSarifResults) entries.resize(kSarifResults);
  std::map<std::string, std::size_t> index;
  Json rules = Json::array(), results = Json::array();
  for (const Entry& entry : entries) {
    const auto [it, fresh] = index.emplace(entry.rule, index.size());
    if (fresh) rules.push_back(rule_json(entry));
    results.push_back(result_of(entry, it->second));
  }
  const Json driver = {{"name", "wsspec"}, {"version", valid(version)}, {"rules", std::move(rules)}};
  const Json run = {{"tool", {{"driver", driver}}},
                    {"properties", {{"headline", headline}}},
                    {"results", std::move(results)}};
  return dump({{"$schema", "https://json.schemastore.org/sarif-2.1.0.json"},
               {"version", "2.1.0"},
               {"runs", Json::array({run})}},
              1) +
         "\n";
}

}  // namespace

std::string write_sarif(const RunResult& run) {
  std::vector<Entry> entries;
  for (const auto& r : run.results) {
    if (r.verdict != Verdict::fail || std::ranges::find(r.tags, "security") == r.tags.end()) continue;
    Entry entry;
    entry.rule = family_of(r.id);
    entry.title = r.about;
    entry.clause = r.clause;
    entry.tags = r.tags;
    if (const auto it = r.covers.empty() ? run.requirements.end() : run.requirements.find(r.covers[0]);
        it != run.requirements.end()) {
      entry.about = it->second.text;
      entry.section_link = link_of(it->second);
    }
    entry.message = fmt::format("{}: {}{}", r.id, r.reason, r.clause.empty() ? "" : " (" + r.clause + ")");
    entry.place = r.file.empty() ? "" : "cases/" + r.file;
    entry.line = r.line;
    entry.severity = r.target_died ? 8.5 : r.flaky ? 4.0 : 6.5;
    entry.fingerprint =
        hash_of({r.id, verdict_name(r.verdict), run.target_name.empty() ? run.url : run.target_name});
    entry.suppressed = r.baseline;
    entries.push_back(std::move(entry));
  }
  return document(std::move(entries), run.tool_version, headline(run, {}));
}

std::string write_sarif(const FuzzCampaign& campaign) {
  std::vector<Entry> entries;
  for (const auto& f : campaign.findings) {
    if (f.verdict != Verdict::fail) continue;
    Entry entry;
    entry.rule = "fuzz/" + f.cause + (f.requirement.empty() ? "" : "/" + f.requirement);
    entry.title = f.message;
    entry.clause = f.clause;
    entry.tags = {"fuzzing"};
    if (const auto id = parse_requirement_id(f.requirement))
      entry.section_link = section_link(id->spec->name, id->section);
    entry.message = f.clause.empty() ? f.message : f.message + " (" + f.clause + ")";
    if (!f.log.empty())
      entry.message +=
          "; the target printed: " + f.log.substr(f.log.size() - std::min<std::size_t>(f.log.size(), 500));
    entry.place = f.file;
    entry.severity = f.cause == "crash" || f.cause == "sanitizer" ? 9.0 : f.stable ? 6.5 : 4.0;
    entry.fingerprint =
        hash_of({f.signature, campaign.target_name.empty() ? campaign.url : campaign.target_name});
    entries.push_back(std::move(entry));
  }
  return document(std::move(entries), campaign.tool_version, headline(campaign));
}

}  // namespace wsspec
