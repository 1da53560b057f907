// Defects in the frames that the server sends (RFC 6455 5.1, 5.2, 5.4, 5.5).
#include "peer/defects.h"
#include "peer/edits.h"

namespace wsspec {
namespace {

using namespace edits;

template <void (*change)(OutFrame& f, Situation& s)>
void alter(Conduct& c) {
  c.misframes = change;
}
bool is_data(const OutFrame& f) {
  return !is_control(f.header.opcode);
}
void mask(OutFrame& f, const Situation& s) {
  f.header.mask = static_cast<MaskKey>(s.random);
}

const Defect kOutput[] = {
    {"mask.masks-output", "The server masks its frames", "rfc6455-5.1-4", kPlain,
     alter<[](OutFrame& f, Situation& s) { mask(f, s); }>},
    {"mask.masks-pongs", "The server masks its pongs", "rfc6455-5.1-4", kSubtle,
     alter<[](OutFrame& f, Situation& s) {
       if (f.header.is(Opcode::pong)) mask(f, s);
     }>},
    {"mask.masks-close", "The server masks its Close", "rfc6455-5.1-4", kSubtle,
     alter<[](OutFrame& f, Situation& s) {
       if (f.header.is(Opcode::close)) mask(f, s);
     }>},
    {"mask.masks-with-zero", "The server sets the mask bit with the key 0", "rfc6455-5.1-4", kSubtle,
     alter<[](OutFrame& f, Situation&) {
       if (is_data(f)) f.header.mask = 0;
     }>},
    {"frame.rsv-sent", "The server sets RSV3 on its messages", "rfc6455-5.2-2", kPlain,
     alter<[](OutFrame& f, Situation&) {
       if (is_data(f)) f.header.rsv |= 1;
     }>},
    {"frame.rsv-sent-on-pong", "The server repeats the reserved bits of nobody: RSV2 on pongs",
     "rfc6455-5.2-2", kSubtle, alter<[](OutFrame& f, Situation&) {
       if (f.header.is(Opcode::pong)) f.header.rsv |= 2;
     }>},
    {"frame.rsv-sent-on-close", "The server sets RSV2 on its Close", "rfc6455-5.2-2", kSubtle,
     alter<[](OutFrame& f, Situation&) {
       if (f.header.is(Opcode::close)) f.header.rsv |= 2;
     }>},
    {"frame.reserved-opcode-sent", "A frame with opcode 3 precedes the third echo", "rfc6455-5.2-4", kSubtle,
     alter<[](OutFrame& f, Situation& s) {
       if (is_data(f) && s.sent_messages == 3) f.header.opcode = 3;
     }>},
    {"length.little-endian-sent", "Lengths of 16 bits are sent with the low octet first", "rfc6455-5.2-7",
     kPlain, alter<[](OutFrame& f, Situation&) {
       const std::uint64_t n = f.header.length;
       if (f.header.form == LengthForm::bits16) f.header.length = (n & 0xff) << 8 | (n >> 8);
     }>},
    {"length.64-bit-little-endian-sent", "Lengths of 64 bits are sent with the low octet first",
     "rfc6455-5.2-7", kSubtle, alter<[](OutFrame& f, Situation&) {
       if (f.header.form == LengthForm::bits64) f.header.length = __builtin_bswap64(f.header.length);
     }>},
    {"length.16-bit-form-sent-always", "Short lengths are sent in 16 bits", "rfc6455-5.2-6", kPlain,
     alter<[](OutFrame& f, Situation&) {
       if (is_data(f) && f.header.form == LengthForm::bits7) f.header.form = LengthForm::bits16;
     }>},
    {"length.125-sent-in-16-bits", "125 octets are announced in 16 bits", "rfc6455-5.2-6", kSubtle,
     alter<[](OutFrame& f, Situation&) {
       if (f.header.length == 125) f.header.form = LengthForm::bits16;
     }>},
    {"length.64-bit-form-above-125", "Every length above 125 is sent in 64 bits", "rfc6455-5.2-6", kPlain,
     alter<[](OutFrame& f, Situation&) {
       if (f.header.form == LengthForm::bits16) f.header.form = LengthForm::bits64;
     }>},
    {"length.65535-sent-in-64-bits", "65535 octets are announced in 64 bits", "rfc6455-5.2-6", kSubtle,
     alter<[](OutFrame& f, Situation&) {
       if (f.header.length == 65535) f.header.form = LengthForm::bits64;
     }>},
    {"length.65536-sent-in-16-bits", "65536 octets are announced as none", "rfc6455-5.2-7", kSubtle,
     alter<[](OutFrame& f, Situation&) {
       if (f.header.length == 65536) f.header.form = LengthForm::bits16;
     }>},
    {"length.close-sent-in-16-bits", "The length of a Close is sent in 16 bits", "rfc6455-5.2-6", kSubtle,
     alter<[](OutFrame& f, Situation&) {
       if (f.header.is(Opcode::close)) f.header.form = LengthForm::bits16;
     }>},
    {"length.one-short-sent", "Above 1000 octets the announced length is one short", "rfc6455-5.2-7", kSubtle,
     alter<[](OutFrame& f, Situation&) {
       if (1000 < f.header.length) --f.header.length;
     }>},
    {"length.top-bit-sent", "The top bit of a 64-bit length is set", "rfc6455-5.2-5", kSubtle,
     alter<[](OutFrame& f, Situation&) {
       if (f.header.form == LengthForm::bits64) f.header.length |= 1ull << 63;
     }>},
    {"fragment.last-without-fin", "The only frame of an echo has FIN clear", "rfc6455-6.1-7", kPlain,
     alter<[](OutFrame& f, Situation&) {
       if (is_data(f)) f.header.fin = false;
     }>},
    {"fragment.sent-as-continuation", "The echo of a fragmented message is sent as a continuation",
     "rfc6455-5.4-1", kPlain, alter<[](OutFrame& f, Situation& s) {
       if (is_data(f) && 1 < s.fragments) f.header.opcode = 0;
     }>},
    {"fragment.later-with-opcode", "Later fragments of an echo repeat its opcode", "rfc6455-5.4-1", kSubtle,
     [](Conduct& c) {
       c.echo_fragment = 1024;
       c.misframes = [](OutFrame& f, Situation& s) {
         if (f.header.is(Opcode::cont)) f.header.opcode = static_cast<std::uint8_t>(s.memo);
         if (is_data(f)) s.memo = f.header.opcode;
       };
     }},
    {"fragment.fin-on-every-fragment", "Every fragment of an echo has FIN set", "rfc6455-5.4-1", kSubtle,
     [](Conduct& c) {
       c.echo_fragment = 4096;
       c.misframes = [](OutFrame& f, Situation&) { f.header.fin = true; };
     }},
    {"control.pong-without-fin", "Pongs are sent with FIN clear", "rfc6455-5.5-2", kPlain,
     alter<[](OutFrame& f, Situation&) {
       if (f.header.is(Opcode::pong)) f.header.fin = false;
     }>},
    {"control.long-ping-sent", "Each echo is followed by a ping of 126 octets", "rfc6455-5.5-1", kPlain,
     alter<[](OutFrame& f, Situation&) {
       if (!is_data(f)) return;
       FrameHeader ping;
       ping.opcode = 9, ping.length = 126, ping.form = LengthForm::bits16;
       append_frame(f.behind, ping, Bytes(126, 'p'));
     }>},
    {"message.invalid-text-sent", "An echo of more than 100 octets of text ends inside a character",
     "rfc6455-8.1-1", kSubtle,
     [](Conduct& c) {
       c.misechoes = [](Echo& e, Situation&) {
         if (e.opcode == 1 && e.payload.size() > 100) e.payload.back() = '\xc3';
       };
     }},
    {"chunk.octets-behind-frame", "A stray line end follows each echo of more than 125 octets",
     "rfc6455-6.1-9", kSubtle, alter<[](OutFrame& f, Situation&) {
       if (is_data(f) && 125 < f.header.length) f.behind = "\r\n";
     }>},
    {"length.one-more-announced", "Above 4096 octets the last announced one is never sent", "rfc6455-6.1-9",
     kSubtle, alter<[](OutFrame& f, Situation&) {
       if (is_data(f) && 4096 < f.header.length) f.payload.pop_back();
     }>},
};

}  // namespace

std::span<const Defect> output_defects() {
  return kOutput;
}

}  // namespace wsspec
