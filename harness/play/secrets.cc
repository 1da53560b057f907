#include "play/secrets.h"

#include <algorithm>
#include <cctype>

#include "protocol/handshake.h"
#include "protocol/http.h"
#include "script/print.h"

namespace wsspec {
namespace {

constexpr std::size_t kShortestUnnamed =
    8;  // A value under a harmless name is a secret only from this length on.

std::string lower(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), [](unsigned char c) { return std::tolower(c); });
  return out;
}

bool is_word(char c) {
  return std::isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-';
}

/// `text` cut at each of `separators`, blanks trimmed.
std::vector<std::string_view> parts_of(std::string_view text, std::string_view separators) {
  std::vector<std::string_view> out;
  while (!text.empty()) {
    const auto end = std::min(text.find_first_of(separators), text.size());
    if (const auto part = trim_blanks(text.substr(0, end)); !part.empty()) out.push_back(part);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out;
}

struct UrlParts {
  std::string_view user;   ///< "name:password"
  std::string_view path;   ///< Without the query.
  std::string_view query;  ///< Without the question mark.
};

UrlParts parts_of_url(std::string_view url) {
  UrlParts out;
  const auto scheme = url.find("://");
  auto rest = scheme == url.npos ? url : url.substr(scheme + 3);
  const auto authority = rest.substr(0, rest.find_first_of("/?#"));
  if (const auto at = authority.rfind('@'); at != authority.npos) out.user = authority.substr(0, at);
  rest.remove_prefix(authority.size());
  const auto mark = std::min(rest.find('?'), rest.size());
  out.path = rest.substr(0, mark);
  out.query = rest.substr(std::min(mark + 1, rest.size()));
  return out;
}

}  // namespace

bool is_harmless_field(std::string_view name) {
  static constexpr std::string_view kHarmless[] = {"Host",
                                                   "Origin",
                                                   "User-Agent",
                                                   "Accept",
                                                   "Accept-Language",
                                                   "Accept-Encoding",
                                                   "Connection",
                                                   "Pragma",
                                                   "Cache-Control",
                                                   "Upgrade",
                                                   "DNT",
                                                   "Forwarded",
                                                   "Via",
                                                   "Expect",
                                                   "TE",
                                                   "Content-Length",
                                                   "Content-Type"};
  static constexpr std::string_view kHarmlessBegins[] = {"sec-websocket-", "sec-fetch-", "sec-ch-",
                                                         "x-forwarded-"};
  const auto low = lower(name);
  return std::ranges::any_of(kHarmless, [&](std::string_view known) { return same_text(known, name); }) ||
         std::ranges::any_of(kHarmlessBegins, [&](std::string_view known) { return low.starts_with(known); });
}

bool names_secret(std::string_view name) {
  static constexpr std::string_view kParts[] = {"pass",   "pwd",    "secret", "token",  "key",
                                                "auth",   "cred",   "sess",   "cookie", "bearer",
                                                "signat", "ticket", "jwt",    "nonce"};
  static constexpr std::string_view kWhole[] = {"pw", "sid", "sig", "otp", "pin", "login", "user", "code"};
  const auto low = lower(name);
  return std::ranges::any_of(kParts, [&](std::string_view part) { return low.find(part) != low.npos; }) ||
         std::ranges::find(kWhole, low) != std::end(kWhole);
}

bool looks_like_token(std::string_view word) {
  constexpr std::size_t kToken = 16;
  const auto any = [&](auto is) { return std::ranges::any_of(word, [&](unsigned char c) { return is(c); }); };
  return word.size() >= kToken && any(isdigit) && any(isalpha) && std::ranges::all_of(word, [](char c) {
           return is_word(c) || std::string_view(".~+=").find(c) != std::string_view::npos;
         });
}

void Secrets::hide(std::string_view text, std::string shown) {
  if (text.size() < kShortestSecret || text == kMasked) return;
  const auto same = [&](const auto& one) { return one.first == text; };
  if (std::ranges::any_of(hidden_, same)) return;
  // A secret may hold another one ("Bearer x" and "x"): the longer is looked for first.
  const auto at =
      std::ranges::find_if(hidden_, [&](const auto& one) { return one.first.size() < text.size(); });
  hidden_.insert(at, {std::string(text), std::move(shown)});
}

void Secrets::add(std::string_view text) {
  text = trim_blanks(text);
  hide(text, std::string(kMasked));
  // Transcripts show it as the notation writes it.
  if (const auto printed = print_payload(text, text.size()); printed.size() > 2 && printed.front() == '"')
    hide(printed.substr(1, printed.size() - 2), std::string(kMasked));
}

/// The value, if it is long enough to be told from chance, and always together with its name.
void Secrets::add_value(std::string_view name, std::string_view value) {
  if (value.size() >= (names_secret(name) ? kShortestSecret : kShortestUnnamed)) add(value);
}

void Secrets::add_field(std::string_view name, std::string_view value) {
  value = trim_blanks(value);
  if (value.empty()) return;
  if (is_harmless_field(name)) return scan(value);
  for (const auto* between : {": ", ":"}) {
    const std::string line = std::string(name) + between;
    hide(line + std::string(value), line + std::string(kMasked));
  }
  add_value("secret", value);
  for (const auto part : parts_of(value, " ;,")) {  // A scheme and its credentials; cookies.
    const auto equals = part.find('=');
    const bool pair = equals != part.npos && equals + 1 < part.size() && part[equals + 1] != '=';
    const bool scheme = part.data() == value.data() && part.size() < value.size() && !pair;
    if (scheme) continue;  // "Bearer"
    add_value("secret", pair ? part.substr(equals + 1) : part);
    const auto decoded = base64_decode(part);
    if (!decoded || decoded->find(':') == Bytes::npos) continue;
    add(*decoded);  // Basic: name:password
    add_value("password", std::string_view(*decoded).substr(decoded->find(':') + 1));
  }
}

void Secrets::add_url(std::string_view url) {
  const auto parts = parts_of_url(url);
  if (!parts.user.empty()) {
    add(parts.user);
    const auto colon = parts.user.find(':');
    if (colon != parts.user.npos) {
      add_value("password", parts.user.substr(colon + 1));
      add_value("password", percent_decoded(parts.user.substr(colon + 1)));
    }
  }
  for (const auto pair : parts_of(parts.query, "&;")) {
    const auto equals = std::min(pair.find('='), pair.size());
    const auto name = equals == pair.size() ? std::string_view() : pair.substr(0, equals);
    const auto value = equals == pair.size() ? pair : pair.substr(equals + 1);
    if (value.empty()) continue;
    if (!name.empty()) hide(pair, std::string(name) + "=" + std::string(kMasked));
    add_value(name, value);
    add_value(name, percent_decoded(value));
  }
  for (const auto segment : parts_of(parts.path, "/"))
    if (looks_like_token(segment)) add(segment);
}

void Secrets::add_proxy(std::string_view url) {
  const auto user = parts_of_url(url).user;
  if (user.empty()) return;
  add_url(url);
  const auto plain = percent_decoded(user);
  add(plain);
  add(base64_encode(plain));
}

void Secrets::add_variable(std::string_view variable) {
  const auto equals = variable.find('=');
  if (equals == variable.npos) return;
  add_value(variable.substr(0, equals), variable.substr(equals + 1));
  scan(variable.substr(equals + 1));
}

void Secrets::scan(std::string_view text, bool spoken) {
  using namespace std::string_view_literals;
  constexpr auto kEnds = " \t\r\n\"',;&{}()<>\0"sv, kBetween = " \t\"'=:"sv;
  const auto word_at = [&](std::size_t at, std::string_view ends) {
    return text.substr(at, std::min(text.find_first_of(ends, at), text.size()) - at);
  };
  // The names of what our own peer does wrong are public, and long.
  std::string_view before;
  for (std::size_t at = 0; at < text.size();) {
    const auto name = word_at(at, " \t\r\n\"',;&{}()<>\0=:"sv);
    if (looks_like_token(name) && before != "--defect" && before != "--liberty") add(name);
    before = name;
    const auto end = at + name.size();
    at = end + 1;
    const auto value = std::min(text.find_first_not_of(kBetween, end), text.size());
    const bool apart = text.substr(end, value - end).find_first_not_of(" \t") == text.npos;
    if (!names_secret(name) || value == end || (apart && !spoken && !name.starts_with('-'))) continue;
    if (const auto secret = word_at(value, kEnds); !secret.starts_with('-')) add_value(name, secret);
  }
}

void Secrets::add_all(const Secrets& other) {
  for (const auto& [text, shown] : other.hidden_) hide(text, shown);
}

std::string Secrets::mask(std::string text) const {
  for (const auto& [secret, shown] : hidden_) {
    // On behind what was written, which may hold the secret again: "*" in "***".
    for (auto at = text.find(secret); at != text.npos; at = text.find(secret, at + shown.size()))
      text.replace(at, secret.size(), shown);
  }
  return text;
}

std::string shown_url(std::string_view url) {
  const auto parts = parts_of_url(url);
  std::string out(url.substr(
      0, parts.query.empty() ? url.npos : static_cast<std::size_t>(parts.query.data() - url.data())));
  const char* between = "";
  for (const auto pair : parts_of(parts.query, "&;")) {
    const auto equals = pair.find('=');
    out +=
        between + std::string(equals == pair.npos ? "" : pair.substr(0, equals + 1)) + std::string(kMasked);
    between = "&";
  }
  for (const auto segment : parts_of(parts.path, "/"))
    if (looks_like_token(segment)) out.replace(out.find(segment), segment.size(), kMasked);
  if (!parts.user.empty()) out.replace(out.find(parts.user), parts.user.size(), kMasked);
  return out;
}

}  // namespace wsspec
