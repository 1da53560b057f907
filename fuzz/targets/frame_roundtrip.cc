// What is encoded decodes to the same header and payload, and what decodes encodes to the same octets.
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

void check_frame(FrameHeader header, BytesView payload) {
  header.length = payload.size();
  header.form = minimal_form(payload.size());
  Bytes wire;
  append_frame(wire, header, payload);
  FrameDecoder decoder;
  MutableBytes rest(wire);
  const auto piece = decoder.next(rest);
  require(piece && piece->first && piece->last && piece->header == header && view(piece->payload) == payload,
          "a frame decodes to its header and payload");
  require(rest.empty() && decoder.at_boundary(), "nothing is left behind a frame");
}

}  // namespace

WSSPEC_FUZZ_TARGET(input) {
  check_octets(input);
  InputCursor in(input);
  const FrameHeader header = header_from(in);
  check_header(header);
  check_frame(header, in.rest());
}
