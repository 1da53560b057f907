// ProbeSession: one connection of the probe: handshake, ping, one message, close. For probe.cc and its tests.
#pragma once

#include <optional>
#include <string>

#include "play/opening.h"
#include "play/profile.h"
#include "protocol/endpoint.h"
#include "protocol/http.h"
#include "protocol/message.h"
#include "target/probe.h"

namespace wsspec {

class ProbeSession final : public Endpoint {
 public:
  struct Plan {
    OpenOptions open;     ///< Offer, origin ...
    bool message = true;  ///< Also send a message and wait for its echo.
    Bytes payload = "wsspec probe";
    bool binary = false;
    Duration listen{};  ///< Instead of a message of ours: wait so long for what others say.
    Duration patience =
        std::chrono::seconds(5);  ///< For the handshake and each step after it, while nothing comes.
    Duration echo_patience = std::chrono::milliseconds(300);  ///< For an echo that its pong has overtaken.
  };
  /// `profile` must outlive the session.
  ProbeSession(const Profile& profile, Plan plan);

  Action next(Instant now) override;
  void received(MutableBytes bytes, Instant now) override;
  void ended(End how, Instant now) override;

  bool listening() const { return phase_ == Phase::listening; }
  bool over() const { return phase_ == Phase::over; }

  // What was seen; valid once the driver has finished with us.
  Reach reach = Reach::silent;
  Head head;  ///< Of the answer.
  int status = 0;
  Bytes first_octets;                         ///< Of an answer that is no HTTP, at most 64.
  std::string fault;                          ///< Rules broken by the 101 answer.
  std::map<std::string, std::string> quirks;  ///< Faults with which a client can go on (Profile::quirks).
  std::string extensions;                     ///< As granted.
  std::string preamble_fault;                 ///< Why the user's preamble did not go through.
  bool preamble_unread = false;               ///< Messages came that the preamble does not wait for.
  bool greeted = false, ponged = false, echoed = false;
  bool answered = false;                    ///< A message came behind ours that is no echo.
  bool in_pieces = false;                   ///< ... and is the beginning of ours.
  bool heard = false;                       ///< Listening: a message came.
  std::optional<std::uint16_t> close_code;  ///< Of its Close.
  bool closed_on_message = false;           ///< It closed behind our message, before we did.

 private:
  enum class Phase { request, head, preamble, ping, message, listening, closing, over };
  void read_head(BytesView& bytes);
  void take_answer();
  void take(Incoming&& incoming, Instant now);
  void take_message(const Incoming& incoming);
  std::optional<Action> play_preamble(Instant now);
  Action say(Bytes bytes, Phase next, Instant now);
  Action finish(bool orderly);
  Bytes message_and_ping() const;

  const Profile& profile_;
  const Plan plan_;
  Bytes out_;
  HeadParser parser_;
  Head request_head_;
  std::optional<MessageDecoder> decoder_;
  Environment environment_;
  std::size_t preamble_at_ = 0, preamble_messages_ = 0;  ///< Steps done; messages not yet asked for.
  Phase phase_ = Phase::request;
  Instant progress_{}, second_pong_ = kNever;
  Duration scaled_patience_;
  int pongs_ = 0;
  bool ended_ = false, got_any_ = false, said_ping_ = false, said_message_ = false, said_close_ = false;
  std::uint64_t idle_octets_ = 0;
};

}  // namespace wsspec
