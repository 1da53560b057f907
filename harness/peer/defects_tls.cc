// Defects underneath: a server that is reached over TLS and gets TLS, or what it owes to it, wrong, and a
// client that is content with less. net/tls_server.h and net/tls_client.h carry them out, in memory as on a
// socket.
#include "peer/defects.h"
#include "peer/edits.h"

namespace wsspec {
namespace {

using namespace edits;

constexpr std::string_view kTlsUp = "rfc6455-10.6-1", kInside = "rfc6455-4.2.2-2",
                           kFailed = "rfc6455-4.2.2-3";

const Defect kTls[] = {
    {"tls.deaf-in-1.2", "Behind a handshake of TLS 1.2 nothing is read", kTlsUp, kPlain,
     [](Conduct& c) { c.tls.deaf_in = "1.2"; }},
    {"tls.deaf-in-1.3", "Behind a handshake of TLS 1.3 nothing is read", kTlsUp, kPlain,
     [](Conduct& c) { c.tls.deaf_in = "1.3"; }},
    {"tls.old-versions", "TLS 1.0 and 1.1 are spoken", kTlsUp, kSubtle,
     [](Conduct& c) { c.tls.least = "1.0"; }},
    {"tls.selects-h2", "ALPN selects h2, whatever the client offers", kTlsUp, kPlain,
     [](Conduct& c) { c.tls.selects = "h2"; }},
    {"tls.selects-http1", "ALPN selects http/1.1, whatever the client offers", kTlsUp, kSubtle,
     [](Conduct& c) { c.tls.selects = "http/1.1"; }},
    {"tls.selects-unoffered", "ALPN selects a name that nobody offered", kTlsUp, kPlain,
     [](Conduct& c) { c.tls.selects = "websocket"; }},
    {"tls.alpn-demanded", "A client without ALPN is refused", kTlsUp, kSubtle,
     [](Conduct& c) { c.tls.demands_alpn = true; }},
    {"tls.hangs-on-foreign-name", "A server name of somebody else's is never answered", kFailed, kPlain,
     [](Conduct& c) { c.tls.hangs_on_foreign_names = true; }},
    {"tls.hangs-without-name", "A client that sends no server name is never answered", kFailed, kSubtle,
     [](Conduct& c) { c.tls.demands_name = true; }},
    {"tls.hello-in-one-read", "A ClientHello has to come in one segment", kTlsUp, kSubtle,
     [](Conduct& c) { c.tls.hello_in_one_read = true; }},
    {"tls.hello-of-1k", "A ClientHello above 1 KiB is given up", kTlsUp, kSubtle,
     [](Conduct& c) { c.tls.longest_hello = 1024; }},
    {"tls.loses-behind-finished", "A request in one segment with the client's Finished is lost", kInside,
     kSubtle, [](Conduct& c) { c.tls.loses_behind_finished = true; }},
    {"tls.one-record-per-read", "Of several records in one segment only the first is looked at", kInside,
     kSubtle, [](Conduct& c) { c.tls.one_record_per_read = true; }},
    {"tls.record-read-in-part", "Of a record at most 4 KiB are read for each segment that comes", kInside,
     kSubtle, [](Conduct& c) { c.tls.reads_at_most = 4096; }},
    {"tls.head-in-one-record", "A request head in several records is given up", kInside, kPlain,
     [](Conduct& c) { c.tls.head_in_one_record = true; }},
    {"tls.single-octets-lost", "Records of one octet are overlooked", kInside, kSubtle,
     [](Conduct& c) { c.tls.loses_single_octets = true; }},
    {"tls.failure-left-open", "TCP stays open behind a failed TLS handshake", kFailed, kPlain,
     [](Conduct& c) { c.tls.keeps_failed = true; }},
    {"tls.plain-served", "A request in clear on the TLS port is served", kInside, kPlain,
     [](Conduct& c) { c.tls.plain = PlainConduct::serve; }},
    {"tls.plain-ignored", "What is no TLS on the TLS port is never answered", kFailed, kSubtle,
     [](Conduct& c) { c.tls.plain = PlainConduct::hang; }},
    {"tls.bare-end-ignored", "An end of TCP without close_notify goes unnoticed", "rfc6455-10.1-1", kSubtle,
     [](Conduct& c) { c.tls.ignores_bare_end = true; }},
    {"tls.ends-bare", "TCP is ended without close_notify", kInside, kSubtle,
     [](Conduct& c) { c.tls.ends_bare = true; }},
};

constexpr std::string_view kHello = "rfc6455-4.1-14", kTrusted = "rfc6455-4.1-15", kWithin = "rfc6455-4.1-16",
                           kNamed = "rfc6455-4.1-17";

template <Trust trust>
void trust_in(Conduct& c) {
  c.tls_client.trust = trust;
}

const Defect kTlsClient[] = {
    {"tls-client.in-clear", "The request for a wss URL goes out in clear", kHello, kPlain,
     [](Conduct& c) { c.tls_client.plain = true; }},
    {"tls-client.no-name", "The ClientHello names no server", kNamed, kPlain,
     [](Conduct& c) { c.tls_client.without_name = true; }},
    {"tls-client.names-address", "An address is sent as the name of the server", kNamed, kSubtle,
     [](Conduct& c) { c.tls_client.names_addresses = true; }},
    {"tls-client.old-versions", "A server that speaks nothing but TLS 1.0 or 1.1 will do", "rfc6455-10.6-3",
     kSubtle, [](Conduct& c) { c.tls_client.least = "1.0"; }},
    {"tls-client.trusts-anyone", "Certificates are not verified", kTrusted, kPlain, trust_in<Trust::anyone>},
    {"tls-client.trusts-self-signed", "A certificate that is its own authority is taken", kTrusted, kSubtle,
     trust_in<Trust::self_signed>},
    {"tls-client.trusts-any-time", "Nobody looks when a certificate is valid", kTrusted, kSubtle,
     trust_in<Trust::any_time>},
    {"tls-client.trusts-any-name", "Nobody looks for whom a certificate is", kTrusted, kSubtle,
     trust_in<Trust::any_name>},
    {"tls-client.trusts-any-purpose", "Nobody looks what a certificate is for", kTrusted, kSubtle,
     trust_in<Trust::any_purpose>},
    {"tls-client.trusts-any-issuer", "A certificate that is no authority's can issue others", kTrusted,
     kSubtle, trust_in<Trust::any_issuer>},
    {"tls-client.failure-left-open", "A client leaves TCP open when TLS has failed", kTrusted, kPlain,
     [](Conduct& c) { c.tls_client.ends_at_alert = false; }},
    {"tls-client.single-octets-lost", "Records of one octet from the server are overlooked", kWithin, kSubtle,
     [](Conduct& c) { c.tls_client.loses_single_octets = true; }},
    {"tls-client.one-record-per-read",
     "Of several records in one segment from the server only the first is read", kWithin, kSubtle,
     [](Conduct& c) { c.tls_client.one_record_per_read = true; }},
    {"tls-client.bare-end-ignored", "A server's end of TCP without close_notify goes unnoticed",
     "rfc6455-7.2.1-2", kSubtle, [](Conduct& c) { c.tls_client.ignores_bare_end = true; }},
};

}  // namespace

std::span<const Defect> tls_client_defects() {
  return kTlsClient;
}

std::span<const Defect> tls_defects() {
  return kTls;
}

}  // namespace wsspec
