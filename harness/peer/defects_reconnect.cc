// Defects of a client that connects again: when it does so (RFC 6455 7.2.3), and what is left of the
// connection before (RFC 6455 7.2.1, RFC 7692 7.2.2).
#include "peer/defects.h"
#include "peer/edits.h"
#include "protocol/deflate.h"

namespace wsspec {
namespace {

using namespace edits;
using namespace std::chrono_literals;

const Defect kWhen[] = {
    {"reconnect.hammers", "The next attempt is made at once, again and again", "rfc6455-7.2.3-1", kPlain,
     [](Conduct& c) {
       c.comeback.first_least = c.comeback.first_most = c.comeback.base = c.comeback.cap = 5ms;
       c.comeback.minds_retry_after = false;
     }},
    {"reconnect.hammers-later", "Behind the first delay there is none", "rfc6455-7.2.3-1", kSubtle,
     [](Conduct& c) {
       c.comeback.base = c.comeback.cap = 5ms;
       c.comeback.minds_retry_after = false;
     }},
    {"reconnect.no-growth", "All attempts are made after one second", "rfc6455-7.2.3-4", kPlain,
     [](Conduct& c) { c.comeback.factor = 1; }},
    {"reconnect.opened-begins-anew",
     "A connection that was opened begins the delays anew, however short it was", "rfc6455-7.2.3-4", kSubtle,
     [](Conduct& c) {
       c.comeback.opened_is_steady = true;
       c.comeback.first_least = 900ms, c.comeback.first_most = 1100ms;
     }},
    {"reconnect.no-jitter", "The first attempt is made after one second, whoever makes it", "rfc6455-7.2.3-2",
     kPlain, [](Conduct& c) { c.comeback.first_least = c.comeback.first_most = 1s; }},
    {"reconnect.no-first-delay", "The first attempt is made at once", "rfc6455-7.2.3-2", kSubtle,
     [](Conduct& c) { c.comeback.first_least = c.comeback.first_most = 0ms; }},
    {"reconnect.redirects-without-end", "Redirects are followed without end", "rfc6455-4.1-39", kSubtle,
     [](Conduct& c) { c.comeback.redirects = 1000; }},
    {"reconnect.date-taken-for-zero", "A date in Retry-After is taken for no time at all", "rfc6455-7.2.3-1",
     kSubtle,
     [](Conduct& c) {
       c.comeback.knows_no_dates = true;
       c.comeback.first_least = c.comeback.first_most = c.comeback.base = c.comeback.cap = 5ms;
     }},
    {"reconnect.secrets-elsewhere", "Credentials and cookies go with a redirect to another host",
     "rfc6455-4.1-39", kPlain,
     [](Conduct& c) {
       c.comeback.redirects = 10;
       c.tells_secrets_elsewhere = true;
     }},
    {"reconnect.origin-elsewhere", "Behind a redirect to another host Origin names that host",
     "rfc6455-4.1-30", kPlain,
     [](Conduct& c) {
       c.comeback.redirects = 10;
       c.misasks = [](Head& request, Situation& s) {
         if (is_sent_elsewhere(request, s) && request.find("Origin") != nullptr)
           set(request.fields, "Origin", "http://" + value_of(request, "Host"));
       };
     }},
};

/// What another connection of the client has left.
bool is_behind_former(const Situation& s) {
  return s.commons->belongs_to_other(s.number) && !s.commons->octets.empty();
}
void keep(const Situation& s, BytesView octets) {
  s.commons->octets = octets;
  s.commons->owner = s.number;
}

const Defect kState[] = {
    {"reconnect.fragment-kept", "A fragment of the former connection stands ahead of the next message",
     "rfc6455-7.2.1-2", kPlain,
     [](Conduct& c) {
       c.after_fragment = [](Bytes& joined, std::size_t, const Situation& s) {
         if (!is_behind_former(s)) keep(s, joined);
       };
       c.misechoes = [](Echo& echo, Situation& s) {
         if (is_behind_former(s)) echo.payload.insert(0, s.commons->octets);
         keep(s, {});
       };
     }},
    {"reconnect.message-kept", "The last message of the former connection is echoed ahead of the first one",
     "rfc6455-7.2.1-2", kSubtle,
     [](Conduct& c) {
       c.misechoes = [](Echo& echo, Situation& s) {
         const Bytes own = echo.payload;
         if (is_behind_former(s)) echo.payload.insert(0, s.commons->octets);
         keep(s, own);
       };
     }},
    {"reconnect.compressor-kept", "What is compressed refers to messages of the former connection",
     "rfc7692-7.2.1-1", kSubtle,
     [](Conduct& c) {
       c.compresses = CompressWhen::always;
       c.misechoes = [](Echo& echo, Situation& s) {
         if (!is_behind_former(s)) keep(s, echo.payload);
       };
       // The case says the same on both.
       c.misdeflates = [](Bytes& compressed, const Situation& s) {
         if (!is_behind_former(s)) return;
         Compressor former(15, true);
         (void)former.compress(s.commons->octets);
         compressed = former.compress(s.commons->octets);
       };
     },
     "deflate"},
};

}  // namespace

std::span<const Defect> reconnect_defects() {
  static const std::vector<Defect> all = join({kWhen, kState});
  return all;
}

}  // namespace wsspec
