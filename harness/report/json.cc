#include "report/json.h"

#include "report/fact_page.h"
#include "report/json_model.h"

namespace wsspec {

std::string write_json(const RunResult& run, const Gate& gate) {
  Json results = Json::array();
  for (const auto& result : run.results) results.push_back(result_json(result));
  Json document = {{"schema_version", kSchemaVersion},   {"run", run_json(run)},
                   {"summary", summary_json(run, gate)}, {"requirements", requirements_json(run)},
                   {"results", std::move(results)},      {"timing", timing_json(run)}};
  if (auto facts = facts_json(run); !facts.is_null()) document["facts"] = std::move(facts);
  return dump(document, 1) + "\n";
}

}  // namespace wsspec
