// StompTarget: what a target declares of the STOMP that it speaks: how to log in, how destinations are
// called.
//
// What it is not: a session, or what is found out of one.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/error.h"
#include "protocol/stomp.h"

namespace wsspec {

struct StompTarget {
  std::string host = "localhost";  ///< The virtual host that CONNECT names.
  std::optional<std::string> login, passcode;
  std::optional<std::string>
      queue;  ///< What names of destinations begin with that have one consumer a message,
  std::optional<std::string> topic;       ///< and of those that have all who subscribed.
  bool binary = false;                    ///< The kind of messages that it takes frames in.
  std::optional<std::string> heart_beat;  ///< In each CONNECT: some brokers want one. Absent: none.
  bool own = true;                        ///< Who sends to where it has subscribed gets that, too.
  std::vector<StompHeader> subscribe;     ///< Further headers of each SUBSCRIBE.
};

/// Takes `word=value`: host, login, passcode, queue, topic, kind (text or binary), heart-beat, own (yes or
/// no), or subscribe with a further header `name:value`, which may be given again. Errors say what there is.
Result<void> add_to_stomp(StompTarget& target, std::string_view given);

}  // namespace wsspec
