#include "report/jsonl.h"

#include "report/json_model.h"

namespace wsspec {

std::string jsonl_header(const RunResult& run) {
  return dump({{"kind", "run"},
               {"schema_version", kSchemaVersion},
               {"run", run_json(run)},
               {"requirements", requirements_json(run)}}) +
         "\n";
}

std::string jsonl_result(const CaseResult& result) {
  Json line = {{"kind", "result"}};
  line.update(result_json(result));
  line["timing"] = case_timing_json(result);
  line["timing"]["duration_ms"] = milliseconds(result.duration);
  return dump(line) + "\n";
}

std::string jsonl_trailer(const RunResult& run, const Gate& gate) {
  Json timing = timing_json(run);
  timing.erase("cases");
  timing.erase("details");
  return dump({{"kind", "end"}, {"summary", summary_json(run, gate)}, {"timing", std::move(timing)}}) + "\n";
}

std::string write_jsonl(const RunResult& run, const Gate& gate) {
  std::string out = jsonl_header(run);
  for (const auto& result : run.results) out += jsonl_result(result);
  return out + jsonl_trailer(run, gate);
}

}  // namespace wsspec
