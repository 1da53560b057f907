// The inbox: octets of the other end, a server or a client, to arrivals (heads, messages, single frames,
// pongs, closes, faults, the end), in order.
//
// What it is not: a judge of the case. It reports as `fault` only what a sender may never do in any state of
// the connection (RFC 6455 5, RFC 7692 6), because no case needs to ask for that. Invariants: memory is
// bounded by kInboxSpare plus what we sent; pongs are kept apart from the ordered rest, because pongs and
// messages are independent sequences; after a fault nothing more is decoded.
#pragma once

#include <deque>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "protocol/chunked.h"
#include "protocol/close.h"
#include "protocol/deflate.h"
#include "protocol/endpoint.h"
#include "protocol/extension.h"
#include "protocol/frame.h"
#include "protocol/http.h"
#include "protocol/stomp_reader.h"
#include "protocol/tls.h"
#include "protocol/utf8.h"

namespace wsspec {

inline constexpr std::uint64_t kInboxSpare = 24ull << 20;  ///< Octets held beyond as many as we sent.
inline constexpr std::size_t kPongsKept = 256;  ///< Unread pongs; of a flood only the newest matter (5.5.3).

inline constexpr std::size_t kKeysKept = 4096;
inline constexpr std::size_t kStompKept = 4096;  ///< Headers of MESSAGEs.

struct Arrival {
  enum class Kind { head, text, binary, frame, stomp, ping, pong, close, secured, fault, end };
  Kind kind = Kind::end;
  Instant at{};
  Bytes payload;       ///< Message inflated; frame: raw; fault: empty.
  FrameHeader header;  ///< The (last) frame.
  bool compressed = false;
  std::uint64_t frames = 1;  ///< Of the message.
  std::uint64_t octets = 0;  ///< On the wire, headers included.
  Head head;                 ///< head; secured: its facts as fields.
  Bytes raw_head;
  StompFrame stomp;
  bool request = false;  ///< head: from a client.
  int status = 0;        ///< head of an answer: 0 when it is no HTTP status line.
  bool cut = false;      ///< head: the connection ended before the announced body was complete.
  bool again = false;    ///< close: not the first one. Only cases about the closing handshake judge it.
  End end = End::fin;
  std::string requirement, what;  ///< fault.
  int event = -1;                 ///< Index of its transcript event.

  bool is_data() const { return kind == Kind::text || kind == Kind::binary || kind == Kind::frame; }
};

class Inbox {
 public:
  /// `ours`: which end we are; what comes was sent by the other.
  explicit Inbox(Role ours) : ours_(ours) {}

  /// Single frames instead of messages (a case that names `fin=`, `cont` or `frame`).
  void show_frames(bool on) { single_frames_ = on; }
  /// Octets as they are (a case with `< bytes`).
  void stay_raw(bool on) { raw_mode_ = on; }
  /// Messages are one stream of STOMP: frames of it in their place, and faults where it is none.
  void read_stomp() { stomp_.emplace(StompLimits{.body = kInboxSpare}); }
  /// What CONNECTED has named; 1.2 before.
  StompVersion stomp_version() const { return stomp_ ? stomp_->version() : StompVersion::v1_2; }
  /// Heads are read, and the octets behind them are kept as they are: bodies without their chunks, what
  /// stands ahead of a 101, and what follows it.
  void be_opaque() { opaque_ = true; }
  /// Pings also in the ordered queue (a case with `< ping`); otherwise they are noise that only wants a pong.
  void keep_pings(bool on) { keep_pings_ = on; }
  /// As a server, behind a head of ours that is no 101: another request may follow on the connection, but no
  /// frame; `clause` forbids it.
  void await_request(std::string clause, Instant now);
  /// As a server: the latest request.
  const Head& last_head() const { return last_head_; }
  /// Behind a 101: from here on frames, with these settings.
  void begin_frames(std::optional<DeflateSettings> deflate, Instant now);
  /// A code that we sent ourselves and the target may therefore repeat.
  void allow_close_code(std::uint16_t code) { allowed_code_ = code; }
  /// A masked Close is read and noted (`forgiven`) instead of being a fault.
  void forgive_masked_close() { forgives_masked_close_ = true; }
  void we_sent(std::uint64_t octets) { allowance_ += octets; }

  /// The request was a HEAD: its answer announces a body that never comes (RFC 9110 9.3.2).
  void answer_has_no_body(bool on) { no_body_ = on; }

  /// TLS is up in a case with `< secured`.
  void secured(const TlsFacts& facts, Instant now);
  /// The target broke a protocol underneath ours.
  void broken_below(std::string what, Instant now) { fault("", std::move(what), now); }

  void receive(MutableBytes bytes, Instant now);
  /// A head that the transport got as fields.
  void receive_head(const Head& head, Instant now);
  void end(End how, Instant now);

  std::deque<Arrival> main;  ///< Heads, data, pings, closes, faults, the end, in order.
  std::deque<Arrival> pongs;
  std::vector<Arrival> fresh_pings;  ///< To be answered; the player empties it.
  Bytes raw;                         ///< Raw and opaque mode: not consumed yet.
  std::uint64_t received = 0;        ///< Octets in all.
  std::optional<End> ended;
  std::optional<std::optional<std::uint16_t>> closed;  ///< Set by a Close frame: its code.
  std::uint32_t largest_distance = 0;
  std::vector<MaskKey> keys;         ///< Of its frames, in order; the first kKeysKept.
  std::uint64_t stomp_octets = 0;    ///< Of its stream.
  std::vector<StompFrame> messages;  ///< The headers of MESSAGEs, the first kStompKept.
  bool forgiven = false;
  bool overrun = false;  ///< A fault came of what we can hold, not of what the target may send.

  /// Called with each arrival before it is queued: the transcript's hook. May be empty.
  std::function<void(Arrival&)> on_arrival;

 private:
  enum class Phase { head, after_head, body, frames, deaf };
  void take(MutableBytes bytes, Instant now);
  void take_head(BytesView& bytes, Instant now);
  void put_answer(Arrival&& arrival);
  void put_request(Arrival&& arrival);
  void take_body(BytesView& bytes);
  void end_body();
  bool is_body_over() const;
  void take_frames(MutableBytes bytes, Instant now);
  bool begin_frame(const FrameHeader& header, Instant now);
  void end_frame(Instant now);
  void end_control(Instant now);
  void end_message(Instant now);
  void take_stomp(Instant now);
  void put_stomp(StompFrame&& frame, Instant now);
  bool inflate(BytesView piece, bool last, Instant now);
  void fault(std::string requirement, std::string what, Instant now);
  void put(Arrival&& arrival);
  bool keep(std::uint64_t octets, Instant now);
  bool check_header(const FrameHeader& header, Instant now);

  Role ours_;
  Phase phase_ = Phase::head;
  bool single_frames_ = false, raw_mode_ = false, opaque_ = false, keep_pings_ = false;
  std::uint64_t allowance_ = 0, held_ = 0;
  HeadParser parser_{HeadLimits{256 * 1024, 2000}};
  BodyLength body_;                 ///< Of the refusal being skipped; counted: what is left of it.
  std::optional<Arrival> refusal_;  ///< Held back until its body is complete.
  bool no_body_ = false;
  ChunkedBody chunks_;
  Head last_head_;
  std::string refused_by_;  ///< See await_request(); empty before.
  Bytes early_;             ///< Behind the 101 of a server: frames, once it is known what was agreed.
  FrameDecoder decoder_;
  std::optional<DeflateSettings> deflate_;
  std::optional<Decompressor> inflater_;
  std::optional<StompReader> stomp_;
  std::optional<std::uint16_t> allowed_code_;
  std::uint8_t message_opcode_ = 0;
  bool compressed_ = false, forgives_masked_close_ = false;
  std::uint64_t frames_ = 0, wire_octets_ = 0;
  FrameHeader frame_;
  Bytes message_, control_, single_;
};

}  // namespace wsspec
