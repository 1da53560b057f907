// Reads what the endpoint under test sends: messages, control frames, and every fault of their form.
//
// What it is not: a receiver that gives up (message.h); it goes on behind faults, because the judge wants
// them all. Invariants: memory is bounded by `most` octets per message, whatever the endpoint sends.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "protocol/bytes.h"
#include "protocol/deflate.h"
#include "protocol/frame.h"
#include "protocol/message.h"
#include "protocol/utf8.h"

namespace wsspec {

/// A whole message or control frame that the endpoint sent.
struct Output {
  std::uint8_t opcode = 0;  ///< 1, 2, 8, 9 or 10.
  Bytes payload;            ///< Inflated.
  bool whole = true;  ///< The payload is complete; false when it broke a limit or could not be inflated.
  std::string_view text_fault{};  ///< Why it is no text; empty otherwise.
};

class OutputReader {
 public:
  class Sink {
   public:
    virtual ~Sink() = default;
    virtual void output(Output&& output) = 0;
    /// `offset`: octets of the endpoint read before the frame in question.
    virtual void malformed(std::string_view requirement, std::string_view what, std::uint64_t offset) = 0;
  };

  OutputReader(Role sender, const std::optional<DeflateSettings>& deflate, std::uint64_t most);
  void read(MutableBytes octets, Sink& sink);
  std::uint64_t octets() const { return octets_; }
  /// True between frames.
  bool at_boundary() const { return frames_.at_boundary(); }

 private:
  void check_header(const FrameHeader& h, Sink& sink);
  void begin_frame(const FrameHeader& h, Sink& sink);
  void take_payload(const FrameHeader& h, BytesView piece, Sink& sink);
  void end_frame(const FrameHeader& h, Sink& sink);
  void end_message(Sink& sink);
  void lose_context(const Error& error, Sink& sink);

  Role sender_;
  bool deflate_;
  std::uint64_t most_;
  FrameDecoder frames_;
  std::optional<Decompressor> inflater_;
  bool context_lost_ = false;
  std::uint64_t octets_ = 0, frame_begin_ = 0;
  Bytes message_, control_;
  Utf8Validator utf8_;
  std::uint8_t opcode_ = 0;  ///< Of the message under way.
  bool compressed_ = false, whole_ = true;
};

}  // namespace wsspec
