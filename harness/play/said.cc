#include "play/said.h"

#include <algorithm>
#include <cstring>

#include "protocol/deflate.h"
#include "protocol/frame.h"
#include "protocol/mask.h"
#include "protocol/message.h"

namespace wsspec {
namespace {

constexpr std::size_t kTelling = 12;  // A shorter payload stands in somebody's words by chance.
constexpr std::size_t kAlike = 4;     // As many equal octets at the front are no chance.
constexpr std::uint64_t kInflated = 1u << 20;

/// One frame of ours, perhaps cut at the end of what was sent.
struct Frame {
  FrameHeader header;
  BytesView octets;  ///< Header and payload.
  Bytes payload;     ///< Unmasked.
  bool whole = false;
};

std::optional<Frame> take_frame(BytesView& rest) {
  Frame frame;
  const auto size = decode_header(rest, frame.header);
  if (size == 0) return std::nullopt;
  const auto length =
      static_cast<std::size_t>(std::min<std::uint64_t>(frame.header.length, rest.size() - size));
  frame.whole = length == frame.header.length;
  frame.octets = rest.substr(0, size + length);
  frame.payload = rest.substr(size, length);
  if (frame.header.mask) apply_mask({frame.payload.data(), frame.payload.size()}, *frame.header.mask);
  rest.remove_prefix(frame.octets.size());
  return frame;
}

/// Not by find(): where both are long runs of one octet, that takes the product of their lengths.
bool lies_in(BytesView part, BytesView whole) {
  return ::memmem(whole.data(), whole.size(), part.data(), part.size()) != nullptr;
}

bool is_among(const std::vector<Bytes>& all, BytesView payload) {
  return std::ranges::any_of(all, [&](const Bytes& one) { return one == payload; });
}

}  // namespace

void Said::sent(BytesView bytes) {
  if (kept_.size() < kSaidKept) kept_.append(bytes.substr(0, kSaidKept - kept_.size()));
}

const Said::Decoded& Said::decoded() const {
  if (decoded_.octets != kept_.size()) decoded_ = decode();
  return decoded_;
}

Said::Decoded Said::decode() const {
  Decoded out;
  out.octets = kept_.size();
  MessageDecoder reader(other(ours_), deflate_, {kInflated, kSaidKept});
  std::optional<Decompressor> inflater;
  if (deflate_) inflater.emplace(deflate_->window_bits_of(ours_), deflate_->keeps_context(ours_));
  const auto plain = [&](const Frame& frame) {  // As a receiver that minds nothing would read it.
    if (!inflater || frame.header.rsv != 4) return frame.payload;
    Bytes text;
    const bool read = inflater->feed(frame.payload, text, kInflated) && inflater->finish(text, kInflated);
    return read || !text.empty() ? text : frame.payload;
  };
  Bytes joined;
  bool open = false;
  BytesView rest = kept_;
  while (auto frame = take_frame(rest)) {
    Bytes copy(frame->octets);
    if (!reader.stopped()) {
      reader.feed({copy.data(), copy.size()}, [&](Incoming&& incoming) {
        if (incoming.kind == Incoming::Kind::text || incoming.kind == Incoming::Kind::binary)
          out.messages.push_back(std::move(incoming.payload));
      });
    }
    const bool faulty = reader.failed();
    if (faulty && !out.unfinished) out.unfinished = open ? joined : Bytes();
    if (is_control(frame->header.opcode)) {
      if (frame->header.is(Opcode::ping) && (faulty || !frame->whole)) out.pings.push_back(frame->payload);
      continue;
    }
    if (!frame->header.is(Opcode::cont)) joined.clear();
    open = !frame->header.fin || !frame->whole;
    out.frames.push_back(plain(*frame));
    out.lengths.push_back(frame->whole ? out.frames.back().size() : frame->header.length);
    joined += out.frames.back();
    if (!faulty) continue;
    out.faulty.push_back(out.frames.back());
    out.faulty.push_back(joined);
  }
  if (!out.unfinished && open) out.unfinished = joined;
  return out;
}

bool Said::shows_fault(BytesView payload) const {
  const auto& said = decoded();
  if (is_among(said.messages, payload)) return false;
  return std::ranges::any_of(said.faulty, [&](const Bytes& one) {
    return payload == one || (one.size() >= kTelling && lies_in(one, payload));
  });
}

bool Said::shows_unfinished(BytesView payload) const {
  const auto& unfinished = decoded().unfinished;
  return unfinished && !unfinished->empty() && *unfinished == payload;
}

bool Said::shows_broken_ping(BytesView payload) const {
  return !payload.empty() && is_among(decoded().pings, payload);
}

bool Said::repeats(BytesView payload) const {
  const auto& said = decoded();
  const auto repeated = [&](const Bytes& one) { return is_repeated(one, payload); };
  return std::ranges::any_of(said.frames, repeated) || std::ranges::any_of(said.messages, repeated);
}

std::vector<BytesView> Said::payloads() const {
  const auto& said = decoded();
  std::vector<BytesView> out(said.frames.begin(), said.frames.end());
  out.insert(out.end(), said.messages.begin(), said.messages.end());
  return out;
}

bool Said::holds(BytesView part) const {
  return std::ranges::any_of(payloads(), [&](BytesView one) { return one.find(part) != one.npos; });
}

bool Said::as_long(BytesView payload) const {
  const auto same = [&](const Bytes& one) { return one.size() == payload.size(); };
  return std::ranges::any_of(decoded().messages, same) ||
         std::ranges::find(decoded().lengths, payload.size()) != decoded().lengths.end();
}

bool is_repeated(BytesView said, BytesView payload) {
  if (payload == said) return true;
  if (payload.empty() || said.empty()) return false;
  const auto at = std::ranges::mismatch(payload, said).in1;
  const auto equal = static_cast<std::size_t>(at - payload.begin());
  if (equal >= kAlike || equal == payload.size()) return true;
  // Of what is shorter than that, an echo with a little more behind it.
  if (equal == said.size() && payload.size() <= 2 * said.size() + kAlike) return true;
  const auto inside = [](BytesView part, BytesView whole) {
    return part.size() >= kTelling && lies_in(part, whole);
  };
  return inside(said, payload) || inside(payload, said);
}

}  // namespace wsspec
