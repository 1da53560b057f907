// Defects in the check that text is UTF-8 (RFC 6455 5.6, 8.1): wrong tables, wrong extent, state lost at
// borders.
#include "peer/defects.h"
#include "peer/edits.h"

namespace wsspec {
namespace {

using namespace edits;

constexpr std::string_view kValidText = "rfc6455-8.1-1";

/// Valid characters that the validator refuses.
template <bool (*refused)(std::uint32_t code_point)>
void misjudge(Conduct& c) {
  c.utf8.misjudges = refused;
}
template <std::uint32_t first, std::uint32_t last = first>
bool within(std::uint32_t code_point) {
  return code_point >= first && code_point <= last;
}

/// A surrogate that begins where `at` says is taken for three good octets.
template <bool (*at)(std::uint64_t offset)>
void overlook_surrogate(Conduct& c) {
  c.garbles = [](MutableBytes piece, const FrameHeader& h, std::uint64_t offset, Situation&) {
    if (!h.is(Opcode::text)) return;
    for (std::size_t i = 0; i + 2 < piece.size(); ++i) {
      if (octet(piece[i]) == 0xed && octet(piece[i + 1]) >= 0xa0 && at(offset + i)) piece[i + 1] = '\x80';
    }
  };
}

const Defect kTooLax[] = {
    {"utf8.unchecked", "Text is not checked", kValidText, kPlain, [](Conduct& c) { c.utf8.checks = false; }},
    {"utf8.overlong-2-accepted", "Overlong forms of two octets pass", kValidText, kPlain,
     [](Conduct& c) { c.utf8.least2 = 0; }},
    {"utf8.overlong-3-accepted", "Overlong forms of three octets pass", kValidText, kSubtle,
     [](Conduct& c) { c.utf8.least3 = 0; }},
    {"utf8.overlong-4-accepted", "Overlong forms of four octets pass", kValidText, kSubtle,
     [](Conduct& c) { c.utf8.least4 = 0; }},
    {"utf8.overlong-nul-accepted", "C0 80 passes as another form of NUL", kValidText, kSubtle,
     [](Conduct& c) {
       c.utf8.least2 = 0;
       c.utf8.misjudges = within<1, 0x1f>;
     }},
    {"utf8.overlong-2-border", "C1 BF passes, C1 BE and below do not", kValidText, kSubtle,
     [](Conduct& c) { c.utf8.least2 = 0x7f; }},
    {"utf8.overlong-3-border", "E0 9F BF passes, E0 9F BE and below do not", kValidText, kSubtle,
     [](Conduct& c) { c.utf8.least3 = 0x7ff; }},
    {"utf8.overlong-4-border", "F0 8F BF BF passes, F0 8F BF BE and below do not", kValidText, kSubtle,
     [](Conduct& c) { c.utf8.least4 = 0xffff; }},
    {"utf8.column-47-unchecked", "A surrogate at the 48th octet of 64 passes", kValidText, kSubtle,
     overlook_surrogate<[](std::uint64_t offset) { return offset % 64 == 47; }>},
    {"utf8.behind-64k-unchecked", "A surrogate behind 64 KiB passes", kValidText, kSubtle,
     overlook_surrogate<[](std::uint64_t offset) { return offset >= 65536; }>},
    {"utf8.behind-1m-unchecked", "A surrogate behind 1 MiB less an octet or two passes", kValidText, kSubtle,
     overlook_surrogate<[](std::uint64_t offset) { return offset >= 1048574; }>},
    {"utf8.surrogates-accepted", "Surrogates pass", kValidText, kPlain,
     [](Conduct& c) { c.utf8.surrogates = true; }},
    {"utf8.surrogate-pairs-accepted", "A high surrogate before a low one passes", kValidText, kSubtle,
     [](Conduct& c) { c.utf8.surrogate_pairs = true; }},
    {"utf8.beyond-10ffff-accepted", "Code points above U+10FFFF pass", kValidText, kPlain,
     [](Conduct& c) { c.utf8.greatest = 0x1fffff; }},
    {"utf8.110000-accepted", "U+110000 passes, what is above does not", kValidText, kSubtle,
     [](Conduct& c) { c.utf8.greatest = 0x110000; }},
    {"utf8.five-and-six-octets-accepted", "The five- and six-octet forms of RFC 2279 pass", kValidText,
     kPlain, [](Conduct& c) { c.utf8.long_forms = true; }},
    {"utf8.stray-continuation-accepted", "80 to BF pass without a lead", kValidText, kPlain,
     [](Conduct& c) { c.utf8.stray_continuation = true; }},
    {"utf8.missing-continuation-accepted", "A lead passes without its continuations", kValidText, kPlain,
     [](Conduct& c) { c.utf8.missing_continuation = true; }},
    {"utf8.fe-ff-accepted", "FE and FF pass", kValidText, kSubtle, [](Conduct& c) { c.utf8.fe_ff = true; }},
    {"utf8.unfinished-end-accepted", "The text may end inside a character", kValidText, kPlain,
     [](Conduct& c) { c.utf8.tolerates_unfinished = true; }},
    {"utf8.first-fragment-only", "Only the first fragment is checked", kValidText, kSubtle,
     [](Conduct& c) { c.utf8.first_fragment_only = true; }},
    {"utf8.state-lost-at-fragments", "What a fragment leaves unfinished is forgotten", kValidText, kSubtle,
     [](Conduct& c) {
       c.utf8.scope = Utf8Rules::Scope::frame;
       c.utf8.tolerates_unfinished = c.utf8.stray_continuation = true;
     }},
};

const Defect kTooStrict[] = {
    {"utf8.fragments-checked-alone", "A character may not reach over two fragments", "rfc6455-5.6-1", kPlain,
     [](Conduct& c) { c.utf8.scope = Utf8Rules::Scope::frame; }},
    {"utf8.segments-checked-alone", "A character may not reach over two segments", "rfc6455-5.6-1", kSubtle,
     [](Conduct& c) { c.utf8.scope = Utf8Rules::Scope::chunk; }},
    {"utf8.non-ascii-refused", "Only ASCII passes", "rfc6455-5.6-1", kPlain,
     misjudge<within<0x80, 0x10ffff>>},
    {"utf8.two-octets-refused", "Characters of two octets are refused", "rfc6455-5.6-1", kPlain,
     misjudge<within<0x80, 0x7ff>>},
    {"utf8.three-octets-refused", "Characters of three octets are refused", "rfc6455-5.6-1", kPlain,
     misjudge<within<0x800, 0xffff>>},
    {"utf8.four-octets-refused", "Characters of four octets are refused", "rfc6455-5.6-1", kPlain,
     misjudge<within<0x10000, 0x10ffff>>},
    {"utf8.nul-refused", "NUL is refused", "rfc6455-5.6-1", kPlain, misjudge<within<0>>},
    {"utf8.delete-refused", "U+007F is refused", "rfc6455-5.6-1", kSubtle, misjudge<within<0x7f>>},
    {"utf8.0080-refused", "U+0080, the least of two octets, is refused", "rfc6455-5.6-1", kSubtle,
     misjudge<within<0x80>>},
    {"utf8.07ff-refused", "U+07FF, the greatest of two octets, is refused", "rfc6455-5.6-1", kSubtle,
     misjudge<within<0x7ff>>},
    {"utf8.0800-refused", "U+0800, the least of three octets, is refused", "rfc6455-5.6-1", kSubtle,
     misjudge<within<0x800>>},
    {"utf8.d7ff-refused", "U+D7FF, the last before the surrogates, is refused", "rfc6455-5.6-1", kSubtle,
     misjudge<within<0xd7ff>>},
    {"utf8.e000-refused", "U+E000, the first behind the surrogates, is refused", "rfc6455-5.6-1", kSubtle,
     misjudge<within<0xe000>>},
    {"utf8.bom-refused", "U+FEFF is refused", "rfc6455-5.6-1", kSubtle, misjudge<within<0xfeff>>},
    {"utf8.replacement-refused", "U+FFFD is refused, as if it were the mark of a bad decoding",
     "rfc6455-5.6-1", kSubtle, misjudge<within<0xfffd>>},
    {"utf8.specials-refused", "U+FFF9 to U+FFFC are refused", "rfc6455-5.6-1", kSubtle,
     misjudge<within<0xfff9, 0xfffc>>},
    {"utf8.noncharacters-refused", "Noncharacters of the first plane are refused", "rfc6455-5.6-1", kPlain,
     misjudge<within<0xfffe, 0xffff>>},
    {"utf8.plane-ends-refused", "The last two code points of the other planes are refused", "rfc6455-5.6-1",
     kSubtle, misjudge<[](std::uint32_t c) { return 0xffff < c && (c & 0xfffe) == 0xfffe; }>},
    {"utf8.10000-refused", "U+10000, the least of four octets, is refused", "rfc6455-5.6-1", kSubtle,
     misjudge<within<0x10000>>},
    {"utf8.plane-16-refused", "The last plane is refused", "rfc6455-5.6-1", kSubtle,
     misjudge<within<0x100000, 0x10ffff>>},
    {"utf8.10ffff-refused", "U+10FFFF is refused", "rfc6455-5.6-1", kSubtle, misjudge<within<0x10ffff>>},
};

}  // namespace

std::span<const Defect> text_defects() {
  static const std::vector<Defect> all = join({kTooLax, kTooStrict});
  return all;
}

}  // namespace wsspec
