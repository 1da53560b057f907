#include "play/request.h"

#include <algorithm>

#include "protocol/handshake.h"

namespace wsspec {

std::string handshake_key(std::uint64_t seed) {
  return base64_encode(noise(16, seed ^ 0x6b6579));
}

Result<OpenOptions> read_options(const Open& open, Environment& environment) {
  OpenOptions options;
  for (const Open::Option& option : open.options) {
    auto value = evaluate(option.value, environment);
    if (!value) return std::unexpected(value.error());
    if (option.name == "path") options.path = *value;
    if (option.name == "offer") options.offer = *value;
    if (option.name == "protocol") options.protocol = *value;
    if (option.name == "origin") options.origin = *value;
  }
  return options;
}

namespace {

void drop(std::vector<Field>& fields, std::string_view name) {
  std::erase_if(fields, [&](const Field& field) { return same_text(field.name, name); });
}

// `set` keeps the place of the field, so that order is changed only by cases that mean to.
void set(std::vector<Field>& fields, const std::string& name, std::string value) {
  auto same = [&](const Field& field) { return same_text(field.name, name); };
  auto first = std::ranges::find_if(fields, same);
  if (first == fields.end()) return fields.push_back({name, std::move(value)});
  *first = {name, std::move(value)};
  fields.erase(std::remove_if(first + 1, fields.end(), same), fields.end());
}

std::vector<Field> correct_fields(const Profile& profile, const OpenOptions& options, std::uint64_t seed) {
  std::vector<Field> fields = request_fields({profile.host, "/", handshake_key(seed), {}});
  for (const Field& field : profile.headers) set(fields, field.name, field.value);
  const std::string& protocol = options.protocol.empty() ? profile.subprotocol : options.protocol;
  if (!protocol.empty()) set(fields, "Sec-WebSocket-Protocol", protocol);
  if (!options.offer.empty()) set(fields, "Sec-WebSocket-Extensions", options.offer);
  if (!options.origin.empty()) set(fields, "Origin", options.origin);
  return fields;
}

}  // namespace

std::string left_out(const Profile& profile, const Head& request) {
  constexpr const char* kProtocol = "Sec-WebSocket-Protocol";
  if (!profile.subprotocol.empty() && !request.has_token(kProtocol, profile.subprotocol)) return kProtocol;
  const auto missing =
      std::ranges::find_if(profile.headers, [&](const Field& field) { return !request.joined(field.name); });
  return missing == profile.headers.end() ? "" : missing->name;
}

Result<Bytes> make_request(const Profile& profile, const OpenOptions& options, const std::vector<Edit>& edits,
                           Environment& environment) {
  std::vector<Field> fields = correct_fields(profile, options, environment.seed);
  std::string method = "GET", path = options.path.empty() ? profile.path : options.path, version = "HTTP/1.1";
  for (const Edit& edit : edits) {
    auto value = evaluate(edit.value, environment);
    if (!value) return std::unexpected(value.error());
    switch (edit.kind) {
      case Edit::Kind::set: set(fields, edit.header, *value); break;
      case Edit::Kind::add: fields.push_back({edit.header, *value}); break;
      case Edit::Kind::drop: drop(fields, edit.header); break;
      case Edit::Kind::method: method = *value; break;
      case Edit::Kind::path: path = *value; break;
      case Edit::Kind::version: version = *value; break;
      case Edit::Kind::variable: return fail_with("", "the edit $" + edit.header + " was not expanded");
    }
  }
  return render_head(method + " " + path + (version.empty() ? "" : " " + version), fields);
}

}  // namespace wsspec
