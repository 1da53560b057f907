// Extension lists that parse print to text that parses to the same list, and what a reply agrees to lies
// within what was offered.
//
// Input: the value of the reply's field up to the first line feed, then that of the request's.
#include "protocol/extension.h"
#include "fuzz/property.h"
#include "protocol/http.h"

namespace {

using namespace wsspec;

using Offers = std::vector<ExtensionOffer>;

Result<Offers> check_list(std::string_view text) {
  auto parsed = parse_extensions(text);
  if (!parsed) {
    require(!parsed.error().what.empty() && !parsed.error().where.empty(), "an error names rule and reason");
    return parsed;
  }
  require(!parsed->empty(), "a list names an extension");
  const std::string printed = print_extensions(*parsed);
  require(printed.size() <= text.size() + 2 * text.size(), "a list does not grow when printed");
  const auto again = parse_extensions(printed);
  require(again && *again == *parsed, "a printed list parses to the same list");
  for (const ExtensionOffer& offer : *parsed) {
    require(is_token(offer.name), "a name is a token");
    for (const ExtensionParameter& p : offer.parameters)
      require(is_token(p.name) && (!p.value || is_token(*p.value)), "a parameter is made of tokens");
  }
  return parsed;
}

bool is_window(int bits) {
  return bits >= 8 && bits <= 15;
}

void check_offer(const ExtensionOffer& offer) {
  const auto read = read_deflate_offer(offer);
  if (!read) return;
  require(offer.name == "permessage-deflate", "an offer of permessage-deflate has its name");
  require(is_window(read->server_max_window_bits.value_or(15)) &&
              is_window(read->client_max_window_bits_hint.value_or(15)),
          "windows have 8 to 15 bits");
}

// RFC 7692 7.1: what a reply may agree to, stated over all offers at once.
void check_reply(const ExtensionOffer& reply, const Offers& offers) {
  const auto agreed = read_deflate_reply(reply, offers);
  if (!agreed) return require(!agreed.error().what.empty(), "an error says why");
  require(is_window(agreed->server_max_window_bits) && is_window(agreed->client_max_window_bits),
          "windows have 8 to 15 bits");
  bool fits = false;
  for (const ExtensionOffer& offer : offers) {
    const auto asked = read_deflate_offer({"permessage-deflate", offer.parameters});
    if (!asked || !same_text(offer.name, "permessage-deflate")) continue;
    fits = fits || (agreed->server_max_window_bits <= asked->server_max_window_bits.value_or(15) &&
                    (agreed->server_no_context_takeover || !asked->server_no_context_takeover) &&
                    (agreed->client_max_window_bits == 15 || asked->client_max_window_bits));
  }
  require(fits, "an agreement lies within some offer");
}

}  // namespace

WSSPEC_FUZZ_TARGET(input) {
  const std::size_t line = std::min(input.find('\n'), input.size());
  const auto replies = check_list(input.substr(0, line));
  const auto offers = check_list(input.substr(std::min(line + 1, input.size())));
  const Offers none;
  for (const ExtensionOffer& offer : offers ? *offers : none) check_offer(offer);
  for (const ExtensionOffer& reply : replies ? *replies : none) check_reply(reply, offers ? *offers : none);
}
