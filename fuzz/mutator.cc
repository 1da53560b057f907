#include "fuzz/mutator.h"

#include <algorithm>
#include <vector>

#include "protocol/close.h"
#include "protocol/frame.h"
#include "protocol/mix.h"

namespace wsspec {
namespace {

constexpr std::uint64_t kEdges[] = {0, 1, 2, 124, 125, 126, 127, 128, 65535, 65536, 65537};
constexpr std::uint8_t kOpcodes[] = {0, 0, 1, 1, 2, 8, 9, 9, 10, 3, 7, 11, 15};
constexpr std::uint16_t kCodes[] = {1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008,
                                    1009, 1010, 1011, 1012, 1014, 1015, 1016, 2999, 3000,
                                    3999, 4000, 4999, 5000, 0,    999,  65535};
// Pieces of text at which validators part: characters of every length, and what only looks like one.
constexpr BytesView kTexts[] = {"a",
                                "\xc2\x80",
                                "\xdf\xbf",
                                "\xe0\xa0\x80",
                                "\xed\x9f\xbf",
                                "\xef\xbf\xbf",
                                "\xf0\x90\x80\x80",
                                "\xf4\x8f\xbf\xbf",
                                "\xc0\xaf",
                                "\xed\xa0\x80",
                                "\xf4\x90\x80\x80",
                                "\xf8\x88\x80\x80\x80",
                                "\x80",
                                "\xe2\x82",
                                "\xf0\x9f\x98",
                                "\xff"};
// permessage-deflate (RFC 7692 7.2.3): "Hello", its shared-context form, an empty block, a stored block.
constexpr BytesView kDeflated[] = {BytesView("\xf2\x48\xcd\xc9\xc9\x07\x00", 7),
                                   BytesView("\xf2\x00\x11\x00\x00", 5), BytesView("\x00", 1),
                                   BytesView("\x00\x05\x00\xfa\xff\x48\x65\x6c\x6c\x6f\x00", 11)};

struct StreamFrame {
  FrameHeader header;
  Bytes payload;      ///< Unmasked.
  bool lies = false;  ///< header.length is not the payload's.
};

class StreamEditor {
 public:
  StreamEditor(BytesView input, std::size_t choices, std::uint32_t seed, const ByteMutator& mutate_bytes)
      : random_(seed), mutate_bytes_(mutate_bytes), choices_(input.substr(0, choices)) {
    choices_.resize(choices, '\0');
    read(input.substr(std::min(choices, input.size())));
  }

  void change() {
    for (std::uint32_t rounds = 1 + below(3); rounds > 0; --rounds) change_once();
  }
  void splice(const StreamEditor& other) {
    frames_.resize(below(static_cast<std::uint32_t>(frames_.size() + 1)));
    const std::size_t from = below(static_cast<std::uint32_t>(other.frames_.size() + 1));
    frames_.insert(frames_.end(), other.frames_.begin() + static_cast<std::ptrdiff_t>(from),
                   other.frames_.end());
    rest_ = other.rest_;
  }
  Bytes take(std::size_t most) const {
    Bytes out = choices_;
    for (const StreamFrame& frame : frames_) {
      if (out.size() + kMaxHeader + frame.payload.size() > most) break;
      write(out, frame);
    }
    out += rest_;
    if (out.size() > most) out.resize(most);
    return out;
  }

 private:
  std::uint32_t below(std::uint32_t bound) { return random_.below(bound); }
  template <typename Table>
  auto pick(const Table& table) {
    return table[below(static_cast<std::uint32_t>(std::size(table)))];
  }
  StreamFrame& any() { return frames_[below(static_cast<std::uint32_t>(frames_.size()))]; }
  auto any_place() {
    return frames_.begin() +
           static_cast<std::ptrdiff_t>(below(static_cast<std::uint32_t>(frames_.size() + 1)));
  }

  void read(BytesView octets) {
    StreamFrame frame;
    while (const std::size_t size = decode_header(octets, frame.header)) {
      if (frame.header.length > octets.size() - size) break;
      frame.payload = octets.substr(size, static_cast<std::size_t>(frame.header.length));
      if (frame.header.mask) apply_mask(frame.payload, *frame.header.mask);
      octets.remove_prefix(size + frame.payload.size());
      frames_.push_back(frame);
    }
    rest_ = octets;
  }

  static void write(Bytes& out, const StreamFrame& frame) {
    FrameHeader header = frame.header;
    if (!frame.lies) {
      header.length = frame.payload.size();
      header.form = std::max(header.form, minimal_form(header.length));
    }
    append_frame(out, header, frame.payload);
  }

  Bytes typical_payload(std::uint8_t opcode) {
    if (opcode == 8)
      return below(4) == 0 ? Bytes() : make_close(pick(kCodes), below(2) == 0 ? pick(kTexts) : "");
    if (opcode == 1 || opcode == 0) return Bytes(pick(kTexts)) + Bytes(below(3) == 0 ? pick(kTexts) : "");
    return Bytes(below(3) == 0 ? 125 : below(8), 'x');
  }
  StreamFrame typical_frame() {
    StreamFrame frame;
    frame.header.opcode = pick(kOpcodes);
    frame.header.fin = (frame.header.opcode & 8) != 0 || below(2) == 0;
    // As the others are masked; a first frame mostly as a server expects it.
    const bool masked = frames_.empty() ? below(4) != 0 : frames_.front().header.mask.has_value();
    if (masked) frame.header.mask = static_cast<MaskKey>(random_.next());
    frame.payload = typical_payload(frame.header.opcode);
    if (below(8) == 0 && frame.header.opcode < 3) {
      frame.header.rsv = 4;
      frame.payload = pick(kDeflated);
    }
    return frame;
  }

  void change_once() {
    if (frames_.empty() || below(6) == 0) {
      frames_.insert(any_place(), typical_frame());
      return;
    }
    const std::uint32_t kind = below(17);
    if (kind < 5) return change_order(kind);
    if (kind < 11) return change_header(any(), kind);
    if (kind < 16) return change_payload(any(), kind);
    if (!choices_.empty())
      choices_[below(static_cast<std::uint32_t>(choices_.size()))] = static_cast<char>(below(256));
  }

  void change_order(std::uint32_t kind) {
    switch (kind) {
      case 0: frames_.erase(frames_.begin() + (&any() - frames_.data())); break;
      case 1: frames_.insert(any_place(), StreamFrame(any())); break;
      case 2: std::swap(any(), any()); break;
      case 3: split(); break;
      default: rest_.clear(); break;
    }
  }

  // One frame into two or three of a fragmented message, sometimes with a control frame between them.
  void split() {
    const auto at = static_cast<std::size_t>(&any() - frames_.data());
    for (std::uint32_t pieces = 1 + below(2); pieces > 0; --pieces) {
      StreamFrame tail = frames_[at];
      StreamFrame& head = frames_[at];
      const std::size_t cut = below(static_cast<std::uint32_t>(head.payload.size() + 1));
      tail.payload.erase(0, cut);
      head.payload.resize(cut);
      head.lies = tail.lies = false;
      head.header.form = tail.header.form = LengthForm::bits7;
      head.header.fin = false;
      tail.header.opcode = 0;
      tail.header.rsv = 0;
      frames_.insert(frames_.begin() + static_cast<std::ptrdiff_t>(at + 1), std::move(tail));
    }
    if (below(3) != 0) return;
    StreamFrame control = typical_frame();
    control.header.opcode = 9;
    control.header.fin = true;
    control.header.rsv = 0;
    frames_.insert(frames_.begin() + static_cast<std::ptrdiff_t>(at + 1), std::move(control));
  }

  void change_header(StreamFrame& frame, std::uint32_t kind) {
    FrameHeader& h = frame.header;
    switch (kind) {
      case 5: h.fin = !h.fin; break;
      case 6: h.opcode = pick(kOpcodes); break;
      case 7: h.rsv = h.rsv != 0 ? 0 : static_cast<std::uint8_t>(below(3) != 0 ? 4 : 1 + below(7)); break;
      case 8:
        h.mask = h.mask && below(2) == 0 ? std::nullopt : std::optional<MaskKey>(random_.next() >> 32);
        break;
      case 9: {
        constexpr LengthForm kForms[] = {LengthForm::bits7, LengthForm::bits16, LengthForm::bits64};
        h.form = pick(kForms);
        break;
      }
      default:
        frame.lies = !frame.lies;
        h.length = below(4) == 0 ? random_.next() : pick(kEdges);
        h.form = std::max(h.form, minimal_form(h.length));
    }
  }

  void change_payload(StreamFrame& frame, std::uint32_t kind) {
    Bytes& p = frame.payload;
    switch (kind) {
      case 11: p.resize(static_cast<std::size_t>(pick(kEdges)) % 2000, 'e'); break;
      case 12: p = typical_payload(frame.header.opcode); break;
      case 13: p.insert(below(static_cast<std::uint32_t>(p.size() + 1)), pick(kTexts)); break;
      default: {
        const std::size_t size = p.size(), most = size + 32;
        p.resize(most);
        p.resize(mutate_bytes_(reinterpret_cast<std::uint8_t*>(p.data()), size, most));
      }
    }
  }

  SplitMix random_;
  const ByteMutator& mutate_bytes_;
  Bytes choices_, rest_;
  std::vector<StreamFrame> frames_;
};

}  // namespace

Bytes mutate_stream(BytesView input, std::size_t choices, std::size_t most, std::uint32_t seed,
                    const ByteMutator& mutate_bytes) {
  if (SplitMix(~seed).below(10) == 0) {
    Bytes raw(input.substr(0, most));
    const std::size_t size = raw.size();
    raw.resize(most);
    raw.resize(mutate_bytes(reinterpret_cast<std::uint8_t*>(raw.data()), size, most));
    return raw;
  }
  StreamEditor editor(input, choices, seed, mutate_bytes);
  editor.change();
  return editor.take(most);
}

Bytes cross_streams(BytesView a, BytesView b, std::size_t choices, std::size_t most, std::uint32_t seed) {
  const ByteMutator none;
  StreamEditor editor(a, choices, seed, none);
  editor.splice(StreamEditor(b, choices, seed, none));
  return editor.take(most);
}

}  // namespace wsspec
