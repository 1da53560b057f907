// The validator, fed in any chunks, says the same as a table of every character of RFC 3629 by its
// definition, and refuses at the first octet that no valid text can have there; behind a valid beginning that
// holds for each of the 256 octets that may come next, so that few inputs see every limit of every range.
#include <bitset>
#include <memory>

#include "fuzz/property.h"
#include "protocol/utf8.h"

namespace {

using namespace wsspec;

// Every way in which characters begin, by enumeration of all of them: slow to make, and nothing like the
// code under test.
struct Characters {
  std::bitset<1 << 8> one;     ///< First octets.
  std::bitset<1 << 16> two;    ///< First two octets of characters of two or more.
  std::bitset<1 << 24> three;  ///< First three octets of characters of three or four.

  Characters() {
    for (std::uint32_t c = 0; c <= 0x10ffff; ++c)
      if (c < 0xd800 || c > 0xdfff) enter(c);
  }
  void enter(std::uint32_t c) {
    const auto tail = [c](unsigned shift) { return 0x80 | (c >> shift & 63); };
    if (c < 0x80) return one.set(c), void();
    const unsigned octets = c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
    const std::uint32_t lead = octets == 2 ? 0xc0 | c >> 6 : octets == 3 ? 0xe0 | c >> 12 : 0xf0 | c >> 18;
    const std::uint32_t second = tail(6 * (octets - 2));
    one.set(lead);
    two.set(lead << 8 | second);
    if (octets > 2) three.set(lead << 16 | second << 8 | tail(6 * (octets - 3)));
  }
  static unsigned size(std::uint32_t lead) { return lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4; }
};

// How many octets of `text` are the beginning of some valid text; `complete`: all, and no octet is missing.
std::size_t valid_prefix(BytesView text, bool& complete) {
  static const auto characters = std::make_unique<Characters>();
  complete = false;
  for (std::size_t at = 0; at < text.size();) {
    const std::uint32_t lead = octet(text[at]);
    if (!characters->one[lead]) return at;
    const unsigned need = Characters::size(lead);
    std::uint32_t sequence = lead;
    for (unsigned i = 1; i < need; ++i) {
      if (at + i == text.size()) return text.size();
      const std::uint32_t next = octet(text[at + i]);
      sequence = (sequence & 0xffff) << 8 | next;
      const bool good = i == 1   ? characters->two[sequence & 0xffff]
                        : i == 2 ? characters->three[sequence & 0xffffff]
                                 : next >= 0x80 && next <= 0xbf;
      if (!good) return at + i;
    }
    at += need;
  }
  complete = true;
  return text.size();
}

// How long an unfinished character is, by its first octet. libFuzzer counts them beside the code's own edges,
// so that a corpus keeps one beginning of each kind.
__attribute__((used, section("__libfuzzer_extra_counters"))) std::uint8_t unfinished_by_lead[4][256];

// `begin`, of which no octet is wrong, continued by every octet.
void check_continuations(BytesView begin) {
  Utf8Validator before;
  require(before.feed(begin), "a valid beginning is taken");
  std::size_t lead = begin.size();
  while (lead > 0 && begin.size() - lead < 4 && (lead == begin.size() || (octet(begin[lead]) & 0xc0) == 0x80))
    --lead;
  Bytes last(begin.substr(lead));  // From the beginning of a character on.
  if (!before.complete()) unfinished_by_lead[last.size()][octet(last.front())] = 1;
  last += '\0';
  for (unsigned next = 0; next < 256; ++next) {
    last.back() = static_cast<char>(next);
    bool complete = false;
    const bool good = valid_prefix(last, complete) == last.size();
    Utf8Validator validator = before;
    require(
        validator.feed(BytesView(last).substr(last.size() - 1)) == good && validator.complete() == complete,
        "each octet behind a valid beginning is judged as the definition says");
  }
}

}  // namespace

WSSPEC_FUZZ_TARGET(input) {
  InputCursor in(input);
  ChunkCutter cutter(in.octet());
  const BytesView text = in.rest();
  bool complete = false;
  const std::size_t good = valid_prefix(text, complete);
  require(is_utf8(text) == complete, "a whole text is judged as the definition says");

  Utf8Validator validator;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t size = cutter.next(text.size() - at);
    at += size;
    const bool fed = validator.feed(text.substr(at - size, size));
    require(fed == (at <= good),
            "a stream is refused with the first octet that is wrong, not later or earlier");
    require(fed == validator.valid(), "feed() and valid() agree");
  }
  require(validator.complete() == complete, "a stream is complete when its text is");

  check_continuations(text.substr(0, good));

  validator.reset();
  require(validator.feed(text) == (good == text.size()) && validator.complete() == complete,
          "a validator that is set back judges as a new one");
}
