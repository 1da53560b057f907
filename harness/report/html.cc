#include "report/html.h"

#include "report/cause.h"
#include "report/fact_page.h"
#include "report/headline.h"
#include "report/page.h"
#include "report/terminal.h"
#include "report/text.h"

namespace wsspec {
namespace {

/// Events shown of a case that is fine, and of any other; the middle of longer exchanges is left to the JSON
/// report.
constexpr std::size_t kShownFine = 60, kShownElse = 600;

/// True when something was left out.
bool shorten(Json& result, Json& times, std::size_t limit) {
  Json& events = result["transcript"];
  if (events.size() <= limit) return false;
  const auto half = static_cast<std::ptrdiff_t>(limit / 2);
  result["omitted"] = {{"at", half}, {"count", events.size() - limit}};
  for (Json* list : {&events, &times}) list->erase(list->begin() + half, list->end() - half);
  return true;
}

/// The ids of each cause, the gravest cause first.
Json cause_ids_json(const RunResult& run, const Gate& gate) {
  Json out = Json::array();
  for (const Cause& cause : red_causes(run, gate)) {
    Json ids = Json::array();
    for (const CaseResult* r : cause.results) ids.push_back(valid(r->id));
    out.push_back({{"cause", valid(cause.key)}, {"ids", std::move(ids)}});
  }
  return out;
}

}  // namespace

std::string write_html(const RunResult& run, const Gate& gate) {
  Json results = Json::array(), timing = timing_json(run);
  for (const auto& result : run.results) {
    Json one = result_json(result);
    const bool fine = result.verdict == Verdict::pass && !result.flaky;
    Json& times = timing["details"][valid(result.id)];
    const bool cut = shorten(one, times["events_ms"], fine ? kShownFine : kShownElse);
    // Of two plays that are alike one is enough.
    if (result.direct) shorten(one["direct"], times["direct_events_ms"], fine ? 0 : kShownElse);
    if (!result.transcript.events.empty() && !(fine && cut)) one["wire"] = replayable(run, result);
    one["replay"] = valid(replay_command(run, result));
    one["red"] = is_red(result, gate);
    results.push_back(std::move(one));
  }
  const Json data = {{"schema_version", kSchemaVersion},
                     {"run", run_json(run)},
                     {"summary", summary_json(run, gate)},
                     {"outcome", valid(outcome_line(run, gate))},
                     {"causes", cause_ids_json(run, gate)},
                     {"absences", absences(run)},
                     {"facts", facts_json(run)},
                     {"requirements", requirements_json(run)},
                     {"results", std::move(results)},
                     {"timing", std::move(timing)}};
  const std::string& name = run.target_name.empty() ? run.url : run.target_name;
  return write_page("viewer.html",
                    (name.empty() ? std::string() : one_line(name, 80) + " · ") + "wsspec report", data);
}

}  // namespace wsspec
