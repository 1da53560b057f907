#include "play/conversation.h"

#include <algorithm>
#include <utility>

namespace wsspec {

void Conversation::queue(Assembled assembled, Duration gap) {
  if (assembled.bytes.empty()) return;
  Pending pending;
  pending.bytes = std::move(assembled.bytes);
  pending.cuts = std::move(assembled.cuts);
  pending.head = std::move(assembled.head);
  pending.head_octets = assembled.head_octets;
  if (pending.cuts.empty() || pending.cuts.back() != pending.bytes.size())
    pending.cuts.push_back(pending.bytes.size());
  pending.gap = gap;
  inbox.we_sent(pending.bytes.size());
  outbox.push_back(std::move(pending));
}

const Head& Conversation::request() const {
  if (ours == Role::server) return inbox.last_head();
  return requests.empty() ? outgoing.head() : requests[std::min(answers, requests.size() - 1)];
}

void Conversation::asks(const Head& request) {
  const Bytes octets = render_head(request);
  BytesView rest = octets;
  HeadParser parser(kOwnHead);
  parser.feed(rest);
  requests.push_back(parser.head());
}

Action Conversation::next_piece(Instant now) {
  Pending& pending = outbox.front();
  const std::size_t begin = std::exchange(pending.position, pending.cuts[pending.next++]);
  const BytesView piece = BytesView(pending.bytes).substr(begin, pending.position - begin);
  outgoing.sent(piece);
  sent_at = now;
  if (ours == Role::client) inbox.answer_has_no_body(request().start.starts_with("HEAD "));
  if (ours == Role::server && !opened) answered(now);
  const bool holds_head = begin == 0 && pending.head && pending.head_octets <= piece.size();
  return holds_head ? Action::send(piece, *pending.head, pending.head_octets) : Action::send(piece);
}

// What we wrote octet by octet may be an upgrade, or a refusal, too.
void Conversation::answered(Instant now) {
  if (outgoing.upgraded())
    open(request(), outgoing.head(), now);
  else if (outgoing.head_sent())
    inbox.await_request(parse_status_line(outgoing.head().start) ? "rfc6455-4.1-39" : "rfc6455-4.1-45", now);
}

std::optional<Error> Conversation::open(const Head& request, const Head& reply, Instant now) {
  opened = true;
  opened_at = now;
  deflate.reset();
  std::optional<Error> unclear;
  const auto granted = parse_extensions(reply.joined("Sec-WebSocket-Extensions").value_or(""));
  const auto offered = parse_extensions(request.joined("Sec-WebSocket-Extensions").value_or(""));
  for (const ExtensionOffer& extension : granted ? *granted : std::vector<ExtensionOffer>{}) {
    if (!same_text(extension.name, "permessage-deflate")) continue;
    const auto settings = read_deflate_reply(extension, offered ? *offered : std::vector<ExtensionOffer>{});
    if (!settings) unclear = settings.error();
    deflate = settings.value_or(DeflateSettings{});
  }
  outgoing.begin_frames(deflate);
  if (deflate) compressor.emplace(deflate->window_bits_of(ours), deflate->keeps_context(ours));
  inbox.begin_frames(deflate, now);
  return unclear;
}

bool Conversation::may_interject() const {
  return !muted && !half_closed && !inbox.ended && outgoing.at_boundary();
}

}  // namespace wsspec
