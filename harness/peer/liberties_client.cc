// Liberties that only a client can take.
#include "peer/edits.h"
#include "peer/liberties.h"
#include "peer/peer.h"
#include "peer/ws_url.h"

namespace wsspec {
namespace {

using namespace edits;
using Tcp = Farewell::Tcp;

template <void (*change)(Head& request)>
void ask_so(Conduct& c) {
  c.misasks = [](Head& request, Situation&) { change(request); };
}

void add_fields_of_a_browser(Head& request) {
  const Field fields[] = {{"Origin", "http://127.0.0.1"}, {"User-Agent", "Browser/1.0"},
                          {"Pragma", "no-cache"},         {"Cache-Control", "no-cache"},
                          {"Accept-Language", "en"},      {"Cookie", "a=b"}};
  request.fields.insert(request.fields.end(), std::begin(fields), std::end(fields));
}

/// It is told to close, and does.
bool is_told_to_close(const Farewell& f) {
  return f.cause == Farewell::Cause::application && f.body == make_close(1000);
}
template <void (*change)(Farewell& f, Situation& s)>
void close_first_so(Conduct& c) {
  c.farewells = [](Farewell& f, const CloseBody&, Situation& s) {
    if (is_told_to_close(f)) change(f, s);
  };
}

const Liberty kClient[] = {
    {"asks-in-lower-case", "The request's field names are in lower case", "RFC 9110 5.1", kSound, "",
     ask_so<[](Head& r) {
       for (Field& field : r.fields) field.name = lower(field.name);
     }>},
    {"asks-in-another-order", "The fields of the request stand the other way round", "rfc6455-4.1-37", kSound,
     "", ask_so<[](Head& r) { std::ranges::reverse(r.fields); }>},
    {"keeps-alive", "Connection is keep-alive, Upgrade", "rfc6455-4.1-25", kSound, "",
     ask_so<[](Head& r) { set(r.fields, "Connection", "keep-alive, Upgrade"); }>},
    {"upgrade-in-capitals", "Upgrade is WebSocket", "rfc6455-4.1-24", kSound, "",
     ask_so<[](Head& r) { set(r.fields, "Upgrade", "WebSocket"); }>},
    {"absolute-target", "The request's target is absolute", "RFC 9112 3.2.2", kSound, "",
     ask_so<[](Head& r) { r.start.insert(4, "http://" + value_of(r, "Host")); }>},
    {"asks-with-much", "The request has fields of a browser", "rfc6455-4.1-36", kSound, "",
     ask_so<add_fields_of_a_browser>},
    {"offers-no-deflate", "No extension is offered", "rfc6455-4.1-35", kSound, "no-deflate", nullptr,
     [](PeerOptions& options) { options.deflate = false; }},
    {"offers-plain-deflate", "permessage-deflate is offered without parameters", "rfc7692-5.1-1", kSound,
     "no-window", ask_so<[](Head& r) {
       if (0 < r.count("Sec-WebSocket-Extensions"))
         set(r.fields, "Sec-WebSocket-Extensions", "permessage-deflate");
     }>},
    {"offers-several", "permessage-deflate is offered three times", "rfc7692-5-2", kSound, "",
     ask_so<[](Head& r) {
       set(r.fields, "Sec-WebSocket-Extensions",
           "permessage-deflate; server_no_context_takeover; client_max_window_bits, "
           "permessage-deflate; client_max_window_bits, permessage-deflate");
     }>},
    {"asks-for-no-protocol", "No subprotocol is asked for", "rfc6455-4.1-32", kSound, "no-protocol", nullptr,
     [](PeerOptions& options) { options.subprotocols.clear(); }, "request.protocol.declared"},
    {"zero-length-body", "The request has Content-Length: 0", "RFC 9110 8.6", kSound, "",
     ask_so<[](Head& r) { r.fields.push_back({"Content-Length", "0"}); }>},
    {"key-with-spare-bits", "The last character of the key has spare bits", "rfc6455-4.1-27", kSound, "",
     ask_so<[](Head& r) {
       std::string key = value_of(r, "Sec-WebSocket-Key");
       if (key.size() == 24)
         key[21] = static_cast<char>(key[21] == 'w' || key[21] == 'Q' || key[21] == 'g' ? key[21] + 1 : 'B');
       set(r.fields, "Sec-WebSocket-Key", key);
     }>},
    {"ends-at-once", "TCP is ended behind both Closes without waiting for the server", "rfc6455-7.1.1-6",
     kWeak, "",
     [](Conduct& c) {
       c.farewells = [](Farewell& f, const CloseBody&, Situation&) {
         if (f.cause == Farewell::Cause::answer) f.tcp = Tcp::close;
       };
     },
     nullptr, "client-close.waits*"},
    {"closes-without-code", "A client that is told to close sends an empty Close", "rfc6455-5.5.1-1", kSound,
     "", close_first_so<[](Farewell& f, Situation&) { f.body.clear(); }>},
    {"closes-with-1001", "A client that is told to close sends 1001", "rfc6455-7.4.1-1", kSound, "",
     close_first_so<[](Farewell& f, Situation&) { f.body = make_close(1001, "leaving"); }>},
    {"closes-and-ends", "TCP is ended right behind its own Close", "rfc6455-7.1.1-6", kWeak, "",
     close_first_so<[](Farewell& f, Situation&) { f.tcp = Tcp::close; }>, nullptr,
     "client-close.first.waits"},
    {"pongs-behind-close", "Pings are answered behind its own Close, until the server's comes",
     "rfc6455-5.5.2-2", kSound, "",
     [](Conduct& c) {
       c.farewells = [](Farewell& f, const CloseBody&, Situation& s) {
         if (is_told_to_close(f)) f.goes_on = true, s.memo = 1;
         if (f.cause == Farewell::Cause::answer && s.memo == 1) f.sends_close = false;
       };
       c.misechoes = [](Echo& echo, Situation& s) { echo.lost = s.memo == 1; };
     },
     nullptr, "client-close.first.unanswered"},
    {"drops-fragment", "The fragment of a URL is left out", "rfc6455-3-4", kWeak, "",
     [](Conduct& c) { c.overlooks_in_url = bit(UrlFault::fragment); }, nullptr, "request.fragment"},
    {"knows-no-proxy", "A proxy is not minded", "rfc6455-4.1-11", kSound, "",
     [](Conduct& c) { c.knows_no_proxy = true; }, nullptr, "proxy.*"},
    {"waits-long", "TCP is left to the server behind both Closes", "rfc6455-7.1.1-6", kSound, "", nullptr,
     [](PeerOptions& options) { options.linger = std::chrono::hours(1); }, "client-close.first.unanswered"},
    {"tls-client-1.2-only", "A client does not speak TLS 1.3", "RFC 8446 D.1", kSound, "",
     [](Conduct& c) { c.tls_client.most = "1.2"; }, nullptr, "tls-client.version[1.3]"},
    {"tls-client-1.3-only", "A client does not speak TLS 1.2", "RFC 8446 D.1", kSound, "",
     [](Conduct& c) { c.tls_client.least = "1.3"; }, nullptr, "tls-client.version[1.2]"},
    {"tls-client-without-alpn", "Nothing is offered by ALPN", "RFC 7301 3.1", kSound, "",
     [](Conduct& c) { c.tls_client.without_alpn = true; }},
    {"tls-client-offers-h2", "HTTP/2 is offered by ALPN before HTTP/1.1", "RFC 7301 3.1", kSound, "",
     [](Conduct& c) { c.tls_client.offers_h2 = true; }},
    {"tls-client-ignores-subject", "The subject of a certificate is not looked at for a name",
     "RFC 9110 4.3.4", kSound, "", [](Conduct& c) { c.tls_client.ignores_subject = true; }, nullptr,
     "tls-client.certificate.subject-name"},
    {"never-comes-back", "A client whose connection has ended does not connect again", "rfc6455-7.2.3-3",
     kSound, "", [](Conduct& c) { c.comeback.never = true; }, nullptr, "reconnect.*"},
    {"gives-up", "After three attempts no further one is made", "rfc6455-7.2.3-3", kSound, "",
     [](Conduct& c) { c.comeback.most = 3; }, nullptr, "reconnect.*"},
    {"delays-flat-and-long", "Each attempt is made after 20 s, more or less", "rfc6455-7.2.3-4", kWeak, "",
     [](Conduct& c) {
       c.comeback.first_least = std::chrono::seconds(15);
       c.comeback.first_most = std::chrono::seconds(25);
       c.comeback.base = c.comeback.cap = std::chrono::seconds(20);
     },
     nullptr, "reconnect.growth.*"},
    {"delays-fully-drawn", "Each delay is anything up to a bound that doubles", "rfc6455-7.2.3-4", kSound, "",
     [](Conduct& c) { c.comeback.full_jitter = true; }},
    {"delays-short-at-first", "Delays begin at 30 ms and double", "rfc6455-7.2.3-4", kSound, "",
     [](Conduct& c) {
       c.comeback.first_least = std::chrono::milliseconds(1);
       c.comeback.first_most = std::chrono::milliseconds(100);
       c.comeback.base = std::chrono::milliseconds(30);
     }},
    {"begins-anew-when-steady", "A connection that was there for 5 s begins the delays anew",
     "rfc6455-7.2.3-4", kSound, "", [](Conduct& c) { c.comeback.steady = std::chrono::seconds(5); }},
    {"overlooks-retry-after", "A client does not mind Retry-After", "RFC 9110 10.2.3", kSound, "",
     [](Conduct& c) { c.comeback.minds_retry_after = false; }, nullptr, "reconnect.retry-after*"},
    {"follows-redirects", "Up to ten redirects in a row are followed", "rfc6455-4.1-39", kSound, "",
     [](Conduct& c) { c.comeback.redirects = 10; }},
    {"follows-as-nobody", "Behind a redirect to another host Origin says null", "RFC 6454 7.3", kSound, "",
     [](Conduct& c) {
       c.comeback.redirects = 10;
       c.misasks = [](Head& request, Situation& s) {
         if (is_sent_elsewhere(request, s) && request.find("Origin") != nullptr)
           set(request.fields, "Origin", "null");
       };
     }},
    {"servers-1010-refused", "Close 1010, which no server uses, is taken for a fault", "rfc6455-7.4.1-7",
     kSound, "", [](Conduct& c) { c.refuses_code = [](std::uint16_t code) { return code == 1010; }; },
     nullptr, "client-close.answer.1010"},
    {"refuses-with-reset", "A reply that is refused is answered by a reset", "rfc6455-7.2.1-1", kSound, "",
     [](Conduct& c) { c.resets_refused = true; }},
};

}  // namespace

std::span<const Liberty> client_liberties() {
  return kClient;
}

}  // namespace wsspec
