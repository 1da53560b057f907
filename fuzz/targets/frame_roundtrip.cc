// What is encoded decodes to the same header and payload, and what decodes encodes to the same octets; an
// opcode is named and classed as RFC 6455 5.2 has it.
#include "fuzz/property.h"
#include "protocol/frame.h"

namespace {

using namespace wsspec;

FrameHeader header_from(InputCursor& in) {
  constexpr LengthForm kForms[] = {LengthForm::bits7, LengthForm::bits16, LengthForm::bits64};
  const std::uint8_t first = in.octet(), second = in.octet();
  FrameHeader header;
  header.fin = (first & 0x80) != 0;
  header.rsv = first >> 4 & 7;
  header.opcode = first & 15;
  header.length = in.number(1 << (second & 3));
  header.form = (second & 4) != 0 ? minimal_form(header.length) : kForms[(second >> 3) % 3];
  if ((second & 0x80) != 0) header.mask = static_cast<MaskKey>(in.number(4));
  return header;
}

std::uint64_t cut_to(std::uint64_t length, LengthForm form) {
  return form == LengthForm::bits7 ? length % 128 : form == LengthForm::bits16 ? length % 65536 : length;
}

void check_octets(BytesView octets) {
  FrameHeader header;
  const std::size_t size = decode_header(octets, header);
  if (size == 0) return;
  char again[kMaxHeader];
  require(BytesView(again, encode_header(header, again)) == octets.substr(0, size),
          "a decoded header encodes to the same octets");
}

void check_header(FrameHeader header) {
  char octets[kMaxHeader];
  const std::size_t size = encode_header(header, octets);
  header.length = cut_to(header.length, header.form);
  // In 7 bits, 126 and 127 announce the longer forms; such a header cannot be read back.
  if (header.form == LengthForm::bits7 && header.length > 125) return;
  FrameHeader read;
  require(decode_header({octets, size}, read) == size && read == header,
          "an encoded header decodes to itself");
  for (std::size_t part = 0; part < size; ++part)
    require(decode_header({octets, part}, read) == 0, "a part of a header is no header");
}

// The same header with each length at which the form changes, so that few inputs see them all.
void check_edges(FrameHeader header) {
  for (const std::uint64_t length :
       {0ull, 1ull, 125ull, 126ull, 127ull, 65535ull, 65536ull, ~0ull >> 1, ~0ull}) {
    header.length = length;
    header.form = minimal_form(length);
    check_header(header);
  }
}

void check_frame(FrameHeader header, BytesView payload) {
  header.length = payload.size();
  header.form = minimal_form(payload.size());
  Bytes wire;
  append_frame(wire, header, payload);
  require(
      make_frame(static_cast<Opcode>(header.opcode), payload, header.mask, header.fin, header.rsv) == wire,
      "a frame made at once has the same octets");
  const Bytes head_octets = wire.substr(0, wire.size() - payload.size());
  FrameDecoder decoder;
  MutableBytes rest(wire);
  MutableBytes head = rest.first(rest.size() - header.length);
  require(header.length == 0 || (decoder.next(head) && decoder.pending() && *decoder.pending() == header),
          "behind its header a frame with a payload is pending");
  decoder = {};
  const auto piece = decoder.next(rest);
  require(piece && piece->first && piece->last && piece->header == header && view(piece->payload) == payload,
          "a frame decodes to its header and payload");
  require(wire.starts_with(head_octets), "unmasking a payload leaves the octets in front of it alone");
  require(rest.empty() && decoder.at_boundary() && !decoder.pending(), "nothing is left behind a frame");
}

void check_opcode(std::uint8_t opcode) {
  constexpr const char* kNames[] = {"cont",  "text", "binary", "op3",  "op4",  "op5",  "op6",  "op7",
                                    "close", "ping", "pong",   "op11", "op12", "op13", "op14", "op15"};
  require(opcode_name(opcode) == kNames[opcode], "an opcode has its name");
  require(FrameHeader{.opcode = opcode}.is(Opcode::ping) == (opcode == 9), "an opcode is itself only");
  require(is_control(opcode) == (opcode >= 8), "the upper half of the opcodes is control");
  require(is_reserved(opcode) == (kNames[opcode][0] == 'o'), "what has no name of its own is reserved");
}

}  // namespace

WSSPEC_FUZZ_TARGET(input) {
  check_octets(input);
  InputCursor in(input);
  const FrameHeader header = header_from(in);
  check_opcode(header.opcode);
  check_header(header);
  check_edges(header);
  check_frame(header, in.rest());
  // Every size at which unmasking goes another way: single octets, one word, two, more.
  for (std::size_t size = 0; size < std::min<std::size_t>(10, in.rest().size()); ++size)
    check_frame(header, in.rest().substr(0, size));
}
