// How `wsspec serve` and `fuzz --serve` are reached over TLS: with the user's certificate, or one of an
// authority that is made for the run, whose own certificate clients find in a file.
//
// What it is not: TLS (net/tls_host.h). Invariants: no private key is written; a file that the user has not
// named is removed at the end.
#pragma once

#include <memory>
#include <string>

#include "cli/command_line.h"
#include "net/tls_host.h"
#include "run/hosting.h"

namespace wsspec {

class ServedTls {
 public:
  /// From --tls, --certificate, --key and --ca-file; without them in clear. `host`: that we listen on.
  static Result<ServedTls> of(const CommandLine& line, const std::string& host);
  ServedTls(ServedTls&& other) noexcept;
  ServedTls& operator=(ServedTls&&) = delete;
  ~ServedTls();

  const std::shared_ptr<const TlsHost>& host() const { return host_; }  ///< Null: in clear.
  /// Clients are served so, and told whom to trust, for as long as this lives.
  void serve(Serving& serving) const;

 private:
  ServedTls() = default;

  std::shared_ptr<const TlsHost> host_;
  std::string authority_file_;
  bool passing_ = false;  ///< The file goes with us.
};

}  // namespace wsspec
