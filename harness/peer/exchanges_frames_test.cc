// The exchanges behind the handshake.
#include "peer/exchanges.h"
#include "protocol/deflate.h"

namespace wsspec::scripted {
namespace {

// A payload in which every octet tells its place.
Bytes filling(std::size_t octets) {
  Bytes out(octets, '\0');
  for (std::size_t i = 0; i < octets; ++i) out[i] = static_cast<char>('a' + (i * 7 + i / 26) % 26);
  return out;
}
Bytes noise(std::size_t octets) {
  Bytes out(octets, '\0');
  std::uint32_t x = 1;
  for (char& c : out) c = static_cast<char>((x = x * 1664525 + 1013904223) >> 24);
  return out;
}
Bytes odd(int opcode, BytesView payload, bool is_last = true, std::uint8_t rsv = 0) {
  return frame(static_cast<Opcode>(opcode), payload, is_last, rsv);
}
Bytes unmasked(Opcode opcode, BytesView payload, bool is_last = true) {
  return make_frame(opcode, payload, std::nullopt, is_last);
}
Bytes keyed(Opcode opcode, BytesView payload, MaskKey key, bool is_last = true) {
  return make_frame(opcode, payload, key, is_last);
}
Bytes with_length(std::uint64_t length, LengthForm form) {
  FrameHeader header;
  header.mask = 0, header.length = length, header.form = form;
  char octets[kMaxHeader];
  return {octets, encode_header(header, octets)};
}
Bytes closing(std::optional<std::uint16_t> code, BytesView reason = {}) {
  return frame(Opcode::close, make_close(code, reason));
}
Bytes operator*(const Bytes& what, int times) {
  Bytes out;
  for (int i = 0; i < times; ++i) out += what;
  return out;
}

void add_masks(Collection& add) {
  for (const auto opcode : {Opcode::text, Opcode::binary, Opcode::ping, Opcode::pong, Opcode::close}) {
    add.frames("unmasked " + opcode_name(static_cast<std::uint8_t>(opcode)),
               unmasked(opcode, opcode == Opcode::close ? make_close(1000) : "hello") + text("on"));
  }
  add.frames("unmasked continuation", frame(Opcode::text, "a", false) + unmasked(Opcode::cont, "b"));
  add.frames("unmasked and empty", unmasked(Opcode::text, ""));
  add.frames("unmasked and long", unmasked(Opcode::text, filling(200)));
  add.frames("unmasked later", text("a") + unmasked(Opcode::text, "b"));
  for (const MaskKey key : {0u, 0x01010101u, 0x00ff00ffu}) {
    add.frames("key " + std::to_string(key),
               keyed(Opcode::text, "hello", key) + keyed(Opcode::text, "again", key + 7));
  }
  add.frames("key per fragment", keyed(Opcode::text, "abc", 0x01020304, false) +
                                     keyed(Opcode::ping, "p", 0x11223344) +
                                     keyed(Opcode::cont, "defghi", 0x0a0b0c0d));
}

void add_reserved(Collection& add) {
  for (const std::uint8_t rsv : {1, 2, 4, 7}) {
    const std::string number = std::to_string(rsv);
    add.frames("rsv on text " + number, text("a") + odd(1, "b", true, rsv));
    add.frames("rsv on first " + number, odd(1, "b", true, rsv));
    add.frames("rsv on binary " + number, odd(2, "b", true, rsv));
    add.frames("rsv on empty " + number, odd(1, "", true, rsv));
    add.frames("rsv on continuation " + number, odd(1, "a", false) + odd(0, "b", true, rsv));
    for (const int opcode : {9, 10})
      add.frames("rsv on control " + number, odd(opcode, "x", true, rsv) + text("on"));
    add.frames("rsv on close " + number, odd(8, make_close(1000), true, rsv));
  }
  for (const int opcode : {3, 4, 5, 6, 7, 11, 12, 13, 14, 15}) {
    const std::string number = std::to_string(opcode);
    add.frames("opcode " + number, odd(opcode, "x") + text("on"));
    add.frames("opcode empty " + number, odd(opcode, "") + text("on"));
    add.frames("opcode inside " + number, odd(1, "a", false) + odd(opcode, "x") + odd(0, "b"));
  }
}

void add_lengths(Collection& add) {
  for (const std::size_t size : {0, 1, 125, 126, 127, 128, 256, 1000, 1001, 5000, 65535, 65536, 65537}) {
    add.frames("text " + std::to_string(size), text(filling(size)) + text("x"));
    add.frames("binary " + std::to_string(size), frame(Opcode::binary, noise(size)));
  }
  for (const std::size_t chunk : {1, 2, 3, 5, 7}) {
    add.frames("chunks " + std::to_string(chunk),
               text(filling(30)) + text(filling(300)) + frame(Opcode::ping, "abc") + closing(1000), chunk);
  }
  add.frames("64 KiB in pieces", text(filling(65536)), 4096);
  add.frames("many pieces", text(filling(3000)), 1);
  add.frames("top bit", with_length(1ull << 63 | 5, LengthForm::bits64) + "hello" + text("on"));
  add.frames("longer than needed", with_length(5, LengthForm::bits16) + "hello" + text("on"));
  add.frames("huge", with_length(1ull << 62, LengthForm::bits64));
}

void add_fragments(Collection& add) {
  const auto f = [](int opcode, BytesView payload, bool last) { return odd(opcode, payload, last); };
  add.frames("orphan", f(0, "a", true) + text("b"));
  add.frames("unfinished orphan", f(0, "a", false) + f(0, "b", true) + text("c"));
  add.frames("orphan behind fragments", f(1, "a", false) + f(0, "b", true) + f(0, "c", true));
  add.frames("text in text", f(1, "a", false) + f(1, "b", true));
  add.frames("binary in text", f(1, "a", false) + f(2, "b", true));
  add.frames("empty first", f(1, "", false) + f(0, "b", true));
  add.frames("empty middle", f(1, "a", false) + f(0, "", false) + f(0, "b", true));
  add.frames("empty last", f(1, "a", false) + f(0, "", true) + text("b"));
  for (const int count : {20, 70, 1100}) {
    add.frames("fragments " + std::to_string(count),
               f(1, "a", false) + f(0, "b", false) * count + f(0, "c", true));
  }
  add.frames("four fragments",
             f(2, "ab", false) + f(0, "cd", false) + f(0, "ef", false) + f(0, "gh", true) + text("x"));
  add.frames("long fragments", f(1, filling(256), false) + f(0, filling(70000), true));
  add.frames("pings inside",
             f(1, "a", false) + odd(9, "p") + odd(9, "q") + odd(10, "r") + f(0, "b", true) + text("c"));
  add.frames("pong inside", f(1, "a", false) + odd(10, "r") + f(0, "b", true));
  add.frames("close inside", f(1, "a", false) + closing(1000) + f(0, "b", true));
  add.steps("fin inside", {send(request()), send(f(1, "abc", false)), fin()});
}

void add_control(Collection& add) {
  for (const int opcode : {8, 9, 10}) {
    const Bytes payload = opcode == 8 ? make_close(1000) : Bytes("x");
    const std::string number = std::to_string(opcode);
    add.frames("fragmented " + number, odd(opcode, payload, false) + text("on"));
    add.frames("fragmented inside " + number, odd(1, "a", false) + odd(opcode, payload, false) + odd(0, "b"));
    add.frames("long " + number, odd(opcode, make_close(1000, Bytes(124, 'x'))) + text("on"));
    add.frames("longer " + number, odd(opcode, make_close(1000, Bytes(200, 'x'))) + text("on"));
  }
  add.frames("ping sizes", odd(9, "") + odd(9, noise(125)) + odd(9, filling(124)) + odd(9, Bytes("a\0b", 3)));
  add.frames("twelve pings", odd(9, "a") * 3 + odd(9, "b") * 9);
  add.frames("ping behind fragments", odd(1, "a", false) + odd(0, "b") + odd(9, "p") + text("c"));
  add.frames("pong", odd(10, "unasked") + text("on"));
}

void add_text(Collection& add) {
  for (const char* octets : {"\xc0\xaf",
                             "\xc0\x80",
                             "\xc1\xbf",
                             "\xe0\x80\xaf",
                             "\xe0\x9f\xbf",
                             "\xf0\x80\x80\xaf",
                             "\xf0\x8f\xbf\xbf",
                             "\xed\xa0\x80",
                             "\xed\xa0\x80\xed\xb0\x80",
                             "\xf4\x90\x80\x80",
                             "\xf5\x80\x80\x80",
                             "\xf8\x88\x80\x80\x80",
                             "\x80",
                             "\xc3 ",
                             "\xe2\x82",
                             "\xfe",
                             "\xff",
                             "\x7f",
                             "\xc2\x80",
                             "\xdf\xbf",
                             "\xe0\xa0\x80",
                             "\xed\x9f\xbf",
                             "\xee\x80\x80",
                             "\xef\xbb\xbfx",
                             "\xef\xbf\xbd",
                             "\xef\xbf\xb9",
                             "\xef\xbf\xbe",
                             "\xf0\x9f\xbf\xbe",
                             "\xf0\x90\x80\x80",
                             "\xf4\x80\x80\x80",
                             "\xf4\x8f\xbf\xbf",
                             "\xce\xba\xe1\xbd\xb9",
                             "a\r\nb \n"}) {
    add.frames("text " + to_hex(octets), text(octets));
  }
  add.frames("nul", text(Bytes("a\0b", 3)) + frame(Opcode::binary, Bytes("\r\n\xff", 3)));
  add.frames("character over fragments", odd(1, "\xc3", false) + odd(0, "\xa9"));
  add.frames("character over segments", text("\xce\xba\xe1\xbd\xb9"), 1);
  add.frames("character not carried", odd(1, "\xc3", false) + odd(0, "x"));
  add.steps("bad text, then a pause", {send(request()), send(odd(1, "\xff", false)),
                                       wait(std::chrono::milliseconds(500)), send(odd(0, "x"))});
  add.frames("bad second fragment", odd(1, "ok", false) + odd(0, "\xff"));
}

void add_messages(Collection& add) {
  add.frames("kinds", text("a") + odd(2, "") + text("") + odd(2, "b") + text("a longer one") + text("c") +
                          odd(9, "p") + text("d"));
  add.frames("600 messages", text("message") * 600);
  for (const std::uint64_t size : {99999, 100000, 100001}) {
    add.frames("at the limit " + std::to_string(size), text(filling(size)));
    add.last().limits = {100000, 100000};
  }
  add.frames("fragments over the limit", odd(1, filling(60000), false) + odd(0, filling(60000)));
  add.last().limits = {100000, 100000};
  add.deflated("bomb", "", odd(2, Compressor().compress(Bytes(200000, 'x')), true, 4));
  add.last().limits = {100000, 100000};
}

void add_closing(Collection& add) {
  add.frames("close, then all", closing(1000) + text("x") + odd(9, "p") + closing(1000) + text("y"));
  add.frames("empty close", closing(std::nullopt));
  add.frames("close with reason", closing(1000, Bytes(121, 'r') + "\xc3\xa9"));
  add.frames("close with bad reason", closing(1000, "\xff"));
  add.frames("close of one octet", odd(8, "a"));
  for (const int code : {0,    999,  1000, 1001, 1003, 1004, 1005, 1006, 1007, 1008, 1009,
                         1010, 1011, 1012, 1014, 1015, 2000, 3000, 3999, 4000, 4999, 5000}) {
    add.frames("close " + std::to_string(code), closing(static_cast<std::uint16_t>(code)));
  }
  add.frames("messages, then close", text("m") * 12 + closing(1000));
  add.frames("fault, then all", odd(3, "x") + odd(9, "p") + text("y"));
  add.frames("bad text", text("\xff") + text("y"));
  add.steps("fin at rest", {send(request()), send(text("x")), fin()});
  add.steps("reset", {send(request()), send(text("x")), scripted::reset()});
}

void add_deflate(Collection& add) {
  const auto z = [](BytesView payload, DeflateForm form = DeflateForm::usual, std::size_t block = 0) {
    return Compressor().compress(payload, form, block);
  };
  const Bytes words = filling(3000);
  for (const auto form : {DeflateForm::usual, DeflateForm::stored, DeflateForm::fixed, DeflateForm::dynamic,
                          DeflateForm::final, DeflateForm::blocks}) {
    add.deflated("form " + std::to_string(static_cast<int>(form)), "", odd(1, z(words, form, 1000), true, 4));
  }
  Compressor keeps;
  Bytes row;
  const Bytes first = odd(1, keeps.compress(words), true, 4), second = odd(2, keeps.compress(words), true, 4);
  const Bytes third = odd(1, keeps.compress(words), true, 4);
  add.deflated("takeover", "", first + second + third);
  add.deflated("takeover offered away", "; client_no_context_takeover", first + second);
  add.deflated("takeover over ping", "", first + odd(9, "p") + second);
  add.deflated("takeover over uncompressed", "", first + text("plain") + second);
  Compressor again;
  const Bytes whole = again.compress(words), next = again.compress(words);
  add.deflated("takeover over fragments", "",
               odd(1, BytesView(whole).substr(0, 40), false, 4) + odd(9, "p") +
                   odd(0, BytesView(whole).substr(40)) + odd(1, next, true, 4));
  for (int i = 0; i < 120; ++i) row += odd(1, again.compress(filling(100)), true, 4);
  Compressor hundred;
  Bytes many;
  for (int i = 0; i < 250; ++i) many += odd(1, hundred.compress(filling(100)), true, 4);
  add.deflated("250 messages", "", many);
  Bytes far = noise(30000);
  far += far.substr(0, 1000);
  add.deflated("far reference", "", odd(2, z(far), true, 4));
  add.deflated("small window", "; server_max_window_bits=9; client_max_window_bits=15",
               odd(2, Compressor(9).compress(far), true, 4));
  add.deflated("hint", "; client_max_window_bits=9", odd(2, z(noise(400) + noise(400)), true, 4));
  Compressor two;
  const Bytes flushed =
      two.compress("before the flush, ", DeflateForm::keep_tail) + two.compress("behind it");
  add.deflated("flush inside", "", odd(1, flushed, true, 4));
  add.deflated("no server takeover", "; server_no_context_takeover", text(words) + text(words));
  add.deflated("rsv1 on continuation", "", odd(1, "a", false) + odd(0, "b", true, 4));
  for (const int opcode : {8, 9, 10})
    add.deflated("rsv1 on control " + std::to_string(opcode), "",
                 odd(opcode, opcode == 8 ? make_close(1000) : "x", true, 4) + text("on"));
  add.deflated("rsv2", "", odd(1, "a", true, 2));
  add.deflated("plain", "", text("plain") + odd(9, "p") + closing(1000));
  add.deflated("bad text", "", odd(1, z(Bytes(40, '\xff')), true, 4));
  add.deflated("garbage", "", odd(2, Bytes(20, '\xff'), true, 4) + text("on"));
  add.deflated("empty", "", odd(1, Bytes(1, '\0'), true, 4));
  add.deflated("large", "", odd(2, z(noise(60000)), true, 4));
}

void add_lifetime(Collection& add) {
  const auto z = [](BytesView payload) { return Compressor().compress(payload); };
  for (const int control : {9, 10}) {
    const Bytes first = odd(control, "first");
    const std::string name = "behind control " + std::to_string(control);
    add.frames(name, first + text("next"));
    add.frames(name + ", empty", first + text(""));
    add.frames(name + ", fragments", first + odd(1, "a", false) + odd(0, "b"));
    add.deflated(name, "", first + odd(1, z("next"), true, 4));
  }
  add.frames("binary behind text", text("first") + odd(2, "next"));
  add.frames("message behind fragments", odd(1, "a", false) + odd(0, "b") + text("c"));
  add.frames("fragments as the third message",
             odd(1, "a", false) + odd(0, "b") + text("c") + odd(1, "e", false) + odd(0, "f"));
  add.deflated("compressed behind plain", "", text("first") + odd(1, z("next"), true, 4));
  add.deflated("plain behind compressed", "", odd(1, z("first"), true, 4) + text("next"));
  add.frames("20000 messages", text("a") * 20000);
  add.frames("5000 messages in fragments", (odd(1, "a", false) + odd(0, "b")) * 5000);
  add.frames("6000 pings", odd(9, "p") * 6000);
  add.frames("9000 pongs", odd(10, "p") * 9000 + text("on"));
  Compressor one;
  Bytes many;
  for (int i = 0; i < 2600; ++i) many += odd(1, one.compress(filling(60)), true, 4);
  add.deflated("2600 messages", "", many);
}

void add_borders(Collection& add) {
  for (const std::size_t size : {536, 1448, 1456, 1733, 8956, 16387, 65530, 131072})
    add.frames("border " + std::to_string(size), odd(2, filling(size)));
  for (const std::size_t size : {4099, 16384, 16600})
    add.deflated("border " + std::to_string(size), "", odd(2, Compressor().compress(filling(size)), true, 4));
  add.deflated("answers at once", "",
               odd(2, Compressor().compress(noise(5000)), true, 4) +
                   odd(2, Compressor().compress(noise(5000)), true, 4));
  for (const std::size_t offset : {47, 65536, 1048574})
    add.frames("surrogate at " + std::to_string(offset),
               odd(1, filling(offset) + "\xed\xa0\x80" + filling(70)));
  for (const int control : {9, 10})
    add.frames("no text inside " + std::to_string(control),
               odd(1, "a", false) + odd(control, "\xff\xfe") + odd(0, "b"));
  add.frames("close 4000 inside a text", odd(1, "a", false) + closing(4000));
  for (const std::size_t held : {5, 9}) {
    const Bytes octets = text(filling(70000));
    add.steps("64-bit length cut at " + std::to_string(held),
              {send(request()), send(octets.substr(0, held)), send(octets.substr(held))});
  }
  add.steps("reserved opcode with the request", {send(request() + odd(3, "x") + odd(9, "behind"))});
  add.steps("bad text with the request", {send(request() + text("\xff") + odd(9, "behind"))});
  add.frames("above 32 bits", with_length(1ull << 32 | 5, LengthForm::bits64) + Bytes(200, 'x'));
}

void add_late(Collection& add) {
  const auto in_two = [&](const std::string& name, const Bytes& octets, std::size_t header) {
    add.steps(name, {send(request()), send(octets.substr(0, header)), send(octets.substr(header))});
  };
  in_two("reserved bits ahead of the payload", odd(1, "hello", true, 2), 6);
  in_two("reserved opcode ahead of the payload", odd(3, "hello"), 6);
  in_two("no mask ahead of the payload", unmasked(Opcode::text, "hello"), 2);
  const auto deflated = request_with("Sec-WebSocket-Extensions", "permessage-deflate");
  add.steps("fin inside a compressed message",
            {send(deflated), send(odd(1, Compressor().compress("unfinished"), false, 4)), fin()});
  add.steps("fin before anything is fetched", {send(request()), send_deaf(text("last")), fin()});
  add.frames("150 kilobytes at once", text(filling(1000)) * 150);
}

void add_contexts(Collection& add) {
  const auto hello = Bytes("\xf3\x48\xcd\xc9\xc9\x07\x00\x00", 8), again = Bytes("\xf2\x00\x11\x00\x00", 5);
  add.deflated("context behind a final block", "", odd(1, hello, true, 4) + odd(1, again, true, 4));
  Compressor large;
  const Bytes much = noise(300'000);
  const Bytes first = odd(2, large.compress(much), true, 4);
  add.deflated("context behind 300 kilobytes", "",
               first + odd(2, large.compress(much.substr(280'000)), true, 4));
  auto fields = usual_fields();
  fields.push_back({"Sec-WebSocket-Protocol", "chat"});
  fields.push_back({"Sec-WebSocket-Extensions", "permessage-deflate"});
  add.steps("subprotocol and compression",
            {send(request(fields)), send(odd(1, Compressor().compress("both"), true, 4))});
  const Bytes run = Compressor().compress(Bytes(200'000, 'x'));
  const std::size_t part = run.size() / 3;
  add.deflated("fragments that inflate to too much", "",
               odd(2, run.substr(0, part), false, 4) + odd(0, run.substr(part, part), false) +
                   odd(0, run.substr(2 * part)));
  add.last().limits = {100'000, 100'000};
  add.frames("character across 64 KiB", text(filling(65535) + "\xc3\xa9"));
}

void add_blocked(Collection& add) {
  const Bytes much = frame(Opcode::binary, filling(1'000'000)) * 4;
  for (const auto& [name, behind] : std::initializer_list<std::pair<std::string, Bytes>>{
           {"ping", odd(9, "blocked")}, {"text", text("last")}, {"close", closing(1000)}}) {
    add.frames("bulk, blocked, " + name, much + behind);
  }
  add.steps("bulk, blocked, end", {send(request()), send_deaf(much), fin()});
  add.steps("bulk, blocked, reset", {send(request()), send_deaf(much), scripted::reset()});
}

void add_liveness(Collection& add) {
  using std::chrono::seconds;
  const auto pong = [](const std::string& payload) { return send(frame(Opcode::pong, payload)); };
  add.steps("kept alive, mute", {send(request()), wait(seconds(60))});
  add.steps("kept alive, newest pong", {send(request()), wait(seconds(30)), pong("keep-alive 3")});
  add.steps("kept alive, stranger", {send(request()), wait(seconds(11)), pong("x"), wait(seconds(15))});
  add.steps("kept alive, late answer", {send(request()), wait(seconds(19)), pong("keep-alive 1")});
  add.steps("bulk, kept alive", {send(request()), wait(seconds(11)),
                                 send(frame(Opcode::binary, filling(1'200'000))), pong("keep-alive 1")});
  add.steps("idle", {send(request()), wait(seconds(60))});
  add.steps("idle, pinged", {send(request()), wait(seconds(30)), send(frame(Opcode::ping, "a"))});
}

void add_bulk(Collection& add) {
  for (const std::size_t size : {250'000, 1'100'000, 5'300'000})
    add.frames("bulk " + std::to_string(size), frame(Opcode::binary, filling(size)));
  add.frames("16 MiB", frame(Opcode::binary, filling(16u << 20)));
}

}  // namespace

void add_frames(Collection& add) {
  add_masks(add);
  add_reserved(add);
  add_lengths(add);
  add_fragments(add);
  add_control(add);
  add_text(add);
  add_messages(add);
  add_closing(add);
  add_deflate(add);
  add_lifetime(add);
  add_borders(add);
  add_late(add);
  add_contexts(add);
  add.frames("twenty faults", odd(3, ""));
  add.last().times = 20;
  add_blocked(add);
  add_liveness(add);
  add_bulk(add);
}

}  // namespace wsspec::scripted
