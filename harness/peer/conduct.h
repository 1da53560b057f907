// Conduct: every point at which the peer can be made to behave other than it should or needs to.
//
// A default Conduct is the conforming peer: all hooks are empty, all settings are the exemplary ones. A
// defect or a liberty (defects.h, liberties.h) is a row of a table that changes one or two members; the code
// paths of the peer ask the hook at the one place concerned and stay readable as the conforming behaviour.
// What it is not: the state of a connection (Situation).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "peer/broker_conduct.h"
#include "peer/hop_conduct.h"
#include "peer/redialer.h"
#include "peer/situation.h"
#include "peer/text_check.h"
#include "protocol/close.h"
#include "protocol/deflate.h"
#include "protocol/endpoint.h"
#include "protocol/extension.h"
#include "protocol/frame.h"
#include "protocol/handshake.h"
#include "protocol/http.h"
#include "protocol/message.h"
#include "protocol/tls.h"

namespace wsspec {

/// A rule on incoming frames and messages that the peer enforces; each is broken at one place of the code.
enum class Rule : std::uint8_t {
  masked,          ///< 5.1: frames of a client are masked.
  reserved_bits,   ///< 5.2, RFC 7692 6.1.
  opcode,          ///< 5.2: only 0, 1, 2, 8, 9, 10.
  control_fin,     ///< 5.5: control frames are not fragmented.
  control_length,  ///< 5.5: at most 125 octets.
  orphan,          ///< 5.4: a continuation needs a message under way.
  interleaving,    ///< 5.4: a message under way is not interrupted by another.
  top_bit,         ///< 5.2: the top bit of a 64-bit length is zero.
  limit,           ///< 10.4: our declared limit.
  text,            ///< 8.1: text is UTF-8.
  inflation,       ///< RFC 7692 7.2.2: the payload can be inflated.
  close_length,    ///< 5.5.1: a Close body has no or at least two octets.
  close_code,      ///< 7.4: the code may stand on the wire.
  close_reason,    ///< 5.5.1: the reason is UTF-8.
};

/// An HTTP answer to the opening handshake.
struct Answer {
  int status = 101;
  std::string reason = "Switching Protocols";
  std::string version = "HTTP/1.1";
  std::vector<Field> fields;
  Bytes body;
  Bytes before;              ///< Sent ahead: an interim answer.
  bool accepted = false;     ///< Frames follow. Kept apart from `status` so that a defect may tell the client
                             ///< something else.
  bool silent = false;       ///< Nothing is sent.
  bool stays_open = false;   ///< A refusal that does not end the connection.
  bool serves_next = false;  ///< A refusal behind which another request is read.
  std::optional<DeflateSettings> deflate;  ///< What the peer itself keeps to.
};

/// The frame about to be sent.
struct OutFrame {
  FrameHeader header;  ///< `mask` set: the payload is masked with it on its way out.
  Bytes payload;
  bool lost = false;
  Bytes behind;  ///< Octets that follow the frame.
};

/// The message about to be echoed.
struct Echo {
  std::uint8_t opcode = 1;
  Bytes payload;
  bool lost = false;
  bool before_close = true;
};

/// The pong about to be sent.
struct PongReply {
  std::uint8_t opcode = 10;
  Bytes payload;
  bool lost = false;
};

/// A message of a room about to be delivered to one member.
struct Parcel {
  std::uint8_t opcode = 1;
  Bytes payload;
  bool lost = false;
  bool behind_next = false;  ///< Waits until the next one is said.
  bool overtakes = false;    ///< Goes ahead of the one that waits, if any.
  unsigned copies = 1;
};
/// What has been done to a cluster so far: how often.
struct ClusterPast {
  unsigned kills = 0, starts = 0, broker_starts = 0;
};
/// And how it comes to that member.
struct Hearing {
  std::uint64_t message = 0;              ///< Of the room, from 0.
  std::size_t members = 0, receiver = 0;  ///< Of the room; which of those who hear it, from 0.
  std::size_t unread = 0;                 ///< Octets that the member is owed and does not fetch.
  Bytes* buffer = nullptr;                ///< Of the forum: the message before.
  unsigned from = 0, to = 0;              ///< Nodes of a cluster, from 1; 0: there are none.
  const ClusterPast* past = nullptr;      ///< Null outside of a cluster.
};

/// What the peer does about a Close or a fault.
struct Farewell {
  enum class Cause { answer, fault, application, drain };
  Cause cause = Cause::answer;
  bool sends_close = true;
  Bytes body;    ///< Of our Close.
  Bytes behind;  ///< Frames, ready made, sent after it.
  enum class Tcp { fin, close, reset, stays } tcp = Tcp::fin;
  bool goes_on = false;  ///< Later input is still processed.
};

/// Why the whole server dies or falls silent.
enum class Moment : std::uint8_t {
  fault,  ///< A bad frame or message.
  bad_request,
  long_head,
  peer_reset,
  silent_end,   ///< The client's FIN without an octet.
  cut_head,     ///< The client's FIN inside the head.
  cut_message,  ///< The client's FIN inside a message.
  bomb,
  blocked_fin,         ///< The client's FIN while more is owed than the kernels hold.
  blocked_reset,       ///< Its RST then.
  refused_reset,       ///< Its RST right behind a refused handshake.
  late_refused_reset,  ///< Some time behind it.
  member_gone,         ///< The connection of a member of a room ended, without a word.
  member_left,         ///< A member of a room has left it, or closed in good order.
  no_pong,             ///< A ping was not answered in time.
};
constexpr std::uint16_t bit(Moment m) {
  return static_cast<std::uint16_t>(1u << static_cast<unsigned>(m));
}

/// What the application makes of a message.
enum class Answers : std::uint8_t {
  echo,
  nothing,
  own_words,    ///< "Not understood", whatever it was.
  binary_text,  ///< Text is echoed, binary comes back as text that spells it out.
};

/// What goes wrong while more waits for the client than the kernels hold (Outbox::kHeld): a write that
/// blocks.
enum class WhenBlocked : std::uint8_t {
  nothing,
  pong_cuts_in,   ///< A pong is written into the frame that waits.
  close_cuts_in,  ///< So is a Close.
  pong_lost,
  message_lost,
  short_overtakes,  ///< A short message goes ahead of the long one before it.
  piece_again,      ///< The write goes on with octets that were taken already.
  rest_lost,        ///< What the first write did not take is never written.
  close_unanswered,
};

/// How the peer keeps to its KeepAlivePolicy (keep_alive.h).
struct KeepAliveConduct {
  unsigned interval_percent = 100, timeout_percent = 100, idle_percent = 100;
  bool never_pings = false, pings_once = false;
  bool never_leaves = false;           ///< Whether or not its pings are answered.
  bool never_idle = false;             ///< However long nothing comes.
  bool wants_each_pong = false;        ///< A pong answers its ping alone.
  bool hates_strangers = false;        ///< A pong with other data ends the connection.
  bool counts_messages_only = false;   ///< Pings and pongs are silence.
  bool counts_from_opening = false;    ///< The idle limit is one of the whole connection.
  std::size_t most_ahead_of_pong = 0;  ///< Octets behind which a pong comes too late; 0: any number.
  // Legal.
  bool pings_at_once = false;       ///< The first ping comes right behind the handshake.
  bool one_ping_at_a_time = false;  ///< None while one is not answered.
  bool pings_when_idle = false;     ///< What comes puts off the next ping.
  bool any_octets_answer = false;   ///< Whatever comes answers its pings.
  bool empty_pings = false;
  std::optional<std::uint16_t> code = 1011;  ///< Of the Close with which it leaves; none: without one.
  bool bare = false;                         ///< It leaves without a Close,
  bool resets = false;                       ///< or by RST.
};

enum class CompressWhen : std::uint8_t { useful, never, always };

struct Conduct {
  // Octets as they arrive. A conforming peer never looks at how they were cut.
  /// Returns what the peer makes of a chunk (a part of it, changed in place).
  MutableBytes (*mishears)(MutableBytes chunk, Situation& s) = nullptr;

  // The opening handshake (reply.h).
  void (*misreads)(Head& head, BytesView raw) = nullptr;  ///< Changes the request before it is judged.
  void (*misanswers)(Answer& answer, const Head& request) = nullptr;
  bool (*welcomes_origin)(std::string_view origin, const std::vector<std::string>& allowed) = nullptr;
  std::optional<std::string> (*picks_subprotocol)(const Head& request,
                                                  const std::vector<std::string>& supported) = nullptr;
  void (*misoffers)(std::vector<ExtensionOffer>& offers) =
      nullptr;  ///< Changes the offers before they are weighed.
  /// Changes the granted extensions and what the peer itself keeps to.
  void (*misgrants)(std::vector<ExtensionOffer>& granted, std::optional<DeflateSettings>& kept,
                    const std::vector<ExtensionOffer>& offers) = nullptr;
  std::optional<std::size_t> most_fields;  ///< Instead of the head limits' number.
  bool unlimited_head = false;
  bool answers_pipelined_request = false;
  bool loses_early_frames = false;  ///< Octets behind the head in the same chunk are dropped.
  bool never_times_out = false;
  bool serves_every_path = false;
  Duration (*ponders)(const Head& request) = nullptr;       ///< How long before it answers.
  bool (*dies_of_request)(const Head& request) = nullptr;   ///< The process.
  bool (*hangs_on_request)(const Head& request) = nullptr;  ///< The process.

  // The opening handshake of a client (request.h).
  void (*misasks)(Head& request, Situation& s) = nullptr;
  /// A reply that breaks a rule is taken all the same.
  bool (*forgives)(const Violation& broken, const Head& reply, const Head& request) = nullptr;
  /// Changes what the client takes for agreed.
  void (*misagrees)(std::optional<DeflateSettings>& agreed, const Head& reply) = nullptr;
  bool (*dislikes)(const Head& reply, const Head& request) = nullptr;  ///< A correct reply is refused.
  bool takes_interim_for_answer = false;
  bool asks_twice = false;      ///< The request is sent once more behind itself.
  bool speaks_early = false;    ///< A frame is sent ahead of the reply.
  bool closes_refused = false;  ///< A Close is sent on a connection whose reply was refused.
  bool repeats_nonce = false;   ///< Each connection has the key of the first.
  void (*misdraws)(Bytes& nonce, std::uint64_t connection) = nullptr;  ///< Changes the octets of the key.
  bool awaits_head_whole = false;  ///< What comes in a second piece of the head is lost.
  bool resets_refused = false;
  bool leaves_refused_open = false;      ///< Does nothing at all once it has refused a reply.
  std::uint8_t overlooks_in_url = 0;     ///< bit(UrlFault) of each fault with which a URL is taken.
  bool sends_fragment = false;           ///< Of the URL, behind path and query.
  bool tells_secrets_elsewhere = false;  ///< Credentials and cookies go with a redirect to another host.
  // A client that is told of a proxy.
  void (*misasks_proxy)(Head& request) = nullptr;    ///< Changes CONNECT.
  bool (*sees_tunnel)(const Head& reply) = nullptr;  ///< In place of: any 2xx opens one.
  bool asks_without_tunnel = false;                  ///< The proxy is asked for the server's URL.
  bool tells_proxy_all = false;                      ///< What the server is told, too.
  bool tells_server_of_proxy = false;                ///< The credentials for the proxy go to the server.
  bool knows_no_proxy = false;
  Comeback comeback;  ///< When it connects again.
  MaskKey (*masks)(MaskKey fresh, const FrameHeader& h, BytesView payload, Situation& s) = nullptr;

  // Frames.
  bool (*overlooks)(Rule rule, const FrameHeader& h,
                    const Situation& s) = nullptr;  ///< A broken rule goes unnoticed.
  bool (*refuses)(const FrameHeader& h,
                  const Situation& s) = nullptr;  ///< A legal frame is taken for a fault.
  std::uint8_t (*reads_as)(const FrameHeader& h, const Situation& s) = nullptr;  ///< The opcode seen.
  bool (*sees_fin)(const FrameHeader& h, const Situation& s) = nullptr;          ///< The FIN bit seen.
  bool (*skips_frame)(const FrameHeader& h, const Situation& s) = nullptr;
  /// Changes a piece of unmasked payload; `offset` is its position in the frame.
  void (*garbles)(MutableBytes piece, const FrameHeader& h, std::uint64_t offset, Situation& s) = nullptr;
  bool judges_headers_late = false;    ///< A bad header is noticed when its frame is complete.
  bool interruption_replaces = false;  ///< A data frame inside a message begins anew, else it is joined.

  // Messages.
  Utf8Rules utf8;
  void (*after_fragment)(Bytes& joined, std::size_t fragment_begin, const Situation& s) = nullptr;
  void (*after_control)(Bytes& joined, BytesView payload, const FrameHeader& h, Situation& s) = nullptr;
  void (*misechoes)(Echo& echo, Situation& s) = nullptr;
  void (*misponges)(PongReply& pong, Situation& s) = nullptr;
  bool limit_per_frame_only = false;
  bool limit_compressed_only = false;     ///< Octets are counted before inflation.
  bool limit_inflated_per_frame = false;  ///< What a frame inflates to is counted, not the message.
  std::int64_t limit_error = 0;           ///< Added to the declared limits.
  bool unlimited = false;
  bool delivers_unfinished = false;           ///< FIN of TCP inside a message delivers what there is.
  bool delivers_unfinished_deflated = false;  ///< Inside a compressed one only.
  bool pong_text = false;                     ///< A pong's payload is echoed as text.
  bool pong_pong = false;                     ///< A pong is answered with a pong.

  // The application: nothing of it is the protocol's business.
  Answers answers = Answers::echo;
  bool closes_unknown =
      false;  ///< Each message is unknown to it, and it closes with 1003, 1008 or a code of its own.
  bool others_speak = false;  ///< Somebody else's message comes ahead of each answer.
  bool greets_again = false;  ///< It says something behind the client's first frame.

  // permessage-deflate.
  bool (*refuses_deflated)(BytesView payload, const Situation& s) = nullptr;
  void (*misdeflates)(Bytes& compressed, const Situation& s) = nullptr;  ///< Changes our compressed payload.
  void (*misinflates)(Bytes& compressed,
                      const Situation& s) = nullptr;  ///< Changes a received compressed payload.
  bool (*forgets_context)(const FrameHeader& h,
                          const Situation& s) = nullptr;  ///< Asked at the end of each frame.
  bool finishes_each_fragment = false;
  bool inflates_everything = false;  ///< Also messages without RSV1.
  bool keeps_inflate_context =
      false;  ///< Against a promised client_no_context_takeover (legal, only memory).
  bool keeps_compress_context = false;  ///< Against a promised server_no_context_takeover.
  int compress_bits_more = 0;           ///< Added to the agreed server window.
  int inflate_bits_less = 0;            ///< Taken from the agreed client window.
  CompressWhen compresses = CompressWhen::useful;
  DeflateForm deflate_form = DeflateForm::usual;
  std::size_t deflate_block = 0;

  // What is sent.
  void (*misframes)(OutFrame& frame, Situation& s) = nullptr;
  std::size_t echo_fragment = 0;  ///< Payload octets per frame of an echo; 0: one frame.
  bool empty_fragments = false;   ///< An empty first and last frame around each echo.
  bool pings_unasked = false;
  bool pongs_unasked = false;
  bool newest_pong_only = false;  ///< Of the pings that one chunk brought.
  bool pongs_overtake = false;    ///< Pongs go out before the echoes of the same chunk.
  std::size_t segment = 0;        ///< Octets per write; 0: as they come.
  Duration delay{};               ///< Before each batch of writes.
  WhenBlocked when_blocked = WhenBlocked::nothing;
  bool close_drops_echoes = false;  ///< What waits is given up when a Close comes.
  bool fin_drops_echoes = false;    ///< Likewise at the client's FIN.

  // Ending.
  void (*farewells)(Farewell& farewell, const CloseBody& received, Situation& s) = nullptr;
  bool (*refuses_code)(std::uint16_t code) = nullptr;
  bool keeps_unassigned_codes = false;  ///< 1016-2999 are answered in an orderly way.
  bool keeps_high_codes = false;        ///< 5000-65535 likewise.
  bool ignores_fin = false;             ///< Never ends TCP of its own accord after the client did.

  KeepAliveConduct keep_alive;

  // The server as a whole.
  std::uint16_t crashes_on = 0;  ///< bit(Moment) of each.
  std::uint16_t hangs_on = 0;
  bool (*dies_of)(Rule rule, const FrameHeader& h, const Situation& s) = nullptr;  ///< Narrows Moment::fault.
  // What connections do to each other.
  bool shares_send_buffer = false;     ///< Octets that wait for a slow client are overwritten.
  const char* shares_field = nullptr;  ///< Of a request that came in pieces: another's value is taken.
  std::uint16_t uproar_on = 0;         ///< bit(Moment): all that are there are dropped.
  std::uint16_t mistakes_on = 0;       ///< bit(Moment): the connection made before is dropped, too.
  std::size_t waits_for_unread = 0;    ///< Nobody is sent anything while one owes so many octets; 0: no.
  unsigned half_heads_at_once = 0;     ///< No request is answered while so many are incomplete; 0: no.
  unsigned most_open = 0;              ///< Further clients are refused with 503; 0: none.
  std::size_t reads_up_to = 0;         ///< Does not read while so many octets are owed; 0: always reads.
  std::size_t most_unread =
      0;  ///< A client that is owed so many when it sends another message is dropped; 0: none.

  unsigned slots = 0;  ///< Each of these moments uses up one of so many slots; 0: none is lost.
  std::uint16_t slots_on = bit(Moment::fault);

  // Rooms (forum.h).
  void (*misdelivers)(Parcel& delivery, const Hearing& hearing) = nullptr;
  bool hears_itself = false;         ///< A member hears what it has said, whatever the options say.
  bool crosses_rooms = false;        ///< All rooms hear what is said in one.
  bool crosses_alike_rooms = false;  ///< So do those whose name begins like it.
  bool forgets_leaver = false;       ///< Who has left is still a member.
  bool room_announces = false;       ///< Members are told who comes and goes.
  std::size_t room_history = 0;      ///< Old messages for who comes later, whatever the options say.
  std::size_t room_waits_for_unread =
      0;                             ///< Nobody hears anything while a member owes so many octets; 0: no.
  std::size_t room_most_unread = 0;  ///< A member that is owed so many is sent away; 0: none.
  Duration room_batch{};             ///< What is said is delivered so often.

  // Nodes (cluster.h).
  bool broker_echoes = false;         ///< Who says something hears it once there is a member at another node.
  bool broker_crosses_rooms = false;  ///< At another node all rooms hear what is said in one.
  bool broker_stop_drops_all = false;  ///< Without a broker no connection is kept.
  bool kill_drops_all = false;         ///< With one node the connections of the other end.
  bool kill_is_silent = false;         ///< The members of a dead node are not told.
  bool pause_holds_all = false;        ///< While one node stands still nobody hears anything.
  bool ignores_drain = false;          ///< A node that is drained goes on as it was.

  // Where it is a broker of STOMP (broker_session.h).
  BrokerConduct broker;

  // Underneath, when the peer is reached, or reaches a server, over TLS. Not the peer's own affair:
  // net/tls_server.h and net/tls_client.h do it.
  TlsConduct tls;
  TlsClientConduct tls_client;
  bool trusts_anyone_in_tunnel = false;  ///< Behind a proxy certificates are not verified,
  bool wants_proxy_in_tunnel = false;    ///< or are to be the proxy's.

  // Nor what stands between a client and a server (hop.h).
  HopConduct hop;
};

}  // namespace wsspec
