// Secrets: the texts that must not leave the process, and what is shown in their place.
//
// They come from what the user gave us: header fields, URL, proxy, preamble, the environment and command of a
// target that is started. What it is not: a guess about what the target says; only what was given here is
// known, in the forms in which a target or a log may give it back.
//
// Invariants: mask() ends for every text and every secret, and no secret of at least kShortestSecret octets
// stays where it stood. Shorter ones are hidden only where they were given (a URL, a field, an argument),
// because "1" or "ab" stands in every report by chance.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace wsspec {

inline constexpr std::size_t kShortestSecret = 4;
inline constexpr std::string_view kMasked = "***";

class Secrets {
 public:
  /// A text that is secret as a whole.
  void add(std::string_view text);
  /// A header field that we send. Well-known harmless ones (Origin, User-Agent) are no secrets.
  void add_field(std::string_view name, std::string_view value);
  /// User, password, values of the query, parts of the path that look like tokens.
  void add_url(std::string_view url);
  /// `user:password@` of a proxy's URL.
  void add_proxy(std::string_view url);
  /// `NAME=value` of an environment.
  void add_variable(std::string_view variable);
  /// Free text of the user's that may hold some. `NAME=value`, `"name": "value"`, `--name value`, and in what
  /// a preamble says (`spoken`) also `NAME value`.
  void scan(std::string_view text, bool spoken = false);
  /// Takes those of `other`, too.
  void add_all(const Secrets& other);

  std::string mask(std::string text) const;
  bool empty() const { return hidden_.empty(); }

 private:
  void hide(std::string_view text, std::string shown);
  void add_value(std::string_view name, std::string_view value);
  std::vector<std::pair<std::string, std::string>>
      hidden_;  ///< What to look for and what to show; longest first.
};

/// A header field whose value may be shown: it says who or what we are, not that we may.
bool is_harmless_field(std::string_view name);
/// "token", "api_key", "PGPASSWORD": a name whose value is a secret however short it is.
bool names_secret(std::string_view name);
/// At least 16 characters of the kind that tokens are made of, letters and digits mixed.
bool looks_like_token(std::string_view word);
/// The URL with `***` for what add_url() finds in it.
std::string shown_url(std::string_view url);

}  // namespace wsspec
