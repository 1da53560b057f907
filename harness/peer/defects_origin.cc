// Defects in holding Origin against a policy (RFC 6455 4.2.2 item 4, 10.2). All need a peer that has one.
#include "peer/defects.h"
#include "peer/edits.h"

namespace wsspec {
namespace {

using namespace edits;

const Defect kOrigin[] = {
    {"origin.unchecked", "A foreign origin is welcome in spite of the policy", "rfc6455-4.2.2-7", kPlain,
     [](Conduct& c) {
       c.welcomes_origin = [](std::string_view, const std::vector<std::string>&) { return true; };
     },
     "origins"},
    {"origin.by-prefix", "An origin that begins like a welcome one is welcome", "rfc6455-10.2-1", kSubtle,
     [](Conduct& c) {
       c.welcomes_origin = [](std::string_view origin, const std::vector<std::string>& allowed) {
         return std::ranges::any_of(allowed, [&](const std::string& a) { return origin.starts_with(a); });
       };
     },
     "origins"},
    {"origin.by-suffix", "An origin that ends like the host of a welcome one is welcome", "rfc6455-10.2-1",
     kSubtle,
     [](Conduct& c) {
       c.welcomes_origin = [](std::string_view origin, const std::vector<std::string>& allowed) {
         return std::ranges::any_of(allowed, [&](const std::string& a) {
           const std::size_t host = a.find("://");
           return origin.ends_with(host == a.npos ? a : a.substr(host + 3));
         });
       };
     },
     "origins"},
    {"origin.by-substring", "An origin that contains a welcome one is welcome", "rfc6455-10.2-1", kSubtle,
     [](Conduct& c) {
       c.welcomes_origin = [](std::string_view origin, const std::vector<std::string>& allowed) {
         return std::ranges::any_of(allowed, [&](const std::string& a) { return contains(origin, a); });
       };
     },
     "origins"},
    {"origin.null-welcome", "The origin \"null\" is welcome", "rfc6455-10.2-1", kSubtle,
     [](Conduct& c) {
       c.welcomes_origin = [](std::string_view origin, const std::vector<std::string>& allowed) {
         return origin == "null" || std::ranges::find(allowed, origin) != allowed.end();
       };
     },
     "origins"},
    {"origin.scheme-unread", "An origin with another scheme is welcome", "rfc6455-10.2-1", kSubtle,
     [](Conduct& c) {
       c.welcomes_origin = [](std::string_view origin, const std::vector<std::string>& allowed) {
         const auto host = [](std::string_view o) { return o.substr(std::min(o.find("://"), o.size())); };
         return std::ranges::any_of(allowed, [&](const std::string& a) { return host(a) == host(origin); });
       };
     },
     "origins"},
    {"origin.first-of-two", "Of two Origin fields only the first is looked at", "rfc6455-10.2-1", kSubtle,
     [](Conduct& c) { c.misreads = [](Head& h, BytesView) { keep_first(h.fields, "Origin"); }; }, "origins"},
};

}  // namespace

std::span<const Defect> origin_defects() {
  return kOrigin;
}

}  // namespace wsspec
