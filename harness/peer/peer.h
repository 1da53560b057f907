// Peer: our reference WebSocket echo peer for one connection, as an Endpoint without I/O
// (protocol/endpoint.h); a server, or a client that asks first and echoes then.
//
// It is strict where the RFCs say MUST and picks the better way where they leave a choice: a complete HTTP
// answer to a bad handshake, a Close with the fitting code for a bad frame, then FIN at once, and reading on
// until the client's FIN so that no RST can destroy that Close. A named defect or liberty (defects.h,
// liberties.h) makes it deviate at one point. What it is not: a server for production; it echoes. No sockets,
// no clock, no randomness but the seed. Invariants: memory is bounded by the limits; without defects what it
// sends depends on the octets received and not on how they were cut; it always ends, unless a defect forbids.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "peer/broker_session.h"
#include "peer/conduct.h"
#include "peer/forum.h"
#include "peer/keep_alive.h"
#include "peer/outbox.h"
#include "peer/receiver.h"
#include "peer/reply.h"
#include "peer/request.h"
#include "peer/sender.h"
#include "peer/situation.h"
#include "protocol/endpoint.h"
#include "protocol/error.h"
#include "protocol/http.h"
#include "protocol/message.h"

namespace wsspec {

struct PeerOptions {
  Role role = Role::server;
  std::vector<std::string> defects;    ///< Names; usually one or none.
  std::vector<std::string> liberties;  ///< Names.
  MessageLimits limits;
  HeadLimits head;
  bool deflate = true;
  std::vector<std::string> subprotocols = {"chat", "superchat"};  ///< Supported; a client asks for them.
  std::vector<std::string> origins;                               ///< Welcome values of Origin; empty: any.
  std::vector<std::string> paths;                                 ///< Served paths; empty: any.
  enum class Room {
    none,
    commands,  ///< "/join NAME" enters a room; there messages go to it until "/leave". Elsewhere they are
               ///< echoed.
    plain,     ///< Who is connected is in the one room.
  } room = Room::none;
  bool room_itself = false;           ///< A member hears what it says itself.
  std::size_t room_history = 0;       ///< Old messages for who comes later.
  std::optional<BrokerAccess> stomp;  ///< A broker of STOMP, which echoes nothing; who may connect.
  std::string greeting;               ///< Sent as a text message behind the handshake; empty: none.
  Duration handshake_timeout = std::chrono::seconds(10);
  KeepAlivePolicy keep_alive;
  Duration linger = std::chrono::seconds(1);  ///< How long we read on after our FIN.
  std::uint64_t seed = 0;
  std::string host = "127.0.0.1";    ///< That a client asks,
  std::string target = "/";          ///< and what for.
  std::vector<Field> fields;         ///< With these fields.
  bool closes_first = false;         ///< In place of sending back the first message.
  std::optional<std::string> proxy;  ///< The server is reached by a proxy, for "user:password" or for all.
};

/// What a client is told.
struct Invited {
  std::string url;
  std::vector<Field> fields;
  bool closes_first = false;
  std::optional<std::string> proxy;  ///< See PeerOptions.
};

/// The process: what its connections share. Connections may live in different threads.
class PeerWorld {
 public:
  /// An error names the unknown defect or liberty and the nearest known name.
  static Result<std::shared_ptr<PeerWorld>> make(PeerOptions options);

  /// The process is dead: nobody listens any more. A driver refuses connections then.
  bool crashed() const { return crashed_; }
  /// The process is stuck: connections are made and never answered.
  bool hung() const { return hung_; }
  /// Starts the process anew, as a supervisor does.
  void restart();

  // As one of the nodes of a cluster (cluster.h).
  /// `broker`: what is said at any node goes through it; it must have been made of the same options.
  void join(std::shared_ptr<Forum> broker, unsigned node);
  std::shared_ptr<Forum> forum() const { return forum_; }
  void kill() { (conduct_.kill_is_silent ? hung_ : crashed_) = true; }
  void pause(bool on) { paused_ = on; }
  bool paused() const { return paused_; }
  /// Its members are told to go elsewhere, and newcomers do.
  void drain() { draining_ = true; }
  bool draining() const { return draining_; }
  void drop_all() { ++commons_.uproars; }

  const PeerOptions& options() const { return options_; }
  /// From now on a client goes where it is told, if the URL is one.
  void invite(Invited invited);
  bool takes_url() const { return takes_url_; }
  const Conduct& conduct() const { return conduct_; }

 private:
  friend class Peer;
  PeerWorld(PeerOptions options, Conduct conduct);

  PeerOptions options_;
  Conduct conduct_;
  Service service_;
  bool takes_url_ = true;
  std::string destination_;  ///< With a port in any case, for a proxy.
  std::string elsewhere_;    ///< The other host that a redirect has sent the client to; empty: none has.
  std::atomic<bool> crashed_ = false, hung_ = false;
  std::atomic<unsigned> slots_lost_ = 0;
  std::atomic<std::uint64_t> connections_ = 0;
  Commons commons_;
  std::shared_ptr<Forum> forum_;
  Broker broker_;
  BrokerTransactions transactions_;
  unsigned node_ = 0;  ///< Of a cluster, from 1.
  bool paused_ = false, draining_ = false;
};

class Peer final : public Endpoint, private Receiver::Sink {
 public:
  explicit Peer(std::shared_ptr<PeerWorld> world);
  ~Peer() override;

  Action next(Instant now) override;
  void received(MutableBytes bytes, Instant now) override;
  void ended(End how, Instant now) override;
  bool reading() const override;
  /// How the connection went, as far as a client minds that reconnects.
  Departure departure() const;

 private:
  enum class Phase {
    head,       ///< Reading the request, or the reply.
    open,       ///< Frames both ways.
    leaving,    ///< Nothing more is processed; what is queued goes out, then `leave_` happens.
    lingering,  ///< FIN is sent; input is thrown away.
    over,
  };
  using Tcp = Farewell::Tcp;

  void suffer_end(End how);
  void spoil_blocked();

  // The handshake.
  void request();
  void read_reply(MutableBytes bytes);
  void note_refusal(const Head& reply);
  void follow(const std::string& location);
  void ask_proxy();
  void take_tunnel(const Head& reply);
  void begin(const std::optional<DeflateSettings>& deflate);
  void read_head(MutableBytes bytes);
  bool survives(const Head& request);
  void answer(const Answer& answer);
  void time_out(Instant now);

  // What comes out of the receiver.
  void take_message(const ReceivedMessage& message) override;
  void take_ping(BytesView payload) override;
  void take_pong(BytesView payload) override;
  void take_close(BytesView body) override;
  void take_fault(Rule rule, std::uint16_t code, std::string_view what, const FrameHeader& header) override;

  void read_frames(MutableBytes bytes);
  void close_unknown(std::uint8_t opcode);
  void close_first();
  void keep_alive();
  void give_up();
  void drain();
  void settle();
  void say_farewell(Farewell farewell, const CloseBody& received);
  void leave(Tcp how);
  Action depart(Instant now);
  void suffer(Moment moment);
  bool is_dropped_with_another() const;
  std::optional<Action> wait_for_another(Instant now);
  bool take_in_room(const ReceivedMessage& message);
  void enter_room(const std::string& room);
  void leave_room(Moment moment);
  void hear(Instant now);
  void serve_session(Instant now);
  void mix_up(Head& head);
  void count_in(std::atomic<unsigned>* count);
  Action over(Action::Kind kind);

  std::shared_ptr<PeerWorld> world_;
  const Conduct& conduct_;
  const Role role_;
  Situation s_;
  HeadParser head_;
  Outbox outbox_;
  Sender sender_;
  Receiver receiver_;
  KeepAlive keep_alive_;
  std::optional<BrokerSession> stomp_;
  Phase phase_ = Phase::head;
  Tcp leave_ = Tcp::fin;
  Action::Kind last_ = Action::Kind::close;  ///< Once over.
  Instant deadline_ = kNever;                ///< Of the phase.
  bool started_ = false;
  enum class Tunnel { none, asked, open } tunnel_ = Tunnel::none;
  bool closed_first_ = false;                 ///< As it was told to.
  bool waits_for_server_ = false;             ///< To end TCP, behind both Closes (RFC 6455 7.1.1).
  Head request_;                              ///< A client's.
  std::uint64_t uproars_ = 0, heads_ = 0;     ///< Of Commons, when this connection was made.
  std::atomic<unsigned>* counted_ = nullptr;  ///< In which count of Commons it is.
  Instant heard_ = kNever;                    ///< When the next batch is delivered.
  bool peer_ended_ = false, greeted_again_ = false;
  const std::uint64_t member_;  ///< In the forum: of all nodes together.
  Instant now_{};
  std::optional<Instant> refused_at_;
  std::optional<Instant> opened_at_;
  bool redirected_ = false;
  std::optional<Duration> retry_after_;  ///< A server's wish.
  bool spoilt_ = false;                  ///< A defect of blocked writes has shown.
  // Held back until the end of the chunk, for liberties only.
  std::optional<Bytes> held_pong_;
  std::vector<std::pair<std::uint8_t, Bytes>> held_echoes_;
};

}  // namespace wsspec
