#include "report/junit.h"

#include <fmt/format.h>

#include "report/cause.h"
#include "report/headline.h"
#include "report/terminal.h"
#include "report/text.h"

namespace wsspec {
namespace {

/// Text for an attribute or element. XML 1.0 has no way to say most control characters nor U+FFFE and U+FFFF.
std::string xml(std::string_view text, bool keep_lines = false) {
  std::string out;
  const std::string shown = visible(text, keep_lines);
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const std::string_view rest = std::string_view(shown).substr(i, 3);
    if (rest == "\xEF\xBF\xBE" || rest == "\xEF\xBF\xBF") {
      out += rest.back() == '\xBE' ? "\\u{fffe}" : "\\u{ffff}";
      i += 2;
      continue;
    }
    switch (shown[i]) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&apos;"; break;
      default: out += shown[i];
    }
  }
  return out;
}

std::string seconds(Duration duration) {
  return fmt::format("{:.6f}", std::chrono::duration<double>(duration).count());
}

std::string body(const RunResult& run, const CaseResult& r) {
  std::string text;
  if (!r.clause.empty()) text += fmt::format("clause:   {} ({})\n", one_line(r.clause), level_name(r.level));
  if (!r.expected.empty()) text += "expected: " + r.expected + "\n";
  if (!r.actual.empty()) text += "actual:   " + r.actual + "\n";
  text += "replay:   " + replay_command(run, r) + "\n";
  if (!r.target_log.empty()) text += "\n" + r.target_log + "\n";
  if (!r.transcript.events.empty()) text += "\n" + replayable(run, r);
  if (text.size() > kJunitBody)
    text = text.substr(0, kJunitBody) + "\n... cut, see the JSON or HTML report\n";
  return xml(text, /*keep_lines=*/true);
}

std::string message(const CaseResult& r) {
  return one_line((r.target_died ? "died: " : "") + std::string(r.flaky ? "flaky: " : "") +
                      (r.reason.empty() ? "not what the baseline expects" : r.reason),
                  500);
}

/// Red ones first, those of one cause together, as gravity has it; then the rest in the order of the run.
std::vector<const CaseResult*> ordered(const RunResult& run, const Gate& gate) {
  std::vector<const CaseResult*> out;
  for (const Cause& cause : red_causes(run, gate))
    out.insert(out.end(), cause.results.begin(), cause.results.end());
  for (const auto& r : run.results)
    if (!is_red(r, gate)) out.push_back(&r);
  return out;
}

std::string outcome(const RunResult& run, const CaseResult& r, const Gate& gate) {
  const auto element = [&](std::string_view name) {
    return fmt::format("    <{} type=\"{}\" message=\"{}\">{}</{}>\n", name, verdict_name(r.verdict),
                       xml(message(r)), body(run, r), name);
  };
  if (r.verdict == Verdict::skipped || r.verdict == Verdict::not_run)
    return fmt::format("    <skipped message=\"{}\"/>\n", xml(one_line(r.reason, 500)));
  if (r.baseline)
    return fmt::format(
        "    <skipped message=\"{}\"/>\n",
        xml(one_line(fmt::format("expected {}: {}", verdict_name(r.verdict), *r.baseline), 500)));
  if (is_red(r, gate)) return element(r.verdict == Verdict::error ? "error" : "failure");
  if (r.flaky) return element("flakyFailure");
  if (r.verdict == Verdict::pass) return {};
  return fmt::format("    <system-out>{}: {}</system-out>\n", verdict_name(r.verdict),
                     xml(one_line(r.reason, 500)));
}

/// "310 cases: fail rfc6455-5.1-3: ...", a line for each cause.
std::string cause_list(const RunResult& run, const Gate& gate) {
  std::string out;
  for (const Cause& cause : red_causes(run, gate))
    out += fmt::format("{}: {}\n", counted(cause.results.size(), "case"), cause.key);
  return out;
}

struct Totals {
  int failures = 0, errors = 0, skipped = 0;
};

Totals totals_of(const RunResult& run, const Gate& gate) {
  Totals sum;
  for (const auto& r : run.results) {
    if (r.verdict == Verdict::skipped || r.verdict == Verdict::not_run || r.baseline)
      ++sum.skipped;
    else if (is_red(r, gate))
      ++(r.verdict == Verdict::error ? sum.errors : sum.failures);
  }
  return sum;
}

/// What decides the exit code beside the cases stands as a case of its own, so that no dashboard shows green.
std::string run_case(const RunResult& run, const Gate& gate) {
  const Exit exit = exit_of(run, gate);
  const bool shown = std::ranges::any_of(run.results, [&](const CaseResult& r) { return is_red(r, gate); });
  if (exit == Exit::as_expected || (exit == Exit::red && shown)) return {};
  return fmt::format(
      "  <testcase classname=\"run\" name=\"run\" time=\"0\">\n    <error type=\"run\" message=\"{}\"/>\n"
      "  </testcase>\n",
      xml(outcome_line(run, gate)));
}

}  // namespace

std::string write_junit(const RunResult& run, const Gate& gate) {
  Totals sum = totals_of(run, gate);
  const std::string extra = run_case(run, gate);
  const std::size_t tests = run.results.size() + (extra.empty() ? 0 : 1);
  if (!extra.empty()) ++sum.errors;
  const std::string name =
      xml(one_line("wsspec " + (run.target_name.empty() ? run.url : run.target_name), 200));
  const std::string counts =
      fmt::format("tests=\"{}\" failures=\"{}\" errors=\"{}\" skipped=\"{}\" time=\"{}\"", tests,
                  sum.failures, sum.errors, sum.skipped, seconds(run.duration));
  std::string out = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
  out += fmt::format("<testsuites name=\"wsspec\" {}>\n<testsuite name=\"{}\" {} timestamp=\"{}\">\n", counts,
                     name, counts, xml(run.started));
  out += fmt::format(
      "  <properties>\n    <property name=\"url\" value=\"{}\"/>\n    <property name=\"seed\" "
      "value=\"{}\"/>\n"
      "    <property name=\"caseset\" value=\"{}\"/>\n    <property name=\"headline\" "
      "value=\"{}\"/>\n  </properties>\n",
      xml(run.url), run.seed, xml(run.caseset_version), xml(headline(run, gate)));
  for (const CaseResult* one : ordered(run, gate)) {
    const CaseResult& r = *one;
    const std::string inner = outcome(run, r, gate);
    out +=
        fmt::format("  <testcase classname=\"{}\" name=\"{}\" file=\"{}\" line=\"{}\" time=\"{}\"",
                    xml(r.topic), xml(one_line(title_of(r), 500)), xml(r.file), r.line, seconds(r.duration));
    out += inner.empty() ? "/>\n" : ">\n" + inner + "  </testcase>\n";
  }
  out += extra + fmt::format("  <system-out>{}. {}\n{}</system-out>\n", xml(headline(run, gate)),
                             xml(outcome_line(run, gate)), xml(cause_list(run, gate), true));
  return out + "</testsuite>\n</testsuites>\n";
}

}  // namespace wsspec
