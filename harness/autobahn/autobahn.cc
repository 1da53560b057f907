#include "autobahn/autobahn.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "autobahn/autobahn_words.h"
#include "protocol/spec.h"
#include "protocol/utf8.h"
#include "report/json_model.h"
#include "report/text.h"

namespace wsspec {
namespace {

using Sorted = nlohmann::json;  // Objects with sorted keys, as the suite writes them.

constexpr std::size_t kShown = 64;  // The suite cuts payloads at this many octets.

std::string agent_of(const RunResult& run) {
  if (!run.target_name.empty()) return visible(run.target_name);
  if (run.fingerprint && !run.fingerprint->server_field.empty())
    return visible(run.fingerprint->server_field);
  return "UnknownServer";
}

/// "5.19": digits and single dots only.
bool is_number(std::string_view id) {
  bool digit = false;
  for (const char c : id) {
    if (c == '.' ? !digit : (c < '0' || c > '9')) return false;
    digit = c != '.';
  }
  return digit && id.size() < 20;
}

/// Smaller is worse.
int rank(Verdict verdict) {
  static constexpr Verdict kOrder[] = {Verdict::fail,    Verdict::error,        Verdict::not_run,
                                       Verdict::skipped, Verdict::inconclusive, Verdict::weak,
                                       Verdict::info,    Verdict::pass};
  return static_cast<int>(std::ranges::find(kOrder, verdict) - std::begin(kOrder));
}

Sorted or_null(const std::string& text) {
  return text.empty() ? Sorted(nullptr) : Sorted(text);
}

/// A payload as the suite shows it: text when it is text, else in hexadecimal; cut.
std::string shown(const std::optional<Bytes>& payload) {
  if (!payload) return "";
  const bool cut = payload->size() > kShown;
  Bytes front = payload->substr(0, kShown);
  if (!is_utf8(*payload)) return "0x" + to_hex(front, "") + (cut ? " ..." : "");
  while (cut && !is_utf8(front)) front.pop_back();
  return front + (cut ? " ..." : "");
}

/// [["RF", [octets, text], opcode, fin, rsv, masked, mask]...], [["TF", ...]...] in the order of the wire.
Sorted wire_log(const Wire& wire) {
  Sorted out = Sorted::array();
  for (const WireFrame& frame : wire.frames) {
    const FrameHeader& f = frame.header;
    const Sorted payload = {f.length, shown(frame.payload)};
    Sorted mask;
    if (f.mask) mask = frame.mask_known ? fmt::format("{:08x}", *f.mask) : "random";
    if (frame.ours)
      out.push_back({"TF", payload, f.opcode, f.fin, f.rsv, mask, nullptr, nullptr, false});
    else
      out.push_back({"RF", payload, f.opcode, f.fin, f.rsv, f.mask.has_value(), mask});
  }
  return out;
}

/// ["message", text, is binary] or ["pong", text].
Sorted event_of(const WireArrival& arrival) {
  const std::string text =
      arrival.payload ? shown(arrival.payload) : fmt::format("... ({} octets)", arrival.octets);
  if (arrival.kind == Opcode::pong) return {"pong", text};
  return {"message", text, arrival.kind == Opcode::binary};
}

Sorted events_of(std::span<const WireArrival> arrivals) {
  Sorted out = Sorted::array();
  for (const WireArrival& one : arrivals) out.push_back(event_of(one));
  return out;
}

/// {verdict: events}: what came where that is what was wanted, else what would have been.
Sorted expected_events(const CaseResult& r, const Wire& wire, const std::string& behavior) {
  if (behavior != "FAILED") return {{behavior, events_of(wire.arrivals)}};
  Sorted wanted = events_of(std::span(wire.arrivals).first(wire.before_failure));
  if (const auto one = wanted_arrival(r)) wanted.push_back(event_of(*one));
  return {{"OK", wanted}};
}

Sorted frame_counts(const Wire& wire, bool ours) {
  Sorted out = Sorted::object();
  for (const WireFrame& frame : wire.frames) {
    if (frame.ours != ours) continue;
    const std::string opcode = std::to_string(frame.header.opcode);
    out[opcode] = out.value(opcode, 0) + 1;
  }
  return out;
}

struct Statistics {
  Sorted octets = Sorted::object();
  std::string head;  ///< The first HTTP head in this direction.
};

Statistics statistics_of(const Transcript& transcript, bool from_target) {
  Statistics out;
  const auto count = [](Sorted& in, const std::string& key) { in[key] = in.value(key, 0) + 1; };
  for (const auto& event : transcript.events) {
    if (event.kind == Event::Kind::note || (event.kind == Event::Kind::received) != from_target) continue;
    if (event.octets > 0) count(out.octets, std::to_string(event.octets));
    const bool head =
        !event.frame && event.decoded.substr(0, event.decoded.find('\n')).find("HTTP/1") != std::string::npos;
    if (head && out.head.empty()) out.head = valid(event.decoded);
  }
  return out;
}

std::string result_sentence(const CaseResult& r, const std::string& behavior) {
  if (behavior == "OK") return "Actual events match at least one expected.";
  return one_line(r.reason, 600);
}

/// "2025-11-22T10:00:00Z" and a moment within the run: with milliseconds, as the suite writes.
std::string started_at(const std::string& run_started, Instant offset) {
  int year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0;
  if (std::sscanf(run_started.c_str(), "%d-%d-%dT%d:%d:%d", &year, &month, &day, &hour, &minute, &second) !=
      6)
    return valid(run_started);
  using namespace std::chrono;
  const sys_days date = std::chrono::year(year) / static_cast<unsigned>(month) / static_cast<unsigned>(day);
  const auto moment = date + hours(hour) + minutes(minute) + seconds(second) +
                      duration_cast<std::chrono::milliseconds>(offset);
  const auto midnight = floor<days>(moment);
  const year_month_day ymd(midnight);
  const hh_mm_ss time(moment - midnight);
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(ymd.year()),
                     static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

/// Where it would have up to 65,536 frames, the suite keeps none.
bool has_wire_log(std::string_view number) {
  return !number.starts_with("9.") && !number.starts_with("12.") && !number.starts_with("13.");
}

Sorted identity(const RunResult& run, const std::string& number, int place, const CaseResult& r) {
  return {{"agent", agent_of(run)},
          {"id", number},
          {"case", place},
          {"description", visible(title_of(r))},
          {"expectation", visible(r.expected.empty() ? r.about : r.expected)},
          {"started", started_at(run.started, r.started)},
          {"duration", static_cast<std::int64_t>(milliseconds(r.duration))},
          {"reportTime", false},
          {"reportCompressionRatio", false},
          {"isServer", false},
          {"trafficStats", nullptr},
          {"createStats", true},
          {"createWirelog", has_wire_log(number)}};
}

void add_close(Sorted& out, const char* side, const std::optional<WireClose>& close) {
  const bool code = close && close->code;
  out[std::string(side) + "CloseCode"] = code ? Sorted(*close->code) : Sorted(nullptr);
  out[std::string(side) + "CloseReason"] = code ? or_null(visible(close->reason)) : Sorted(nullptr);
}

void add_ending(Sorted& out, const CaseResult& r, const Wire& wire, const AutobahnWords& words) {
  const bool both = wire.our_close && wire.their_close;
  const bool clean = both && !r.target_died && words.close != "UNCLEAN";
  const WantedClose wanted = wanted_close(r);
  out["expectedClose"] = {
      {"closedByMe", !wanted.from_target}, {"closeCode", wanted.codes}, {"requireClean", false}};
  out["closedByMe"] = wire.we_closed_first;
  out["failedByMe"] = words.close == "FAILED BY CLIENT";
  out["droppedByMe"] = !wire.target_ended;
  out["wasClean"] = clean;
  out["wasNotCleanReason"] = clean ? Sorted(nullptr) : Sorted(close_sentence(words, wire));
  out["wasOpenHandshakeTimeout"] = false;
  out["wasCloseHandshakeTimeout"] = wire.our_close && !wire.their_close && !wire.target_ended;
  out["wasServerConnectionDropTimeout"] = both && !wire.target_ended;
  add_close(out, "local", wire.our_close);
  add_close(out, "remote", wire.their_close);
}

Sorted case_json(const RunResult& run, const std::string& number, int place, const CaseResult& r) {
  Sorted out = identity(run, number, place, r);
  const Wire wire = wire_of(r);
  const AutobahnWords words = autobahn_words(number, r, wire);
  const Statistics received = statistics_of(r.transcript, true), sent = statistics_of(r.transcript, false);
  out["behavior"] = words.behavior;
  out["behaviorClose"] = words.close;
  out["result"] = result_sentence(r, words.behavior);
  out["resultClose"] = close_sentence(words, wire);
  out["expected"] = expected_events(r, wire, words.behavior);
  out["received"] = events_of(wire.arrivals);
  add_ending(out, r, wire, words);
  out["rxOctetStats"] = received.octets;
  out["txOctetStats"] = sent.octets;
  out["rxFrameStats"] = frame_counts(wire, false);
  out["txFrameStats"] = frame_counts(wire, true);
  out["httpRequest"] = sent.head;
  out["httpResponse"] = received.head;
  out["wirelog"] = has_wire_log(number) ? wire_log(wire) : Sorted::array();
  return out;
}

std::string dumped(const Sorted& value) {
  return value.dump(3, ' ', true, Sorted::error_handler_t::replace);
}

using Worst = std::map<std::string, const CaseResult*, decltype(&autobahn_before)>;

/// For each number the case that counts.
Worst worst_of(const RunResult& run) {
  Worst worst(&autobahn_before);
  for (const auto& result : run.results) {
    for (const auto& number : result.autobahn) {
      if (!is_number(number)) continue;
      const auto [it, fresh] = worst.emplace(number, &result);
      if (!fresh && rank(result.verdict) < rank(it->second->verdict)) it->second = &result;
    }
  }
  return worst;
}

std::string file_of(const std::string& slug, std::string number) {
  std::ranges::replace(number, '.', '_');
  return slug + "_case_" + number + ".json";
}

/// Those of the requirements that it covers, each once.
std::vector<AutobahnClause> clauses_of(const RunResult& run, const CaseResult& r) {
  std::vector<AutobahnClause> clauses;
  for (const std::string& id : r.covers) {
    const auto found = run.requirements.find(id);
    if (found == run.requirements.end()) continue;
    const Requirement& one = found->second;
    AutobahnClause clause = {spec_title(one.spec) + " " + one.section, link_of(one)};
    if (std::ranges::find(clauses, clause) == clauses.end()) clauses.push_back(std::move(clause));
  }
  return clauses;
}

}  // namespace

bool autobahn_before(const std::string& a, const std::string& b) {
  const auto parts = [](std::string_view id) {
    std::vector<std::uint64_t> out(1, 0);
    for (const char c : id) {
      if (c == '.')
        out.push_back(0);
      else
        out.back() = out.back() * 10 + static_cast<std::uint64_t>(c - '0');
    }
    return out;
  };
  return parts(a) < parts(b);
}

bool AutobahnEntry::bad() const {
  return is_bad_word(behavior) || is_bad_word(close);
}

std::string autobahn_slug(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    out += (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') ? lower : '_';
  }
  return out.substr(0, 150);
}

AutobahnAgent autobahn_agent(const RunResult& run) {
  AutobahnAgent agent;
  agent.name = agent_of(run);
  if (run.fingerprint) agent.server_field = run.fingerprint->server_field;
  agent.started = run.started;
  agent.tool_version = run.tool_version;
  const std::string slug = autobahn_slug(agent.name);
  for (const auto& [number, result] : worst_of(run)) {
    AutobahnEntry entry;
    const AutobahnWords words = autobahn_words(number, *result, wire_of(*result));
    entry.number = number;
    entry.behavior = words.behavior;
    entry.close = words.close;
    entry.file = file_of(slug, number);
    entry.id = result->id;
    entry.about = result->about;
    entry.reason = result->reason;
    entry.clauses = clauses_of(run, *result);
    entry.duration = static_cast<std::int64_t>(milliseconds(result->duration));
    entry.code = result->close_code;
    agent.entries.push_back(std::move(entry));
  }
  return agent;
}

std::map<std::string, std::string> autobahn_case_files(const RunResult& run) {
  const std::string slug = autobahn_slug(agent_of(run));
  std::map<std::string, std::string> files;
  int place = 0;
  for (const auto& [number, result] : worst_of(run))
    files.emplace(file_of(slug, number), dumped(case_json(run, number, ++place, *result)));
  return files;
}

std::string autobahn_index(std::span<const AutobahnAgent> agents) {
  Sorted index = Sorted::object();
  for (const AutobahnAgent& agent : agents) {
    for (const AutobahnEntry& entry : agent.entries)
      index[agent.name][entry.number] = {
          {"behavior", entry.behavior},
          {"behaviorClose", entry.close},
          {"duration", entry.duration},
          {"remoteCloseCode", entry.code ? Sorted(*entry.code) : Sorted(nullptr)},
          {"reportfile", entry.file}};
  }
  return dumped(index);
}

Exit autobahn_exit(const RunResult& run, const Gate& gate, const AutobahnAgent& agent) {
  const Exit exit = exit_of(run, gate);
  const bool bad = std::ranges::any_of(agent.entries, &AutobahnEntry::bad);
  return exit == Exit::as_expected && bad ? Exit::red : exit;
}

std::string unique_agent(const std::string& name, std::set<std::string>& slugs) {
  std::string unique = name;
  for (int n = 2; !slugs.insert(autobahn_slug(unique)).second; ++n) unique = fmt::format("{} {}", name, n);
  return unique;
}

}  // namespace wsspec
