#include "script/tls_terms.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>

#include "script/functions.h"
#include "script/walk.h"

namespace wsspec {
namespace {

constexpr std::array<std::string_view, 5> kVersions = {"1.0", "1.1", "1.2", "1.3", "none"};

std::vector<std::string> names_in(std::string_view list) {
  std::vector<std::string> out;
  while (!list.empty()) {
    const auto comma = std::min(list.find(','), list.size());
    out.emplace_back(list.substr(0, comma));
    list.remove_prefix(std::min(comma + 1, list.size()));
  }
  return out;
}

Result<void> set_option(TlsTerms& terms, const std::string& name, const Bytes& value) {
  if (name == "tls") {
    if (std::ranges::find(kVersions, value) == kVersions.end())
      return fail_with("tls", fmt::format("'{}' is no version of TLS", value), "1.0, 1.1, 1.2, 1.3 or none");
    terms.plain = value == "none";
    terms.version = terms.plain ? "" : value;
  } else if (name == "alpn") {
    terms.alpn = names_in(value);
    const auto bad = [](const std::string& one) { return one.empty() || one.size() > 255; };
    if (std::ranges::any_of(terms.alpn, bad))
      return fail_with("alpn", "a protocol's name has 1 to 255 octets", "names with commas between them");
  } else if (name == "sni") {
    terms.server_name = value;
  } else if (name == "record") {
    const auto [end, error] = std::from_chars(value.data(), value.data() + value.size(), terms.record);
    if (error != std::errc{} || end != value.data() + value.size() || terms.record < 1 ||
        terms.record > 16384)
      return fail_with("record", fmt::format("'{}' is no size of a record", value), "1 to 16384 octets");
  } else if (value == "bare" || value == "notify") {  // name == "end"
    terms.notifies = value == "notify";
  } else {
    return fail_with("end", fmt::format("unknown end '{}'", value), "notify or bare");
  }
  return {};
}

}  // namespace

Result<TlsTerms> read_tls_terms(const Connect& connect) {
  TlsTerms terms;
  for (const auto& option : connect.options) {
    Environment nothing;
    auto value = evaluate(option.value, nothing);
    if (!value) return fail_with(option.name, value.error().what, "only constants stand here");
    if (auto set = set_option(terms, option.name, *value); !set) return std::unexpected(set.error());
  }
  if (connect.layout.chop) terms.hello_chop = static_cast<std::size_t>(connect.layout.chop->value);
  terms.hello_gap = connect.layout.gap.value_or(Duration{});
  if (terms.plain && (connect.options.size() > 1 || terms.hello_chop > 0))
    return fail_with("tls", "without TLS the other options say nothing", "leave them out");
  return terms;
}

bool names_tls(const Case& one) {
  bool found = false;
  for_each_step(one.steps, [&](const Step& step) {
    const auto* connect = std::get_if<Connect>(&step.statement);
    const auto* eof = std::get_if<ExpectEof>(&step.statement);
    found = found || (connect && (!connect->options.empty() || connect->layout.chop)) ||
            (eof && !eof->conditions.empty()) || std::holds_alternative<ExpectSecured>(step.statement);
  });
  return found;
}

std::optional<TlsTerms> tls_terms_of(const Case& one) {
  if (!names_tls(one)) return std::nullopt;
  const auto* connect = one.steps.empty() ? nullptr : std::get_if<Connect>(&one.steps.front().statement);
  return connect ? read_tls_terms(*connect).value_or(TlsTerms{}) : TlsTerms{};
}

}  // namespace wsspec
