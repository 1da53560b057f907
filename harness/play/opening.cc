#include "play/opening.h"

#include <fmt/format.h>

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

std::optional<Bytes> fact_of_request(const Head& request, std::string_view name) {
  if (name == "key") return request.joined("Sec-WebSocket-Key");
  if (name == "asked-host") return request.joined("Host");
  constexpr const char* kProtocol = "Sec-WebSocket-Protocol";
  const auto asked = request.joined(kProtocol);
  if (name == "asked-protocol" && asked)
    return Bytes(trim_blanks(BytesView(*asked).substr(asked->rfind(',') + 1)));
  if (name != "protocol-field" || request.start.empty()) return std::nullopt;
  if (!asked) return "";
  return fmt::format("{}: {}\r\n", kProtocol, trim_blanks(BytesView(*asked).substr(0, asked->find(','))));
}

std::optional<Bytes> other_origin(const Head& request, bool secure) {
  const auto host = request.joined("Host");
  if (!host) return std::nullopt;
  const auto colon = host->rfind(':');
  const std::string port = colon == host->npos || host->ends_with(']') ? "" : host->substr(colon);
  const char* other = host->starts_with("localhost") ? "127.0.0.1" : "localhost";
  return fmt::format("{}://{}{}", secure ? "wss" : "ws", other, port);
}

std::string left_out(const Profile& profile, const Head& request) {
  constexpr const char* kProtocol = "Sec-WebSocket-Protocol";
  if (!profile.subprotocol.empty() && !request.has_token(kProtocol, profile.subprotocol)) return kProtocol;
  const auto missing =
      std::ranges::find_if(profile.headers, [&](const Field& field) { return !request.joined(field.name); });
  return missing == profile.headers.end() ? "" : missing->name;
}

namespace {

/// A first line in its three parts: of a request method, target, version; of a reply version, status, reason.
struct StartLine {
  std::string first, second, third;
  std::string text() const { return first + " " + second + (third.empty() ? "" : " " + third); }
};

// The words of a case for a request's line mean nothing in a reply's, but for the version.
Result<Head> edited(StartLine line, bool request, std::vector<Field> fields, const std::vector<Edit>& edits,
                    Environment& environment) {
  for (const Edit& edit : edits) {
    auto value = evaluate(edit.value, environment);
    if (!value) return std::unexpected(value.error());
    switch (edit.kind) {
      case Edit::Kind::set: set(fields, edit.header, *value); break;
      case Edit::Kind::add: fields.push_back({edit.header, *value}); break;
      case Edit::Kind::drop: drop(fields, edit.header); break;
      case Edit::Kind::version: (request ? line.third : line.first) = *value; break;
      case Edit::Kind::method:
      case Edit::Kind::path:
        if (!request) return fail_with("", "an answer has neither a method nor a path");
        (edit.kind == Edit::Kind::method ? line.first : line.second) = *value;
        break;
      case Edit::Kind::variable: return fail_with("", "the edit $" + edit.header + " was not expanded");
    }
  }
  Head head;
  head.start = line.text();
  head.fields = std::move(fields);
  return head;
}

std::string first_token(const Head& head, std::string_view name) {
  const std::string all = head.joined(name).value_or("");
  return std::string(trim_blanks(std::string_view(all).substr(0, all.find(','))));
}

std::string reason_of(std::uint64_t status) {
  constexpr std::pair<std::uint64_t, const char*> kReasons[] = {{101, "Switching Protocols"},
                                                                {200, "OK"},
                                                                {301, "Moved Permanently"},
                                                                {302, "Found"},
                                                                {303, "See Other"},
                                                                {307, "Temporary Redirect"},
                                                                {308, "Permanent Redirect"},
                                                                {400, "Bad Request"},
                                                                {401, "Unauthorized"},
                                                                {403, "Forbidden"},
                                                                {404, "Not Found"},
                                                                {407, "Proxy Authentication Required"},
                                                                {426, "Upgrade Required"},
                                                                {429, "Too Many Requests"},
                                                                {500, "Internal Server Error"},
                                                                {503, "Service Unavailable"}};
  const auto* found = std::ranges::find(kReasons, status, &std::pair<std::uint64_t, const char*>::first);
  return found == std::end(kReasons) ? "Other" : found->second;
}

}  // namespace

Result<Head> make_request(const Profile& profile, const OpenOptions& options, const std::vector<Edit>& edits,
                          Environment& environment) {
  return edited({"GET", options.path.empty() ? profile.path : options.path, "HTTP/1.1"}, true,
                correct_fields(profile, options, environment.seed), edits, environment);
}

Result<Head> make_reply(const Head& request, const OpenOptions& options, const std::vector<Edit>& edits,
                        Environment& environment) {
  std::vector<Field> fields = {
      {"Upgrade", "websocket"},
      {"Connection", "Upgrade"},
      {"Sec-WebSocket-Accept", accept_for(request.joined("Sec-WebSocket-Key").value_or(""))}};
  const std::string chosen =
      options.protocol.empty() ? first_token(request, "Sec-WebSocket-Protocol") : options.protocol;
  if (!chosen.empty()) fields.push_back({"Sec-WebSocket-Protocol", chosen});
  if (!options.offer.empty()) fields.push_back({"Sec-WebSocket-Extensions", options.offer});
  return edited({"HTTP/1.1", "101", reason_of(101)}, false, std::move(fields), edits, environment);
}

namespace {

std::vector<DeflateOffer> deflate_offers(const std::string& text) {
  std::vector<DeflateOffer> offers;
  const auto parsed = parse_extensions(text);
  for (const ExtensionOffer& offer : parsed ? *parsed : std::vector<ExtensionOffer>{})
    if (same_text(offer.name, kPermessageDeflate))
      if (const auto read = read_deflate_offer(offer)) offers.push_back(*read);
  return offers;
}

// A window below what was asked for is as good; one above is not.
std::optional<std::string> grant(const DeflateOffer& wish, const DeflateOffer& offer) {
  std::string reply(kPermessageDeflate);
  if (wish.client_no_context_takeover || offer.server_no_context_takeover)
    reply += "; server_no_context_takeover";
  // It is only a hint (RFC 7692 7.1.1.2), on which some clients insist.
  if (wish.server_no_context_takeover || offer.client_no_context_takeover)
    reply += "; client_no_context_takeover";
  if (const auto own = wish.client_max_window_bits_hint; own || offer.server_max_window_bits)
    reply += fmt::format("; server_max_window_bits={}",
                         std::min(own.value_or(15), offer.server_max_window_bits.value_or(15)));
  if (const auto theirs = wish.server_max_window_bits) {
    if (!offer.client_max_window_bits) return std::nullopt;
    reply += fmt::format("; client_max_window_bits={}",
                         std::min(*theirs, offer.client_max_window_bits_hint.value_or(15)));
  }
  return reply;
}

}  // namespace

Result<std::string> turned_grant(const std::string& wish, const Head& request) {
  const auto wishes = deflate_offers(wish);
  if (wishes.empty()) return wish;
  const auto offers = deflate_offers(request.joined("Sec-WebSocket-Extensions").value_or(""));
  if (offers.empty()) return fail_with("", "the client does not offer permessage-deflate");
  for (const DeflateOffer& offer : offers)
    if (auto reply = grant(wishes.front(), offer)) return *reply;
  return fail_with("", "the client's offer of permessage-deflate does not let us limit its window");
}

Result<Head> make_response(const Number& status, const std::vector<Edit>& edits, Environment& environment) {
  const auto value = evaluate(status, environment);
  if (!value) return std::unexpected(value.error());
  return edited({"HTTP/1.1", fmt::format("{}", *value), reason_of(*value)}, false, {{"Content-Length", "0"}},
                edits, environment);
}

}  // namespace wsspec
