#include "play/stomp_frames.h"

#include <fmt/format.h>

#include <algorithm>

#include "script/print.h"

namespace wsspec {
namespace {

using Kind = Arrival::Kind;

void set_header(std::vector<StompHeader>& headers, StompHeader header) {
  const auto same = [&](const StompHeader& one) { return one.name == header.name; };
  const auto first = std::ranges::find_if(headers, same);
  if (first == headers.end()) return headers.push_back(std::move(header));
  headers.erase(std::remove_if(first + 1, headers.end(), same), headers.end());
  *first = std::move(header);
}

/// Without edits.
std::vector<StompHeader> correct_headers(const std::string& command, const StompTarget& target) {
  if (command == "SUBSCRIBE") return target.subscribe;
  if (command != "CONNECT" && command != "STOMP") return {};
  std::vector<StompHeader> headers = {{"accept-version", "1.0,1.1,1.2"}, {"host", target.host}};
  if (target.login) headers.push_back({"login", *target.login});
  if (target.passcode) headers.push_back({"passcode", *target.passcode});
  if (target.heart_beat) headers.push_back({"heart-beat", *target.heart_beat});
  return headers;
}

Result<void> edit(std::vector<StompHeader>& headers, const std::vector<Edit>& edits,
                  Environment& environment) {
  for (const Edit& one : edits) {
    auto value = evaluate(one.value, environment);
    if (!value) return std::unexpected(value.error());
    if (one.kind == Edit::Kind::set)
      set_header(headers, {one.header, std::move(*value), one.raw});
    else if (one.kind == Edit::Kind::add)
      headers.push_back({one.header, std::move(*value), one.raw});
    else if (one.kind == Edit::Kind::drop)
      std::erase_if(headers, [&](const StompHeader& header) { return header.name == one.header; });
    else
      return fail_with("", "a STOMP frame has headers alone");
  }
  return {};
}

/// Empty: it holds.
Result<std::string> broken_condition(const Condition& condition, const StompFrame& frame,
                                     Environment& environment) {
  const std::string* found = frame.find(condition.header);
  if (!condition.value) {
    if ((found != nullptr) == condition.has) return "";
    return fmt::format("it {} a header {}", found ? "has" : "lacks", condition.header);
  }
  const auto wanted = evaluate(*condition.value, environment);
  if (!wanted) return std::unexpected(wanted.error());
  if ((found && *found == *wanted) == condition.has) return "";
  return fmt::format("its header {} is {}{}", condition.header, found ? quote(*found) : "absent",
                     condition.has ? " instead of " + quote(*wanted) : "");
}

Judgement broken(const Error& error) {
  Judgement answer;
  answer.kind = Judgement::Kind::broken;
  answer.reason = error.what;
  return answer;
}

/// Of a MESSAGE that belongs to another subscription than the one that is named.
bool is_of_another(const ExpectStomp& expect, const StompFrame& frame, Environment& environment) {
  if (frame.command != "MESSAGE") return false;
  return std::ranges::any_of(expect.conditions, [&](const Condition& one) {
    if (one.header != "subscription" || !one.has || !one.value) return false;
    const auto wanted = evaluate(*one.value, environment);
    const std::string* own = frame.find("subscription");
    return wanted && own && *own != *wanted;
  });
}

bool is_number(std::string_view text) {
  return !text.empty() && text.find_first_not_of("0123456789") == text.npos;
}

/// What CONNECTED says of the broker, in the cases that are about it. Empty: nothing is wrong with it.
std::string broken_header(const StompFrame& frame, const Scene& scene) {
  const auto judged = [&](const char* id) {
    return std::ranges::find(scene.covers, id) != scene.covers.end();
  };
  if (frame.bare_colon && judged(kEscapes)) return "a colon stands in a header without its escape";
  if (frame.command != "CONNECTED") return "";
  const std::string* beats = frame.find("heart-beat");
  if (beats && judged(kBeatNumbers) && !parse_beats(*beats))
    return fmt::format("its heart-beat {} is no two numbers", quote(*beats));
  const std::string* server = frame.find("server");
  const auto name = server ? std::string_view(*server).substr(0, server->find_first_of("/ ")) : "";
  if (server && judged(kServerName) && name.empty()) return "its server header names none";
  return "";
}

Judgement judge_whole(const ExpectStomp& expect, const Arrival& arrival, std::size_t index,
                      const Scene& scene) {
  const StompFrame& frame = arrival.stomp;
  std::string wrong;
  for (const Condition& one : expect.conditions) {
    auto why = broken_condition(one, frame, scene.environment);
    if (!why) return broken(why.error());
    if (wrong.empty()) wrong = std::move(*why);
  }
  if (expect.body && wrong.empty()) {
    const auto wanted = evaluate(*expect.body, scene.environment);
    if (!wanted) return broken(wanted.error());
    if (frame.body != *wanted)
      wrong = fmt::format("its body is {} instead of {}",
                          print_payload(BytesView(frame.body).substr(0, 200), 200),
                          print_payload(BytesView(*wanted).substr(0, 200), 200));
  }
  if (wrong.empty()) wrong = broken_header(frame, scene);
  if (!wrong.empty()) return Judgement::not_met(describe(frame) + " came, but " + wrong, arrival.event);
  Judgement answer = Judgement::met(Judgement::Take::one);
  answer.index = index;
  answer.event = arrival.event;
  return answer;
}

/// RECEIPTs come in any order; each is for a frame of ours that asked for one.
bool is_asked_for(const StompFrame& receipt, const Scene& scene) {
  const std::string* id = receipt.find("receipt-id");
  return id && scene.talk.receipts.contains(*id);
}

}  // namespace

Result<OwnStomp> make_stomp(const SendStomp& line, const StompTarget& target, StompVersion version,
                            Environment& environment) {
  OwnStomp own;
  own.frame.command = line.command;
  own.frame.headers = correct_headers(line.command, target);
  if (line.body) {
    auto body = evaluate(*line.body, environment);
    if (!body) return std::unexpected(body.error());
    own.frame.body = std::move(*body);
  }
  own.frame.add_length();
  if (auto done = edit(own.frame.headers, line.edits, environment); !done)
    return std::unexpected(done.error());
  own.octets =
      line.command.empty() ? line.crlf ? "\r\n" : "\n" : render_stomp(own.frame, {version, line.crlf});
  if (!line.tail) return own;
  const auto tail = evaluate(*line.tail, environment);
  if (!tail) return std::unexpected(tail.error());
  own.octets += *tail;
  return own;
}

std::optional<std::pair<Duration, Duration>> parse_beats(std::string_view text) {
  const auto comma = std::min(text.find(','), text.size());
  const auto first = text.substr(0, comma), second = text.substr(std::min(comma + 1, text.size()));
  constexpr std::size_t kMostDigits = 9;
  if (!is_number(first) || !is_number(second) || first.size() > kMostDigits || second.size() > kMostDigits)
    return std::nullopt;
  const auto ms = [](std::string_view digits) {
    return Duration(std::chrono::milliseconds(std::stoul(std::string(digits))));
  };
  return std::pair(ms(first), ms(second));
}

std::string describe(const StompFrame& frame) {
  std::string out = "the STOMP frame " + print_payload(frame.command, 60);
  for (const char* told : {"message", "receipt-id", "version"})
    if (const std::string* value = frame.find(told))
      out += fmt::format(", {} {}", told, print_payload(*value, 120));
  return out;
}

Judgement judge_stomp(const ExpectStomp& expect, const Scene& scene) {
  const bool receipt = expect.command == "RECEIPT";
  const auto& main = scene.talk.inbox.main;
  for (std::size_t i = 0; i < main.size(); ++i) {
    const Arrival& arrival = main[i];
    if (arrival.kind == Kind::ping) continue;
    if (arrival.kind != Kind::stomp) return instead(arrival);
    const StompFrame& frame = arrival.stomp;
    if (frame.command == "RECEIPT" && !is_asked_for(frame, scene)) {
      Judgement answer = Judgement::not_met(describe(frame) + " came, which nothing asks for", arrival.event);
      answer.requirement = kReceiptOnce;
      return answer;
    }
    if (frame.command == "RECEIPT" && !receipt) continue;
    if (frame.command == "MESSAGE" && (receipt || is_of_another(expect, frame, scene.environment))) continue;
    if (frame.command != expect.command)
      return Judgement::not_met(describe(frame) + " came instead", arrival.event);
    Judgement answer = judge_whole(expect, arrival, i, scene);
    if (receipt && answer.kind == Judgement::Kind::mismatch) continue;
    return answer;
  }
  return Judgement::pending();
}

Judgement judge_error(const Scene& scene) {
  for (const Arrival& arrival : scene.talk.inbox.main) {
    if (arrival.kind == Kind::ping) continue;
    const bool refuses =
        arrival.kind == Kind::close || arrival.kind == Kind::end || arrival.stomp.command == "ERROR";
    if (!refuses) return instead(arrival);
    Judgement answer = Judgement::met(Judgement::Take::nothing);
    answer.event = arrival.event;
    return answer;
  }
  return Judgement::pending();
}

Judgement judge_beat(const Scene& scene) {
  const Inbox& inbox = scene.talk.inbox;
  if (inbox.stomp_octets > scene.talk.stomp_heard) return Judgement::met(Judgement::Take::beat);
  for (const Arrival& arrival : inbox.main)
    if (arrival.kind != Kind::ping && arrival.kind != Kind::stomp) return instead(arrival);
  return Judgement::pending();
}

const char* requirement_of(StompFault::Kind kind) {
  switch (kind) {
    case StompFault::Kind::command:
    case StompFault::Kind::header: return "stomp-1.2-Augmented_BNF-1";
    case StompFault::Kind::escape: return "stomp-1.2-Value_Encoding-4";
    case StompFault::Kind::length:
    case StompFault::Kind::end: return "stomp-1.2-Header_content-length-1";
    case StompFault::Kind::limit: break;
  }
  return "";
}

}  // namespace wsspec
