#include "script/functions.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "protocol/deflate.h"
#include "protocol/handshake.h"
#include "protocol/mix.h"
#include "protocol/utf8.h"
#include "script/print.h"

namespace wsspec {
namespace {

constexpr std::array kFunctions = {
    Function{"fill", "n[,seed]", "n octets of printable ASCII in which no 8 octets occur twice within 1 MiB",
             "fill(64K)", 1, 2, "nn"},
    Function{"noise", "n[,seed]", "n octets without any pattern", "noise(125)", 1, 2, "nn"},
    Function{"utf8", "n[,seed]", "n octets of valid text of characters of 1 to 4 octets", "utf8(1K, 7)", 1, 2,
             "nn"},
    Function{"sample", "kind, n[,seed]",
             "n octets like those of a kind of file: \"json\" \"bitmap\" \"german\" \"html\" \"pdf\"",
             "sample(\"json\", 16K)", 2, 3, "wnn"},
    Function{"slice", "P, from, to",
             "the octets of P from one index up to another, which may be '-' for the end",
             "slice(\"abcdef\", 2, -)", 3, 3, "pne"},
    Function{"deflate", "P", "P compressed in the connection's context; it does not set RSV1",
             "deflate(\"Hello\")", 1, 1, "p"},
    Function{"deflate-stored", "P", "the same in blocks without compression", "deflate-stored(\"Hello\")", 1,
             1, "p"},
    Function{"deflate-fixed", "P", "the same in blocks with fixed Huffman codes", "deflate-fixed(\"Hello\")",
             1, 1, "p"},
    Function{"deflate-dynamic", "P", "the same in blocks with dynamic Huffman codes",
             "deflate-dynamic(fill(1K))", 1, 1, "p"},
    Function{"deflate-final", "P", "the same with BFINAL set in the last block", "deflate-final(\"Hello\")",
             1, 1, "p"},
    Function{"deflate-blocks", "P, n", "the same in several blocks of n octets of input",
             "deflate-blocks(fill(1K), 100)", 2, 2, "pn"},
    Function{"deflate-keep-tail", "P", "the same with the last four octets 00 00 ff ff left in place",
             "deflate-keep-tail(\"Hello\")", 1, 1, "p"},
    Function{"deflate-window", "P, bits", "P compressed on its own, with a window of 8 to 15 bits",
             "deflate-window(fill(64K), 15)", 2, 2, "pn"},
    Function{"json", "P", "P as it stands within a string of JSON, which P must be able to be: valid UTF-8",
             "json(\"a\\\"b\")", 1, 1, "p"},
    Function{"sha1", "P", "the 20 octets of the SHA-1 of P", "sha1(\"abc\")", 1, 1, "p"},
    Function{"base64", "P", "P in base64, with padding", "base64(noise(16))", 1, 1, "p"},
    Function{"unbase64", "P", "the octets that P, which must be base64, stands for", "unbase64($key)", 1, 1,
             "p"},
    Function{"swap-case", "P", "P with its small letters of ASCII made capitals, and its capitals small",
             "swap-case(\"Chat\")", 1, 1, "p"},
    Function{"message", "P, n",
             "the header P of the n-th MESSAGE that came on the connection, counted from 0",
             "message(\"ack\", 1)", 2, 2, "pn"},
    Function{"bomb", "n", "a short compressed payload that inflates to n zero octets", "bomb(64M)", 1, 1,
             "n"},
};

std::unexpected<Error> too_large() {
  return fail_with({}, fmt::format("a payload of more than {} MiB", kMaxPayload >> 20));
}

Result<Bytes> variable(const std::string& name, Environment& environment) {
  if (const auto n = environment.numbers.find(name); n != environment.numbers.end())
    return fmt::format("{}", n->second);
  if (const auto t = environment.texts.find(name); t != environment.texts.end()) return t->second;
  if (auto fact = environment.fact ? environment.fact(name) : std::nullopt) return std::move(*fact);
  auto let =
      environment.lets.extract(name);  // out while it is evaluated: a let that uses itself ends as unknown
  if (let.empty()) return fail_with({}, fmt::format("'${}' has no value here", name));
  auto value = evaluate(let.mapped(), environment);
  if (value) environment.texts.insert_or_assign(name, *value);
  return value;
}

Result<std::uint64_t> number_argument(const Argument& argument, const Environment& environment) {
  if (const auto* number = std::get_if<Number>(&argument.value)) return evaluate(*number, environment);
  return fail_with({}, "a number is needed as the argument");
}

Result<Bytes> payload_argument(const Argument& argument, Environment& environment) {
  if (const auto* payload = std::get_if<Payload>(&argument.value)) return evaluate(*payload, environment);
  const auto& number = std::get<Number>(argument.value);
  if (number.name.empty()) return fmt::format("{}", number.value);
  return variable(number.name, environment);
}

/// The arguments of a call, evaluated as the function's shape wants them.
struct Arguments {
  std::array<std::uint64_t, 3> numbers{};
  Bytes payload;
  bool open_end = false;
};

Result<Arguments> arguments_of(const Part& call, const Function& function, Environment& environment) {
  const auto count = static_cast<int>(call.arguments.size());
  if (count < function.least || count > function.most) {
    return fail_with({}, fmt::format("{}({}) with {} arguments", function.name, function.parameters, count));
  }
  Arguments out;
  for (std::size_t i = 0; i < call.arguments.size(); ++i) {
    const auto& argument = call.arguments[i];
    const char shape = function.shape[i];
    if (argument.open_end) {
      if (shape != 'e')
        return fail_with({}, fmt::format("'-' is no argument {} of {}", i + 1, function.name));
      out.open_end = true;
    } else if (shape == 'n' || shape == 'e') {
      auto number = number_argument(argument, environment);
      if (!number) return std::unexpected(number.error());
      out.numbers[i] = *number;
    } else {
      auto payload = payload_argument(argument, environment);
      if (!payload) return std::unexpected(payload.error());
      out.payload = std::move(*payload);
    }
  }
  return out;
}

std::optional<DeflateForm> deflate_form(std::string_view name) {
  if (name == "deflate") return DeflateForm::usual;
  if (name == "deflate-stored") return DeflateForm::stored;
  if (name == "deflate-fixed") return DeflateForm::fixed;
  if (name == "deflate-dynamic") return DeflateForm::dynamic;
  if (name == "deflate-final") return DeflateForm::final;
  if (name == "deflate-blocks") return DeflateForm::blocks;
  if (name == "deflate-keep-tail") return DeflateForm::keep_tail;
  return std::nullopt;
}

Result<Bytes> compressed(std::string_view name, DeflateForm form, const Arguments& a,
                         Environment& environment) {
  if (!environment.compressor) {
    return fail_with({}, fmt::format("{}(...) needs an agreed permessage-deflate", name),
                     "'needs deflate' and 'open offer=...'");
  }
  if (form == DeflateForm::blocks && a.numbers[1] == 0) return fail_with({}, "blocks of 0 octets");
  return environment.compressor->compress(a.payload, form, static_cast<std::size_t>(a.numbers[1]));
}

Result<Bytes> slice(const Arguments& a) {
  const auto size = a.payload.size();
  const auto from = a.numbers[1], to = a.open_end ? size : a.numbers[2];
  if (from > to || to > size) {
    return fail_with({}, fmt::format("slice from {} to {} of {} octets", from, to, size));
  }
  return a.payload.substr(static_cast<std::size_t>(from), static_cast<std::size_t>(to - from));
}

Result<Bytes> header_of_message(const Arguments& a, const Environment& environment) {
  auto value =
      environment.message_header ? environment.message_header(a.payload, a.numbers[1]) : std::nullopt;
  if (value) return *std::move(value);
  return fail_with({},
                   fmt::format("MESSAGE number {} with a header {} has not come", a.numbers[1], a.payload));
}

Result<Bytes> within_json(BytesView text) {
  if (!is_utf8(text)) return fail_with({}, "json(...) of octets that are no UTF-8");
  Bytes out;
  for (const char c : text) {
    if (c == '"' || c == '\\')
      out += {'\\', c};
    else if (c == '\n')
      out += "\\n";
    else if (c == '\r')
      out += "\\r";
    else if (c == '\t')
      out += "\\t";
    else if (octet(c) < 0x20)
      out += fmt::format("\\u{:04x}", octet(c));
    else
      out += c;
  }
  return out;
}

Result<Bytes> from_base64(BytesView text) {
  auto octets = base64_decode(text);
  if (!octets) return fail_with({}, "unbase64(...) of octets that are no base64");
  return std::move(*octets);
}

Bytes digest_of(BytesView octets) {
  const auto digest = sha1(octets);
  return {digest.begin(), digest.end()};
}

// Letters of ASCII only, whatever the locale.
Bytes swapped_case(Bytes text) {
  for (char& c : text)
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) c = static_cast<char>(c ^ 0x20);
  return text;
}

Result<Bytes> call(const Part& part, Environment& environment) {
  const auto* function = find_function(part.name);
  if (!function) return fail_with({}, fmt::format("unknown function '{}'", part.name));
  const auto arguments = arguments_of(part, *function, environment);
  if (!arguments) return std::unexpected(arguments.error());
  const auto& a = *arguments;
  if (const auto form = deflate_form(part.name)) return compressed(part.name, *form, a, environment);
  if (part.name == "slice") return slice(a);
  if (part.name == "message") return header_of_message(a, environment);
  if (part.name == "json") return within_json(a.payload);
  if (part.name == "sha1") return digest_of(a.payload);
  if (part.name == "base64") return base64_encode(a.payload);
  if (part.name == "unbase64") return from_base64(a.payload);
  if (part.name == "swap-case") return swapped_case(a.payload);
  if (part.name == "deflate-window") {
    if (a.numbers[1] < 8 || a.numbers[1] > 15) return fail_with({}, "a window of 8 to 15 bits is needed");
    return Compressor(static_cast<int>(a.numbers[1])).compress(a.payload);
  }
  if (part.name == "bomb") {
    constexpr std::uint64_t kMaxBomb = 64ULL << 30;
    if (a.numbers[0] > kMaxBomb) return fail_with({}, "a bomb of more than 64 GiB");
    return deflate_bomb(a.numbers[0]);
  }
  const bool is_sample = part.name == "sample";
  const auto octets = a.numbers[is_sample ? 1 : 0], seed = a.numbers[is_sample ? 2 : 1];
  if (octets > kMaxPayload) return too_large();
  const auto n = static_cast<std::size_t>(octets);
  if (is_sample) return sample(a.payload, n, seed);
  if (part.name == "fill") return fill(n, seed);
  if (part.name == "noise") return noise(n, seed);
  return utf8_text(n, seed);
}

Result<void> append(Bytes& out, const Part& part, Environment& environment) {
  Result<Bytes> value = part.kind == Part::Kind::variable ? variable(part.name, environment)
                        : part.kind == Part::Kind::call   ? call(part, environment)
                                                          : Result<Bytes>(part.bytes);
  if (!value) return std::unexpected(value.error());
  std::uint64_t times = 1;
  if (part.times) {
    const auto number = evaluate(*part.times, environment);
    if (!number) return std::unexpected(number.error());
    times = *number;
  }
  if (value->empty() || times == 0) return {};
  if (out.empty() && times == 1) {
    out = std::move(*value);
    return {};
  }
  if (times > (kMaxPayload - std::min(out.size(), kMaxPayload)) / value->size()) return too_large();
  if (value->size() == 1) {
    out.append(static_cast<std::size_t>(times), value->front());
    return {};
  }
  out.reserve(out.size() + value->size() * static_cast<std::size_t>(times));
  for (std::uint64_t i = 0; i < times; ++i) out += *value;
  return {};
}

}  // namespace

std::span<const Function> functions() {
  return kFunctions;
}

const Function* find_function(std::string_view name) {
  const auto found =
      std::find_if(kFunctions.begin(), kFunctions.end(), [&](const Function& f) { return f.name == name; });
  return found == kFunctions.end() ? nullptr : &*found;
}

void Environment::define(std::span<const Let> all) {
  for (const auto& let : all) lets.insert_or_assign(let.name, let.payload);
}

Result<Bytes> evaluate(const Payload& payload, Environment& environment) {
  Bytes out;
  for (const auto& part : payload.parts) {
    if (auto done = append(out, part, environment); !done) return std::unexpected(done.error());
  }
  return out;
}

Result<std::uint64_t> evaluate(const Number& number, const Environment& environment) {
  if (number.name.empty()) return number.value;
  const auto found = environment.numbers.find(number.name);
  if (found == environment.numbers.end())
    return fail_with({}, fmt::format("'${}' is no number here", number.name));
  return found->second;
}

std::uint32_t next_mask_key(Environment& environment) {
  return static_cast<std::uint32_t>(mix(environment.seed ^ mix(environment.frames++)) >> 32);
}

}  // namespace wsspec
