#include "report/campaign.h"

#include <fmt/format.h>

#include <algorithm>
#include <tuple>

#include "report/headline.h"
#include "report/page.h"
#include "report/text.h"

namespace wsspec {
namespace {

/// Nobody is served behind it, until somebody mends it.
bool ends_service(const FuzzFinding& finding) {
  return finding.cause == "crash" || finding.cause == "sanitizer" || finding.cause == "hang";
}

Json findings_json(const FuzzCampaign& campaign) {
  std::vector<const FuzzFinding*> order;
  for (const auto& finding : campaign.findings) order.push_back(&finding);
  std::ranges::stable_sort(order, {}, [](const FuzzFinding* f) {
    return std::tuple(std::ranges::find(kVerdicts, f->verdict) - std::begin(kVerdicts), !ends_service(*f),
                      !f->stable);
  });
  Json out = Json::array();
  for (const FuzzFinding* f : order) {
    out.push_back({{"signature", valid(f->signature)},
                   {"cause", valid(f->cause)},
                   {"verdict", verdict_name(f->verdict)},
                   {"clause", valid(f->clause)},
                   {"requirement", valid(f->requirement)},
                   {"message", valid(f->message)},
                   {"reproducer", valid(f->reproducer)},
                   {"file", valid(f->file)},
                   {"stable", f->stable}});
    if (!f->log.empty()) out.back()["log"] = valid(f->log);
  }
  return out;
}

Json campaign_json(const FuzzCampaign& c) {
  Json out = {{"tool_version", valid(c.tool_version)},
              {"target", valid(c.target_name)},
              {"url", valid(c.url)},
              {"engine", valid(c.engine)},
              {"seed", c.seed},
              {"interrupted", c.interrupted},
              {"fatal", valid(c.fatal)},
              {"exit_code", static_cast<int>(exit_of(c))}};
  if (!c.way.empty()) out["tested"] = "client";
  return out;
}

Json campaign_timing_json(const FuzzCampaign& c) {
  Json samples = Json::array(), found = Json::object(), habits = Json::object();
  for (const auto& [name, count] : c.habits) habits[name] = count;
  for (const auto& s : c.samples)
    samples.push_back({{"at_ms", milliseconds(s.at)},
                       {"inputs", s.inputs},
                       {"states", s.states},
                       {"edges", s.edges},
                       {"findings", s.findings}});
  for (const auto& f : c.findings)
    found[valid(f.signature)] = {
        {"first_seen_ms", milliseconds(f.first_seen)}, {"first_input", f.first_input}, {"hits", f.hits}};
  return {{"started", valid(c.started)},
          {"duration_ms", milliseconds(c.duration)},
          {"inputs", c.inputs},
          {"connections", c.connections},
          {"corpus", c.corpus},
          {"habits", std::move(habits)},
          {"samples", std::move(samples)},
          {"findings", std::move(found)}};
}

Json document_of(const FuzzCampaign& campaign) {
  return {{"schema_version", kSchemaVersion},
          {"campaign", campaign_json(campaign)},
          {"findings", findings_json(campaign)},
          {"timing", campaign_timing_json(campaign)}};
}

std::string replay_of(const FuzzCampaign& campaign, const std::string& file) {
  auto words = "wsspec replay " + shell_word(file.empty() ? "reproducer.wire" : file);
  if (campaign.way.empty()) return words + " " + shell_word(campaign.url);
  for (const std::string& word : campaign.way) words += " " + shell_word(word);
  return words;
}

}  // namespace

Exit exit_of(const FuzzCampaign& campaign) {
  if (!campaign.fatal.empty()) return Exit::unreachable;
  if (campaign.interrupted) return Exit::interrupted;
  if (campaign.inputs == 0) return Exit::nothing_selected;
  // Of a target that stayed away nobody knows what it would have shown.
  const auto is_red = [](const FuzzFinding& finding) {
    return finding.verdict == Verdict::fail || finding.verdict == Verdict::inconclusive;
  };
  return std::ranges::any_of(campaign.findings, is_red) ? Exit::red : Exit::as_expected;
}

std::string headline(const FuzzCampaign& campaign) {
  const auto fails = [](const FuzzFinding& f) { return f.verdict == Verdict::fail; };
  const auto deaths =
      std::ranges::count_if(campaign.findings, [&](const auto& f) { return fails(f) && ends_service(f); });
  const auto others = std::ranges::count_if(campaign.findings, fails) - deaths;
  std::string out;
  if (deaths > 0)
    out = fmt::format("The target died or hung in {}", counted(static_cast<std::size_t>(deaths), "way"));
  if (!campaign.fatal.empty())
    out += (out.empty() ? "The campaign ended early: " : "; the campaign ended early: ") +
           one_line(campaign.fatal);
  if (others > 0)
    out +=
        fmt::format("{}{} {} the protocol", out.empty() ? "" : "; ",
                    counted(static_cast<std::size_t>(others), "finding"), others == 1 ? "breaks" : "break");
  if (!out.empty()) return out;
  if (exit_of(campaign) == Exit::red)
    return "Nothing that breaks the protocol was found, but the target stayed away";
  return campaign.inputs == 0 ? "Nothing was played" : "Nothing that breaks the protocol was found";
}

std::string write_campaign_json(const FuzzCampaign& campaign) {
  return dump(document_of(campaign), 1) + "\n";
}

std::string write_campaign_html(const FuzzCampaign& campaign) {
  Json data = document_of(campaign);
  data["headline"] = valid(headline(campaign));
  for (Json& finding : data["findings"]) finding["replay"] = valid(replay_of(campaign, finding["file"]));
  const std::string& name = campaign.target_name.empty() ? campaign.url : campaign.target_name;
  return write_page("campaign.html",
                    (name.empty() ? std::string() : one_line(name, 80) + " · ") + "wsspec fuzzing", data);
}

}  // namespace wsspec
