#include "play/player.h"

#include <algorithm>

#include "play/stage.h"

namespace wsspec {

Player::Player(const Case& script, const Profile& profile, const PlayOptions& options)
    : state_(std::make_unique<State>(script, profile, options)) {}
Player::~Player() = default;

namespace {

struct Need {
  std::string_view name, absent;
};
// Said to the user when a case is skipped.
constexpr Need kNeeds[] = {
    {"echo", "the target does not echo messages"},
    {"deflate", "the target declined permessage-deflate"},
    {"loopback", "only against targets on this machine"},
    {"tls", "only over wss"},
    {"greeting", "the target does not speak first"},
    {"subprotocol", "no supported subprotocol is declared (--subprotocols)"},
    {"origins", "no allowed origins are declared (--origins)"},
    {"message-limit", "no message limit is declared (--message-limit)"},
    {"handshake-timeout", "no handshake timeout is declared (--handshake-timeout)"},
    {"routing", "no unserved path is declared (--missing-path)"},
};

bool has(const Profile& profile, const std::string& need) {
  if (need == "subprotocol") return !profile.subprotocols.empty();
  if (need == "origins") return !profile.origins.empty();
  if (need == "message-limit") return profile.message_limit.has_value();
  if (need == "handshake-timeout") return profile.handshake_timeout.has_value();
  if (need == "routing") return profile.missing_path.has_value();
  return profile.features.contains(need);
}

}  // namespace

std::string Player::reason_to_skip(const Case& script, const Profile& profile) {
  if (script.target == Target::client) return "it tests clients";
  for (const std::string& need : script.needs) {
    if (has(profile, need)) continue;
    const auto* known = std::ranges::find(kNeeds, std::string_view(need), &Need::name);
    return known != std::end(kNeeds) ? std::string(known->absent) : "the target lacks " + need;
  }
  return "";
}

Action Player::next(Instant now) {
  return state_->advance(now);
}

void Player::received(MutableBytes bytes, Instant now) {
  if (state_->fixed) return;
  state_->progress = now;
  state_->moves(now);
  state_->inbox.receive(bytes, now);
}

void Player::ended(End how, Instant now) {
  if (state_->fixed) return;
  state_->progress = now;
  state_->inbox.end(how, now);
  if (how == End::reset) state_->outbox.clear();
}

void Player::secured(const TlsFacts& facts, Instant now) {
  if (state_->fixed) return;
  state_->progress = now;
  if (facts.fault) {
    state_->inbox.broken_below("it broke TLS: " + facts.failure, now);
  } else if (!facts.established) {
    state_->note("no TLS: " + facts.failure, now);
  } else if (!facts.distrust.empty()) {
    // Nothing may be said to a peer that may be somebody else.
    state_->decide(Verdict::inconclusive, "its certificate is not to be trusted: " + facts.distrust, "", -1,
                   now);
  } else if (state_->asks_for_tls) {
    state_->inbox.secured(facts, now);
  }
}

bool Player::done() const {
  return state_->fixed;
}

void Player::abandon(const std::string& reason, Instant now) {
  state_->decide(Verdict::error, reason, "", -1, now);
}

const Waits& Player::waits() const {
  return state_->waits;
}

CaseResult Player::take_result() {
  return state_->take_result();
}

}  // namespace wsspec
