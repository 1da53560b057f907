#include "protocol/extension.h"

#include <algorithm>

#include "protocol/http.h"

namespace wsspec {
namespace {

// A cursor over the field value; blanks may stand between any two tokens (RFC 2616 2.1, implied LWS).
class Scanner {
 public:
  explicit Scanner(std::string_view text) : rest_(text) {}
  bool at_end() { return skip(), rest_.empty(); }
  bool is_next(char c) { return skip(), rest_.starts_with(c); }
  bool take(char c) {
    if (!is_next(c)) return false;
    rest_.remove_prefix(1);
    return true;
  }
  std::string_view take_token() {
    skip();
    std::size_t n = 0;
    while (n < rest_.size() && is_token(rest_.substr(n, 1))) ++n;
    const std::string_view token = rest_.substr(0, n);
    rest_.remove_prefix(n);
    return token;
  }
  /// The unescaped inside of a quoted string whose opening quote is taken; nothing when the quote stays open.
  std::optional<std::string> take_quoted() {
    std::string value;
    for (std::size_t i = 0; i < rest_.size(); ++i) {
      if (rest_[i] == '"') {
        rest_.remove_prefix(i + 1);
        return value;
      }
      if (rest_[i] == '\\') ++i;  // A quoted pair: the next octet as it is.
      if (i == rest_.size()) break;
      value += rest_[i];
    }
    return std::nullopt;
  }

 private:
  void skip() {
    while (!rest_.empty() && (rest_.front() == ' ' || rest_.front() == '\t')) rest_.remove_prefix(1);
  }
  std::string_view rest_;
};

std::unexpected<Error> broken(std::string what) {
  return fail_with("rfc6455-9.1-1", std::move(what));
}

Result<ExtensionParameter> parse_parameter(Scanner& in) {
  ExtensionParameter parameter;
  parameter.name = in.take_token();
  if (parameter.name.empty()) return broken("an extension parameter has no name");
  if (!in.take('=')) return parameter;
  if (in.take('"')) {
    parameter.quoted = true;
    parameter.value = in.take_quoted();
    if (!parameter.value) return broken("a quoted extension parameter is not closed");
    if (!is_token(*parameter.value))
      return fail_with("rfc6455-9.1-2", "a quoted extension parameter is no token");
    return parameter;
  }
  parameter.value = in.take_token();
  if (parameter.value->empty()) return broken("an extension parameter has an equals sign but no value");
  return parameter;
}

Result<ExtensionOffer> parse_extension(Scanner& in) {
  ExtensionOffer offer;
  offer.name = in.take_token();
  if (offer.name.empty()) return broken("an extension has no name");
  while (in.take(';')) {
    auto parameter = parse_parameter(in);
    if (!parameter) return std::unexpected(std::move(parameter.error()));
    offer.parameters.push_back(std::move(*parameter));
  }
  return offer;
}

// A decimal number from 8 to 15 without leading zeros (RFC 7692 7.1.2).
std::optional<int> window_bits(const std::optional<std::string>& value) {
  static constexpr std::string_view kValues[] = {"8", "9", "10", "11", "12", "13", "14", "15"};
  const auto found = std::ranges::find(kValues, value.value_or(""));
  if (found == std::end(kValues)) return std::nullopt;
  return 8 + static_cast<int>(found - std::begin(kValues));
}

// The ledger ids for the three ways in which the parameters can be wrong; they differ for offers and replies.
struct Rules {
  const char *undefined, *value, *repeated;
};
constexpr Rules kOfferRules = {"rfc7692-7-1", "rfc7692-7-2", "rfc7692-7-3"};

Result<DeflateOffer> read_parameters(const ExtensionOffer& offer, const Rules& rules, bool hint_needs_value) {
  DeflateOffer out;
  const auto& all = offer.parameters;
  for (const ExtensionParameter& p : all) {
    if (std::ranges::count(all, p.name, &ExtensionParameter::name) > 1) {
      return fail_with(rules.repeated, "the parameter " + p.name + " is repeated");
    }
    const auto bits = window_bits(p.value);
    const auto bad_value = [&] {
      return fail_with(rules.value, "the parameter " + p.name + " has a wrong value");
    };
    if (p.name == "server_no_context_takeover") {
      if (p.value) return bad_value();
      out.server_no_context_takeover = true;
    } else if (p.name == "client_no_context_takeover") {
      if (p.value) return bad_value();
      out.client_no_context_takeover = true;
    } else if (p.name == "server_max_window_bits") {
      if (!bits) return bad_value();
      out.server_max_window_bits = bits;
    } else if (p.name == "client_max_window_bits") {
      if (!bits && (p.value || hint_needs_value)) return bad_value();
      out.client_max_window_bits = true;
      out.client_max_window_bits_hint = bits;
    } else {
      return fail_with(rules.undefined, "the parameter " + p.name + " is not defined");
    }
  }
  return out;
}

// Which rule `reply` breaks as an answer to `offer`; nothing when it fits.
std::optional<Error> mismatch(const DeflateOffer& reply, const DeflateOffer& offer) {
  if (reply.client_max_window_bits && !offer.client_max_window_bits) {
    return Error{"rfc7692-7.1.2.2-6", "client_max_window_bits was not offered", {}};
  }
  if (offer.server_no_context_takeover && !reply.server_no_context_takeover) {
    return Error{"rfc7692-7.1.1.1-3", "server_no_context_takeover was asked for and is not granted", {}};
  }
  if (reply.server_max_window_bits.value_or(15) > offer.server_max_window_bits.value_or(15)) {
    return Error{"rfc7692-7.1.2.1-4", "server_max_window_bits is larger than offered", {}};
  }
  return std::nullopt;
}

}  // namespace

Result<std::vector<ExtensionOffer>> parse_extensions(std::string_view text) {
  std::vector<ExtensionOffer> offers;
  Scanner in(text);
  do {
    if (in.at_end() || in.is_next(','))
      continue;  // 1#element lets elements be empty, but not all (RFC 2616 2.1).
    auto offer = parse_extension(in);
    if (!offer) return std::unexpected(std::move(offer.error()));
    offers.push_back(std::move(*offer));
  } while (in.take(','));
  if (!in.at_end()) return broken("something other than a comma follows an extension");
  if (offers.empty()) return broken("no extension is named");
  return offers;
}

std::string print_extensions(const std::vector<ExtensionOffer>& offers) {
  std::string out;
  for (const ExtensionOffer& offer : offers) {
    if (!out.empty()) out += ", ";
    out += offer.name;
    for (const ExtensionParameter& p : offer.parameters) {
      out += "; " + p.name;
      if (p.value) out += p.quoted ? "=\"" + *p.value + '"' : "=" + *p.value;
    }
  }
  return out;
}

Result<DeflateOffer> read_deflate_offer(const ExtensionOffer& offer) {
  if (offer.name != kPermessageDeflate)
    return fail_with("rfc7692-5-1", "the extension is not permessage-deflate");
  return read_parameters(offer, kOfferRules, false);
}

Result<DeflateSettings> read_deflate_reply(const ExtensionOffer& reply,
                                           const std::vector<ExtensionOffer>& offers) {
  if (reply.name != kPermessageDeflate)
    return fail_with("rfc7692-5-7", "the extension is not permessage-deflate");
  const auto granted = read_parameters(reply, {"rfc7692-7-5", "rfc7692-7-6", "rfc7692-7-7"}, true);
  if (!granted) return std::unexpected(granted.error());
  std::optional<Error> first_error;
  for (const ExtensionOffer& offer : offers) {
    if (!same_text(offer.name, kPermessageDeflate)) continue;  // Whether names have case is nowhere said.
    const auto asked = read_parameters(offer, kOfferRules, false);
    const std::optional<Error> error = asked ? mismatch(*granted, *asked) : asked.error();
    if (!error) {
      return DeflateSettings{granted->server_no_context_takeover, granted->client_no_context_takeover,
                             granted->server_max_window_bits.value_or(15),
                             granted->client_max_window_bits_hint.value_or(15)};
    }
    if (!first_error) first_error = error;
  }
  return std::unexpected(
      first_error.value_or(Error{"rfc6455-4.2.2-15", "permessage-deflate was not offered", {}}));
}

bool exceeds_hint(const ExtensionOffer& reply, const std::vector<ExtensionOffer>& offers) {
  const auto granted = read_parameters(reply, kOfferRules, true);
  if (!granted || !granted->client_max_window_bits_hint) return false;
  bool answers_one = false;
  for (const ExtensionOffer& offer : offers) {
    const auto asked = read_parameters(offer, kOfferRules, false);
    if (!same_text(offer.name, kPermessageDeflate) || !asked || mismatch(*granted, *asked)) continue;
    if (*granted->client_max_window_bits_hint <= asked->client_max_window_bits_hint.value_or(15))
      return false;
    answers_one = true;
  }
  return answers_one;
}

}  // namespace wsspec
