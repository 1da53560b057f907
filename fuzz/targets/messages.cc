// The message layer does at every point of a stream what the reference model allows, and reads the same
// however the stream is cut.
#include <vector>

#include "fuzz/stream.h"
#include "model/rules.h"
#include "protocol/message.h"

namespace {

using namespace wsspec;
using Kind = Incoming::Kind;

struct Received {
  std::vector<Incoming> data, pings;
  std::optional<Incoming> fault, close;
};

bool agrees(const Incoming& ours, const Stimulus& model) {
  const Kind kind = model.opcode == 9 ? Kind::ping : model.opcode == 1 ? Kind::text : Kind::binary;
  return ours.kind == kind && ours.payload == model.payload;
}

// What came out is what the model says was sent, in order; all of it unless one of them has stopped.
void compare(const std::vector<Incoming>& ours, const std::deque<Stimulus>& model, bool complete,
             const char* property) {
  for (std::size_t i = 0; i < std::min(ours.size(), model.size()); ++i)
    require(agrees(ours[i], model[i]), property);
  if (complete) require(ours.size() == model.size(), property);
}

void check_point(const Received& received, const MessageDecoder& decoder, const Model& model) {
  const Expectation& now = model.now();
  if (now.ruling == Ruling::unknown) return;
  if (decoder.failed()) {
    require(now.may_fail(), "the message layer fails only where the model allows it", received.fault->what);
  } else {
    require(!now.must_fail(), "the message layer fails where the model demands it", now.requirement);
  }
  const bool complete = !decoder.stopped();
  compare(received.data, now.echoes, complete, "messages are what the model says was sent");
  compare(received.pings, now.pings, complete, "pings are what the model says was sent");
  if (received.close) {
    require(now.close.has_value(), "a Close came only if one was sent");
    const CloseBody body = parse_close(received.close->payload);
    require(body.code == now.close->body.code && body.reason == now.close->body.reason,
            "a Close comes with the body that was sent");
  } else if (now.ruling == Ruling::must_close && !now.may_fail()) {
    require(received.close.has_value(), "a legal Close is taken");
  }
}

Received run(const StreamInput& stream, ChunkCutter cutter) {
  MessageDecoder decoder(stream.reader(), stream.deflate(), stream.limits());
  Model model(stream.agreement());
  Received received;
  Bytes wire(stream.octets);
  for (std::size_t at = 0; at < wire.size();) {
    const std::size_t size = cutter.next(wire.size() - at);
    model.sent(BytesView(wire).substr(at, size));
    decoder.feed(MutableBytes(wire).subspan(at, size), [&](Incoming&& in) {
      require(in.payload.size() <= stream.limits().message, "nothing larger than the limit comes out");
      require(!received.fault && !received.close, "nothing comes behind a fault or a Close");
      switch (in.kind) {
        case Kind::fault: received.fault = std::move(in); break;
        case Kind::close: received.close = std::move(in); break;
        case Kind::ping: received.pings.push_back(std::move(in)); break;
        case Kind::pong: break;
        default: received.data.push_back(std::move(in));
      }
    });
    at += size;
    check_point(received, decoder, model);
  }
  return received;
}

bool same(const std::vector<Incoming>& a, const std::vector<Incoming>& b) {
  return std::ranges::equal(a, b, [](const Incoming& x, const Incoming& y) {
    return x.kind == y.kind && x.payload == y.payload && x.compressed == y.compressed;
  });
}

}  // namespace

WSSPEC_FUZZ_TARGET(input) {
  const StreamInput stream(input);
  const Received whole = run(stream, ChunkCutter(0));
  const Received chunked = run(stream, stream.cutter());
  require(same(whole.data, chunked.data) && same(whole.pings, chunked.pings),
          "messages do not depend on how the stream is cut");
  require(whole.close.has_value() == chunked.close.has_value() &&
              whole.fault.has_value() == chunked.fault.has_value(),
          "the end does not depend on how the stream is cut");
  if (whole.fault)
    require(
        whole.fault->code == chunked.fault->code && whole.fault->requirement == chunked.fault->requirement,
        "the rule that is broken does not depend on how the stream is cut");
}
