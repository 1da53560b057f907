// StompFrame: one frame of STOMP 1.0 to 1.2 as a value, its header escapes by version, and its octets
// (stomp-1.2 "STOMP Frames", "Value Encoding", "Augmented BNF").
//
// What it is not: a session. Which frame may come when, and which headers it needs, is whoever uses it to
// know. Any frame can be written, also one that no conforming sender writes; StompReader reads them back.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/bytes.h"

namespace wsspec {

enum class StompVersion { v1_0, v1_1, v1_2 };

std::string_view name(StompVersion version);  ///< "1.2".
/// Nothing for what is no version we know.
std::optional<StompVersion> parse_stomp_version(std::string_view text);

struct StompHeader {
  std::string name;
  std::string value;  ///< As the application means it, without escapes.
  bool raw = false;   ///< To be written: `name` and `value` stand as they are, without escapes.
  bool operator==(const StompHeader&) const = default;
};

struct StompFrame {
  std::string command;
  std::vector<StompHeader> headers;  ///< In order, repeated ones too.
  Bytes body;
  /// A colon stood unescaped in a value where the version has an escape for it.
  bool bare_colon = false;

  /// The value of the first header of that name, which is the one that counts ("Repeated Header Entries");
  /// nullptr when absent. Names are case sensitive.
  const std::string* find(std::string_view name) const;
  /// Appends the length of the body as a header when there is a body and no such header.
  void add_length();
  bool operator==(const StompFrame&) const = default;
};

/// How the octets of a frame look where the text leaves a choice, or we break it.
struct StompForm {
  StompVersion version = StompVersion::v1_2;
  bool crlf = false;  ///< Lines end in CR LF.
};

/// Whether the headers of this frame have escapes: all but CONNECT, STOMP and CONNECTED, from 1.1 on.
bool has_stomp_escapes(std::string_view command, StompVersion version);
std::string stomp_escaped(std::string_view text, StompVersion version);
/// Nothing when an escape is undefined in that version or has no second octet.
std::optional<std::string> stomp_unescaped(std::string_view text, StompVersion version);

/// The octets of a frame with its NUL, as the headers are: no content-length is added.
Bytes render_stomp(const StompFrame& frame, const StompForm& form = {});

}  // namespace wsspec
