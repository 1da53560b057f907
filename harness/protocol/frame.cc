#include "protocol/frame.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace wsspec {
namespace {

constexpr std::uint8_t kFin = 0x80, kMasked = 0x80;

std::uint64_t load_big_endian(const char* p, int octets) {
  return read_big_endian(BytesView(p, static_cast<std::size_t>(octets)));
}

void store_big_endian(char* p, std::uint64_t value, int octets) {
  for (int i = octets - 1; i >= 0; --i, value >>= 8) p[i] = static_cast<char>(value);
}

// How many octets a header takes whose second octet is `second`.
std::size_t header_size(std::uint8_t second) {
  const std::uint8_t short_length = second & 0x7f;
  const std::size_t length = short_length < 126 ? 0 : short_length == 126 ? 2 : 8;
  return 2 + length + ((second & kMasked) != 0 ? 4 : 0);
}

inline std::uint32_t load_key(const char* p) {
  std::uint32_t key;
  std::memcpy(&key, p, sizeof key);
  if constexpr (std::endian::native == std::endian::little) key = __builtin_bswap32(key);
  return key;
}

// Reads the complete header that begins at `p`.
inline void read_header(const char* p, FrameHeader& header) {
  const std::uint8_t first = octet(p[0]), second = octet(p[1]);
  header.fin = (first & kFin) != 0;
  header.rsv = first >> 4 & 7;
  header.opcode = first & 15;
  std::uint8_t short_length = second & 0x7f;
  p += 2;
  if (short_length < 126) {
    header.length = short_length;
    header.form = LengthForm::bits7;
  } else {
    const int octets = short_length == 126 ? 2 : 8;
    header.length = load_big_endian(p, octets);
    header.form = octets == 2 ? LengthForm::bits16 : LengthForm::bits64;
    p += octets;
  }
  if ((second & kMasked) != 0) {
    header.mask = load_key(p);
  } else {
    header.mask.reset();
  }
}

}  // namespace

std::string opcode_name(std::uint8_t opcode) {
  switch (opcode) {
    case 0: return "cont";
    case 1: return "text";
    case 2: return "binary";
    case 8: return "close";
    case 9: return "ping";
    case 10: return "pong";
    default: return "op" + std::to_string(opcode);
  }
}

std::size_t encode_header(const FrameHeader& header, char* out) {
  char* p = out;
  *p++ = static_cast<char>((header.fin ? kFin : 0) | (header.rsv & 7) << 4 | (header.opcode & 15));
  const std::uint8_t masked = header.mask ? kMasked : 0;
  switch (header.form) {
    case LengthForm::bits7: *p++ = static_cast<char>(masked | (header.length & 0x7f)); break;
    case LengthForm::bits16:
      *p++ = static_cast<char>(masked | 126);
      store_big_endian(p, header.length, 2);
      p += 2;
      break;
    case LengthForm::bits64:
      *p++ = static_cast<char>(masked | 127);
      store_big_endian(p, header.length, 8);
      p += 8;
      break;
  }
  if (header.mask) {
    store_big_endian(p, *header.mask, 4);
    p += 4;
  }
  return static_cast<std::size_t>(p - out);
}

void append_frame(Bytes& out, const FrameHeader& header, BytesView payload) {
  char head[kMaxHeader];
  const std::size_t size = encode_header(header, head);
  out.append(head, size);
  const std::size_t at = out.size();
  out.append(payload);
  if (header.mask) apply_mask(MutableBytes(out).subspan(at), *header.mask);
}

Bytes make_frame(Opcode opcode, BytesView payload, std::optional<MaskKey> mask, bool fin, std::uint8_t rsv) {
  const FrameHeader header{.fin = fin,
                           .rsv = rsv,
                           .opcode = static_cast<std::uint8_t>(opcode),
                           .mask = mask,
                           .length = payload.size(),
                           .form = minimal_form(payload.size())};
  Bytes out;
  out.reserve(kMaxHeader + payload.size());
  append_frame(out, header, payload);
  return out;
}

std::size_t decode_header(BytesView bytes, FrameHeader& header) {
  if (bytes.size() < 2) return 0;
  const std::size_t size = header_size(octet(bytes[1]));
  if (bytes.size() < size) return 0;
  read_header(bytes.data(), header);
  return size;
}

bool FrameDecoder::gather_header(MutableBytes& bytes) {
  while (!bytes.empty()) {
    const std::size_t need = held_ < 2 ? 2 : header_size(octet(head_[1]));
    const std::size_t n = std::min(need - held_, bytes.size());
    std::memcpy(head_.data() + held_, bytes.data(), n);
    held_ = static_cast<std::uint8_t>(held_ + n);
    bytes = bytes.subspan(n);
    if (held_ >= 2 && held_ == header_size(octet(head_[1]))) {
      read_header(head_.data(), header_);
      held_ = 0;
      return true;
    }
  }
  return false;
}

std::optional<FrameDecoder::Piece> FrameDecoder::next(MutableBytes& bytes) {
  std::optional<Piece> piece;
  // The usual case costs no copy: header and payload lie in the input as a whole.
  if (!in_payload_ && held_ == 0 && bytes.size() >= 2) [[likely]] {
    const std::size_t size = header_size(octet(bytes[1]));
    if (size <= bytes.size()) [[likely]] {
      piece.emplace();
      read_header(bytes.data(), piece->header);
      bytes = bytes.subspan(size);
      if (piece->header.length <= bytes.size()) [[likely]] {
        piece->payload = bytes.first(static_cast<std::size_t>(piece->header.length));
        bytes = bytes.subspan(piece->payload.size());
        if (piece->header.mask) apply_mask(piece->payload, *piece->header.mask);
        piece->first = piece->last = true;
        return piece;
      }
      header_ = piece->header;
      next_payload(*piece, bytes, true);
      return piece;
    }
  }
  const bool first = !in_payload_;
  if (first ? !gather_header(bytes) : bytes.empty()) return piece;
  piece.emplace();
  piece->header = header_;
  next_payload(*piece, bytes, first);
  return piece;
}

void FrameDecoder::next_payload(Piece& piece, MutableBytes& bytes, bool first) {
  if (first) done_ = 0;
  const std::size_t n =
      static_cast<std::size_t>(std::min<std::uint64_t>(bytes.size(), header_.length - done_));
  piece.payload = bytes.first(n);
  bytes = bytes.subspan(n);
  if (header_.mask) apply_mask(piece.payload, *header_.mask, done_);
  done_ += n;
  in_payload_ = done_ != header_.length;
  piece.first = first;
  piece.last = !in_payload_;
}

}  // namespace wsspec
