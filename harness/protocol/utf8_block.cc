#include "protocol/utf8_block.h"

#ifdef __x86_64__
#include <immintrin.h>
#endif

namespace wsspec {

#ifdef __x86_64__

namespace {

// Keiser and Lemire, "Validating UTF-8 In Less Than One Instruction Per Byte" (2020): what can be wrong with
// two neighbours is the intersection of what the halves of the first and the upper half of the second allow
// to be wrong.
enum Fault : std::uint8_t {
  kTooShort = 1 << 0,   // A lead, then no continuation.
  kTooLong = 1 << 1,    // ASCII, then a continuation.
  kOverlong3 = 1 << 2,  // e0 80 to e0 9f.
  kSurrogate = 1 << 4,  // ed a0 to ed bf.
  kOverlong2 = 1 << 5,  // c0, c1.
  kTwoRest = 1 << 7,    // Two continuations: right only as the third or fourth octet of a character.
  kTooLarge = 1 << 3,   // f4 90 and above.
  // f5 and above with 80 to 8f; and f0 80 to f0 8f, which no other row can be both of.
  kTooLarge1000 = 1 << 6,
  kOverlong4 = 1 << 6,
  kCarry = kTooShort | kTooLong | kTwoRest,  // Those that the lower half of the first octet does not decide.
};

#define WSSPEC_SSSE3 __attribute__((target("ssse3")))

WSSPEC_SSSE3 inline __m128i upper_halves(__m128i octets) {
  return _mm_and_si128(_mm_srli_epi16(octets, 4), _mm_set1_epi8(0x0f));
}

template <typename... Rows>
WSSPEC_SSSE3 inline __m128i row(Rows... rows) {
  return _mm_setr_epi8(static_cast<char>(rows)...);
}

WSSPEC_SSSE3 inline __m128i faults_of_pairs(__m128i octets, __m128i one_before) {
  const __m128i first_upper =
      row(kTooLong, kTooLong, kTooLong, kTooLong, kTooLong, kTooLong, kTooLong, kTooLong,  // ASCII
          kTwoRest, kTwoRest, kTwoRest, kTwoRest,                                          // continuations
          kTooShort | kOverlong2, kTooShort, kTooShort | kOverlong3 | kSurrogate,
          kTooShort | kTooLarge | kTooLarge1000 | kOverlong4);
  const __m128i first_lower =
      row(kCarry | kOverlong2 | kOverlong3 | kOverlong4, kCarry | kOverlong2, kCarry, kCarry,
          kCarry | kTooLarge, kCarry | kTooLarge | kTooLarge1000, kCarry | kTooLarge | kTooLarge1000,
          kCarry | kTooLarge | kTooLarge1000, kCarry | kTooLarge | kTooLarge1000,
          kCarry | kTooLarge | kTooLarge1000, kCarry | kTooLarge | kTooLarge1000,
          kCarry | kTooLarge | kTooLarge1000, kCarry | kTooLarge | kTooLarge1000,
          kCarry | kTooLarge | kTooLarge1000 | kSurrogate, kCarry | kTooLarge | kTooLarge1000,
          kCarry | kTooLarge | kTooLarge1000);
  const __m128i second_upper = row(
      kTooShort, kTooShort, kTooShort, kTooShort, kTooShort, kTooShort, kTooShort, kTooShort,
      kTooLong | kOverlong2 | kTwoRest | kOverlong3 | kTooLarge1000 | kOverlong4,
      kTooLong | kOverlong2 | kTwoRest | kOverlong3 | kTooLarge,
      kTooLong | kOverlong2 | kTwoRest | kSurrogate | kTooLarge,
      kTooLong | kOverlong2 | kTwoRest | kSurrogate | kTooLarge, kTooShort, kTooShort, kTooShort, kTooShort);
  const __m128i lower = _mm_and_si128(one_before, _mm_set1_epi8(0x0f));
  return _mm_and_si128(_mm_and_si128(_mm_shuffle_epi8(first_upper, upper_halves(one_before)),
                                     _mm_shuffle_epi8(first_lower, lower)),
                       _mm_shuffle_epi8(second_upper, upper_halves(octets)));
}

// Not zero where a block is wrong behind the one before it.
WSSPEC_SSSE3 inline __m128i faults_of(__m128i octets, __m128i before) {
  const __m128i pairs = faults_of_pairs(octets, _mm_alignr_epi8(octets, before, 15));
  // Continuations that have to be there: behind a lead of three or four, two octets on; behind one of four,
  // three on.
  const __m128i third = _mm_subs_epu8(_mm_alignr_epi8(octets, before, 14), _mm_set1_epi8(0xe0 - 0x80));
  const __m128i fourth = _mm_subs_epu8(_mm_alignr_epi8(octets, before, 13), _mm_set1_epi8(0xf0 - 0x80));
  const __m128i owed = _mm_and_si128(_mm_or_si128(third, fourth), _mm_set1_epi8(static_cast<char>(kTwoRest)));
  return _mm_xor_si128(owed, pairs);
}

}  // namespace

const bool kHasUtf8Blocks = [] {
  __builtin_cpu_init();
  return __builtin_cpu_supports("ssse3") != 0;
}();

WSSPEC_SSSE3 bool are_utf8_blocks(std::uint8_t before, BytesView octets) {
  __m128i previous = _mm_slli_si128(_mm_cvtsi32_si128(before), 15);
  __m128i faults = _mm_setzero_si128();
  for (; !octets.empty(); octets.remove_prefix(kUtf8Block)) {
    const __m128i block = _mm_loadu_si128(reinterpret_cast<const __m128i*>(octets.data()));
    faults = _mm_or_si128(faults, faults_of(block, previous));
    previous = block;
  }
  return _mm_movemask_epi8(_mm_cmpeq_epi8(faults, _mm_setzero_si128())) == 0xffff;
}

#else

const bool kHasUtf8Blocks = false;

bool are_utf8_blocks(std::uint8_t, BytesView) {
  return false;
}

#endif

}  // namespace wsspec
