// fill, noise, utf8 and sample: payloads by formula, the same on every machine.
#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <iterator>
#include <mutex>

#include "protocol/mix.h"
#include "script/functions.h"

namespace wsspec {
namespace {

// fill: records of four octets, one "comma" of 16 symbols and three "digits" of 64 others, so 22 bits each.
// Any eight octets hold the comma's position and one whole record; records are a permutation, so none comes
// back within 16 MiB.
constexpr std::string_view kCommas = " !#%&()*+,/:;<=>";
constexpr std::string_view kDigits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz-.";
constexpr std::uint32_t kRecordMask = (1U << 22) - 1;

struct PairTables {
  std::array<std::array<char, 2>, 1024> front{};
  std::array<std::array<char, 2>, 4096> back{};
  constexpr PairTables() {
    for (std::size_t i = 0; i < front.size(); ++i) front[i] = {kCommas[i >> 6], kDigits[i & 63]};
    for (std::size_t i = 0; i < back.size(); ++i) back[i] = {kDigits[i >> 6], kDigits[i & 63]};
  }
};
constexpr PairTables kPairs;

/// A bijection of 22 bits that depends on the seed.
struct Permutation {
  std::uint32_t factor, offset;
  explicit Permutation(std::uint64_t seed)
      : factor(static_cast<std::uint32_t>(mix(seed)) | 1),
        offset(static_cast<std::uint32_t>(mix(seed) >> 32)) {}
  std::uint32_t operator()(std::uint32_t i) const {
    std::uint32_t x = (i * factor + offset) & kRecordMask;
    x ^= x >> 11;
    x = (x * 0x2c1b3c6dU) & kRecordMask;
    return x ^ x >> 12;
  }
};

void append_character(Bytes& out, std::uint32_t c, std::size_t octets) {
  switch (octets) {
    case 1: out += static_cast<char>(c); break;
    case 2: out += {static_cast<char>(0xc0 | c >> 6), static_cast<char>(0x80 | (c & 63))}; break;
    case 3:
      out += {static_cast<char>(0xe0 | c >> 12), static_cast<char>(0x80 | (c >> 6 & 63)),
              static_cast<char>(0x80 | (c & 63))};
      break;
    default:
      out += {static_cast<char>(0xf0 | c >> 18), static_cast<char>(0x80 | (c >> 12 & 63)),
              static_cast<char>(0x80 | (c >> 6 & 63)), static_cast<char>(0x80 | (c & 63))};
  }
}

constexpr std::array<std::string_view, 48> kGerman = {
    "der",    "die",     "das",     "und",      "nicht",    "eine",    "über",        "schöne",
    "Gärten", "Straße",  "während", "Bücher",   "zwischen", "Häuser",  "größer",      "Wälder",
    "immer",  "wieder",  "müssen",  "können",   "dürfen",   "Fluß",    "Brücke",      "Morgen",
    "Abend",  "Himmel",  "leise",   "fröhlich", "Wanderer", "erzählt", "Geschichten", "von",
    "fernen", "Ländern", "ohne",    "Eile",     "durch",    "kühle",   "Täler",       "bis",
    "zum",    "Meer",    "hören",   "sehen",    "Frühling", "Schnee",  "Vögel",       "Mädchen"};

void append_json(Bytes& out, SplitMix& random) {
  fmt::format_to(
      std::back_inserter(out),
      "{{\"id\":{},\"name\":\"user{}\",\"active\":{},\"score\":{}.{:02},\"tags\":[\"{}\",\"{}\"]}},\n",
      random.below(1000000), random.below(5000), random.below(2) ? "true" : "false", random.below(100),
      random.below(100), kGerman[random.below(8)], kGerman[8 + random.below(8)]);
}

void append_german(Bytes& out, SplitMix& random) {
  const auto words = 4 + random.below(10);
  for (std::uint32_t i = 0; i < words; ++i) {
    out += kGerman[random.below(kGerman.size())];
    out += i + 1 == words ? ".\n" : random.below(8) == 0 ? ", " : " ";
  }
}

void append_html(Bytes& out, SplitMix& random) {
  fmt::format_to(std::back_inserter(out),
                 "<div class=\"row c{}\"><a href=\"/item/{}\">{} {}</a><span>{}</span></div>\n",
                 random.below(12), random.below(100000), kGerman[random.below(kGerman.size())],
                 kGerman[random.below(kGerman.size())], random.below(1000));
}

/// Rows of 256 pixels whose colours drift slowly, as in a photograph.
void append_bitmap(Bytes& out, SplitMix& random) {
  int red = static_cast<int>(random.below(256)), green = static_cast<int>(random.below(256)), blue = 128;
  const auto drift = [&random](int& c) { return c = (c + static_cast<int>(random.below(5)) - 2) & 255; };
  for (int pixel = 0; pixel < 256; ++pixel) {
    out += {static_cast<char>(drift(blue)), static_cast<char>(drift(green)), static_cast<char>(drift(red))};
  }
}

/// Objects with a dictionary in plain text and a stream that cannot be compressed further.
void append_pdf(Bytes& out, SplitMix& random) {
  const auto length = 256 + random.below(1024);
  fmt::format_to(std::back_inserter(out),
                 "{} 0 obj\n<< /Type /XObject /Length {} /Filter /FlateDecode >>\nstream\n",
                 1 + random.below(9999), length);
  out += noise(length, random.next());
  out += "\nendstream\nendobj\n";
}

/// Cuts at a character's border and fills up with blanks.
void fit(Bytes& out, std::size_t octets) {
  auto end = octets;
  while (end > 0 && (octet(out[end]) & 0xc0) == 0x80) --end;
  out.resize(end);
  out.append(octets - end, ' ');
}

// sample: the seed-th piece of a file that begins anew after 1 MiB. Made once, as formatting costs far more
// than a server needs to echo the result, and the tester must not be what is waited for.
constexpr std::size_t kSampleFile = 1U << 20;

struct SampleKind {
  std::string_view name, start;
  void (*append)(Bytes&, SplitMix&);
  bool text;
};
constexpr SampleKind kSampleKinds[] = {{"json", "[\n", append_json, true},
                                       {"bitmap", "BM", append_bitmap, false},
                                       {"german", "", append_german, true},
                                       {"html", "<!DOCTYPE html>\n<html><body>\n", append_html, true},
                                       {"pdf", "%PDF-1.7\n", append_pdf, false}};

Bytes make_sample_file(const SampleKind& kind) {
  SplitMix random(kind.name.size());
  Bytes out(kind.start);
  out.reserve(kSampleFile + 4096);
  while (out.size() <= kSampleFile) kind.append(out, random);
  if (kind.text)
    fit(out, kSampleFile);
  else
    out.resize(kSampleFile);
  return out;
}

const Bytes& sample_file(const SampleKind& kind) {
  static std::array<Bytes, std::size(kSampleKinds)> files;
  static std::array<std::once_flag, std::size(kSampleKinds)> made;
  const auto index = static_cast<std::size_t>(&kind - kSampleKinds);
  std::call_once(made[index], [&] { files[index] = make_sample_file(kind); });
  return files[index];
}

}  // namespace

Bytes fill(std::size_t octets, std::uint64_t seed) {
  Bytes out((octets + 3) / 4 * 4, '\0');
  const Permutation permutation(seed);
  char* at = out.data();
  for (std::size_t i = 0; i < out.size() / 4; ++i, at += 4) {
    const auto record = permutation(static_cast<std::uint32_t>(i));
    std::memcpy(at, kPairs.front[record >> 12].data(), 2);
    std::memcpy(at + 2, kPairs.back[record & 4095].data(), 2);
  }
  out.resize(octets);
  return out;
}

Bytes noise(std::size_t octets, std::uint64_t seed) {
  Bytes out((octets + 7) / 8 * 8, '\0');
  const auto base = mix(seed);
  for (std::size_t i = 0; i < out.size() / 8; ++i) {
    std::uint64_t value = mix(base + i);
    if constexpr (std::endian::native == std::endian::big) value = __builtin_bswap64(value);
    std::memcpy(out.data() + i * 8, &value, 8);
  }
  out.resize(octets);
  return out;
}

Bytes utf8_text(std::size_t octets, std::uint64_t seed) {
  Bytes out;
  out.reserve(octets);
  SplitMix random(seed);
  while (out.size() < octets) {
    const std::size_t n = std::min<std::size_t>(1 + random.below(4), octets - out.size());
    std::uint32_t c = n == 1   ? 0x20 + random.below(0x5f)
                      : n == 2 ? 0xa1 + random.below(0x75f)
                      : n == 3 ? 0x800 + random.below(0xf7fe - 0x800)  // up to U+FFFD without the surrogates
                               : 0x10000 + random.below(0x100000);
    if (n == 3 && c >= 0xd800) c += 0x800;
    append_character(out, c, n);
  }
  return out;
}

Result<Bytes> sample(std::string_view kind, std::size_t octets, std::uint64_t seed) {
  const auto* one = std::ranges::find(kSampleKinds, kind, &SampleKind::name);
  if (one == std::end(kSampleKinds))
    return fail_with({}, fmt::format("unknown sample \"{}\"", kind),
                     "one of json, bitmap, german, html, pdf");
  const Bytes& file = sample_file(*one);
  std::size_t at = static_cast<std::size_t>(seed % kSampleFile * (octets % kSampleFile) % kSampleFile);
  while (one->text && (octet(file[at]) & 0xc0) == 0x80) ++at;
  // One character more than is asked for: fit() looks at what follows the cut.
  const std::size_t wanted = octets + 4;
  Bytes out;
  out.reserve(wanted);
  while (out.size() < wanted) {
    out.append(file, at, wanted - out.size());
    at = 0;
  }
  if (one->text)
    fit(out, octets);
  else
    out.resize(octets);
  return out;
}

}  // namespace wsspec
