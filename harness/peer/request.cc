#include "peer/request.h"

#include <algorithm>

#include "peer/edits.h"
#include "protocol/handshake.h"

namespace wsspec {
namespace {

// An empty line ahead, a folded field, LF alone, a length: 4.1 says nothing of them, and the texts of HTTP
// leave them to the recipient (RFC 9112 2.2, 5.2).
bool is_matter_of_http(const Violation& broken, const Head& reply) {
  if (broken.requirement.empty()) return true;
  const auto status = parse_status_line(reply.start);
  return broken.requirement == "rfc6455-4.2.2-16" && status && status->version == "HTTP/1.1" &&
         !reply.malformed && !reply.control_octet;
}

bool is_forgiven(const Violation& broken, const Head& reply, const Head& request, const Conduct& conduct) {
  if (is_matter_of_http(broken, reply)) return true;
  return conduct.forgives != nullptr && conduct.forgives(broken, reply, request);
}

// What an answer to our offer agrees to, whether or not it is right.
std::optional<DeflateSettings> agreed(const Reply& reply, const Head& request) {
  const auto offers = parse_extensions(request.joined("Sec-WebSocket-Extensions").value_or(""));
  const auto found = std::ranges::find(reply.extensions, kPermessageDeflate, &ExtensionOffer::name);
  if (found == reply.extensions.end()) return std::nullopt;
  const auto settings = read_deflate_reply(*found, offers ? *offers : std::vector<ExtensionOffer>{});
  return settings.value_or(DeflateSettings{});
}

std::string joined(const std::vector<std::string>& names) {
  std::string all;
  for (const std::string& name : names) all += (all.empty() ? "" : ", ") + name;
  return all;
}

}  // namespace

Head ask(const Wish& wish, BytesView key, const Conduct& conduct, Situation& situation) {
  Head request;
  request.start = "GET " + wish.path + " HTTP/1.1";
  request.fields = request_fields({wish.host, wish.path, base64_encode(key)});
  if (!wish.subprotocols.empty())
    request.fields.push_back({"Sec-WebSocket-Protocol", joined(wish.subprotocols)});
  if (wish.deflate)
    request.fields.push_back({"Sec-WebSocket-Extensions", "permessage-deflate; client_max_window_bits"});
  request.fields.insert(request.fields.end(), wish.fields.begin(), wish.fields.end());
  if (conduct.misasks != nullptr) conduct.misasks(request, situation);
  return request;
}

bool may_become_reply(BytesView begun) {
  constexpr std::string_view kName = "HTTP/";
  begun.remove_prefix(std::min(begun.find_first_not_of("\r\n"), begun.size()));
  return begun.substr(0, kName.size()) == kName.substr(0, std::min(kName.size(), begun.size()));
}

Outcome weigh(const Head& reply, const Head& request, const Conduct& conduct) {
  const auto status = parse_status_line(reply.start);
  const bool interim = status && status->status >= 100 && status->status < 200 && status->status != 101;
  if (interim && !conduct.takes_interim_for_answer) return {Outcome::Kind::interim, {}};
  Reply read;
  for (const Violation& broken : check_reply(reply, request, read))
    if (!is_forgiven(broken, reply, request, conduct)) return {Outcome::Kind::refused, {}};
  Outcome outcome{Outcome::Kind::accepted, agreed(read, request)};
  if (conduct.misagrees != nullptr) conduct.misagrees(outcome.deflate, reply);
  return outcome;
}

}  // namespace wsspec
