#include "report/autobahn.h"

#include <fmt/format.h>

#include <algorithm>
#include <nlohmann/json.hpp>

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

/// What the transcript says about the end of the connection.
struct Ending {
  bool closed_by_us = false, closed_by_target = false;  ///< Who sent a Close frame.
  bool we_first = false;
  bool ended = false;  ///< The target ended TCP.
};

/// `finish` sends its Close frame itself.
bool is_close(const Event& event) {
  return (event.frame && event.frame->is(Opcode::close)) || event.line.starts_with("> close") ||
         event.line.starts_with("< close") || event.line.starts_with("finish");
}

Ending ending_of(const CaseResult& r) {
  Ending out;
  for (const auto& event : r.transcript.events) {
    const bool ours = event.kind == Event::Kind::sent || event.kind == Event::Kind::manners;
    if (ours && is_close(event)) {
      out.we_first |= !out.closed_by_target;
      out.closed_by_us = true;
    } else if (event.kind == Event::Kind::received) {
      out.closed_by_target |= is_close(event);
      out.ended |= event.line.starts_with("< eof") || event.line.starts_with("< reset");
    }
  }
  out.closed_by_target |= r.close_code.has_value();
  return out;
}

/// The Close frame of the target is what decided against it.
bool wrong_code(const CaseResult& r) {
  if ((r.verdict != Verdict::weak && r.verdict != Verdict::fail) || !r.close_code || r.target_died)
    return false;
  const auto decided = [](const Event& event) {
    return event.failing && event.kind == Event::Kind::received && is_close(event);
  };
  return r.actual.find("< close") != std::string::npos || std::ranges::any_of(r.transcript.events, decided);
}

std::string behavior_of(const std::string& number, const CaseResult& r) {
  switch (r.verdict) {
    case Verdict::pass: return "OK";
    case Verdict::weak: return wrong_code(r) ? "OK" : "NON-STRICT";
    case Verdict::info: return "INFORMATIONAL";
    case Verdict::skipped:
      return number.starts_with("12.") || number.starts_with("13.") ? "UNIMPLEMENTED" : "FAILED";
    case Verdict::fail:
    case Verdict::inconclusive:
    case Verdict::error:
    case Verdict::not_run: break;
  }
  return "FAILED";
}

std::string behavior_close_of(const std::string& behavior, const CaseResult& r) {
  if (behavior == "INFORMATIONAL") return behavior;
  if (behavior == "UNIMPLEMENTED") return "OK";
  if (r.verdict == Verdict::error || r.verdict == Verdict::not_run || r.verdict == Verdict::skipped)
    return "FAILED";
  if (wrong_code(r)) return "WRONG CODE";
  if (r.verdict != Verdict::fail) return "OK";
  const Ending ending = ending_of(r);
  if (!ending.ended && !ending.closed_by_target) return r.target_died ? "UNCLEAN" : "FAILED BY CLIENT";
  return ending.closed_by_target && !r.target_died ? "OK" : "UNCLEAN";
}

Sorted or_null(const std::string& text) {
  return text.empty() ? Sorted(nullptr) : Sorted(text);
}

std::string shown(const std::string& line) {
  const std::string text = visible(line);
  return text.size() <= kShown ? text : one_line(text, kShown) + " ...";
}

/// [["RF", [octets, text], opcode, fin, rsv, masked, mask]...], [["TF", ...]...] in the order of the wire.
Sorted wire_log(const Transcript& transcript) {
  Sorted out = Sorted::array();
  for (const auto& event : transcript.events) {
    if (!event.frame) continue;
    const FrameHeader& f = *event.frame;
    const Sorted payload = {f.length, shown(event.line)};
    const Sorted mask = f.mask ? Sorted(fmt::format("{:08x}", *f.mask)) : Sorted(nullptr);
    if (event.kind == Event::Kind::received)
      out.push_back({"RF", payload, f.opcode, f.fin, f.rsv, f.mask.has_value(), mask});
    else
      out.push_back({"TF", payload, f.opcode, f.fin, f.rsv, mask, nullptr, nullptr, false});
  }
  return out;
}

/// [["message", text, is binary] | ["ping" | "pong", text]...] as received.
Sorted received_events(const Transcript& transcript) {
  Sorted out = Sorted::array();
  for (const auto& event : transcript.events) {
    if (event.kind != Event::Kind::received || !event.frame) continue;
    if (event.frame->is(Opcode::text) || event.frame->is(Opcode::binary))
      out.push_back({"message", shown(event.line), event.frame->is(Opcode::binary)});
    else if (event.frame->is(Opcode::pong))
      out.push_back({"pong", shown(event.line)});
  }
  return out;
}

struct Statistics {
  Sorted octets = Sorted::object(), frames = Sorted::object();
  std::string head;  ///< The first HTTP head in this direction.
};

Statistics statistics_of(const Transcript& transcript, bool from_target) {
  Statistics out;
  const auto count = [](Sorted& in, const std::string& key) { in[key] = in.value(key, 0) + 1; };
  for (const auto& event : transcript.events) {
    if (event.kind == Event::Kind::note || (event.kind == Event::Kind::received) != from_target) continue;
    if (event.octets > 0) count(out.octets, std::to_string(event.octets));
    if (event.frame) count(out.frames, std::to_string(event.frame->opcode));
    const bool head =
        !event.frame && event.decoded.substr(0, event.decoded.find('\n')).find("HTTP/1") != std::string::npos;
    if (head && out.head.empty()) out.head = valid(event.decoded);
  }
  return out;
}

std::string result_sentence(const CaseResult& r) {
  if (r.verdict == Verdict::pass) return "Actual events match at least one expected.";
  return one_line(r.reason, 600);
}

Sorted identity(const RunResult& run, const std::string& number, int place, const CaseResult& r) {
  return {{"agent", agent_of(run)},
          {"id", number},
          {"case", place},
          {"description", visible(title_of(r))},
          {"expectation", visible(r.expected.empty() ? r.about : r.expected)},
          {"started", valid(run.started)},
          {"duration", static_cast<std::int64_t>(milliseconds(r.duration))},
          {"reportTime", false},
          {"reportCompressionRatio", false},
          {"isServer", false},
          {"trafficStats", nullptr},
          {"createStats", true},
          {"createWirelog", true}};
}

Sorted case_json(const RunResult& run, const std::string& number, int place, const CaseResult& r) {
  Sorted out = identity(run, number, place, r);
  const Ending ending = ending_of(r);
  const Statistics received = statistics_of(r.transcript, true), sent = statistics_of(r.transcript, false);
  const bool clean = ending.closed_by_us && ending.closed_by_target && !r.target_died;
  out["behavior"] = behavior_of(number, r);
  out["behaviorClose"] = behavior_close_of(out["behavior"], r);
  out["result"] = result_sentence(r);
  out["resultClose"] =
      clean ? "Connection was properly closed" : "Connection was not closed by two Close frames";
  out["expected"] = {{"OK", Sorted::array()}};
  out["received"] = received_events(r.transcript);
  out["expectedClose"] = {
      {"closedByMe", ending.we_first}, {"closeCode", Sorted::array()}, {"requireClean", false}};
  out["closedByMe"] = ending.we_first;
  out["failedByMe"] = out["behaviorClose"] == "FAILED BY CLIENT";
  out["droppedByMe"] = !ending.ended;
  out["wasClean"] = clean;
  out["wasNotCleanReason"] = clean ? Sorted(nullptr) : or_null(one_line(r.reason, 600));
  out["wasOpenHandshakeTimeout"] = false;
  out["wasCloseHandshakeTimeout"] = ending.closed_by_us && !ending.closed_by_target;
  out["wasServerConnectionDropTimeout"] = ending.closed_by_us && ending.closed_by_target && !ending.ended;
  out["localCloseCode"] = nullptr;
  out["localCloseReason"] = nullptr;
  out["remoteCloseCode"] = r.close_code ? Sorted(*r.close_code) : Sorted(nullptr);
  out["remoteCloseReason"] = nullptr;
  out["rxOctetStats"] = received.octets;
  out["txOctetStats"] = sent.octets;
  out["rxFrameStats"] = received.frames;
  out["txFrameStats"] = sent.frames;
  out["httpRequest"] = sent.head;
  out["httpResponse"] = received.head;
  out["wirelog"] = wire_log(r.transcript);
  return out;
}

std::string dumped(const Sorted& value) {
  return value.dump(3, ' ', true, Sorted::error_handler_t::replace);
}

/// "2.10" behind "2.9".
bool number_less(const std::string& a, const std::string& b) {
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

}  // namespace

std::string autobahn_slug(std::string_view text) {
  std::string out;
  for (const char c : text) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    out += (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') ? lower : '_';
  }
  return out.substr(0, 150);
}

std::map<std::string, std::string> write_autobahn(const RunResult& run) {
  std::map<std::string, const CaseResult*, decltype(&number_less)> worst(&number_less);
  for (const auto& result : run.results) {
    for (const auto& number : result.autobahn) {
      if (!is_number(number)) continue;
      const auto [it, fresh] = worst.emplace(number, &result);
      if (!fresh && rank(result.verdict) < rank(it->second->verdict)) it->second = &result;
    }
  }
  const std::string agent = agent_of(run), slug = autobahn_slug(agent);
  Sorted index = Sorted::object();
  std::map<std::string, std::string> files;
  int place = 0;
  for (const auto& [number, result] : worst) {
    std::string name = slug + "_case_" + number + ".json";
    std::ranges::replace(name.begin() + static_cast<std::ptrdiff_t>(slug.size()), name.end() - 5, '.', '_');
    const Sorted one = case_json(run, number, ++place, *result);
    index[agent][number] = {{"behavior", one["behavior"]},
                            {"behaviorClose", one["behaviorClose"]},
                            {"duration", one["duration"]},
                            {"remoteCloseCode", one["remoteCloseCode"]},
                            {"reportfile", name}};
    files.emplace(name, dumped(one));
  }
  files.emplace("index.json", dumped(index));
  return files;
}

}  // namespace wsspec
