// The options of `connect`: TlsTerms (protocol/tls.h), and where a client under test is told to connect.
//
// What it is not: TLS. Terms are constants of the case, since a connection is made before the first
// line is played: no variables but those of `each`.
#pragma once

#include <optional>
#include <string>

#include "protocol/error.h"
#include "protocol/tls.h"
#include "script/ast.h"

namespace wsspec {

/// What the URL says that a client is given for a case.
struct Invitation {
  std::string host;        ///< "localhost"; empty: as the run has it.
  std::string path = "/";  ///< As it stands in the URL: path, query, fragment.
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
/// The certificate is one that only an authority of ours can make.
bool names_certificate(const Case& one);

/// An option of `connect` that only a server can keep to, so that the case is about clients.
bool is_for_clients(const Connect& connect);

/// True when the case says anything about TLS: an option of `connect`, `< secured` or a condition of `< eof`.
bool names_tls(const Case& one);

}  // namespace wsspec
