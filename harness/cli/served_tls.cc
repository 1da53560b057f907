#include "cli/served_tls.h"

#include <fmt/format.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "cli/files.h"

namespace wsspec {
namespace {

/// A file that nobody else has, in the folder for such.
Result<std::string> passing_file() {
  std::error_code error;
  auto name = (std::filesystem::temp_directory_path(error) / "wsspec-ca-XXXXXX.pem").string();
  constexpr int kSuffix = 4;
  const int file = error ? -1 : ::mkstemps(name.data(), kSuffix);
  if (file < 0)
    return fail_with("--tls", "no file for the authority's certificate can be made", "--ca-file FILE");
  ::close(file);
  return name;
}

Result<TlsHost> own_certificate(const CommandLine& line) {
  TlsOptions options;
  options.certificate_file = line.get("--certificate");
  options.key_file = line.get("--key");
  return TlsHost::make(options);
}

}  // namespace

ServedTls::ServedTls(ServedTls&& other) noexcept
    : host_(std::move(other.host_)),
      authority_file_(std::move(other.authority_file_)),
      passing_(std::exchange(other.passing_, false)) {}

ServedTls::~ServedTls() {
  if (passing_) ::unlink(authority_file_.c_str());
}

void ServedTls::serve(Serving& serving) const {
  serving.tls = host_;
  serving.authority_file = authority_file_;
}

Result<ServedTls> ServedTls::of(const CommandLine& line, const std::string& host) {
  ServedTls served;
  const bool own = line.has("--certificate");
  if (line.has("--key") && !own) return fail_with("--key", "there is no certificate", "--certificate FILE");
  if (own && line.has("--ca-file"))
    return fail_with("--ca-file", "the authority of your certificate is not ours to write", "leave it out");
  if (own && line.has("--insecure"))
    return fail_with("--insecure", "with a certificate of yours the client is asked about none",
                     "leave it out");
  if (!own && !line.has("--tls")) {
    for (const char* option : {"--ca-file", "--insecure"})
      if (line.has(option)) return fail_with(option, "clients are served in clear", "add --tls");
    return served;
  }
  auto made =
      own ? own_certificate(line) : TlsHost::found({host, host == "localhost" ? "127.0.0.1" : "localhost"});
  if (!made) return std::unexpected(made.error());
  served.host_ = std::make_shared<const TlsHost>(std::move(*made));
  if (own) return served;
  auto file = line.has("--ca-file") ? Result<std::string>(line.get("--ca-file")) : passing_file();
  if (!file) return std::unexpected(file.error());
  served.passing_ = !line.has("--ca-file");
  served.authority_file_ = std::move(*file);
  if (auto written = write_file(served.authority_file_, served.host_->authority()); !written)
    return std::unexpected(written.error());
  return served;
}

}  // namespace wsspec
