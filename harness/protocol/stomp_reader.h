// StompReader: the frames of a STOMP stream, whatever messages or pieces carry it.
//
// Ends of lines between frames are skipped. What it is not: lenient. What the grammar or the negotiated
// version forbids is a fault, which says where the stream stopped being STOMP; a command or header that the
// version does not know is none. Invariants: memory is bounded by StompLimits; after a fault nothing more
// comes out; how the octets are cut never matters.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "protocol/bytes.h"
#include "protocol/stomp.h"

namespace wsspec {

struct StompLimits {
  std::size_t line = 1u << 20;  ///< Octets of a line, without its end.
  std::size_t headers = 20'000;
  std::uint64_t body = 64ull << 20;
};

/// Why a stream is no STOMP, or more than we take.
struct StompFault {
  enum class Kind {
    command,  ///< The line of a command holds a NUL or a CR, or is no UTF-8.
    header,   ///< A line without a colon, without a name, with a CR inside, or no UTF-8.
    escape,   ///< An escape that the version does not define.
    length,   ///< A content-length that is no number.
    end,      ///< Where content-length ends the body stands no NUL.
    limit     ///< Past StompLimits: a limit of ours, no fault of the sender.
  };
  Kind kind = Kind::command;
  std::string what;  ///< "no NUL behind the 2 octets of the body".
};

class StompReader {
 public:
  using Sink = std::function<void(StompFrame&&)>;
  explicit StompReader(StompLimits limits = {}) : limits_(limits) {}

  /// What was negotiated: at once, also from within a sink, for the frames behind that one. 1.2 before.
  void set_version(StompVersion version) { version_ = version; }
  StompVersion version() const { return version_; }
  /// Reads all of `bytes`, calling `sink` for each frame that is whole, in order.
  void feed(BytesView bytes, const Sink& sink);
  const std::optional<StompFault>& fault() const { return fault_; }
  /// No frame has begun that is not whole.
  bool at_boundary() const { return !fault_ && stage_ == Stage::command && line_.empty(); }
  /// The command of the frame that has begun, as far as it is read; empty between frames.
  const std::string& begun() const { return stage_ == Stage::command ? line_ : frame_.command; }

 private:
  enum class Stage { command, headers, body, end };
  // Each takes octets off `bytes`.
  void read_line(BytesView& bytes);
  void read_body(BytesView& bytes);
  void read_end(BytesView& bytes, const Sink& sink);
  void take_command();
  void take_header();
  void begin_body();
  void fail(StompFault::Kind kind, std::string what);

  StompLimits limits_;
  StompVersion version_ = StompVersion::v1_2;
  Stage stage_ = Stage::command;
  std::string line_;
  StompFrame frame_;
  std::optional<std::uint64_t> length_;  ///< Of the body, when a header tells it.
  std::optional<StompFault> fault_;
};

}  // namespace wsspec
