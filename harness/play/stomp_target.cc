#include "play/stomp_target.h"

#include <fmt/format.h>

namespace wsspec {

Result<void> add_to_stomp(StompTarget& target, std::string_view given) {
  const auto equals = given.find('=');
  const std::string_view word = given.substr(0, equals);
  const std::string value(equals == given.npos ? "" : given.substr(equals + 1));
  const auto colon = value.find(':');
  if (equals == given.npos) return fail_with("", fmt::format("'{}' has no value", word), "login=guest");
  if (word == "host") {
    target.host = value;
  } else if (word == "login") {
    target.login = value;
  } else if (word == "passcode") {
    target.passcode = value;
  } else if (word == "queue") {
    target.queue = value;
  } else if (word == "topic") {
    target.topic = value;
  } else if (word == "heart-beat") {
    target.heart_beat = value;
  } else if (word == "kind" && (value == "text" || value == "binary")) {
    target.binary = value == "binary";
  } else if (word == "kind") {
    return fail_with("", fmt::format("'{}' is no kind of message", value), "text or binary");
  } else if (word == "own" && (value == "yes" || value == "no")) {
    target.own = value == "yes";
  } else if (word == "own") {
    return fail_with("", fmt::format("'{}' is neither yes nor no", value), "own=no");
  } else if (word == "subscribe" && colon != value.npos && colon > 0) {
    target.subscribe.push_back({value.substr(0, colon), value.substr(colon + 1)});
  } else if (word == "subscribe") {
    return fail_with("", fmt::format("'{}' is no header", value), "subscribe=prefetch-count:100");
  } else {
    return fail_with("", fmt::format("'{}' is no word of stomp", word),
                     "one of host, login, passcode, queue, topic, kind, heart-beat, own, subscribe");
  }
  return {};
}

}  // namespace wsspec
