// Scripted: plays made-up octets to a Peer with a made-up clock and records all it does. For tests.
#pragma once

#include <chrono>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "peer/peer.h"
#include "protocol/frame.h"
#include "protocol/handshake.h"
#include "protocol/http.h"

namespace wsspec::scripted {

inline constexpr std::string_view kKey = "dGhlIHNhbXBsZSBub25jZQ==";  // 16 octets, as in RFC 6455 1.3

struct Step {
  enum class Kind { octets, wait, fin, reset } kind = Kind::octets;
  Bytes octets = {};
  Duration time{};
  bool unread = false;  ///< What is answered is not fetched yet.
};
inline Step send(Bytes octets) {
  return {Step::Kind::octets, std::move(octets), {}};
}
/// The client does not read: whatever the peer answers waits.
inline Step send_deaf(Bytes octets) {
  return {Step::Kind::octets, std::move(octets), {}, true};
}
inline Step wait(Duration time) {
  return {Step::Kind::wait, {}, time};
}
inline Step fin() {
  return {Step::Kind::fin, {}, {}};
}
inline Step reset() {
  return {Step::Kind::reset, {}, {}};
}

/// What a peer did on one connection.
struct Trace {
  Bytes output;
  std::string ending;        ///< "half-close@0 close@1000": what it did to TCP and when, in milliseconds.
  std::size_t answered = 0;  ///< Octets out before the last step.
  std::size_t largest_write = 0, writes = 0;
  bool operator==(const Trace&) const = default;
};

inline std::string milliseconds(Instant at) {
  return std::to_string(std::chrono::duration_cast<std::chrono::milliseconds>(at).count());
}

class Play {
 public:
  explicit Play(std::shared_ptr<PeerWorld> world) : peer_(std::make_unique<Peer>(std::move(world))) {}

  /// Lets the peer do all it wants to do by now.
  void pump() {
    for (int i = 0; !over_ && i < 2'000'000; ++i) {
      const Action action = peer_->next(now_);
      switch (action.kind) {
        case Action::Kind::send:
          trace_.output.append(action.bytes);
          ++trace_.writes;
          trace_.largest_write = std::max(trace_.largest_write, action.bytes.size());
          break;
        case Action::Kind::wait: until_ = action.until; return;
        case Action::Kind::half_close: note("half-close"); break;
        case Action::Kind::close: note("close"), over_ = true; break;
        case Action::Kind::reset: note("reset"), over_ = true; break;
      }
    }
  }
  void feed_deaf(Bytes octets) {
    if (!over_) peer_->received(octets, now_);
  }
  void feed(BytesView octets, std::size_t chunk) {
    for (std::size_t at = 0; at < octets.size() && !over_;) {
      const std::size_t n = chunk == 0 ? octets.size() : std::min(chunk, octets.size() - at);
      Bytes piece(octets.substr(at, n));
      peer_->received(piece, now_);
      at += n;
      pump();
    }
  }
  void pass(Duration time) {
    const Instant end = now_ + time;
    while (!over_ && until_ <= end) {
      now_ = std::max(now_, until_);
      pump();
    }
    now_ = end;
  }
  void end(End how) {
    if (over_) return;
    peer_->ended(how, now_);
    pump();
  }
  const Trace& trace() const { return trace_; }
  Bytes output() const { return trace_.output; }
  bool over() const { return over_; }
  void mark() { trace_.answered = trace_.output.size(); }

 private:
  void note(const char* what) {
    trace_.ending += (trace_.ending.empty() ? "" : " ") + std::string(what) + "@" + milliseconds(now_);
  }
  std::unique_ptr<Peer> peer_;
  Trace trace_;
  Instant now_{}, until_ = kNever;
  bool over_ = false;
};

/// Plays all steps, cut into chunks, then waits for half a minute.
inline Trace play(const std::shared_ptr<PeerWorld>& world, const std::vector<Step>& steps,
                  std::size_t chunk = 0) {
  Play play(world);
  play.pump();
  for (const Step& step : steps) {
    if (&step == &steps.back()) play.mark();
    switch (step.kind) {
      case Step::Kind::octets:
        step.unread ? play.feed_deaf(step.octets) : play.feed(step.octets, chunk);
        break;
      case Step::Kind::wait: play.pass(step.time); break;
      case Step::Kind::fin: play.end(End::fin); break;
      case Step::Kind::reset: play.end(End::reset); break;
    }
  }
  play.pass(std::chrono::seconds(30));
  return play.trace();
}

inline std::vector<Field> usual_fields() {
  RequestOptions options;
  options.key = kKey;
  return request_fields(options);
}
inline Bytes request(const std::vector<Field>& fields = usual_fields(),
                     std::string_view start = "GET / HTTP/1.1") {
  return render_head(start, fields);
}
inline Bytes request_with(std::string name, std::string value) {
  auto fields = usual_fields();
  fields.push_back({std::move(name), std::move(value)});
  return request(fields);
}

/// A frame of the client with a key that depends on nothing.
inline Bytes frame(Opcode opcode, BytesView payload, bool is_last = true, std::uint8_t rsv = 0) {
  return make_frame(opcode, payload, MaskKey{0x37fa213d}, is_last, rsv);
}
inline Bytes text(BytesView payload) {
  return frame(Opcode::text, payload);
}

/// The part of `output` behind the HTTP head.
inline Bytes behind_head(BytesView output) {
  const std::size_t end = output.find("\r\n\r\n");
  return end == output.npos ? Bytes() : Bytes(output.substr(end + 4));
}

inline std::shared_ptr<PeerWorld> world(PeerOptions options = {}) {
  return *PeerWorld::make(std::move(options));
}
inline std::shared_ptr<PeerWorld> world_with(std::string_view defect, PeerOptions options = {}) {
  options.defects = {std::string(defect)};
  return world(std::move(options));
}

}  // namespace wsspec::scripted
