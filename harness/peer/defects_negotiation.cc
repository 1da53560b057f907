// Defects in negotiating extensions (RFC 6455 9.1, 11.3.2) and permessage-deflate (RFC 7692 5, 7.1).
//
// A lax reading is written as a change of the offers to what the faulty server makes of them; they are then
// weighed rightly.
#include <charconv>

#include "peer/defects.h"
#include "peer/edits.h"
#include "peer/reply.h"

namespace wsspec {
namespace {

using namespace edits;

constexpr std::string_view kDeflateName = "permessage-deflate", kField = "Sec-WebSocket-Extensions";
constexpr std::string_view kServerBits = "server_max_window_bits", kClientBits = "client_max_window_bits";
constexpr std::string_view kServerReset = "server_no_context_takeover",
                           kClientReset = "client_no_context_takeover";

using Offers = std::vector<ExtensionOffer>;

/// Sets misoffers to a change of each parameter of each offer; one that answers false is dropped.
template <bool (*change)(ExtensionParameter& p)>
void on_parameter(Conduct& c) {
  c.misoffers = [](Offers& offers) {
    for (ExtensionOffer& offer : offers) {
      std::vector<ExtensionParameter> kept;
      for (ExtensionParameter& p : offer.parameters) {
        if (change(p)) kept.push_back(p);
      }
      offer.parameters = std::move(kept);
    }
  };
}
/// Sets misgrants to a change of the one element granted.
template <void (*change)(ExtensionOffer& granted)>
void on_grant(Conduct& c) {
  c.misgrants = [](Offers& granted, std::optional<DeflateSettings>&, const Offers&) {
    if (!granted.empty()) change(granted.front());
  };
}
ExtensionParameter* find(ExtensionOffer& offer, std::string_view name) {
  const auto found = std::ranges::find(offer.parameters, name, &ExtensionParameter::name);
  return found == offer.parameters.end() ? nullptr : &*found;
}
void erase_parameter(ExtensionOffer& offer, std::string_view name) {
  std::erase_if(offer.parameters, [&](const ExtensionParameter& p) { return p.name == name; });
}
/// As atoi reads it: leading blanks and a sign are passed over, rest is ignored.
int number_in(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of(" +"), text.size()));
  int value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}
bool read_loosely(ExtensionParameter& p) {
  if (p.value) p.value = std::to_string(number_in(*p.value));
  return true;
}

const Defect kExtensions[] = {
    {"extension.unoffered", "permessage-deflate is granted to who did not offer it", "rfc6455-4.2.2-15",
     kPlain,
     [](Conduct& c) {
       c.misgrants = [](Offers& granted, std::optional<DeflateSettings>&, const Offers&) {
         if (granted.empty()) granted.push_back({std::string(kDeflateName), {}});
       };
     }},
    {"extension.reflects-unknown", "An unknown extension is granted as it was offered", "rfc6455-9-3", kPlain,
     [](Conduct& c) {
       c.misgrants = [](Offers& granted, std::optional<DeflateSettings>&, const Offers& offers) {
         for (const ExtensionOffer& offer : offers) {
           if (offer.name != kDeflateName) granted.push_back(offer);
         }
       };
     }},
    {"extension.granted-twice", "The same extension is named twice in the reply", "rfc7692-5-8", kSubtle,
     [](Conduct& c) {
       c.misgrants = [](Offers& granted, std::optional<DeflateSettings>&, const Offers&) {
         if (!granted.empty()) granted.push_back(ExtensionOffer(granted.front()));
       };
     }},
    {"extension.empty-field", "Where nothing is granted the reply has an empty extension field",
     "rfc6455-9.1-1", kSubtle,
     [](Conduct& c) {
       c.misanswers = [](Answer& a, const Head&) {
         const bool named = std::ranges::find(a.fields, kField, &Field::name) != a.fields.end();
         if (a.accepted && !named) a.fields.push_back({std::string(kField), ""});
       };
     }},
    {"extension.open-quote-accepted", "An offer with an open quote is granted", "rfc6455-9.1-1", kSubtle,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         const std::string value = value_of(h, kField);
         if (std::ranges::count(value, '"') % 2 == 1) set(h.fields, kField, kDeflateName);
       };
     }},
    {"extension.broken-grammar-accepted",
     "An offer that breaks the grammar is read as plain permessage-deflate", "rfc6455-9.1-1", kPlain,
     [](Conduct& c) {
       c.misreads = [](Head& h, BytesView) {
         const std::string value = value_of(h, kField);
         if (!value.empty() && !parse_extensions(value)) set(h.fields, kField, kDeflateName);
       };
     }},
    {"extension.name-by-prefix", "\"permessage-deflate2\" is taken for permessage-deflate",
     "rfc6455-4.2.2-15", kSubtle,
     [](Conduct& c) {
       c.misoffers = [](Offers& offers) {
         for (ExtensionOffer& offer : offers) {
           if (offer.name.starts_with(kDeflateName)) offer.name = kDeflateName;
         }
       };
     }},
};

const Defect kOffers[] = {
    {"negotiation.unknown-parameter-accepted", "An undefined parameter is passed over", "rfc7692-7-1", kPlain,
     on_parameter<[](ExtensionParameter& p) {
       return p.name == kServerBits || p.name == kClientBits || p.name == kServerReset ||
              p.name == kClientReset;
     }>,
     "deflate"},
    {"negotiation.repeated-parameter-accepted", "Of a repeated parameter the first counts", "rfc7692-7-3",
     kPlain,
     [](Conduct& c) {
       c.misoffers = [](Offers& offers) {
         for (ExtensionOffer& offer : offers) {
           std::vector<ExtensionParameter> kept;
           for (const ExtensionParameter& p : offer.parameters) {
             if (std::ranges::find(kept, p.name, &ExtensionParameter::name) == kept.end()) kept.push_back(p);
           }
           offer.parameters = std::move(kept);
         }
       };
     },
     "deflate"},
    {"negotiation.equal-repetition-accepted", "A parameter repeated with an equal value is passed over",
     "rfc7692-7-3", kSubtle,
     [](Conduct& c) {
       c.misoffers = [](Offers& offers) {
         for (ExtensionOffer& offer : offers) {
           std::vector<ExtensionParameter> kept;
           for (const ExtensionParameter& p : offer.parameters) {
             if (std::ranges::find(kept, p) == kept.end()) kept.push_back(p);
           }
           offer.parameters = std::move(kept);
         }
       };
     },
     "deflate"},
    {"negotiation.server-takeover-value-accepted", "server_no_context_takeover may have a value",
     "rfc7692-7-2", kPlain, on_parameter<[](ExtensionParameter& p) {
       if (p.name == kServerReset) p.value.reset();
       return true;
     }>,
     "deflate"},
    {"negotiation.client-takeover-value-accepted", "client_no_context_takeover may have a value",
     "rfc7692-7-2", kSubtle, on_parameter<[](ExtensionParameter& p) {
       if (p.name == kClientReset) p.value.reset();
       return true;
     }>,
     "deflate"},
    {"negotiation.window-above-15-accepted", "A window of 16 bits is taken for 15", "rfc7692-7-2", kPlain,
     on_parameter<[](ExtensionParameter& p) {
       if (p.value && p.value->size() == 2 && "15" < *p.value) p.value = "15";
       return true;
     }>,
     "deflate"},
    {"negotiation.window-below-8-accepted", "A window of 7 bits is taken for 8", "rfc7692-7-2", kSubtle,
     on_parameter<[](ExtensionParameter& p) {
       if (p.value == "7" || p.value == "0") p.value = "8";
       return true;
     }>,
     "deflate"},
    {"negotiation.window-leading-zero-accepted", "\"010\" is taken for 10", "rfc7692-7-2", kSubtle,
     on_parameter<[](ExtensionParameter& p) {
       if (p.value) p.value->erase(0, p.value->find_first_not_of('0'));
       return true;
     }>,
     "deflate"},
    {"negotiation.window-read-loosely", "\"+9\", \"9.0\" and \"9x\" are taken for 9", "rfc7692-7-2", kSubtle,
     on_parameter<read_loosely>, "deflate"},
    {"negotiation.window-unread", "A server_max_window_bits that is no number is passed over", "rfc7692-7-2",
     kPlain, on_parameter<[](ExtensionParameter& p) {
       return p.name != kServerBits || (p.value && number_in(*p.value) >= 8 && number_in(*p.value) <= 15);
     }>,
     "deflate"},
    {"negotiation.window-without-value-accepted", "server_max_window_bits may lack its value", "rfc7692-7-2",
     kPlain, on_parameter<[](ExtensionParameter& p) {
       if (p.name == kServerBits && !p.value) p.value = "15";
       return true;
     }>,
     "deflate"},
    {"negotiation.client-window-unread", "Any value of client_max_window_bits is passed over", "rfc7692-7-2",
     kPlain, on_parameter<[](ExtensionParameter& p) {
       if (p.name == kClientBits) p.value.reset();
       return true;
     }>,
     "deflate"},
    {"negotiation.window-ignored", "server_max_window_bits is neither granted nor declined",
     "rfc7692-7.1.2.1-3", kPlain, on_parameter<[](ExtensionParameter& p) { return p.name != kServerBits; }>,
     "deflate"},
    {"negotiation.server-takeover-ignored", "server_no_context_takeover is neither granted nor declined",
     "rfc7692-7.1.1.1-3", kPlain, on_parameter<[](ExtensionParameter& p) { return p.name != kServerReset; }>,
     "deflate"},
    {"negotiation.variants-mixed", "The parameters of several variants are taken together", "rfc7692-5-9",
     kSubtle,
     [](Conduct& c) {
       c.misoffers = [](Offers& offers) {
         for (std::size_t i = 1; i < offers.size(); ++i) {
           if (offers[i].name != kDeflateName || offers[0].name != kDeflateName) continue;
           for (const ExtensionParameter& p : offers[i].parameters) {
             if (find(offers[0], p.name) == nullptr) offers[0].parameters.push_back(p);
           }
         }
       };
     },
     "deflate"},
    {"negotiation.second-field-lost", "Of two extension fields only the first is read", "rfc6455-9.1-3",
     kSubtle, [](Conduct& c) { c.misreads = [](Head& h, BytesView) { keep_first(h.fields, kField); }; },
     "deflate"},
    {"negotiation.later-variant-unread", "Only the first variant is weighed", "rfc7692-5-2", kSubtle,
     [](Conduct& c) {
       c.misoffers = [](Offers& offers) {
         if (offers.size() > 1 && offers[0].name == kDeflateName) offers.resize(1);
       };
     },
     "deflate"},
};

const Defect kGrants[] = {
    {"negotiation.grants-larger-window", "A window larger than asked for is granted", "rfc7692-7.1.2.1-4",
     kPlain, on_grant<[](ExtensionOffer& e) {
       if (auto* p = find(e, kServerBits)) p->value = "15";
     }>,
     "deflate"},
    {"negotiation.grants-9-for-8", "A window of 8 bits is answered with 9", "rfc7692-7.1.2.1-4", kSubtle,
     on_grant<[](ExtensionOffer& e) {
       if (auto* p = find(e, kServerBits); p != nullptr && p->value == "8") p->value = "9";
     }>,
     "deflate"},
    {"negotiation.grants-leading-zero", "A window of 9 bits is answered with 09", "rfc7692-7.1.2.1-5",
     kSubtle, on_grant<[](ExtensionOffer& e) {
       if (auto* p = find(e, kServerBits); p != nullptr && p->value == "9") p->value = "09";
     }>,
     "deflate"},
    {"negotiation.grants-window-without-value", "server_max_window_bits is granted without a value",
     "rfc7692-7.1.2.1-5", kPlain, on_grant<[](ExtensionOffer& e) {
       if (auto* p = find(e, kServerBits)) p->value.reset();
     }>,
     "deflate"},
    {"negotiation.grants-takeover-value", "server_no_context_takeover is granted with a value",
     "rfc7692-7.1.1.1-2", kPlain, on_grant<[](ExtensionOffer& e) {
       if (auto* p = find(e, kServerReset)) p->value = "true";
     }>,
     "deflate"},
    {"negotiation.takeover-unanswered", "The reply leaves server_no_context_takeover out",
     "rfc7692-7.1.1.1-3", kPlain, on_grant<[](ExtensionOffer& e) { erase_parameter(e, kServerReset); }>,
     "deflate"},
    {"negotiation.client-window-unasked", "client_max_window_bits is granted unasked", "rfc7692-7.1.2.2-6",
     kPlain, on_grant<[](ExtensionOffer& e) {
       if (find(e, kClientBits) == nullptr) e.parameters.push_back({std::string(kClientBits), "15", false});
     }>,
     "deflate"},
    {"negotiation.client-window-without-value", "client_max_window_bits is granted without a value",
     "rfc7692-7.1.2.2-5", kSubtle, on_grant<[](ExtensionOffer& e) {
       if (auto* p = find(e, kClientBits)) p->value.reset();
     }>,
     "deflate"},
    {"negotiation.client-window-above-hint", "The granted client window is larger than the hint",
     "rfc7692-7.1.2.2-4", kSubtle, on_grant<[](ExtensionOffer& e) {
       if (auto* p = find(e, kClientBits)) p->value = "15";
     }>,
     "deflate"},
    {"negotiation.client-window-at-least-12", "A hint below 12 bits is answered with 12", "rfc7692-7.1.2.2-4",
     kSubtle, on_grant<[](ExtensionOffer& e) {
       if (auto* p = find(e, kClientBits); p != nullptr && p->value && number_in(*p->value) < 12)
         p->value = "12";
     }>,
     "deflate"},
    {"negotiation.server-window-at-least-11", "A window of 10 bits is answered with 11", "rfc7692-7.1.2.1-4",
     kSubtle, on_grant<[](ExtensionOffer& e) {
       if (auto* p = find(e, kServerBits); p != nullptr && p->value == "10") p->value = "11";
     }>,
     "deflate"},
    {"negotiation.grants-undefined", "The reply has a parameter that does not exist", "rfc7692-7-5", kPlain,
     on_grant<[](ExtensionOffer& e) { e.parameters.push_back({"level", "9", false}); }>, "deflate"},
    {"negotiation.grants-repeated", "The reply repeats a parameter", "rfc7692-7-7", kSubtle,
     on_grant<[](ExtensionOffer& e) {
       if (auto* p = find(e, kServerReset)) e.parameters.push_back(ExtensionParameter(*p));
     }>,
     "deflate"},
    {"negotiation.grants-all-variants", "Every variant that could be met is granted", "rfc7692-5-8", kSubtle,
     [](Conduct& c) {
       c.misgrants = [](Offers& granted, std::optional<DeflateSettings>&, const Offers& offers) {
         for (std::size_t i = 1; i < offers.size() && !granted.empty(); ++i) {
           if (const auto also = grant_deflate({offers[i]})) granted.push_back(also->extension);
         }
       };
     },
     "deflate"},
    {"negotiation.rsv1-shared", "x-webkit-deflate-frame is granted beside permessage-deflate", "rfc7692-5-10",
     kSubtle,
     [](Conduct& c) {
       c.misgrants = [](Offers& granted, std::optional<DeflateSettings>&, const Offers& offers) {
         for (const ExtensionOffer& offer : offers) {
           if (offer.name == "x-webkit-deflate-frame") granted.push_back({offer.name, {}});
         }
       };
     },
     "deflate"},
};

}  // namespace

std::span<const Defect> negotiation_defects() {
  static const std::vector<Defect> all = join({kExtensions, kOffers, kGrants});
  return all;
}

}  // namespace wsspec
