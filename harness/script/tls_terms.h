// The options of `connect` as TlsTerms (protocol/tls.h).
//
// What it is not: a TLS client. Terms are constants of the case, since a connection is made before the first
// line is played: no variables but those of `each`.
#pragma once

#include <optional>

#include "protocol/error.h"
#include "protocol/tls.h"
#include "script/ast.h"

namespace wsspec {

/// An error says which option is wrong (`where` is its name).
Result<TlsTerms> read_tls_terms(const Connect& connect);

/// What an expanded and checked case wants of TLS; absent when it names nothing of TLS, so that an ordinary
/// connection will do.
std::optional<TlsTerms> tls_terms_of(const Case& one);

/// True when the case says anything about TLS: an option of `connect`, `< secured` or a condition of `< eof`.
bool names_tls(const Case& one);

}  // namespace wsspec
