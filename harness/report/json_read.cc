#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <unordered_set>

#include "protocol/spec.h"
#include "report/json.h"
#include "report/json_model.h"
#include "report/text.h"

namespace wsspec {
namespace {

/// Unlike the ordered one that writes, it finds a member without looking at all: a hostile object of many
/// members stays cheap.
using Read = nlohmann::json;

constexpr int kMaxDepth = 32;
/// A run of all cases with all bulk data has a tenth of that.
constexpr std::size_t kMostValues = 20'000'000;

/// The first fault found; reading goes on with defaults, and the result is thrown away.
struct Fault {
  std::string where, what;
  void note(const std::string& path, std::string message) {
    if (what.empty()) where = path, what = std::move(message);
  }
};

/// An object of the document; every accessor names a required member unless it says otherwise.
class Object {
 public:
  Object(const Read& value, std::string path, Fault& fault)
      : value_(&value), path_(std::move(path)), fault_(&fault) {
    if (!value.is_object()) fault.note(path_, "is no object");
  }
  const std::string& path() const { return path_; }
  Fault& fault() const { return *fault_; }
  const Read& json() const { return *value_; }

  /// The member, or null when it is absent or JSON's null.
  const Read* find(std::string_view key) const {
    if (!value_->is_object()) return nullptr;
    const auto it = value_->find(std::string(key));
    return it == value_->end() || it->is_null() ? nullptr : &*it;
  }
  Object object(std::string_view key) const {
    static const Read empty = Read::object();
    const Read* member = need(key);
    return {member ? *member : empty, at(key), *fault_};
  }
  std::string text(std::string_view key) const {
    const Read* member = need(key);
    if (!member) return {};
    if (!member->is_string()) return wrong<std::string>(key, "a string");
    return member->get<std::string>();
  }
  std::string text_or_empty(std::string_view key) const { return find(key) ? text(key) : std::string(); }
  bool flag(std::string_view key) const {
    const Read* member = need(key);
    if (!member) return false;
    return member->is_boolean() ? member->get<bool>() : wrong<bool>(key, "true or false");
  }
  template <typename T>
  T number(std::string_view key) const {
    const Read* member = need(key);
    if (!member) return {};
    if (member->is_number_unsigned() && std::in_range<T>(member->get<std::uint64_t>()))
      return static_cast<T>(member->get<std::uint64_t>());
    if (member->is_number_integer() && !member->is_number_unsigned() &&
        std::in_range<T>(member->get<std::int64_t>()))
      return static_cast<T>(member->get<std::int64_t>());
    return wrong<T>(key, "an integer in range");
  }
  double real(std::string_view key) const {
    const Read* member = need(key);
    if (!member) return 0;
    return member->is_number() ? member->get<double>() : wrong<double>(key, "a number");
  }
  Duration time(std::string_view key) const { return to_time(real(key), at(key)); }
  Duration to_time(double milliseconds, const std::string& path) const {
    if (!(std::abs(milliseconds) < 9e12)) {
      fault_->note(path, "is no time in milliseconds");
      return {};
    }
    return Duration(std::llround(milliseconds * 1e6));
  }
  const Read& list(std::string_view key) const {
    static const Read empty = Read::array();
    const Read* member = need(key);
    if (!member || member->is_array()) return member ? *member : empty;
    wrong<int>(key, "a list");
    return empty;
  }
  std::vector<std::string> strings(std::string_view key) const {
    std::vector<std::string> out;
    for (const Read& item : list(key)) {
      if (!item.is_string()) return wrong<std::vector<std::string>>(key, "a list of strings");
      out.push_back(item.get<std::string>());
    }
    return out;
  }

 private:
  std::string at(std::string_view key) const {
    return path_.empty() ? std::string(key) : fmt::format("{}.{}", path_, key);
  }
  const Read* need(std::string_view key) const {
    const Read* member = find(key);
    if (!member) fault_->note(at(key), "is missing");
    return member;
  }
  template <typename T>
  T wrong(std::string_view key, std::string_view wanted) const {
    fault_->note(at(key), fmt::format("is not {}", wanted));
    return {};
  }

  const Read* value_;
  std::string path_;
  Fault* fault_;
};

/// What the parser would build: the deepest nesting, and at least as many values as there are.
struct Shape {
  int deepest = 0;
  std::size_t values = 1;
};

Shape shape_of(std::string_view text) {
  Shape shape;
  int depth = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quoted) {
      if (c == '\\') ++i;
      if (c == '"') quoted = false;
    } else if (c == '"') {
      quoted = true;
    } else if (c == '[' || c == '{') {
      shape.deepest = std::max(shape.deepest, ++depth);
      ++shape.values;
    } else if (c == ']' || c == '}') {
      --depth;
    } else if (c == ',') {
      ++shape.values;
    }
  }
  return shape;
}

Verdict read_verdict(const Read& value, const std::string& path, Fault& fault) {
  if (value.is_string())
    if (const auto verdict = verdict_from(value.get<std::string>())) return *verdict;
  fault.note(path, "is no verdict");
  return Verdict::error;
}

Level read_level(const Object& from) {
  const std::string name = from.text("level");
  for (const Level level : {Level::must, Level::should, Level::may})
    if (level_name(level) == name) return level;
  from.fault().note(from.path() + ".level", "is none of MUST, SHOULD, MAY");
  return Level::may;
}

Event::Kind read_kind(const Object& from) {
  const std::string name = from.text("kind");
  if (name == "sent") return Event::Kind::sent;
  if (name == "manners") return Event::Kind::manners;
  if (name == "received") return Event::Kind::received;
  if (name != "note") from.fault().note(from.path() + ".kind", "is none of sent, manners, received, note");
  return Event::Kind::note;
}

FrameHeader read_frame(const Object& from) {
  FrameHeader frame;
  frame.fin = from.flag("fin");
  frame.rsv = from.number<std::uint8_t>("rsv");
  frame.opcode = from.number<std::uint8_t>("opcode");
  frame.length = from.number<std::uint64_t>("length");
  const int bits = from.number<int>("lenbits");
  if (bits != 7 && bits != 16 && bits != 64)
    from.fault().note(from.path() + ".lenbits", "is none of 7, 16, 64");
  frame.form = bits == 64 ? LengthForm::bits64 : bits == 16 ? LengthForm::bits16 : LengthForm::bits7;
  if (const std::string mask = from.text_or_empty("mask"); !mask.empty()) {
    const auto hex = [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); };
    if (mask.size() == 8 && std::ranges::all_of(mask, hex))
      frame.mask = static_cast<MaskKey>(std::stoul(mask, nullptr, 16));
    else
      from.fault().note(from.path() + ".mask", "is not eight hexadecimal digits");
  }
  return frame;
}

Event read_event(const Object& from) {
  Event event;
  event.kind = read_kind(from);
  event.line = from.text("line");
  event.comment = from.text_or_empty("comment");
  event.decoded = from.text_or_empty("decoded");
  if (from.find("frame")) event.frame = read_frame(from.object("frame"));
  if (from.find("octets")) event.octets = from.number<std::uint64_t>("octets");
  if (from.find("failing")) event.failing = from.flag("failing");
  return event;
}

Transcript read_transcript(const Object& from) {
  Transcript out;
  out.dropped = from.number<std::uint64_t>("transcript_dropped");
  if (from.find("transcript_lets")) out.lets = from.strings("transcript_lets");
  const Read& events = from.list("transcript");
  for (std::size_t i = 0; i < events.size(); ++i)
    out.events.push_back(
        read_event({events[i], fmt::format("{}.transcript[{}]", from.path(), i), from.fault()}));
  return out;
}

void read_outcome(const Object& from, CaseResult& r) {
  r.expected = from.text("expected");
  r.actual = from.text("actual");
  r.script = from.text("script");
  r.failing_line = from.number<int>("failing_line");
  r.sent_illegal = from.flag("sent_illegal");
  r.target_died = from.flag("target_died");
  r.target_log = from.text("target_log");
  r.flaky = from.flag("flaky");
  r.unexpected_pass = from.flag("unexpected_pass");
  if (from.find("baseline")) r.baseline = from.text("baseline");
  if (from.find("close_code")) r.close_code = from.number<std::uint16_t>("close_code");
  for (const Read& verdict : from.list("repeats"))
    r.repeats.push_back(read_verdict(verdict, from.path() + ".repeats", from.fault()));
  r.transcript = read_transcript(from);
  if (!from.find("direct")) return;
  const Object direct = from.object("direct");
  const auto verdict_of = [&](std::string_view key) {
    const Read* verdict = direct.find(key);
    return read_verdict(verdict ? *verdict : Read(), fmt::format("{}.{}", direct.path(), key), from.fault());
  };
  r.direct = DirectPlay{verdict_of("verdict"), direct.text("reason"), read_transcript(direct),
                        direct.flag("flaky"), verdict_of("through")};
}

CaseResult read_result(const Object& from) {
  CaseResult r;
  r.id = from.text("id");
  if (r.id.empty()) from.fault().note(from.path() + ".id", "is empty");
  r.topic = from.text("topic");
  r.about = from.text("about");
  const Read* verdict = from.find("verdict");
  r.verdict = read_verdict(verdict ? *verdict : Read(), from.path() + ".verdict", from.fault());
  r.reason = from.text("reason");
  r.notes = from.strings("notes");
  r.clause = from.text("clause");
  r.level = read_level(from);
  if (from.find("requirement")) r.requirement = current_id(from.text("requirement"));
  r.covers = from.strings("covers");
  for (auto& id : r.covers) id = current_id(id);
  r.autobahn = from.strings("autobahn");
  r.see = from.strings("see");
  r.tags = from.strings("tags");
  const Object source = from.object("source");
  r.file = source.text("file");
  r.line = source.number<int>("line");
  read_outcome(from, r);
  return r;
}

TargetFingerprint read_fingerprint(const Object& from) {
  TargetFingerprint print;
  print.server_field = from.text("server_field");
  print.extensions = from.text("extensions");
  if (from.find("subprotocols")) print.subprotocols = from.text("subprotocols");
  print.echoes = from.flag("echoes");
  print.greets = from.flag("greets");
  print.limits_messages = from.flag("limits_messages");
  print.checks_origin = from.flag("checks_origin");
  if (from.find("message_limit")) print.message_limit = from.number<std::uint64_t>("message_limit");
  print.remarks = from.strings("remarks");
  return print;
}

void read_run(const Object& from, RunResult& run) {
  run.tool_version = from.text("tool_version");
  run.caseset_version = from.text("caseset_version");
  run.target_name = from.text("target");
  run.url = from.text("url");
  run.transport = from.text("transport");
  if (from.find("tested")) run.tested = from.text("tested");
  run.server = from.text_or_empty("server");
  run.seed = from.number<std::uint64_t>("seed");
  run.arguments = from.strings("arguments");
  run.filter = from.text("filter");
  run.shard = from.text("shard");
  run.interrupted = from.flag("interrupted");
  run.destructive_allowed = from.flag("destructive_allowed");
  run.bulk = from.flag("bulk");
  if (from.find("fingerprint")) run.fingerprint = read_fingerprint(from.object("fingerprint"));
  run.stale_baseline = from.strings("stale_baseline");
  run.fatal = from.text("fatal");
}

void read_requirements(const Object& from, RunResult& run) {
  if (!from.json().is_object()) return;
  for (const auto& [id, value] : from.json().items()) {
    const Object one(value, "requirements." + id, from.fault());
    Requirement r;
    r.id = current_id(id);
    // Version 1 knew RFCs only, by number.
    r.spec = one.find("rfc") ? fmt::format("rfc{}", one.number<int>("rfc")) : one.text("spec");
    r.section = one.text("section");
    r.level = read_level(one);
    r.negative = one.flag("negative");
    r.role = one.text("role");
    r.text = one.text("text");
    r.testable = one.text("testable");
    r.how = one.text("how");
    r.not_covered = one.text("not_covered");
    run.requirements.emplace(r.id, r);
  }
}

void read_event_times(const Object& from, std::string_view key, Transcript& transcript) {
  const Read& times = from.list(key);
  auto& events = transcript.events;
  const std::string path = fmt::format("{}.{}", from.path(), key);
  for (std::size_t i = 0; i < std::min(events.size(), times.size()); ++i) {
    if (times[i].is_number())
      events[i].at = from.to_time(times[i].get<double>(), path);
    else
      from.fault().note(path, "is not a list of numbers");
  }
}

void read_case_timing(const Object& from, CaseResult& result) {
  result.started = from.time("started_ms");
  read_event_times(from, "events_ms", result.transcript);
  if (result.direct && from.find("direct_events_ms"))
    read_event_times(from, "direct_events_ms", result.direct->transcript);
  if (from.find("delays_ms")) {
    for (const Read& delay : from.list("delays_ms")) {
      if (delay.is_number())
        result.delays.push_back(from.to_time(delay.get<double>(), from.path() + ".delays_ms"));
      else
        from.fault().note(from.path() + ".delays_ms", "is not a list of numbers");
    }
  }
  if (!from.find("cost")) return;
  const Object cost = from.object("cost");
  result.cost = Cost{cost.real("cpu_s"), cost.number<std::uint64_t>("memory_peak"),
                     cost.number<int>("descriptors"), cost.number<int>("threads")};
}

void read_timing(const Object& from, RunResult& run) {
  run.started = from.text("started");
  run.duration = from.time("duration_ms");
  run.jobs = from.number<int>("jobs");
  run.own_cpu_seconds = from.real("own_cpu_s");
  run.own_memory_peak = from.number<std::uint64_t>("own_memory_peak");
  if (from.find("target_cpu_s")) run.target_cpu_seconds = from.real("target_cpu_s");
  const Object cases = from.object("cases"), details = from.object("details");
  for (auto& result : run.results) {
    if (cases.find(result.id)) result.duration = cases.time(result.id);
    if (details.find(result.id)) read_case_timing(details.object(result.id), result);
  }
}

void read_results(const Object& document, RunResult& run) {
  const Read& results = document.list("results");
  std::unordered_set<std::string> ids;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const std::string path = fmt::format("results[{}]", i);
    run.results.push_back(read_result({results[i], path, document.fault()}));
    if (!ids.insert(run.results.back().id).second)
      document.fault().note(path + ".id", "is there twice: " + one_line(run.results.back().id, 100));
  }
}

bool known_major(const std::string& version) {
  return version.starts_with("1.") ||
         version.starts_with(kSchemaVersion.substr(0, kSchemaVersion.find('.') + 1));
}

}  // namespace

Result<RunResult> read_json(std::string_view text) {
  const Shape shape = shape_of(text);
  if (shape.deepest > kMaxDepth) return fail_with("report", "is nested too deeply to be a wsspec report");
  if (shape.values > kMostValues)
    return fail_with("report",
                     fmt::format("holds more than {} values, too many for a wsspec report", kMostValues));
  const Read document = Read::parse(text, nullptr, /*allow_exceptions=*/false);
  if (document.is_discarded())
    return fail_with("report", "is not valid JSON", "an interrupted download or a report of another tool?");
  Fault fault;
  const Object top(document, "", fault);
  if (!top.find("schema_version") || !document["schema_version"].is_string())
    return fail_with("report", "is no wsspec report: `schema_version` is missing");
  if (const auto version = document["schema_version"].get<std::string>(); !known_major(version))
    return fail_with("schema_version", fmt::format("{} is not understood here", one_line(version, 40)),
                     fmt::format("this program reads 1.0.0 to {}", kSchemaVersion));
  RunResult run;
  read_run(top.object("run"), run);
  read_requirements(top.object("requirements"), run);
  read_results(top, run);
  if (top.find("timing")) read_timing(top.object("timing"), run);
  if (!fault.what.empty())
    return fail_with(one_line(fault.where, 200), one_line(fault.what),
                     "the report does not follow report.schema.json");
  return run;
}

}  // namespace wsspec
