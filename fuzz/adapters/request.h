// The opening handshake that adapters of whole servers send ahead of the frames. What it is not: fuzzed.
#pragma once

#include <string>

#include "fuzz/adapter.h"

inline std::string request_for(const wsspec_setting& s) {
  std::string head =
      "GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n";
  if (s.deflate != 0) {
    head += "Sec-WebSocket-Extensions: permessage-deflate";
    if (s.client_no_context_takeover != 0) head += "; client_no_context_takeover";
    if (s.server_no_context_takeover != 0) head += "; server_no_context_takeover";
    head += "\r\n";
  }
  return head + "\r\n";
}
