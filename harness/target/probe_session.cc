#include "target/probe_session.h"

#include <fmt/format.h>

#include <algorithm>

#include "protocol/close.h"
#include "protocol/handshake.h"
#include "script/assemble.h"

namespace wsspec {
namespace {

constexpr std::string_view kFirstPing = "wsspec probe 1", kSecondPing = "wsspec probe 2";
constexpr MaskKey kMask = 0x37fa213d;
constexpr std::uint64_t kMostOctets = 64ULL << 20;  // A target that talks without end is asked no further.

/// Without these fields right no client takes the connection for a WebSocket one (RFC 6455 4.1).
bool ends_it(const Violation& violation) {
  const std::string& id = violation.requirement;
  return id == "rfc6455-4.2.2-17" || id == "rfc6455-4.2.2-18" || id == "rfc6455-4.2.2-19" ||
         id == "rfc6455-4.2.2-20" || id == "rfc6455-11.3.3-1";
}

}  // namespace

ProbeSession::ProbeSession(const Profile& profile, Plan plan) : profile_(profile), plan_(std::move(plan)) {
  environment_.seed = 0x70726f6265;
  request_head_ = make_request(profile, plan_.open, {}, environment_).value_or(Head{});
  scaled_patience_ =
      Duration(static_cast<std::int64_t>(static_cast<double>(plan_.patience.count()) * profile.time_scale));
}

Action ProbeSession::say(Bytes bytes, Phase next, Instant now) {
  out_ = std::move(bytes);
  phase_ = next;
  progress_ = now;
  return Action::send(out_);
}

Action ProbeSession::finish(bool orderly) {
  phase_ = Phase::over;
  return orderly ? Action::close() : Action::reset();
}

// In one allocation: the message that looks for a limit is by far the largest thing a run may hold.
Bytes ProbeSession::message_and_ping() const {
  const Bytes ping = make_frame(Opcode::ping, kSecondPing, kMask);
  FrameHeader header{.opcode = static_cast<std::uint8_t>(plan_.binary ? Opcode::binary : Opcode::text),
                     .mask = kMask,
                     .length = plan_.payload.size(),
                     .form = minimal_form(plan_.payload.size())};
  Bytes out;
  out.reserve(kMaxHeader + plan_.payload.size() + ping.size());
  append_frame(out, header, plan_.payload);
  return out += ping;
}

Action ProbeSession::next(Instant now) {
  if (phase_ == Phase::over) return Action::reset();
  if (phase_ == Phase::request) return say(render_head(request_head_), Phase::head, now);
  const bool quiet = now >= progress_ + scaled_patience_;
  if (phase_ == Phase::head) {
    const bool decided = reach != Reach::silent || ended_;
    if (decided || quiet || idle_octets_ > kMostOctets) return finish(false);
    return Action::wait(progress_ + scaled_patience_);
  }
  const bool over =
      ended_ || quiet || idle_octets_ > kMostOctets || close_code.has_value() || decoder_->stopped();
  if (phase_ == Phase::preamble && !over)
    if (auto action = play_preamble(now)) return *action;
  if (phase_ == Phase::preamble && preamble_fault.empty() && over)
    preamble_fault = close_code ? fmt::format("the target closed with {}", *close_code)
                     : ended_   ? "the target ended the connection"
                                : "what it waits for does not come";
  if (phase_ == Phase::listening) {
    const auto limit = progress_ + plan_.listen;
    if (!over && !heard && now < limit) return Action::wait(limit);
  }
  if (phase_ == Phase::ping) {
    if (!said_ping_) {
      said_ping_ = true;
      return say(make_frame(Opcode::ping, kFirstPing, kMask), Phase::ping, now);
    }
    if (ponged && plan_.listen.count() > 0 && !over) {
      phase_ = Phase::listening;
      progress_ = now;
      return Action::wait(now + plan_.listen);
    }
    if (ponged && plan_.message) return say(message_and_ping(), Phase::message, now);
    if (!ponged && !over) return Action::wait(progress_ + scaled_patience_);
  } else if (phase_ == Phase::message) {
    const auto limit = pongs_ > 1 ? second_pong_ + plan_.echo_patience : progress_ + scaled_patience_;
    if (!echoed && !over && now < limit) return Action::wait(limit);
    closed_on_message = close_code.has_value() || ended_;
  } else if (phase_ == Phase::closing) {
    const auto limit = progress_ + plan_.echo_patience;
    return over || now >= limit ? finish(ended_) : Action::wait(limit);
  }
  if (ended_ || decoder_->failed()) return finish(false);
  Bytes code;
  append_big_endian(code, 1000, 2);
  return say(make_frame(Opcode::close, code, kMask), Phase::closing, now);
}

void ProbeSession::received(MutableBytes bytes, Instant now) {
  idle_octets_ += bytes.size();
  if (phase_ == Phase::request || phase_ == Phase::head) {
    auto rest = view(bytes);
    read_head(rest);
    progress_ =
        parser_.raw().size() < 4096 ? now : progress_;  // A head that dribbles for ever is no progress.
    if (reach != Reach::serves) return;
    const auto taken = bytes.size() - std::min(bytes.size(), rest.size());
    bytes = bytes.subspan(taken);
  } else {
    progress_ = now;
  }
  if (decoder_) decoder_->feed(bytes, [&](Incoming&& incoming) { take(std::move(incoming), now); });
}

/// `bytes` loses what belonged to the head.
void ProbeSession::read_head(BytesView& bytes) {
  if (reach != Reach::silent) return;
  if (first_octets.size() < 64) first_octets.append(bytes.substr(0, 64 - first_octets.size()));
  got_any_ = got_any_ || !bytes.empty();
  constexpr std::string_view kHttp = "HTTP/";
  const auto shown = BytesView(first_octets).substr(0, kHttp.size());
  if (!kHttp.starts_with(shown)) {
    reach = Reach::not_http;
    return;
  }
  if (parser_.feed(bytes))
    take_answer();
  else if (parser_.too_large())
    reach = Reach::endless;
}

void ProbeSession::take_answer() {
  head = parser_.head();
  const auto line = parse_status_line(head.start);
  if (!line) {
    reach = Reach::not_http;
    return;
  }
  status = line->status;
  if (status != 101) {
    reach = Reach::declines;
    return;
  }
  Reply reply;
  const auto violations = check_reply(head, request_head_, reply);
  for (const auto& violation : violations) {
    if (!ends_it(violation))
      quirks.emplace(violation.what, violation.requirement);
    else
      fault += (fault.empty() ? "" : "; ") + violation.what;
  }
  extensions = head.joined("Sec-WebSocket-Extensions").value_or("");
  reach = fault.empty() ? Reach::serves : Reach::wrong;
  if (!fault.empty()) return;
  std::optional<DeflateSettings> deflate;
  for (const auto& extension : reply.extensions) {
    if (extension.name != "permessage-deflate") continue;
    const auto offers = parse_extensions(plan_.open.offer);
    if (!offers) continue;
    if (auto settings = read_deflate_reply(extension, *offers)) deflate = *settings;
  }
  decoder_.emplace(Role::client, deflate, MessageLimits{kMostOctets, kMostOctets});
  phase_ = profile_.preamble.empty() ? Phase::ping : Phase::preamble;
}

/// Says what the preamble says; each message that it waits for is one that came, whatever it is: whether it
/// is the right one, the cases find out.
std::optional<Action> ProbeSession::play_preamble(Instant now) {
  const auto waits = [](const Step& step) {
    const auto data = [](const Step& one) {
      const auto* frame = std::get_if<ExpectFrame>(&one.statement);
      return frame != nullptr &&
             (frame->fields.kind == FrameKind::text || frame->fields.kind == FrameKind::binary);
    };
    if (const auto* either = std::get_if<Either>(&step.statement))
      return std::ranges::any_of(either->branches,
                                 [&](const auto& branch) { return data(branch.steps.front()); });
    return data(step);
  };
  for (; preamble_at_ < profile_.preamble.size(); ++preamble_at_) {
    const Step& step = profile_.preamble[preamble_at_];
    if (waits(step)) {
      if (preamble_messages_ == 0) return Action::wait(progress_ + scaled_patience_);
      --preamble_messages_;
      continue;
    }
    const bool sends = std::holds_alternative<SendFrame>(step.statement) ||
                       std::holds_alternative<SendBytes>(step.statement);
    if (!sends) continue;
    auto assembled = assemble(step.statement, environment_, Role::client);
    if (!assembled) {
      preamble_fault = assembled.error().what;
      return finish(false);
    }
    ++preamble_at_;
    return say(std::move(assembled->bytes), Phase::preamble, now);
  }
  preamble_unread = preamble_messages_ > 0;
  phase_ = Phase::ping;
  return std::nullopt;
}

void ProbeSession::ended(End, Instant) {
  ended_ = true;
  if (phase_ == Phase::request || phase_ == Phase::head) {
    if (reach == Reach::silent) reach = got_any_ ? Reach::not_http : Reach::hangs_up;
  }
}

void ProbeSession::take(Incoming&& incoming, Instant now) {
  using Kind = Incoming::Kind;
  switch (incoming.kind) {
    case Kind::text:
    case Kind::binary: take_message(incoming); break;
    case Kind::pong:
      if (incoming.payload != kFirstPing && incoming.payload != kSecondPing) break;
      ponged = true;
      if (++pongs_ > 1 && second_pong_ == kNever) second_pong_ = now;
      break;
    case Kind::close:
      close_code =
          incoming.payload.size() < 2
              ? 1005
              : static_cast<std::uint16_t>(read_big_endian(BytesView(incoming.payload).substr(0, 2)));
      break;
    case Kind::fault:
      if (phase_ == Phase::closing && incoming.requirement == "rfc6455-5.1-5")
        quirks.emplace(kMaskedClose, "rfc6455-5.1-4");
      else
        fault = incoming.what;
      break;
    case Kind::ping: break;
  }
}

void ProbeSession::take_message(const Incoming& incoming) {
  if (phase_ == Phase::preamble) {
    ++preamble_messages_;
  } else if (phase_ == Phase::listening) {
    heard = true;
  } else if (phase_ == Phase::message) {
    const bool same_kind = (incoming.kind == Incoming::Kind::binary) == plan_.binary;
    const bool same = incoming.payload == plan_.payload;
    if (same && same_kind) {
      echoed = true;
      return;
    }
    answered = true;
    in_pieces =
        in_pieces || (!incoming.payload.empty() && !same && plan_.payload.starts_with(incoming.payload));
  } else if (phase_ == Phase::ping && !profile_.preamble.empty()) {
    preamble_unread = true;
  } else if (phase_ != Phase::closing) {
    greeted = true;
  }
}

}  // namespace wsspec
