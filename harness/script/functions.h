// Payload functions and the evaluation of payloads at play time.
//
// Deterministic: a payload gives the same octets in every run, except `deflate(...)`, which depends on what
// was compressed on the connection before (RFC 7692 section 7.1.1), and the facts a target declares. Limits:
// kMaxPayload octets per statement, an error otherwise; nothing larger is ever allocated.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "protocol/bytes.h"
#include "protocol/error.h"
#include "protocol/http.h"
#include "script/ast.h"

namespace wsspec {

class Compressor;  // protocol/deflate.h

inline constexpr std::size_t kMaxPayload = 256U << 20;

/// What names mean during one play of one case.
struct Environment {
  std::map<std::string, std::uint64_t, std::less<>> numbers;  ///< `repeat … as` variables, numeric facts.
  std::map<std::string, Bytes, std::less<>> texts;            ///< Declared facts; lets once evaluated.
  std::map<std::string, Payload, std::less<>> lets;           ///< Not yet evaluated; add with define().
  Compressor* compressor = nullptr;  ///< Of our sending direction; null: `deflate(...)` is an error.
  std::uint64_t seed = 1;            ///< Of the case: masking keys.
  std::uint64_t frames = 0;          ///< Frames masked so far; advances with each key drawn.
  /// Facts of the play that come about on the way (the key of the opening request); nothing: no such fact
  /// yet.
  std::function<std::optional<Bytes>(std::string_view)> fact;
  /// The header of that name in the n-th MESSAGE of STOMP that came on the connection the play is at.
  std::function<std::optional<Bytes>(std::string_view name, std::uint64_t number)> message_header;
  /// The octets of a `> stomp` line, and whether they go in binary messages; empty: an error.
  std::function<Result<std::pair<Bytes, bool>>(const SendStomp&)> make_stomp;
  /// The head of `request`, `upgrade` and `response`, which depends on target and handshake; empty: an error.
  std::function<Result<Head>(const Statement&)> make_head;

  void define(std::span<const Let> all);
};

Result<Bytes> evaluate(const Payload& payload, Environment& environment);
Result<std::uint64_t> evaluate(const Number& number, const Environment& environment);

/// The next masking key, the same in every run for the same seed (octets in wire order, first most
/// significant).
std::uint32_t next_mask_key(Environment& environment);

/// A payload function: for the checker, the manual and the editor grammars.
struct Function {
  std::string_view name;
  std::string_view parameters;  ///< "n[,seed]"
  std::string_view meaning;
  std::string_view example;
  int least, most;  ///< Number of arguments.
  std::string_view
      shape;  ///< One letter per argument: n number, p payload, w word in quotes, e number or `-`.
};
std::span<const Function> functions();
const Function* find_function(std::string_view name);

// The generators themselves, for tests, benchmarks and the reference peer.
Bytes fill(std::size_t octets,
           std::uint64_t seed = 0);  ///< Printable ASCII; no 8 octets occur twice within 1 MiB.
Bytes noise(std::size_t octets, std::uint64_t seed = 0);      ///< Uniform octets.
Bytes utf8_text(std::size_t octets, std::uint64_t seed = 0);  ///< Valid text of 1 to 4 octet characters.
Result<Bytes> sample(std::string_view kind, std::size_t octets, std::uint64_t seed = 0);

}  // namespace wsspec
