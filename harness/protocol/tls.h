// TLS as plain data (RFC 8446, RFC 5246, RFC 7301): what a case wants of it, what came about, and in which
// ways a server under TLS may deviate.
//
// What it is not: TLS. Only net/ (tls_client.h, tls_host.h, tls_server.h) does that; script/, play/ and peer/
// pass these values on. Invariants: default TlsTerms are those of a usual client or server, a default
// TlsConduct or TlsClientConduct is conforming.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "protocol/endpoint.h"

namespace wsspec {

/// What a server shows: one thing is wrong with each but the first two (RFC 5280 4.1.2.5, 4.2.1, 6.1; RFC
/// 6125 6.4).
enum class Certificate : unsigned char {
  good,           ///< Of the authority that the client is to trust, for the names by which we are reached.
  chained,        ///< The same by way of an intermediate authority, which is sent along.
  expired,        ///< Since an hour.
  early,          ///< Valid from tomorrow on.
  unknown,        ///< Of an authority that nobody has been told of.
  self_signed,    ///< Its own authority.
  other_name,     ///< For another name.
  subject_name,   ///< The name stands in the subject only, where it is no longer looked for.
  for_clients,    ///< Extended key usage: to authenticate clients.
  by_leaf,        ///< Issued by a certificate that is no authority.
  forged,         ///< Its signature does not hold.
  missing_chain,  ///< By way of an intermediate authority that is not sent.
};

/// How we go about TLS on one connection, at either end of it: the options of `connect`.
struct TlsTerms {
  bool plain = false;   ///< No TLS: octets as they are, on a port that expects it.
  std::string version;  ///< "1.0" to "1.3": only this one; empty: 1.2 and 1.3.
  /// A client's offer; empty: the extension is left out. A server selects the first of these that the client
  /// offers.
  std::vector<std::string> alpn = {"http/1.1"};
  std::optional<std::string> server_name;       ///< Empty text: left out; absent: the target's name.
  std::size_t record = 0;                       ///< Octets of plaintext per record; 0: as many as go in.
  bool notifies = true;                         ///< close_notify precedes our end of TCP.
  std::size_t hello_chop = 0;                   ///< Our first flight in writes of so many octets; 0: one.
  Duration hello_gap{};                         ///< Between them.
  Certificate certificate = Certificate::good;  ///< A server's.
};

/// How the TLS handshake went, told once.
struct TlsFacts {
  bool established = false;
  std::string version, alpn;  ///< "1.3", "http/1.1"; alpn may be empty: none was selected.
  std::string distrust;       ///< Why the certificate is not to be trusted; empty: it is, or nobody asked.
  std::string failure;        ///< Not established: why.
  bool fault = false;         ///< Not established, because what the other side sent is not TLS's.
  std::optional<std::string> server_name{};  ///< What a client has asked for by SNI.
  std::vector<std::string> offers{};         ///< What a client has offered by ALPN.
};

/// Is told how the handshake went, once.
using TlsTell = std::function<void(const TlsFacts& facts, Instant now)>;

/// What a server does about clients that send something else than TLS.
enum class PlainConduct : unsigned char {
  refuse,   ///< Ends the connection: a TLS handshake failed.
  explain,  ///< An HTTP answer 400 in clear, then the end.
  serve,    ///< As if it had come by TLS: broken.
  hang,     ///< Nothing happens: broken.
};

/// The points at which a server under TLS can be made to behave other than it should or needs to.
struct TlsConduct {
  std::string least, most;             ///< Versions, "1.0" to "1.3"; empty: 1.2 to 1.3.
  std::string selects;                 ///< By ALPN, whatever the client offers; empty: the first it knows.
  bool without_alpn = false;           ///< Does not know the extension.
  bool strict_alpn = false;            ///< Refuses when there is no protocol in common (RFC 7301 3.2).
  bool demands_alpn = false;           ///< Refuses a client that does not send the extension.
  bool refuses_foreign_names = false;  ///< unrecognized_name for others than localhost (RFC 6066 3).
  bool hangs_on_foreign_names = false;
  bool demands_name = false;           ///< Falls silent when the client sends no name.
  bool hello_in_one_read = false;      ///< A ClientHello in pieces is given up.
  std::size_t longest_hello = 0;       ///< Octets; a longer one is given up; 0: any.
  std::string deaf_in;                 ///< In this version nothing is read behind the handshake.
  bool loses_behind_finished = false;  ///< Data that come along with the client's Finished are lost.
  bool one_record_per_read = false;    ///< Of the records that one read brings only the first is looked at.
  std::size_t reads_at_most = 0;       ///< Octets for each segment that comes; the rest waits; 0: all.
  bool head_in_one_record = false;     ///< A request head in several records is given up.
  bool loses_single_octets = false;    ///< Records of one octet are overlooked.
  bool keeps_failed = false;           ///< TCP stays open after a failed handshake.
  bool ignores_bare_end = false;       ///< An end without close_notify goes unnoticed.
  bool ends_bare = false;              ///< No close_notify at the end.
  PlainConduct plain = PlainConduct::refuse;

  bool operator==(const TlsConduct&) const = default;
};

/// What a client takes for a certificate that it can trust.
enum class Trust : unsigned char {
  verified,
  anyone,
  self_signed,
  any_time,
  any_name,
  any_purpose,
  any_issuer
};

/// The points at which a client under TLS can be made to behave other than it should or needs to.
struct TlsClientConduct {
  bool plain = false;            ///< The request goes out in clear.
  std::string least, most;       ///< Versions, "1.0" to "1.3"; empty: 1.2 to 1.3.
  bool without_alpn = false;     ///< Offers nothing.
  bool offers_h2 = false;        ///< Offers HTTP/2 first, then http/1.1.
  bool without_name = false;     ///< Sends no server name.
  bool names_addresses = false;  ///< Sends an address as server name, too (RFC 6066 3 forbids it).
  Trust trust = Trust::verified;
  bool ignores_subject = false;      ///< Does not look into the subject for a name (RFC 9110 4.3.4 lets it).
  bool loses_single_octets = false;  ///< Records of one octet are overlooked.
  bool one_record_per_read = false;  ///< Of the records that one read brings only the first is looked at.
  bool ignores_bare_end = false;     ///< An end without close_notify goes unnoticed.
  bool ends_at_alert = true;         ///< TCP is ended behind a failed handshake.

  bool operator==(const TlsClientConduct&) const = default;
};

}  // namespace wsspec
