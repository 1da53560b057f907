// The options of `connect`: TlsTerms (protocol/tls.h), and where a client under test is told to connect.
//
// What it is not: TLS. Terms are constants of the case, since a connection is made before the first
// line is played: no variables but those of `each`.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "protocol/error.h"
#include "protocol/tls.h"
#include "script/ast.h"

namespace wsspec {

/// What a client is told for a case: the URL, and what to send beside it.
struct Invitation {
  std::string host;                  ///< "localhost"; empty: as the run has it.
  std::string path = "/";            ///< As it stands in the URL: path, query, fragment.
  std::string url;                   ///< All of it, with placeholders (url_of()); empty: of host and path.
  std::string field;                 ///< A header field that it is to send: "Name: value"; empty: none.
  std::optional<std::string> proxy;  ///< It is told that we are its proxy: "user:password", or empty.

  /// `url` with {host}, {port}, and {port+65536}, which 16 bits take for the port, in their places.
  std::string url_of(const std::string& host_of_ours, std::uint16_t port) const;
};

struct ConnectTerms {
  TlsTerms tls;
  Invitation invitation;
};

/// An error says which option is wrong (`where` is its name). `target`: who is under test.
Result<ConnectTerms> read_connect_terms(const Connect& connect, Target target);

/// What an expanded and checked case wants of TLS; absent when it names nothing of TLS, so that an ordinary
/// connection will do.
std::optional<TlsTerms> tls_terms_of(const Case& one);

/// Absent when the case does not mind.
std::optional<Invitation> invitation_of(const Case& one);
/// What the client is told to do (WSSPEC_ACTION): "echo", or "close": to close in good order in place of
/// sending back the first message.
std::string action_of(const Case& one);
/// The certificate is one that only an authority of ours can make.
bool names_certificate(const Case& one);

/// An option of `connect` that only a server can keep to, so that the case is about clients.
bool is_for_clients(const Connect& connect);

/// True when the case says anything about TLS: an option of `connect`, `< secured` or a condition of `< eof`.
bool names_tls(const Case& one);

}  // namespace wsspec
