#include "report/html.h"

#include "report/page.h"
#include "report/terminal.h"
#include "report/text.h"

namespace wsspec {

std::string write_html(const RunResult& run, const Gate& gate) {
  Json results = Json::array();
  for (const auto& result : run.results) {
    Json one = result_json(result);
    if (!result.transcript.events.empty()) one["wire"] = replayable(run, result);
    one["replay"] = valid(replay_command(run, result));
    one["red"] = is_red(result, gate);
    results.push_back(std::move(one));
  }
  const Json data = {{"schema_version", kSchemaVersion},
                     {"run", run_json(run)},
                     {"summary", summary_json(run, gate)},
                     {"outcome", valid(outcome_line(run, gate))},
                     {"requirements", requirements_json(run)},
                     {"results", std::move(results)},
                     {"timing", timing_json(run)}};
  const std::string& name = run.target_name.empty() ? run.url : run.target_name;
  return write_page("viewer.html",
                    (name.empty() ? std::string() : one_line(name, 80) + " · ") + "wsspec report", data);
}

}  // namespace wsspec
